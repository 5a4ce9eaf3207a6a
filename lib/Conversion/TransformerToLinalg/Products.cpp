// Products of activations and matrices.
#include "Broadcast.h"
#include "Reduction.h"
#include "Scores.h"
#include "dialects/Transformer/WeightAttributes.h"

using namespace mlir;

namespace ph::conversion {

/// Σ_k x[…][k] w[n][k] of new tensors.
static Value multiply(Lowering &l, Value input, Value weight) {
  Sizes sizes = l.sizesOf(input);
  unsigned rows = sizes.size() - 1;
  sizes.back() = l.sizeOf(weight, 0);
  Indexed x = {input, l.loops(0, rows)}, w = {weight, {l.dim(rows), l.dim(rows + 1)}};
  x.at.push_back(l.dim(rows + 1));
  return l.reduced(sizes, l.s.f32(0), rows + 2, {x, w},
                   [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); });
}

/// Whether kernels can have the weight as they want it.
static bool isLoaded(Value weight) {
  auto load = weight.getDefiningOp<xf::LoadWeightOp>();
  return load && !load->hasAttr(xf::kPlainAttr);
}

/// The product with a matrix and a bias, which may be null: an xf.linear where that stays, all of it where it doesn't.
/// `bias` is null afterwards where it has been added.
static Value multiply(Lowering &l, Value input, Value weight, Value &bias) {
  if (!l.keepProducts || !isLoaded(weight))
    return multiply(l, l.of(input), l.of(weight));
  bool fused = bias && isLoaded(bias);
  Value result = xf::LinearOp::create(l.s, l.of(input), l.stored(weight), fused ? l.stored(bias) : Value());
  Sizes sizes = l.sizesOf(l.of(input));
  sizes.back() = l.attribute(cast<RankedTensorType>(result.getType()).getShape().back());
  l.know(result, std::move(sizes));
  if (fused)
    bias = Value();
  return result;
}

static LogicalResult linear(Lowering &l, xf::LinearOp op) {
  if (l.keepProducts && isLoaded(op.getWeight()) && !op.getActivation() && (!op.getBias() || isLoaded(op.getBias())))
    return l.keep(op, op.getInput());
  Value bias = op.getBias(), product = multiply(l, op.getInput(), op.getWeight(), bias);
  if (!bias && !op.getActivation() && !op.getResidual()) {
    l.give(op.getResult(), product);
    return success();
  }
  Sizes sizes = l.sizesOf(product);
  SmallVector<Indexed> inputs;
  if (bias)
    inputs.push_back({l.of(bias), {l.dim(sizes.size() - 1)}});
  if (op.getResidual())
    inputs.push_back(l.whole(l.of(op.getResidual())));
  l.give(op.getResult(), l.each(sizes, l.s.getF32Type(),
                                llvm::to_vector(llvm::concat<Indexed>(SmallVector<Indexed>{l.whole(product)}, inputs)),
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value y = bias ? s.add(e[0], e[1]) : e[0];
                                  if (auto activation = op.getActivation())
                                    y = s.activate(*activation, y);
                                  return op.getResidual() ? s.add(y, e[inputs.size()]) : y;
                                }));
  return success();
}

/// What the CPU's kernel of gated products knows.
static bool hasGatedKernel(xf::Activation activation) {
  return llvm::is_contained(
      {xf::Activation::Silu, xf::Activation::Gelu, xf::Activation::GeluTanh, xf::Activation::Relu}, activation);
}

