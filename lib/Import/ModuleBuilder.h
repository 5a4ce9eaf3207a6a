// A resolved description, written as a module of xf.
#pragma once
#include "Description/Resolve.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace ph {

/// Builds and verifies. `name` is the model's. Of weights that Hugging Face's ecosystem calls otherwise `hubNames` says
/// how (dialects/Transformer/WeightAttributes.h). Errors: BadModel, "description:line: what".
Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildModule(mlir::MLIRContext &context, const ResolvedModel &model,
                                                        const std::string &name, bool halfCache, bool hubNames);

} // namespace ph
