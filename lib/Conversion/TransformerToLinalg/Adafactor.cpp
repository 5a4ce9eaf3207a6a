// Adafactor: means of squares along rows and columns, then how large the update is, then the update.
#include "Optimizers.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {
namespace {

class Adafactor {
public:
  Adafactor(Lowering &l, train::AdafactorOp op)
      : l(l), s(l.s), op(op), scalars(l, op), parameter(l.of(op.getParameter())), gradient(l.of(op.getGradient())),
        sizes(l.sizesOf(parameter)), rank(unsigned(sizes.size())), eps1(op.getEps1().convertToDouble()) {
    Value step = s.convert(scalars.of(op.getStep()), s.getF32Type());
    fresh = s.exp(s.mul(s.f32(op.getBeta2Decay().convertToDouble()), math::LogOp::create(s, step)));
    Value slower = s.div(s.f32(1), math::SqrtOp::create(s, step));
    rate = s.min(scalars.rate, slower);
  }

  void lower() {
    SmallVector<Value> states = op.isFactored() ? blendFactors() : SmallVector<Value>{blendVariances()};
    // What an element's gradient is multiplied by depends on these.
    SmallVector<Indexed> around = whereVariances(states);
    Value weights = sumsOfLayers(l.whole(parameter), [](ScalarBuilder &s, ValueRange e) { return s.mul(e[0], e[0]); });
    SmallVector<Indexed> inputs = {l.whole(gradient)};
    inputs.append(around);
    Value updates = sumsOfLayers(inputs, [&](ScalarBuilder &s, ValueRange e) {
      Value u = updateOf(s, e);
      return s.mul(u, u);
    });
    Value strides = stridesOf(weights, updates);
    inputs.push_back({strides, layerLoops()});
    Value moved = l.structured(rank, inputs, l.whole(parameter), [&](ScalarBuilder &s, ValueRange e) {
      Value old = e.back(), stride = e[e.size() - 2];
      return scalars.orOld(s, s.sub(s.mul(old, scalars.keep), s.mul(stride, updateOf(s, e))), old);
    });
    l.give(op.getNewParameter(), moved);
    for (auto [old, state] : llvm::zip_equal(op.getNewStates(), states))
      l.give(old, state);
  }

private:
  using Term = function_ref<Value(ScalarBuilder &, ValueRange)>;

  /// The loops, or the sizes, of layers: one, or none.
  SmallVector<AffineExpr> layerLoops() { return l.loops(0, op.getStacked()); }
  Sizes layerSizes() { return Sizes(ArrayRef(sizes).take_front(op.getStacked())); }
  double elementsOfLayer() {
    RankedTensorType type = op.getParameter().getType();
    return double(op.getStacked() ? type.getNumElements() / type.getDimSize(0) : type.getNumElements());
  }

  /// state + fresh · (mean - state), in its place.
  Value blend(Value state, Value sums, double count) {
    return l.structured(unsigned(l.sizesOf(state).size()), l.whole(sums), l.whole(state),
                        [&](ScalarBuilder &s, ValueRange e) {
                          Value mean = s.div(e[0], s.f32(count));
                          return scalars.orOld(s, s.add(e[1], s.mul(fresh, s.sub(mean, e[1]))), e[1]);
                        });
  }

  /// Rows and columns.
  SmallVector<Value> blendFactors() {
    Sizes rowSizes(ArrayRef(sizes).drop_back()), columnSizes(sizes);
    columnSizes.erase(columnSizes.end() - 2);
    auto square = [&](ScalarBuilder &s, ValueRange e) {
      Value g = scalars.scaled(s, e[0]);
      return s.add(e[1], s.mul(g, g));
    };
    Value rows = l.reduced(rowSizes, s.f32(0), rank, l.whole(gradient), square);
    Indexed turned = {gradient, l.loops(0, rank - 2)};
    turned.at.append({l.dim(rank - 1), l.dim(rank - 2)});
    Value columns = l.reduced(columnSizes, s.f32(0), rank, turned, square);
    ArrayRef<int64_t> shape = op.getParameter().getType().getShape();
    return {blend(l.of(op.getStates()[0]), rows, double(shape[rank - 1])),
            blend(l.of(op.getStates()[1]), columns, double(shape[rank - 2]))};
  }

