// What depends on the order of elements: running sums, triangles, the largest few.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;

namespace ph::onnx_import {

/// A fold over what stands before each element along an axis.
static void running(Node &n, double start, llvm::function_ref<Value(TensorBuilder &, Value, Value)> combine) {
  Value x = n.tensor(0);
  auto given = n.integers(1);
  if (!x || !given || given->size() != 1)
    return void(n.fail("expects one axis"));
  TensorBuilder &b = n.b;
  int64_t axis = n.wrapAxis((*given)[0], TensorBuilder::rankOf(x));
  bool exclusive = n.integer("exclusive", 0), reverse = n.integer("reverse", 0);
  if (b.hasFailed())
    return;
  Sizes sizes = b.dims(x);
  Type element = TensorBuilder::elementOf(x);
  auto later = exclusive ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sle;
  auto earlier = exclusive ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::sge;
  n.give(0, b.fold(sizes, {sizes[axis]}, b.scalarNumber(element, start), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at.take_front(sizes.size()));
    Value here = from[axis], other = at[sizes.size()];
    from[axis] = other;
    Value counts = arith::CmpIOp::create(b, reverse ? earlier : later, other, here);
    return b.choose(counts, combine(b, at.back(), b.at(x, from)), at.back());
  }));
}

/// The sum of one whole number up to each element along `axis` needs no loops: null where `x` is not one number.
static Value countUp(TensorBuilder &b, Value x, int64_t axis) {
  std::optional<double> number = b.uniformOf(x);
  if (!number || *number != std::trunc(*number) || std::fabs(*number) > 1024)
    return {};
  Sizes sizes = b.dims(x), shape(sizes.size(), b.size(1));
  shape[axis] = sizes[axis];
  Value counted = b.mul(b.add(b.iota(sizes[axis]), b.i32(1)), b.i32(int64_t(*number)));
  return b.broadcast(b.reshapeTo(b.cast(counted, TensorBuilder::elementOf(x)), shape), sizes);
}

static void cumulativeSum(Node &n) {
  if (auto given = n.integers(1);
      n.tensor(0) && given && given->size() == 1 && !n.integer("exclusive", 0) && !n.integer("reverse", 0)) {
    int64_t axis = n.wrapAxis((*given)[0], TensorBuilder::rankOf(n.tensor(0)));
    if (Value counted = n.b.hasFailed() ? Value() : countUp(n.b, n.tensor(0), axis))
      return n.give(0, counted);
  }
  running(n, 0, [](TensorBuilder &b, Value x, Value y) -> Value {
    return isa<FloatType>(x.getType()) ? arith::AddFOp::create(b, x, y).getResult() : arith::AddIOp::create(b, x, y);
  });
}
static void cumulativeProduct(Node &n) {
  running(n, 1, [](TensorBuilder &b, Value x, Value y) -> Value {
    return isa<FloatType>(x.getType()) ? arith::MulFOp::create(b, x, y).getResult() : arith::MulIOp::create(b, x, y);
  });
}

static void trilu(Node &n) {
  Value x = n.tensor(0);
  auto k = n.has(1) ? n.sizes(1) : std::optional(Sizes{n.b.size(0)});
  if (!x || !k || k->size() != 1 || TensorBuilder::rankOf(x) < 2)
    return void(n.fail("expects matrices and one diagonal"));
  TensorBuilder &b = n.b;
  bool upper = n.integer("upper", 1);
  int64_t rank = TensorBuilder::rankOf(x);
  Type element = TensorBuilder::elementOf(x);
  n.give(0, b.generate(b.dims(x), element, [&](TensorBuilder &b, ValueRange at) {
    Value diagonal = arith::AddIOp::create(b, at[rank - 2], b.index((*k)[0]));
    Value kept =
        arith::CmpIOp::create(b, upper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle, at[rank - 1], diagonal);
    return b.choose(kept, b.at(x, at), b.scalarNumber(element, 0));
  }));
}

