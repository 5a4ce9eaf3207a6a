// The step dialect: what the threads of a team do together.
#pragma once
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Step/Dialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/Step/Ops.h.inc"

namespace ph::step {

/// Gives step.kernel what MLIR's one-shot bufferization asks of an op that writes to its destination.
void registerBufferization(mlir::DialectRegistry &registry);

} // namespace ph::step