  Value blendVariances() {
    Value variances = l.of(op.getStates()[0]);
    return l.structured(rank, l.whole(gradient), l.whole(variances), [&](ScalarBuilder &s, ValueRange e) {
      Value g = scalars.scaled(s, e[0]);
      return scalars.orOld(s, s.add(e[1], s.mul(fresh, s.sub(s.mul(g, g), e[1]))), e[1]);
    });
  }

  /// What the variance of an element is made of: itself, or its row's, its column's, and the mean of the rows.
  SmallVector<Indexed> whereVariances(ArrayRef<Value> states) {
    if (states.size() == 1)
      return {l.whole(states[0])};
    Sizes lead(ArrayRef(sizes).drop_back(2));
    double count = double(op.getParameter().getType().getDimSize(rank - 2));
    Value means = l.reduced(lead, s.f32(0), rank - 1, l.whole(states[0]),
                            [&](ScalarBuilder &s, ValueRange e) { return s.add(e[1], s.div(e[0], s.f32(count))); });
    Indexed columns = {states[1], l.loops(0, rank - 2)};
    columns.at.push_back(l.dim(rank - 1));
    return {{states[0], l.loops(0, rank - 1)}, columns, {means, l.loops(0, rank - 2)}};
  }

  /// g / √max(V, eps1²), of a gradient and what its variance is made of.
  Value updateOf(ScalarBuilder &s, ValueRange e) {
    Value variance = op.isFactored() ? s.div(s.mul(e[1], e[2]), s.max(e[3], s.f32(eps1))) : e[1];
    return s.div(scalars.scaled(s, e[0]), math::SqrtOp::create(s, s.max(variance, s.f32(eps1 * eps1))));
  }

  /// Σ of a term of each element, for each layer: of rows first, which threads share.
  Value sumsOfLayers(ArrayRef<Indexed> inputs, Term term) {
    bool rows = rank > unsigned(op.getStacked()) + 1;
    Sizes partSizes = rows ? Sizes(ArrayRef(sizes).drop_back()) : layerSizes();
    Value parts = l.reduced(partSizes, s.f32(0), rank, inputs,
                            [&](ScalarBuilder &s, ValueRange e) { return s.add(e.back(), term(s, e.drop_back())); });
    if (!rows)
      return parts;
    return l.reduced(layerSizes(), s.f32(0), rank - 1, l.whole(parts),
                     [](ScalarBuilder &s, ValueRange e) { return s.add(e[1], e[0]); });
  }

  /// max(eps2, rms(w)) · rate / max(1, rms(u) / clip_threshold) of each layer.
  Value stridesOf(Value weights, Value updates) {
    double count = elementsOfLayer();
    return l.each(layerSizes(), s.getF32Type(), {l.whole(weights), l.whole(updates)},
                  [&](ScalarBuilder &s, ValueRange e) {
                    auto rms = [&](Value sum) { return math::SqrtOp::create(s, s.div(sum, s.f32(count))); };
                    Value size = s.max(s.f32(op.getEps2().convertToDouble()), rms(e[0]));
                    Value beyond = s.div(rms(e[1]), s.f32(op.getClipThreshold().convertToDouble()));
                    return s.div(s.mul(size, rate), s.max(s.f32(1), beyond));
                  });
  }

  Lowering &l;
  ScalarBuilder &s;
  train::AdafactorOp op;
  OptimizerScalars scalars;
  Value parameter, gradient;
  Sizes sizes;
  unsigned rank;
  double eps1;
  Value fresh, rate;
};

LogicalResult adafactor(Lowering &l, train::AdafactorOp op) {
  Adafactor(l, op).lower();
  return success();
}

} // namespace

void addAdafactor(Handlers &handlers) { handlers.add<train::AdafactorOp, adafactor>(); }

} // namespace ph::conversion
