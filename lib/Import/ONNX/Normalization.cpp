// Norms and softmax, spelled out as exporters do, so that recognition finds them.
#include "Node.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using ph::xf::ReduceKind;
using ph::xf::UnaryKind;

namespace ph::onnx_import {

static Value floats(Node &n, int index) {
  Value x = n.tensor(index);
  if (x && !TensorBuilder::isFloat(x))
    return n.fail("expects floats");
  return x;
}

static SmallVector<int64_t> from(int64_t axis, int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(axis, rank)); }

/// 1 / √(mean(x²) + epsilon) along axes.
static Value inverseRoot(TensorBuilder &b, Value x, ArrayRef<int64_t> axes, double epsilon) {
  Value squares = b.reduce(ReduceKind::Mean, b.mul(x, x), axes, true);
  return b.unary(UnaryKind::Reciprocal, b.unary(UnaryKind::Sqrt, b.add(squares, b.f32(epsilon))));
}

static void layerNorm(Node &n) {
  Value x = floats(n, 0), scale = floats(n, 1);
  if (!x)
    return;
  TensorBuilder &b = n.b;
  SmallVector<int64_t> axes = from(n.axis("axis", -1, TensorBuilder::rankOf(x)), TensorBuilder::rankOf(x));
  Value mean = b.reduce(ReduceKind::Mean, x, axes, true), centred = b.sub(x, mean);
  Value inverse = inverseRoot(b, centred, axes, n.real("epsilon", 1e-5));
  Value y = b.mul(b.mul(centred, inverse), scale);
  n.give(0, n.has(2) ? b.add(y, n.tensor(2)) : y);
  if (n.wants(1))
    n.give(1, mean, floatType());
  if (n.wants(2))
    n.give(2, inverse, floatType());
}

static void rmsNorm(Node &n) {
  Value x = floats(n, 0), scale = floats(n, 1);
  if (!x)
    return;
  SmallVector<int64_t> axes = from(n.axis("axis", -1, TensorBuilder::rankOf(x)), TensorBuilder::rankOf(x));
  n.give(0, n.b.mul(n.b.mul(x, inverseRoot(n.b, x, axes, n.real("epsilon", 1e-5))), scale));
}

/// A vector of channels as [C, 1, …], so that it meets dimension 1 of `x`.
static Value channels(TensorBuilder &b, Value vector, Value x) {
  if (!vector || !x || TensorBuilder::rankOf(vector) != 1)
    return b.fail("expects a vector of channels");
  Sizes shape = {b.dim(vector, 0)};
  shape.append(TensorBuilder::rankOf(x) - 2, b.size(1));
  return b.reshapeTo(vector, shape);
}

static void instanceNorm(Node &n) {
  Value x = floats(n, 0);
  if (!x || TensorBuilder::rankOf(x) < 3)
    return void(n.fail("expects a batch of channels"));
  TensorBuilder &b = n.b;
  SmallVector<int64_t> axes = from(2, TensorBuilder::rankOf(x));
  Value centred = b.sub(x, b.reduce(ReduceKind::Mean, x, axes, true));
  Value y = b.mul(centred, inverseRoot(b, centred, axes, n.real("epsilon", 1e-5)));
  n.give(0, b.add(b.mul(y, channels(b, n.tensor(1), x)), channels(b, n.tensor(2), x)));
}

static void groupNorm(Node &n) {
  Value x = floats(n, 0);
  int64_t groups = n.integer("num_groups", 1);
  if (!x || TensorBuilder::rankOf(x) < 3 || groups < 1)
    return void(n.fail("expects a batch of channels in groups"));
  TensorBuilder &b = n.b;
  Sizes sizes = b.dims(x);
  Sizes split = {sizes[0], b.size(groups), b.div(sizes[1], b.size(groups))};
  split.append(sizes.begin() + 2, sizes.end());
  Value parts = b.reshapeTo(x, split);
  if (!parts)
    return;
  SmallVector<int64_t> axes = from(2, TensorBuilder::rankOf(parts));
  Value centred = b.sub(parts, b.reduce(ReduceKind::Mean, parts, axes, true));
  Value y = b.mul(centred, inverseRoot(b, centred, axes, n.real("epsilon", 1e-5)));
  if (n.opset >= 21) {
    y = b.reshapeTo(y, sizes);
    return n.give(0, b.add(b.mul(y, channels(b, n.tensor(1), x)), channels(b, n.tensor(2), x)));
  }
  n.fail("has a scale of each group, as before opset 21");
}

static void batchNorm(Node &n) {
  Value x = floats(n, 0);
  if (!x || TensorBuilder::rankOf(x) < 2)
    return void(n.fail("expects a batch of channels"));
  if (n.integer("training_mode", 0))
    return void(n.fail("is in training mode"));
  TensorBuilder &b = n.b;
  Value variance = b.add(channels(b, n.tensor(4), x), b.f32(n.real("epsilon", 1e-5)));
  Value y = b.div(b.sub(x, channels(b, n.tensor(3), x)), b.unary(UnaryKind::Sqrt, variance));
  n.give(0, b.add(b.mul(y, channels(b, n.tensor(1), x)), channels(b, n.tensor(2), x)));
}

