// What slides over images and sequences.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <limits>

using namespace mlir;

namespace ph::onnx_import {
namespace {

/// How a kernel slides over `dims` dimensions.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations, before, after;

  /// The size that a dimension becomes.
  Size resultOf(TensorBuilder &b, size_t dim, Size size, bool up) const {
    int64_t reach = dilations[dim] * (kernel[dim] - 1) + 1;
    Size free = b.sub(b.add(size, b.size(before[dim] + after[dim])), b.size(reach));
    if (up)
      free = b.add(free, b.size(strides[dim] - 1));
    return b.add(b.div(free, b.size(strides[dim])), b.size(1));
  }
};

/// Of the attributes; `kernel` where it isn't one. Nothing, with a message, where they don't fit.
std::optional<Window> windowOf(Node &n, Value x, std::optional<SmallVector<int64_t>> kernel = {}) {
  if (!x)
    return std::nullopt;
  auto refuse = [&](const Twine &why) {
    n.fail(why);
    return std::nullopt;
  };
  size_t dims = TensorBuilder::rankOf(x) < 3 ? 0 : TensorBuilder::rankOf(x) - 2;
  if (!kernel)
    kernel = n.integerList("kernel_shape");
  if (!dims || !kernel || kernel->size() != dims)
    return refuse("expects a batch of channels, and a kernel of its dimensions");
  Window w{*kernel, n.integerList("strides").value_or(SmallVector<int64_t>(dims, 1)),
           n.integerList("dilations").value_or(SmallVector<int64_t>(dims, 1)), SmallVector<int64_t>(dims, 0),
           SmallVector<int64_t>(dims, 0)};
  auto pads = n.integerList("pads").value_or(SmallVector<int64_t>(2 * dims, 0));
  if (w.strides.size() != dims || w.dilations.size() != dims || pads.size() != 2 * dims)
    return refuse("has a list of another length than the kernel's");
  for (size_t i = 0; i < dims; ++i) {
    auto isSmall = [](int64_t value, int64_t least) { return value >= least && value <= (int64_t(1) << 30); };
    if (!isSmall(w.kernel[i], 1) || !isSmall(w.strides[i], 1) || !isSmall(w.dilations[i], 1) || !isSmall(pads[i], 0) ||
        !isSmall(pads[dims + i], 0))
      return refuse("has a kernel, stride, dilation or padding that can't be");
  }
  std::string automatic = n.text("auto_pad", "NOTSET");
  for (size_t i = 0; i < dims; ++i) {
    if (automatic == "NOTSET") {
      w.before[i] = pads[i];
      w.after[i] = pads[dims + i];
    } else if (automatic != "VALID") {
      int64_t size = TensorBuilder::typeOf(x).getDimSize(int64_t(i) + 2),
              reach = w.dilations[i] * (w.kernel[i] - 1) + 1;
      if (ShapedType::isDynamic(size))
        return refuse("pads as sizes say that are not known");
      int64_t result = (size + w.strides[i] - 1) / w.strides[i];
      int64_t total = std::max<int64_t>(0, (result - 1) * w.strides[i] + reach - size);
      w.before[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      w.after[i] = total - w.before[i];
    }
  }
  return w;
}

Value padded(TensorBuilder &b, Value x, int64_t axis, Size before, Size after, Value fill) {
  if (!x)
    return {};
  SmallVector<Value> parts;
  auto add = [&](Size size) {
    Sizes sizes = b.dims(x);
    sizes[axis] = size;
    if (!isConstantIntValue(size, 0))
      parts.push_back(b.broadcast(fill, sizes));
  };
  add(before);
  parts.push_back(x);
  add(after);
  return b.concat(parts, axis);
}

void convolution(Node &n) {
  Value x = n.tensor(0), weight = n.tensor(1), bias = n.optional(2);
  if (!x || !weight)
    return;
  TensorBuilder &b = n.b;
  auto shape = TensorBuilder::typeOf(weight).getShape();
  int64_t groups = n.integer("group", 1);
  if (TensorBuilder::rankOf(weight) != TensorBuilder::rankOf(x) || TensorBuilder::rankOf(x) < 3 ||
      llvm::any_of(shape, ShapedType::isDynamic) || !TensorBuilder::isFloat(x) || !TensorBuilder::isFloat(weight))
    return void(n.fail("expects floats, and a kernel of static shape"));
  auto w = windowOf(n, x, SmallVector<int64_t>(shape.drop_front(2)));
  if (!w)
    return;
  int64_t channels = TensorBuilder::typeOf(x).getDimSize(1);
  if (groups < 1 || shape[0] % groups ||
      (!ShapedType::isDynamic(channels) && (channels % groups || channels / groups != shape[1])) ||
      (bias && TensorBuilder::typeOf(bias).getShape() != ArrayRef<int64_t>{shape[0]}))
    return void(n.fail("has channels that don't fit its kernel"));
  if (w->kernel.size() <= 2) {
    SmallVector<int64_t> pads = w->before;
    llvm::append_range(pads, w->after);
    SmallVector<int64_t> result = {TensorBuilder::typeOf(x).getDimSize(0), shape[0]};
    for (size_t i = 0; i < w->kernel.size(); ++i) {
      int64_t size = TensorBuilder::typeOf(x).getDimSize(int64_t(i) + 2);
      int64_t room = size + w->before[i] + w->after[i] - w->dilations[i] * (w->kernel[i] - 1) - 1;
      result.push_back(ShapedType::isDynamic(size) ? size : room < 0 ? 0 : room / w->strides[i] + 1);
    }
    auto type = RankedTensorType::get(result, b.getF32Type());
    return n.give(0, xf::ConvolutionOp::create(b, type, x, weight, bias, b.getDenseI64ArrayAttr(w->strides),
                                               b.getDenseI64ArrayAttr(pads), b.getDenseI64ArrayAttr(w->dilations),
                                               b.getI64IntegerAttr(groups)));
  }
  // Three dimensions and more, loop by loop.
  Sizes sizes = b.dims(x), result = {sizes[0], b.size(shape[0])}, over = {b.size(shape[1])};
  for (size_t i = 0; i < w->kernel.size(); ++i) {
    x = padded(b, x, int64_t(i) + 2, b.size(w->before[i]), b.size(w->after[i]), b.f32(0));
    result.push_back(w->resultOf(b, i, sizes[i + 2], false));
    over.push_back(b.size(w->kernel[i]));
  }
  size_t rank = result.size();
  Value y = b.fold(result, over, b.scalarNumber(b.getF32Type(), 0), [&](TensorBuilder &b, ValueRange at) {
    Value group = arith::DivUIOp::create(b, at[1], b.index(shape[0] / groups));
    Value channel = arith::AddIOp::create(b, arith::MulIOp::create(b, group, b.index(shape[1])), at[rank]);
    SmallVector<Value> from = {at[0], channel}, to = {at[1], at[rank]};
    for (size_t i = 0; i < w->kernel.size(); ++i) {
      Value step = arith::MulIOp::create(b, at[2 + i], b.index(w->strides[i]));
      Value tap = arith::MulIOp::create(b, at[rank + 1 + i], b.index(w->dilations[i]));
      from.push_back(arith::AddIOp::create(b, step, tap));
      to.push_back(at[rank + 1 + i]);
    }
    return arith::AddFOp::create(b, at.back(), arith::MulFOp::create(b, b.at(x, from), b.at(weight, to))).getResult();
  });
  if (bias) {
    Sizes column(w->kernel.size() + 1, b.size(1));
    column[0] = b.size(shape[0]);
    y = b.add(y, b.reshapeTo(bias, column));
  }
  n.give(0, y);
}

/// A fold over the places of a window; `fill` is what stands beyond the edges.
Value pooled(Node &n, Value x, const Window &w, double start, double fill, bool up,
             llvm::function_ref<Value(TensorBuilder &, Value, Value)> body) {
  TensorBuilder &b = n.b;
  Sizes sizes = b.dims(x), result = {sizes[0], sizes[1]}, over;
  Type element = TensorBuilder::elementOf(x);
  for (size_t i = 0; i < w.kernel.size(); ++i) {
    // Rounded up, the last window may begin in the padding but not beyond it.
    Size count = w.resultOf(b, i, sizes[i + 2], up);
    if (up) {
      auto fixed = getConstantIntValue(count), size = getConstantIntValue(sizes[i + 2]);
      if (!fixed || !size)
        return n.fail("rounds up sizes that are not known");
      if ((*fixed - 1) * w.strides[i] >= *size + w.before[i])
        count = b.size(*fixed - 1);
    }
    result.push_back(count);
    over.push_back(b.size(w.kernel[i]));
    int64_t more = up ? w.strides[i] : 0;
    x = padded(b, x, int64_t(i) + 2, b.size(w.before[i]), b.size(w.after[i] + more), b.number(element, fill));
  }
  return b.fold(result, over, b.scalarNumber(element, start), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at.take_front(2));
    for (size_t i = 0; i < w.kernel.size(); ++i) {
      Value step = arith::MulIOp::create(b, at[2 + i], b.index(w.strides[i]));
      Value tap = arith::MulIOp::create(b, at[result.size() + i], b.index(w.dilations[i]));
      from.push_back(arith::AddIOp::create(b, step, tap));
    }
    return body(b, at.back(), b.at(x, from));
  });
}