static LogicalResult gatedLinear(Lowering &l, xf::GatedLinearOp op) {
  if (l.keepProducts && isLoaded(op.getGate()) && isLoaded(op.getUp()) && !op.getGateBias() && !op.getUpBias() &&
      hasGatedKernel(op.getActivation()))
    return l.keep(op, op.getInput());
  Value gateBias = op.getGateBias(), upBias = op.getUpBias();
  Value gate = multiply(l, op.getInput(), op.getGate(), gateBias), up = multiply(l, op.getInput(), op.getUp(), upBias);
  Sizes sizes = l.sizesOf(gate);
  SmallVector<Indexed> inputs = {l.whole(gate), l.whole(up)};
  for (Value bias : {gateBias, upBias})
    if (bias)
      inputs.push_back({l.of(bias), {l.dim(sizes.size() - 1)}});
  l.give(op.getResult(), l.each(sizes, l.s.getF32Type(), inputs, [&](ScalarBuilder &s, ValueRange e) {
    Value x = gateBias ? s.add(e[0], e[2]) : e[0], u = upBias ? s.add(e[1], e[inputs.size() - 1]) : e[1];
    return s.mul(s.activate(op.getActivation(), x), u);
  }));
  return success();
}

Value scoresOf(Lowering &l, Value input, Value weight, FloatAttr scale, FloatAttr softCap) {
  return scoresOfRows(l, l.of(input), weight, scale, softCap);
}

Value scoresOfRows(Lowering &l, Value x, Value weight, FloatAttr scale, FloatAttr softCap) {
  if (l.keepProducts && isLoaded(weight)) {
    SmallVector<int64_t> shape(cast<RankedTensorType>(x.getType()).getShape());
    shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(0);
    Value scores =
        xf::LogitsOp::create(l.s, RankedTensorType::get(shape, l.s.getF32Type()), x, l.stored(weight), scale, softCap);
    Sizes sizes = l.sizesOf(x);
    sizes.back() = l.attribute(shape.back());
    l.know(scores, std::move(sizes));
    return scores;
  }
  Value product = multiply(l, x, l.of(weight));
  if (!scale && !softCap)
    return product;
  return l.each(l.sizesOf(product), l.s.getF32Type(), l.whole(product), [&](ScalarBuilder &s, ValueRange e) {
    Value y = scale ? s.mul(e[0], s.f32(scale.getValueAsDouble())) : e[0];
    return softCap ? s.capped(y, softCap.getValueAsDouble()) : y;
  });
}

Value backOfRows(Lowering &l, Value gradient, Value oldWeight) {
  Sizes sizes = l.sizesOf(gradient);
  if (l.keepProducts && isLoaded(oldWeight)) {
    SmallVector<int64_t> shape(cast<RankedTensorType>(gradient.getType()).getShape());
    shape.back() = cast<RankedTensorType>(oldWeight.getType()).getDimSize(1);
    Value rows = xf::LinearBackwardOp::create(l.s, RankedTensorType::get(shape, l.s.getF32Type()), gradient,
                                              l.stored(oldWeight));
    sizes.back() = l.attribute(shape.back());
    l.know(rows, std::move(sizes));
    return rows;
  }
  Value weight = l.of(oldWeight);
  unsigned rows = sizes.size() - 1;
  sizes.back() = l.sizeOf(weight, 1);
  Indexed dy = {gradient, l.loops(0, rows)}, w = {weight, {l.dim(rows + 1), l.dim(rows)}};
  dy.at.push_back(l.dim(rows + 1));
  return l.reduced(sizes, l.s.f32(0), rows + 2, {dy, w},
                   [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); });
}

static LogicalResult logits(Lowering &l, xf::LogitsOp op) {
  l.give(op.getResult(), scoresOf(l, op.getInput(), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr()));
  return success();
}

static LogicalResult logitsArgmax(Lowering &l, xf::LogitsArgmaxOp op) {
  Value scores = scoresOf(l, op.getInput(), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr());
  l.give(op.getResult(), argmaxOfRows(l, scores));
  return success();
}