static void meanVariance(Node &n) {
  Value x = floats(n, 0);
  if (!x)
    return;
  TensorBuilder &b = n.b;
  auto axes = n.wrapAxes(n.integerList("axes").value_or(SmallVector<int64_t>{0, 2, 3}), TensorBuilder::rankOf(x));
  if (!axes)
    return;
  Value centred = b.sub(x, b.reduce(ReduceKind::Mean, x, *axes, true));
  Value variance = b.reduce(ReduceKind::Mean, b.mul(centred, centred), *axes, true);
  n.give(0, b.div(centred, b.add(b.unary(UnaryKind::Sqrt, variance), b.f32(1e-9))));
}

static void lpNorm(Node &n) {
  Value x = floats(n, 0);
  if (!x)
    return;
  TensorBuilder &b = n.b;
  int64_t axis = n.axis("axis", -1, TensorBuilder::rankOf(x)), p = n.integer("p", 2);
  if (p != 1 && p != 2)
    return void(n.fail("expects p to be 1 or 2"));
  Value sum = b.reduce(ReduceKind::Sum, p == 1 ? b.unary(UnaryKind::Abs, x) : b.mul(x, x), {axis}, true);
  Value norm = p == 1 ? sum : b.unary(UnaryKind::Sqrt, sum);
  Value isZero = b.compare(xf::CompareKind::Eq, norm, b.f32(0));
  n.give(0, b.div(x, b.select(isZero, b.f32(1), norm)));
}

static void lrn(Node &n) {
  Value x = floats(n, 0);
  int64_t size = n.integer("size", 1);
  if (!x || TensorBuilder::rankOf(x) < 3 || size < 1 || size > 4096)
    return void(n.fail("expects a batch of channels and a size"));
  TensorBuilder &b = n.b;
  // The channels around each, which are 0 beyond the ends.
  Value squares = b.mul(x, x), sum;
  Sizes before = b.dims(x), after = before;
  before[1] = b.size((size - 1) / 2);
  after[1] = b.size(size - 1 - (size - 1) / 2);
  Value padded = b.concat({b.broadcast(b.f32(0), before), squares, b.broadcast(b.f32(0), after)}, 1);
  for (int64_t i = 0; i < size; ++i) {
    Value part = b.slice(padded, 1, b.size(i), b.add(b.size(i), b.dim(x, 1)));
    sum = sum ? b.add(sum, part) : part;
  }
  Value base = b.add(b.mul(sum, b.f32(n.real("alpha", 1e-4) / double(size))), b.f32(n.real("bias", 1)));
  n.give(0, b.div(x, b.binary(xf::BinaryKind::Pow, base, b.f32(n.real("beta", 0.75)))));
}

/// Softmax along one axis; before opset 13 along all from `axis` on.
static Value softmaxOf(Node &n, Value x, llvm::function_ref<Value(Value, int64_t)> function) {
  if (!x)
    return {};
  int64_t rank = TensorBuilder::rankOf(x), axis = n.axis("axis", n.opset < 13 ? 1 : -1, rank);
  if (n.opset >= 13 || axis == rank - 1)
    return function(x, axis);
  Sizes sizes = n.b.dims(x), flat(ArrayRef(sizes).take_front(axis));
  flat.push_back(n.b.product(ArrayRef(sizes).drop_front(axis)));
  return n.b.reshapeTo(function(n.b.reshapeTo(x, flat), axis), sizes);
}

static void softmax(Node &n) {
  n.give(0, softmaxOf(n, floats(n, 0), [&](Value x, int64_t axis) { return n.b.softmax(x, axis); }));
}

static void logSoftmax(Node &n) {
  TensorBuilder &b = n.b;
  n.give(0, softmaxOf(n, floats(n, 0), [&](Value x, int64_t axis) {
           Value shifted = b.sub(x, b.reduce(ReduceKind::Max, x, {axis}, true));
           return b.sub(shifted, b.unary(UnaryKind::Log,
                                         b.reduce(ReduceKind::Sum, b.unary(UnaryKind::Exp, shifted), {axis}, true)));
         }));
}

ArrayRef<Operator> normalizationOperators() {
  static constexpr Operator operators[] = {
      {"BatchNormalization", batchNorm, 9},
      {"GroupNormalization", groupNorm, 18},
      {"InstanceNormalization", instanceNorm},
      {"LRN", lrn},
      {"LayerNormalization", layerNorm, 17},
      {"LogSoftmax", logSoftmax},
      {"LpNormalization", lpNorm},
      {"MeanVarianceNormalization", meanVariance},
      {"RMSNormalization", rmsNorm, 23},
      {"Softmax", softmax},
  };
  return operators;
}

} // namespace ph::onnx_import
