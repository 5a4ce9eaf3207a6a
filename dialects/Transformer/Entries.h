// Lists of numbers of which some are computed at run time: the lists of xf.reshape, xf.broadcast and xf.slice. A
// computed entry is ShapedType::kDynamic in the static list, and the next of the operands.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph::xf {

/// Entry `index` of a list: an attribute, or the operand where it is computed.
mlir::OpFoldResult getEntry(mlir::Operation *op, llvm::ArrayRef<int64_t> list, mlir::OperandRange computed,
                            unsigned index);
/// There are as many operands as entries that are computed.
mlir::LogicalResult expectEntries(mlir::Operation *op, llvm::ArrayRef<int64_t> list, mlir::OperandRange computed);
/// Makes computed entries that are known to be a number of at least `least` a part of the static list, which is
/// returned; nothing where there are none. `values` are the operands' constants, or null.
std::optional<llvm::SmallVector<int64_t>> foldEntries(llvm::ArrayRef<int64_t> list,
                                                      llvm::ArrayRef<mlir::Attribute> values,
                                                      mlir::MutableOperandRange computed, int64_t least);

} // namespace ph::xf