Value sum(TensorBuilder &b, Value x, Value y) { return arith::AddFOp::create(b, x, y); }

void maxPool(Node &n) {
  Value x = n.tensor(0);
  auto w = windowOf(n, x);
  if (!w)
    return;
  if (n.wants(1))
    return void(n.fail("gives the places of what is largest too"));
  bool floats = TensorBuilder::isFloat(x);
  double least = !floats ? (n.type(0)->isSigned ? -128 : 0) : -std::numeric_limits<double>::infinity();
  n.give(0, pooled(n, x, *w, least, least, n.integer("ceil_mode", 0), [](TensorBuilder &b, Value x, Value y) -> Value {
           return isa<FloatType>(x.getType()) ? arith::MaximumFOp::create(b, x, y).getResult()
                                              : arith::MaxSIOp::create(b, x, y);
         }));
}

void averagePool(Node &n) {
  Value x = n.tensor(0);
  auto w = windowOf(n, x);
  if (!w || !TensorBuilder::isFloat(x))
    return;
  TensorBuilder &b = n.b;
  bool up = n.integer("ceil_mode", 0), padding = n.integer("count_include_pad", 0);
  // What each sum is divided by is the sum of ones at the same places.
  Sizes sizes = b.dims(x);
  Window inside = *w;
  if (padding)
    for (size_t i = 0; i < w->kernel.size(); ++i) {
      sizes[i + 2] = b.add(sizes[i + 2], b.size(w->before[i] + w->after[i]));
      inside.before[i] = inside.after[i] = 0;
    }
  Value ones = b.broadcast(b.f32(1), sizes);
  n.give(0, b.div(pooled(n, x, *w, 0, 0, up, sum), pooled(n, ones, inside, 0, 0, up, sum)));
}

