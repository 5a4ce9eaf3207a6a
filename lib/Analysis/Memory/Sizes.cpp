// The sizes of tensors where dynamic dimensions stand for something.
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Analysis/Memory.h"

using namespace mlir;

namespace ph::analysis {

static int64_t getMostOf(Value tensor, int64_t dim, const MemoryPoint &at);

/// The most that an index is; nothing where it isn't arithmetic on sizes. Sizes are not negative.
static std::optional<int64_t> getMost(Value index, const MemoryPoint &at) {
  APInt number;
  if (matchPattern(index, m_ConstantInt(&number)))
    return number.getSExtValue();
  Operation *op = index.getDefiningOp();
  if (auto dim = dyn_cast_if_present<tensor::DimOp>(op))
    return dim.getConstantIndex() ? std::optional(getMostOf(dim.getSource(), *dim.getConstantIndex(), at))
                                  : std::nullopt;
  if (auto dim = dyn_cast_if_present<xf::DimOp>(op))
    return getMostOf(dim.getInput(), int64_t(dim.getAxis()), at);
  if (!isa_and_nonnull<arith::MinSIOp, arith::MaxSIOp, arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::CeilDivSIOp,
                       arith::DivSIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = getMost(op->getOperand(0), at), right = getMost(op->getOperand(1), at);
  if (isa<arith::MinSIOp>(op) && (!left || !right))
    return left ? left : right;
  bool known = matchPattern(op->getOperand(1), m_ConstantInt(&number));
  if (isa<arith::SubIOp>(op) && left)
    return known ? *left - number.getSExtValue() : *left;
  if (!left || !right)
    return std::nullopt;
  return TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case([&](arith::MinSIOp) { return std::min(*left, *right); })
      .Case([&](arith::MaxSIOp) { return std::max(*left, *right); })
      .Case([&](arith::AddIOp) { return *left + *right; })
      .Case([&](arith::MulIOp) { return *left * *right; })
      .Case([&](arith::CeilDivSIOp) {
        return known && *right > 0 ? std::optional(llvm::divideCeilSigned(*left, *right)) : std::nullopt;
      })
      .Case([&](arith::DivSIOp) { return known && *right > 0 ? std::optional(*left / *right) : std::nullopt; })
      .Default([](Operation *) { return std::nullopt; });
}

/// What `size` says, or else what dimension `dim` of the tensor stands for.
static int64_t getMostOf(OpFoldResult size, Value tensor, int64_t dim, const MemoryPoint &at) {
  std::optional<int64_t> most = getConstantIntValue(size);
  if (!most)
    most = getMost(cast<Value>(size), at);
  return most ? std::max<int64_t>(*most, 0) : getSize(cast<RankedTensorType>(tensor.getType()), dim, at);
}

/// The tensor whose sizes `tensor` has; null if its sizes are its own.
static Value getSameSizes(Value tensor) {
  if (auto argument = dyn_cast<BlockArgument>(tensor)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast<LoopLikeOpInterface>(parent); loop && isa<scf::ForOp, scf::ForallOp>(parent))
      if (OpOperand *init = loop.getTiedLoopInit(argument))
        return init->get();
    return {};
  }
  auto result = cast<OpResult>(tensor);
  Operation *op = result.getOwner();
  if (auto writes = dyn_cast<DestinationStyleOpInterface>(op))
    return writes.getTiedOpOperand(result)->get();
  if (isa<scf::ForOp, scf::ForallOp>(op))
    return cast<LoopLikeOpInterface>(op).getTiedLoopInit(result)->get();
  return isa<tensor::CastOp>(op) ? op->getOperand(0) : Value();
}

static int64_t getMostOf(Value tensor, int64_t dim, const MemoryPoint &at) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return type.getDimSize(dim);
  if (Value same = getSameSizes(tensor))
    return getMostOf(same, dim, at);
  if (auto empty = tensor.getDefiningOp<tensor::EmptyOp>())
    return getMostOf(empty.getMixedSizes()[dim], tensor, dim, at);
  if (auto slice = tensor.getDefiningOp<tensor::ExtractSliceOp>()) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<OpFoldResult> sizes = slice.getMixedSizes();
    int64_t kept = -1;
    for (size_t i = 0; i < sizes.size(); ++i)
      if (!dropped[i] && ++kept == dim)
        return getMostOf(sizes[i], tensor, dim, at);
  }
  return getSize(type, dim, at);
}

int64_t getSize(RankedTensorType type, int64_t dim, const MemoryPoint &at) {
  int64_t rank = type.getRank();
  if (!type.isDynamicDim(dim))
    return type.getDimSize(dim);
  if (dim == rank - 1 && rank >= 3)
    return at.context;
  if (dim == 0)
    return type.getNumDynamicDims() == 1 && rank <= 2 ? at.rows : at.batch;
  return at.tokens;
}

/// Bytes of that many elements.
static int64_t getBytes(RankedTensorType type, int64_t elements) {
  if (xf::FormatAttr format = xf::getFormat(type)) {
    if (const Format *storage = format.getStorage())
      return elements / storage->blockElements * storage->blockBytes;
    return elements + elements / format.getBlockElements() * 4; // codes and a scale for each block
  }
  Type element = type.getElementType();
  int64_t width = element.isIntOrFloat() ? llvm::divideCeil(element.getIntOrFloatBitWidth(), 8) : sizeof(int64_t);
  return elements * width;
}

int64_t getStoredBytes(RankedTensorType type, const MemoryPoint &at) {
  int64_t elements = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    elements *= getSize(type, dim, at);
  return getBytes(type, elements);
}

int64_t getStoredBytes(Value tensor, const MemoryPoint &at) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t elements = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    elements *= getMostOf(tensor, dim, at);
  return getBytes(type, elements);
}

} // namespace ph::analysis