/// 1 where element `x` stands before element `y` in the order that is wanted, at places i and j.
static Value precedes(TensorBuilder &b, Value x, Value y, Value i, Value j, bool largest) {
  Value better, equal;
  if (isa<FloatType>(x.getType())) {
    better = arith::CmpFOp::create(b, largest ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, x, y);
    equal = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, y);
  } else {
    better = arith::CmpIOp::create(b, largest ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt, x, y);
    equal = b.equal(x, y);
  }
  return arith::OrIOp::create(b, better, arith::AndIOp::create(b, equal, b.less(i, j)));
}

/// How many elements stand before each one along an axis; in ties the first comes first.
static Value placesOf(TensorBuilder &b, Value x, int64_t axis, bool largest) {
  Sizes sizes = b.dims(x);
  return b.fold(sizes, {sizes[axis]}, b.scalarNumber(b.getI32Type(), 0), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> here(at.take_front(sizes.size())), other = here;
    other[axis] = at[sizes.size()];
    Value before = precedes(b, b.at(x, other), b.at(x, here), other[axis], here[axis], largest);
    Value more = arith::ExtUIOp::create(b, b.getI32Type(), before);
    return arith::AddIOp::create(b, at.back(), more).getResult();
  });
}

static void topK(Node &n) {
  Value x = n.tensor(0);
  auto k = n.integers(1);
  if (!x || !k || k->size() != 1 || (*k)[0] < 0)
    return void(n.fail("expects one number of elements"));
  TensorBuilder &b = n.b;
  int64_t axis = n.axis("axis", -1, TensorBuilder::rankOf(x));
  bool largest = n.integer("largest", 1);
  int64_t size = TensorBuilder::typeOf(x).getDimSize(axis);
  if (b.hasFailed() || (!ShapedType::isDynamic(size) && (*k)[0] > size))
    return void(n.fail("wants more elements than there are"));
  Value places = placesOf(b, x, axis, largest);
  Sizes all = b.dims(x), sizes = all;
  sizes[axis] = b.size((*k)[0]);
  Value indices = b.fold(sizes, {all[axis]}, b.scalarNumber(b.getI32Type(), 0), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at.take_front(sizes.size()));
    Value wanted = from[axis];
    from[axis] = at[sizes.size()];
    Value here = b.equal(b.toIndex(b.at(places, from)), wanted);
    return b.choose(here, arith::IndexCastOp::create(b, b.getI32Type(), from[axis]), at.back());
  });
  n.give(0, b.generate(sizes, TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at);
    from[axis] = b.toIndex(b.at(indices, at));
    return b.at(x, from);
  }));
  n.give(1, indices, int64Type());
}

static void hardmax(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  TensorBuilder &b = n.b;
  int64_t rank = TensorBuilder::rankOf(x), axis = n.axis("axis", n.opset < 13 ? 1 : -1, rank);
  if (b.hasFailed() || (n.opset < 13 && axis != rank - 1))
    return void(n.fail("looks for the largest along several dimensions"));
  Value first = b.compare(xf::CompareKind::Eq, placesOf(b, x, axis, true), b.i32(0));
  n.give(0, b.cast(first, TensorBuilder::elementOf(x)));
}

static void reverseSequence(Node &n) {
  Value x = n.tensor(0), lengths = n.tensor(1);
  if (!x || !lengths || TensorBuilder::rankOf(lengths) != 1)
    return void(n.fail("expects a length of each sequence"));
  int64_t rank = TensorBuilder::rankOf(x);
  int64_t batch = n.axis("batch_axis", 1, rank), time = n.axis("time_axis", 0, rank);
  n.give(0, n.b.generate(n.b.dims(x), TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at);
    Value length = b.toIndex(b.at(lengths, at[batch]));
    Value back = arith::SubIOp::create(b, arith::SubIOp::create(b, length, b.index(1)), at[time]);
    from[time] = b.choose(b.less(at[time], length), back, at[time]);
    return b.at(x, from);
  }));
}

ArrayRef<Operator> orderOperators() {
  static constexpr Operator operators[] = {
      {"CumProd", cumulativeProduct},
      {"CumSum", cumulativeSum},
      {"Hardmax", hardmax},
      {"ReverseSequence", reverseSequence},
      {"TopK", topK},
      {"Trilu", trilu},
  };
  return operators;
}

} // namespace ph::onnx_import