void lpPool(Node &n) {
  Value x = n.tensor(0);
  auto w = windowOf(n, x);
  if (!w || !TensorBuilder::isFloat(x))
    return;
  TensorBuilder &b = n.b;
  double p = double(n.integer("p", 2));
  Value powers = b.binary(xf::BinaryKind::Pow, b.unary(xf::UnaryKind::Abs, x), b.f32(p));
  n.give(0, b.binary(xf::BinaryKind::Pow, pooled(n, powers, *w, 0, 0, n.integer("ceil_mode", 0), sum), b.f32(1 / p)));
}

template <xf::ReduceKind kind> void globalPool(Node &n) {
  Value x = n.tensor(0);
  if (!x || !TensorBuilder::isFloat(x) || TensorBuilder::rankOf(x) < 3)
    return void(n.fail("expects a batch of channels"));
  n.give(0, n.b.reduce(kind, x, llvm::to_vector(llvm::seq<int64_t>(2, TensorBuilder::rankOf(x))), true));
}

void pad(Node &n) {
  Value x = n.tensor(0);
  auto pads = n.integers(1);
  std::string mode = n.text("mode", "constant");
  if (!x || !pads)
    return;
  TensorBuilder &b = n.b;
  int64_t rank = TensorBuilder::rankOf(x);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.has(3))
    axes = n.integers(3).value_or(axes);
  Value fill = n.has(2) ? n.tensor(2) : b.number(TensorBuilder::elementOf(x), 0);
  if (pads->size() != 2 * axes.size() || !fill)
    return void(n.fail("expects a padding for both ends of each axis"));
  if (TensorBuilder::rankOf(fill) == 1)
    fill = b.reshape(fill, {});
  for (auto [i, given] : llvm::enumerate(axes)) {
    int64_t axis = n.wrapAxis(given, rank), before = (*pads)[i], after = (*pads)[axes.size() + i];
    if (std::abs(before) > (1 << 28) || std::abs(after) > (1 << 28))
      return void(n.fail("has a padding that can't be"));
    if (n.b.hasFailed() || !x)
      return;
    Size size = b.dim(x, axis);
    if (mode == "constant") {
      Size end = after < 0 ? b.add(size, b.size(after)) : size;
      if (before < 0 || after < 0)
        x = b.slice(x, axis, b.size(before < 0 ? -before : 0), end);
      x = padded(b, x, axis, b.size(std::max<int64_t>(before, 0)), b.size(std::max<int64_t>(after, 0)), fill);
      continue;
    }
    Sizes sizes = b.dims(x);
    sizes[axis] = b.add(size, b.size(before + after));
    Value from = x;
    x = b.generate(sizes, TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) -> Value {
      SmallVector<Value> place(at);
      Value zero = b.index(0), one = b.index(1), length = b.index(size);
      Value i = arith::SubIOp::create(b, at[axis], b.index(before)), last = arith::SubIOp::create(b, length, one);
      if (mode == "edge") {
        i = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, i, zero), last);
      } else if (mode == "reflect") {
        i = arith::MaxSIOp::create(b, i, arith::SubIOp::create(b, zero, i));
        Value back = arith::SubIOp::create(b, arith::AddIOp::create(b, last, last), i);
        i = arith::MinSIOp::create(b, i, back);
      } else if (mode == "wrap") {
        i = arith::RemSIOp::create(b, arith::AddIOp::create(b, arith::RemSIOp::create(b, i, length), length), length);
      } else {
        return b.fail("has the unknown mode '" + mode + "'");
      }
      place[axis] = i;
      return b.at(from, place);
    });
  }
  n.give(0, x);
}

} // namespace

ArrayRef<Operator> convolutionOperators() {
  static constexpr Operator operators[] = {
      {"AveragePool", averagePool},
      {"Conv", convolution},
      {"GlobalAveragePool", globalPool<xf::ReduceKind::Mean>},
      {"GlobalMaxPool", globalPool<xf::ReduceKind::Max>},
      {"LpPool", lpPool},
      {"MaxPool", maxPool},
      {"Pad", pad, 11},
  };
  return operators;
}

} // namespace ph::onnx_import
