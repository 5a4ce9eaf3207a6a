#include "lib/Autodiff/Gradients.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace ph::autodiff {

Value as(Primitives &p, Value value, Type type) {
  return value.getType() == type ? value : tensor::CastOp::create(p, type, value).getResult();
}

SmallVector<OpFoldResult> sizesOf(Primitives &p, Value tensor) {
  SmallVector<OpFoldResult> sizes;
  for (auto [axis, size] : llvm::enumerate(xf::shapeOf(tensor)))
    sizes.push_back(ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(p, tensor, axis).getResult())
                                                : OpFoldResult(p.getI64IntegerAttr(size)));
  return sizes;
}

Value zerosLike(Primitives &p, Value like) {
  return as(p, xf::BroadcastOp::create(p, p.number(0), sizesOf(p, like)), like.getType());
}

Value reshapeLike(Primitives &p, Value value, Value like) {
  if (value.getType() == like.getType())
    return value;
  return as(p, xf::ReshapeOp::create(p, value, sizesOf(p, like)), like.getType());
}

Value asRows(Primitives &p, Value value) {
  ArrayRef<int64_t> shape = xf::shapeOf(value);
  if (shape.size() == 2)
    return value;
  return xf::ReshapeOp::create(p, value, {p.getI64IntegerAttr(-1), OpFoldResult(p.getI64IntegerAttr(shape.back()))});
}

Value broadcastLike(Primitives &p, Value value, Value like) {
  if (xf::shapeOf(value) == xf::shapeOf(like))
    return as(p, value, like.getType());
  return as(p, xf::BroadcastOp::create(p, value, sizesOf(p, like)), like.getType());
}

Value sumAlong(Primitives &p, Value value, ArrayRef<int64_t> axes) {
  return xf::ReduceOp::create(p, xf::ReduceKind::Sum, value, axes, /*keepdims=*/true);
}

namespace {
/// Dimensions that are sizes of arguments, of which a function has one batch and one length, or are broadcast from
/// such alone, or carried by loops that keep them. Each is looked at once; one object answers one question.
class ArgumentSizes {
public:
  bool contain(xf::Dim dim) {
    dim = xf::getOrigin(dim);
    auto argument = dyn_cast<BlockArgument>(dim.tensor);
    if (argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
      return ShapedType::isDynamic(xf::shapeOf(argument)[dim.axis]);
    auto [place, isNew] = known.try_emplace({dim.tensor, dim.axis}, false);
    if (!isNew)
      return place->second;
    bool found = argument ? areCarried(argument, dim.axis) : areOfOperands(dim);
    return known[{dim.tensor, dim.axis}] = found;
  }

private:
  bool areOfOperands(xf::Dim dim) {
    Operation *op = dim.tensor.getDefiningOp();
    if (auto loop = dyn_cast<xf::RepeatOp>(op))
      return contain({loop.getBlock()->getArgument(cast<OpResult>(dim.tensor).getResultNumber() + 1), dim.axis});
    int64_t fromLast = int64_t(xf::shapeOf(dim.tensor).size()) - dim.axis;
    return isa<xf::ElementwiseOp, xf::CompareOp, xf::SelectOp>(op) && llvm::all_of(op->getOperands(), [&](Value each) {
             int64_t axis = int64_t(xf::shapeOf(each).size()) - fromLast;
             return axis < 0 || xf::shapeOf(each)[axis] == 1 || contain({each, axis});
           });
  }

  /// What goes into a loop is of such a size, and if it is, so is what is carried on.
  bool areCarried(BlockArgument argument, int64_t axis) {
    auto loop = dyn_cast<xf::RepeatOp>(argument.getOwner()->getParentOp());
    if (!loop || loop.getBlock()->empty() || !isa<xf::YieldOp>(loop.getBlock()->back()))
      return false;
    unsigned index = argument.getArgNumber() - 1;
    known[{argument, axis}] = true;
    return contain({loop.getInitValues()[index], axis}) && contain({loop.getYield().getValues()[index], axis});
  }

  llvm::DenseMap<std::pair<Value, int64_t>, bool> known;
};
} // namespace

/// Whether dimension `axis` of an operand is as large as that of the result that it is broadcast to: that is the
/// operand's, or that of all other operands, which the result's size then is of too.
static bool isWhole(Operation *op, Value like, int64_t axis) {
  auto same = [&](xf::Dim a, xf::Dim b) {
    return xf::areEqual(a, b) || (ArgumentSizes().contain(a) && ArgumentSizes().contain(b));
  };
  int64_t fromLast = int64_t(xf::shapeOf(like).size()) - axis;
  auto dimOf = [&](Value tensor) { return xf::Dim{tensor, int64_t(xf::shapeOf(tensor).size()) - fromLast}; };
  if (same({like, axis}, dimOf(op->getResult(0))))
    return true;
  if (isa<xf::BroadcastOp>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value other) {
    xf::Dim dim = dimOf(other);
    return dim.axis < 0 || xf::shapeOf(other)[dim.axis] == 1 || same({like, axis}, dim);
  });
}

FailureOr<Value> sumToLike(Primitives &p, Operation *op, Value value, Value like, int64_t inner) {
  ArrayRef<int64_t> wide = xf::shapeOf(value), narrow = xf::shapeOf(like);
  int64_t extra = int64_t(wide.size()) - int64_t(narrow.size());
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, extra));
  for (auto [axis, size] : llvm::enumerate(narrow)) {
    if (size == 1 && wide[extra + axis] != 1)
      axes.push_back(extra + axis);
    else if (ShapedType::isDynamic(size) && int64_t(axis) < int64_t(narrow.size()) - inner && !isWhole(op, like, axis))
      return op->emitOpError() << "repeats dimension " << axis << " of " << like.getType()
                               << " perhaps: its derivative needs to know";
  }
  if (!axes.empty())
    value = sumAlong(p, value, axes);
  return reshapeLike(p, value, like);
}

} // namespace ph::autodiff
