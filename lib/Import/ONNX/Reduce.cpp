// What many elements become one by: sums, means, products, norms, and the places of the largest.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <limits>

using namespace mlir;
using ph::xf::BinaryKind;
using ph::xf::ReduceKind;
using ph::xf::UnaryKind;

namespace ph::onnx_import {
namespace {

/// What is reduced and along which axes; `axes` is empty where nothing is.
struct Reduction {
  Value x;
  SmallVector<int64_t> axes;
  bool keep = true;
};

/// `since` is the opset from which the axes are an operand.
std::optional<Reduction> reductionOf(Node &n, int64_t since) {
  Reduction r{n.tensor(0), {}, n.integer("keepdims", 1) != 0};
  if (!r.x)
    return std::nullopt;
  int64_t rank = TensorBuilder::rankOf(r.x);
  auto axes = n.axesOf(1, since, rank);
  if (n.b.hasFailed())
    return std::nullopt;
  if (axes && !axes->empty())
    r.axes = *axes;
  else if (!n.integer("noop_with_empty_axes", 0))
    r.axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return r;
}

/// A fold over axes that keeps the type of elements.
Value foldAxes(Node &n, const Reduction &r, double start,
               llvm::function_ref<Value(TensorBuilder &, Value, Value)> body) {
  TensorBuilder &b = n.b;
  Sizes all = b.dims(r.x), sizes, over;
  for (auto [axis, size] : llvm::enumerate(all))
    (llvm::is_contained(r.axes, int64_t(axis)) ? over : sizes).push_back(size);
  if (over.empty())
    return r.x;
  Type element = TensorBuilder::elementOf(r.x);
  int64_t outer = sizes.size();
  Value result = b.fold(sizes, over, b.scalarNumber(element, start), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from;
    int64_t free = 0, folded = outer;
    for (size_t axis = 0; axis < all.size(); ++axis)
      from.push_back(at[llvm::is_contained(r.axes, int64_t(axis)) ? folded++ : free++]);
    return body(b, at.back(), b.at(r.x, from));
  });
  return r.keep ? b.unsqueeze(result, r.axes) : result;
}

Value reduced(Node &n, const Reduction &r, ReduceKind kind) {
  TensorBuilder &b = n.b;
  if (r.axes.empty() || TensorBuilder::isFloat(r.x))
    return b.reduce(kind, r.x, r.axes, r.keep);
  if (TensorBuilder::elementOf(r.x).isInteger(1)) {
    Reduction numbers{b.cast(r.x, b.getI32Type()), r.axes, r.keep};
    return b.cast(reduced(n, numbers, kind), b.getI1Type());
  }
  if (kind == ReduceKind::Max)
    return foldAxes(n, r, double(INT32_MIN),
                    [](TensorBuilder &b, Value x, Value y) -> Value { return arith::MaxSIOp::create(b, x, y); });
  if (kind == ReduceKind::Min)
    return foldAxes(n, r, double(INT32_MAX),
                    [](TensorBuilder &b, Value x, Value y) -> Value { return arith::MinSIOp::create(b, x, y); });
  Value sum =
      foldAxes(n, r, 0, [](TensorBuilder &b, Value x, Value y) -> Value { return arith::AddIOp::create(b, x, y); });
  if (kind != ReduceKind::Mean)
    return sum;
  Size count = b.size(1);
  for (int64_t axis : r.axes)
    count = b.mul(count, b.dim(r.x, axis));
  return b.div(sum, b.scalar(count));
}

template <ReduceKind kind, int64_t since = 18> void reduce(Node &n) {
  if (auto r = reductionOf(n, since))
    n.give(0, reduced(n, *r, kind));
}

void product(Node &n) {
  if (auto r = reductionOf(n, 18))
    n.give(0, foldAxes(n, *r, 1, [](TensorBuilder &b, Value x, Value y) -> Value {
             return isa<FloatType>(x.getType()) ? arith::MulFOp::create(b, x, y).getResult()
                                                : arith::MulIOp::create(b, x, y);
           }));
}

/// A sum of f(x), of which `after` is taken.
template <class Before, class After> void sumOf(Node &n, Before before, After after) {
  auto r = reductionOf(n, 18);
  if (!r)
    return;
  bool isWhole = !TensorBuilder::isFloat(r->x);
  Type element = TensorBuilder::elementOf(r->x);
  r->x = before(n.b, isWhole ? n.b.cast(r->x, n.b.getF32Type()) : r->x);
  if (r->x)
    n.give(0, n.b.cast(after(n.b, reduced(n, *r, ReduceKind::Sum)), element));
}

Value same(TensorBuilder &, Value x) { return x; }
Value square(TensorBuilder &b, Value x) { return b.mul(x, x); }
template <UnaryKind kind> Value apply(TensorBuilder &b, Value x) { return b.unary(kind, x); }

void l1(Node &n) { sumOf(n, apply<UnaryKind::Abs>, same); }
void l2(Node &n) { sumOf(n, square, apply<UnaryKind::Sqrt>); }
void logSum(Node &n) { sumOf(n, same, apply<UnaryKind::Log>); }
void sumSquare(Node &n) { sumOf(n, square, same); }

void logSumExp(Node &n) {
  auto r = reductionOf(n, 18);
  if (!r)
    return;
  TensorBuilder &b = n.b;
  // The largest is taken out before, so that nothing overflows.
  Value most = b.reduce(ReduceKind::Max, r->x, r->axes, true);
  Value sum = b.reduce(ReduceKind::Sum, b.unary(UnaryKind::Exp, b.sub(r->x, most)), r->axes, r->keep);
  Value finite = r->keep ? most : b.reduce(ReduceKind::Max, r->x, r->axes, false);
  n.give(0, b.add(b.unary(UnaryKind::Log, sum), finite));
}

void argument(Node &n, arith::CmpFPredicate real, arith::CmpIPredicate whole) {
  Value x = n.tensor(0);
  if (!x)
    return;
  TensorBuilder &b = n.b;
  int64_t axis = n.axis("axis", 0, TensorBuilder::rankOf(x));
  bool keep = n.integer("keepdims", 1);
  Sizes sizes = b.dims(x);
  Size length = sizes[axis];
  sizes.erase(sizes.begin() + axis);
  // What there is so far is the place of the best; the first is as good as any to begin with.
  Value result = b.fold(sizes, {length}, b.scalarNumber(b.getI32Type(), 0), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> here(at.take_front(sizes.size())), best = here;
    Value place = at[sizes.size()];
    here.insert(here.begin() + axis, place);
    best.insert(best.begin() + axis, b.toIndex(at.back()));
    Value x1 = b.at(x, here), x2 = b.at(x, best);
    Value better = isa<FloatType>(x1.getType()) ? arith::CmpFOp::create(b, real, x1, x2).getResult()
                                                : arith::CmpIOp::create(b, whole, x1, x2).getResult();
    return b.choose(better, arith::IndexCastOp::create(b, b.getI32Type(), place), at.back());
  });
  n.give(0, keep ? b.unsqueeze(result, {axis}) : result, int64Type());
}

void argMax(Node &n) {
  bool last = n.integer("select_last_index", 0);
  argument(n, last ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::OGT,
           last ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sgt);
}
void argMin(Node &n) {
  bool last = n.integer("select_last_index", 0);
  argument(n, last ? arith::CmpFPredicate::OLE : arith::CmpFPredicate::OLT,
           last ? arith::CmpIPredicate::sle : arith::CmpIPredicate::slt);
}

} // namespace

ArrayRef<Operator> reduceOperators() {
  static constexpr Operator operators[] = {
      {"ArgMax", argMax},
      {"ArgMin", argMin},
      {"ReduceL1", l1},
      {"ReduceL2", l2},
      {"ReduceLogSum", logSum},
      {"ReduceLogSumExp", logSumExp},
      {"ReduceMax", reduce<ReduceKind::Max>},
      {"ReduceMean", reduce<ReduceKind::Mean>},
      {"ReduceMin", reduce<ReduceKind::Min>},
      {"ReduceProd", product},
      {"ReduceSum", reduce<ReduceKind::Sum, 13>},
      {"ReduceSumSquare", sumSquare},
  };
  return operators;
}

} // namespace ph::onnx_import
