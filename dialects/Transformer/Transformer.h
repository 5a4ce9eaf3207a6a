// The xf dialect: what a transformer computes. One header for its ops, attributes and types.
#pragma once
#include "dialects/Transformer/Traits.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "runtime/quant/Format.h"

#include "dialects/Transformer/Dialect.h.inc"
#include "dialects/Transformer/Enums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Transformer/Attributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Transformer/AttentionOptions.h"
#include "dialects/Transformer/Types.h.inc"
#define GET_OP_CLASSES
#include "dialects/Transformer/Ops.h.inc"

namespace ph::xf {

/// A tensor of f32 of rank 2 or more with a static last dimension and no encoding or an activation encoding.
bool isActivation(mlir::Type type);
/// An activation of floats: without an encoding, or f16 or bf16.
bool isFloatActivation(mlir::Type type);
/// An activation without an encoding.
bool isPlainActivation(mlir::Type type);
/// A static tensor of f32 of rank 1 or more with no encoding or a storage format.
bool isWeight(mlir::Type type);
bool isMatrix(mlir::Type type);
bool isVector(mlir::Type type);
bool isExpertMatrices(mlir::Type type);
/// Tensors of f32, i32 or i1 of any rank and shape, without an encoding.
bool isFloatTensor(mlir::Type type);
bool isIntTensor(mlir::Type type);
bool isBoolTensor(mlir::Type type);
bool isPlainTensor(mlir::Type type);
/// tensor<?x?xi32>, of any batch and sequence.
bool isTokens(mlir::Type type);
/// tensor<?xi32>, of any length.
bool isIndices(mlir::Type type);

/// The #xf.format of a tensor; null if it has none.
FormatAttr getFormat(mlir::Type type);
/// The same tensor type with another encoding; null removes it.
mlir::RankedTensorType withFormat(mlir::RankedTensorType type, FormatAttr format);

} // namespace ph::xf
