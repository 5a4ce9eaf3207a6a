// Makes a module smaller as long as something stays true of it.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace ph::proof {

/// Drops functions, weights, results, arguments and ops (their results become operands of the same type or new
/// arguments), and repeats loops less often, each only if `holds` is true of what is left. It is asked at most `tries`
/// times. The function of that path stays.
void reduceModule(mlir::OwningOpRef<mlir::ModuleOp> &module, llvm::StringRef function,
                  llvm::function_ref<bool(mlir::ModuleOp)> holds, unsigned tries);

} // namespace ph::proof