static LogicalResult matmul(Lowering &l, xf::MatmulOp op) {
  Value lhs = l.of(op.getLhs()), rhs = l.of(op.getRhs());
  Sizes left = l.sizesOf(lhs), right = l.sizesOf(rhs);
  bool turned = op.getTransposeA();
  OpFoldResult rows = left[left.size() - (turned ? 1 : 2)],
               columns = right[right.size() - (op.getTransposeB() ? 2 : 1)];
  // Leading dimensions that aren't known to be equal are made so first.
  Sizes lead = broadcastSizes(l, {Sizes(ArrayRef(left).drop_back(2)), Sizes(ArrayRef(right).drop_back(2))});
  auto broadcast = [&](Value tensor, Sizes own) {
    Sizes wanted = lead;
    wanted.append(own.end() - 2, own.end());
    ArrayRef<OpFoldResult> leading = ArrayRef(own).drop_back(2), common = ArrayRef(lead).take_back(leading.size());
    bool fits = llvm::all_of_zip(leading, common, [](OpFoldResult size, OpFoldResult of) {
      return size == of || isOneInteger(size) || getConstantIntValue(size);
    });
    return fits ? tensor : broadcastTo(l, tensor, wanted);
  };
  lhs = broadcast(lhs, left);
  rhs = broadcast(rhs, right);
  unsigned rank = lead.size() + 2, depth = rank;
  auto operand = [&](Value tensor, unsigned first, unsigned second) {
    Indexed indexed = {tensor, {}};
    Sizes sizes = l.sizesOf(tensor);
    for (unsigned axis = 0; axis + 2 < sizes.size(); ++axis) {
      unsigned loop = lead.size() - (sizes.size() - 2) + axis;
      bool one = isOneInteger(sizes[axis]) && !isOneInteger(lead[loop]);
      indexed.at.push_back(one ? l.constant(0) : l.dim(loop));
    }
    indexed.at.append({l.dim(first), l.dim(second)});
    return indexed;
  };
  Sizes sizes = lead;
  sizes.append({rows, columns});
  Indexed y = operand(rhs, op.getTransposeB() ? rank - 1 : depth, op.getTransposeB() ? depth : rank - 1);
  Indexed x = operand(lhs, turned ? depth : rank - 2, turned ? rank - 2 : depth);
  l.give(op.getResult(), l.reduced(sizes, l.s.f32(0), rank + 1, {x, y},
                                   [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); }));
  return success();
}

static LogicalResult linearBackward(Lowering &l, xf::LinearBackwardOp op) {
  if (l.keepProducts && isLoaded(op.getWeight()))
    return l.keep(op, op.getGradient());
  l.give(op.getResult(), backOfRows(l, l.of(op.getGradient()), op.getWeight()));
  return success();
}

static LogicalResult headLinear(Lowering &l, xf::HeadLinearOp op) {
  Value weight = l.of(op.getWeight()), input = l.splitLast(l.of(op.getInput()), op.getWeight().getType().getDimSize(0));
  bool transposed = op.getTransposed();
  Sizes sizes = l.sizesOf(input);
  unsigned head = sizes.size() - 2, out = head + 1, in = head + 2;
  sizes.back() = l.sizeOf(weight, transposed ? 2 : 1);
  Indexed x = {input, l.loops(0, out)};
  x.at.push_back(l.dim(in));
  Indexed w = {weight, {l.dim(head), l.dim(transposed ? in : out), l.dim(transposed ? out : in)}};
  l.give(op.getResult(), l.joinLast(l.reduced(sizes, l.s.f32(0), in + 1, {x, w}, [](ScalarBuilder &s, ValueRange e) {
    return s.add(e[2], s.mul(e[0], e[1]));
  })));
  return success();
}

void addProducts(Handlers &handlers) {
  handlers.add<xf::LinearOp, linear>();
  handlers.add<xf::GatedLinearOp, gatedLinear>();
  handlers.add<xf::LinearBackwardOp, linearBackward>();
  handlers.add<xf::LogitsOp, logits>();
  handlers.add<xf::LogitsArgmaxOp, logitsArgmax>();
  handlers.add<xf::MatmulOp, matmul>();
  handlers.add<xf::HeadLinearOp, headLinear>();
}

} // namespace ph::conversion
