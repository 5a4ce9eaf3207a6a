#include "TileProducts.h"

#include "lib/Conversion/Step/KernelOptions.h"
#include "lib/Conversion/Step/Phase.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// Which input a value of the body is, as f32 or as f16 made f32.
std::optional<unsigned> inputOf(Value value, linalg::GenericOp op) {
  if (auto wide = value.getDefiningOp<arith::ExtFOp>(); wide && wide.getIn().getType().isF16())
    value = wide.getIn();
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBody() || argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  return argument.getArgNumber();
}

/// The memory of an operand as a matrix of the two dimensions that it has besides those of size 1.
struct Operand {
  Value memory;
  SmallVector<unsigned, 2> dims; ///< of the loops, outer first
  Value row;                     ///< from row to row
  Value start;
  bool half = false; ///< f16
};

std::optional<Operand> matrixOf(ImplicitLocOpBuilder &b, linalg::GenericOp op, OpOperand &operand,
                                ArrayRef<int64_t> ranges) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || (!type.getElementType().isF32() && !type.getElementType().isF16()))
    return std::nullopt;
  AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(&operand);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!map.isProjectedPermutation() || failed(type.getStridesAndOffset(strides, offset)))
    return std::nullopt;
  Operand result;
  result.half = type.getElementType().isF16();
  SmallVector<unsigned> positions;
  for (auto [i, expression] : llvm::enumerate(map.getResults()))
    if (unsigned dim = cast<AffineDimExpr>(expression).getPosition(); ranges[dim] != 1) {
      result.dims.push_back(dim);
      positions.push_back(i);
    }
  if (positions.size() != 2 || strides[positions[1]] != 1)
    return std::nullopt;
  auto metadata = memref::ExtractStridedMetadataOp::create(b, operand.get());
  MemRefType flat = flatMemory(type.getElementType());
  result.memory = memref::ReinterpretCastOp::create(b, flat, metadata.getBaseBuffer(), b.getIndexAttr(0),
                                                    ArrayRef<OpFoldResult>{b.getIndexAttr(flat.getDimSize(0))},
                                                    ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  result.start = metadata.getOffset();
  result.row = metadata.getStrides()[positions[0]];
  return result;
}

} // namespace

bool multipliesAndAdds(linalg::GenericOp op) {
  Block *body = op.getBody();
  auto yield = cast<linalg::YieldOp>(body->getTerminator());
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return false;
  auto sum = yield.getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !sum.getType().isF32())
    return false;
  Value output = body->getArgument(2);
  Value other = sum.getLhs() == output ? sum.getRhs() : sum.getRhs() == output ? sum.getLhs() : Value();
  auto product = other ? other.getDefiningOp<arith::MulFOp>() : nullptr;
  if (!product)
    return false;
  std::optional<unsigned> lhs = inputOf(product.getLhs(), op), rhs = inputOf(product.getRhs(), op);
  return lhs && rhs && *lhs != *rhs;
}

std::optional<TileProduct> matchTileProduct(ImplicitLocOpBuilder &b, linalg::GenericOp op) {
  auto kinds = op.getIteratorTypesArray();
  SmallVector<int64_t> ranges = cast<linalg::LinalgOp>(op.getOperation()).getStaticLoopRanges();
  SmallVector<unsigned> parallel, reduced;
  for (auto [i, kind] : llvm::enumerate(kinds))
    if (ranges[i] != 1)
      (kind == utils::IteratorType::parallel ? parallel : reduced).push_back(i);
  if (parallel.size() != 2 || reduced.size() != 1 || !multipliesAndAdds(op))
    return std::nullopt;
  auto left = matrixOf(b, op, *op.getDpsInputOperand(0), ranges);
  auto right = matrixOf(b, op, *op.getDpsInputOperand(1), ranges);
  auto output = matrixOf(b, op, *op.getDpsInitOperand(0), ranges);
  if (!left || !right || !output)
    return std::nullopt;
  unsigned i = output->dims[0], j = output->dims[1], k = reduced.front();
  if (!llvm::is_contained(left->dims, i))
    std::swap(left, right);
  bool leftColumns = left->dims == ArrayRef{k, i}, transposed = right->dims == ArrayRef{j, k};
  if (left->half || (!leftColumns && left->dims != ArrayRef{i, k}) || (!transposed && right->dims != ArrayRef{k, j}))
    return std::nullopt;
  SmallVector<NamedAttribute> options = {stringOption(b, "kind", "tile_product")};
  if (right->half)
    options.push_back(flagOption(b, "half"));
  if (leftColumns)
    options.push_back(flagOption(b, "left_columns"));
  if (transposed)
    options.push_back(flagOption(b, "transposed"));
  SmallVector<Range> loops = cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, b.getLoc());
  auto size = [&](unsigned dim) { return getValueOrCreateConstantIndexOp(b, b.getLoc(), loops[dim].size); };
  TileProduct product{b.getDictionaryAttr(options), {left->memory, right->memory, output->memory}};
  for (const auto &operand : {left, right, output})
    product.arguments.append({operand->start, operand->row});
  product.arguments.append({size(i), size(j), size(k)});
  return product;
}

} // namespace ph::conversion
