// What row and attention kernels need beyond KernelBuilder.
#pragma once
#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include "powerhouse/Codegen/CPU/RowKernels.h"

namespace ph::codegen {

/// Where a kernel writes its rows: `y`, or the three planes of an encoding.
struct OutputRows {
  RowOutput format;
  mlir::Value y;                 ///< f32
  mlir::Value codes, scale, sum; ///< encoded
};

/// The memrefs that `output` adds to a kernel's arguments.
llvm::SmallVector<KernelArgument> outputArguments(mlir::MLIRContext *context, RowOutput output, bool noalias);
/// The same of the built function, from arguments[first] on.
OutputRows outputRows(RowOutput output, mlir::ValueRange arguments, unsigned first);
/// "_f32", "_i8x32": part of a kernel's name.
std::string outputSuffix(RowOutput output);

/// Stores `values` (side by side, each a whole vector of the level) at element `column` of a row. An f32 row starts at
/// element `offset`; an encoded one is row `row` of dense planes of `features` columns, and `values` are whole groups.
void storeOutput(KernelBuilder &b, const OutputRows &out, mlir::ValueRange values, mlir::Value offset, mlir::Value row,
                 int64_t features, mlir::Value column);

/// Covers [0, size): whole vectors of the level in a loop, the rest in halves. `body` gets an offset and a width.
void forEachChunk(KernelBuilder &b, int64_t size, int64_t width,
                  llvm::function_ref<void(mlir::Value offset, int64_t width)> body);

/// Unsigned quotient and remainder by a value.
mlir::Value quotient(KernelBuilder &b, mlir::Value a, mlir::Value by);
mlir::Value remainder(KernelBuilder &b, mlir::Value a, mlir::Value by);
mlir::Value shuffle(KernelBuilder &b, mlir::Value x, mlir::Value y, llvm::ArrayRef<int64_t> lanes);

/// `size` elements on the stack, 64-byte aligned. Call it outside of loops.
mlir::Value stackBuffer(KernelBuilder &b, int64_t size, mlir::Type element);

/// A head of `headDim` elements from src[srcOffset] to dst[dstOffset] (may be the same place), rotated if `rope` by the
/// table's row that starts at `tableOffset`, then multiplied by `factor` unless it is 1.
struct HeadCopy {
  int64_t headDim = 0;
  std::optional<RopeSpec> rope;
  mlir::Value cos, sin, tableOffset;
  double factor = 1.0;
};
void copyHead(KernelBuilder &b, const HeadCopy &copy, mlir::Value src, mlir::Value srcOffset, mlir::Value dst,
              mlir::Value dstOffset);

/// Why a rotation of heads of `headDim` elements can't be generated.
std::optional<std::string> whyUnsupported(const RopeSpec &rope, int64_t headDim);

} // namespace ph::codegen
