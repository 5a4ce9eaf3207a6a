// What carries a state from call to call: caches that are written at a place, convolutions that remember their past.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::onnx_import {

static void tensorScatter(Node &n) {
  Value past = n.tensor(0), update = n.tensor(1), places = n.optional(2);
  if (!past || !update)
    return;
  const int64_t rank = TensorBuilder::rankOf(past), axis = n.axis("axis", -2, rank);
  const std::string mode = n.text("mode", "linear");
  if (n.b.hasFailed())
    return;
  if (mode != "linear" && mode != "circular")
    return void(n.fail("has the unknown mode '" + mode + "'"));
  if (axis == 0 || TensorBuilder::rankOf(update) != rank || (places && TensorBuilder::rankOf(places) != 1) ||
      TensorBuilder::elementOf(update) != TensorBuilder::elementOf(past))
    return void(n.fail("has updates that don't fit its cache"));
  Sizes sizes = n.b.dims(past);
  Size length = n.b.dim(update, axis);
  n.give(0, n.b.generate(sizes, TensorBuilder::elementOf(past), [&](TensorBuilder &b, ValueRange at) {
    Value whole = b.index(sizes[axis]), zero = b.index(0);
    Value start = places ? b.toIndex(b.at(places, at[0])) : zero;
    Value place = arith::SubIOp::create(b, at[axis], start);
    if (mode == "circular")
      place =
          arith::RemSIOp::create(b, arith::AddIOp::create(b, arith::RemSIOp::create(b, place, whole), whole), whole);
    Value isNew = arith::AndIOp::create(b, b.less(place, b.index(length)),
                                        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, place, zero));
    SmallVector<Value> from(at);
    from[axis] = b.choose(isNew, place, zero);
    return b.choose(isNew, b.at(update, from), b.at(past, at));
  }));
}

static void causalConvolution(Node &n) {
  Value x = n.tensor(0), weight = n.tensor(1), bias = n.optional(2), past = n.optional(3);
  if (!x || !weight)
    return;
  TensorBuilder &b = n.b;
  auto kernel = TensorBuilder::typeOf(weight);
  const std::string activation = n.text("activation", "none");
  if (!llvm::is_contained({"none", "silu", "swish"}, activation))
    return void(n.fail("has the unknown activation '" + activation + "'"));
  if (TensorBuilder::rankOf(x) != 3 || kernel.getRank() != 3 || !kernel.hasStaticShape() || kernel.getDimSize(1) != 1 ||
      kernel.getDimSize(2) < 1 || (past && TensorBuilder::rankOf(past) != 3))
    return void(n.fail("expects a batch of channels, and one kernel of known size for each"));
  Sizes sizes = b.dims(x);
  const int64_t before = kernel.getDimSize(2) - 1;
  if (before > 0 && !past)
    past = b.broadcast(b.f32(0), {sizes[0], sizes[1], b.size(before)});
  Value all = before > 0 ? b.concat({past, x}, 2) : x;
  if (!all)
    return;
  auto type = RankedTensorType::get(
      {TensorBuilder::typeOf(x).getDimSize(0), kernel.getDimSize(0), TensorBuilder::typeOf(x).getDimSize(2)},
      b.getF32Type());
  Value y =
      xf::ConvolutionOp::create(b, type, all, weight, bias, b.getDenseI64ArrayAttr({1}), b.getDenseI64ArrayAttr({0, 0}),
                                b.getDenseI64ArrayAttr({1}), b.getI64IntegerAttr(kernel.getDimSize(0)));
  n.give(0, activation == "none" ? y : b.mul(y, b.unary(xf::UnaryKind::Sigmoid, y)));
  if (n.wants(1)) {
    Size length = b.dim(all, 2);
    n.give(1, b.slice(all, 2, b.sub(length, b.size(before)), length));
  }
}

ArrayRef<Operator> statefulOperators() {
  static constexpr Operator operators[] = {{"CausalConvWithState", causalConvolution, 27},
                                           {"TensorScatter", tensorScatter, 24}};
  return operators;
}

} // namespace ph::onnx_import
