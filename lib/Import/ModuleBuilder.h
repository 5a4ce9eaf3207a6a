// A resolved description, written as a module of xf.
#pragma once
#include "Description/Resolve.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace ph {

/// Builds and verifies. `name` is the model's. Errors: BadModel, "description:line: what".
Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildModule(mlir::MLIRContext &context, const ResolvedModel &model,
                                                        const std::string &name, bool halfCache);

} // namespace ph
