// Options of declared kernels (powerhouse/Interfaces/KernelDeclaration.h), as attributes.
#pragma once
#include "mlir/IR/Builders.h"
#include "runtime/quant/PackedLayout.h"

namespace ph::conversion {

inline mlir::NamedAttribute numberOption(mlir::Builder &b, llvm::StringRef name, int64_t value) {
  return b.getNamedAttr(name, b.getI64IntegerAttr(value));
}
inline mlir::NamedAttribute numberOption(mlir::Builder &b, llvm::StringRef name, double value) {
  return b.getNamedAttr(name, b.getF64FloatAttr(value));
}
inline mlir::NamedAttribute flagOption(mlir::Builder &b, llvm::StringRef name) {
  return b.getNamedAttr(name, b.getUnitAttr());
}
inline mlir::NamedAttribute stringOption(mlir::Builder &b, llvm::StringRef name, llvm::StringRef value) {
  return b.getNamedAttr(name, b.getStringAttr(value));
}
/// The packed layout of a matrix.
mlir::NamedAttribute layoutOption(mlir::Builder &b, const PackedLayout &layout);

} // namespace ph::conversion
