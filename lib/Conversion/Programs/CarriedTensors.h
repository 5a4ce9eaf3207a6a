// What loops carry from one turn to the next.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ph::conversion {

/// Makes each scf.for of `function` put the tensors that it carries where they came in, so that they have one memory
/// for all turns.
void carryInPlace(mlir::func::FuncOp function);

/// Makes each scf.for of `function` leave as it came in what is carried to no end: no result is used, and no turn reads
/// it but to give it to the next. Canonicalization removes that. It is left where a result of an scf.forall isn't used:
/// there what was a part of the result becomes a part of memory that no thread writes back, thus one of its own.
void leaveUnread(mlir::func::FuncOp function);

} // namespace ph::conversion
