// Drawing a token for each row of logits, in the steps that xf.sample has.
#include "Scores.h"
#include "Selection.h"

using namespace mlir;

namespace ph::conversion {

namespace {

using Kind = xf::CompareKind;

/// One row. Sums are formed in f64: a draw jumps where a sum crosses its bound.
class RowSampler {
public:
  /// Of an op that has the options of sampling.
  template <class Op>
  RowSampler(Lowering &l, Op op, Value logits, Value uniform)
      : l(l), s(l.s), logits(logits), uniform(uniform), temperature(number(op.getTemperature(), 1)),
        topP(number(op.getTopP(), 1)), minP(number(op.getMinP(), 0)), vocabulary(l.sizesOf(logits)[0]) {
    int64_t most = cast<RankedTensorType>(logits.getType()).getDimSize(0), topK = op.getTopK().value_or(0);
    limit = topK > 0 ? std::min(topK, most) : most;
    limited = topK > 0;
  }

  /// The token, i32.
  Value draw() {
    best = next(aheadOfAll(s));
    if (temperature == 0)
      return best.place;
    return limited || topP < 1 ? drawBestFirst() : drawByNumber();
  }

private:
  // The runtime keeps them as f32.
  static double number(std::optional<llvm::APFloat> given, double other) {
    return given ? double(float(given->convertToDouble())) : other;
  }

  Candidate next(const Candidate &previous) {
    return nextBest(l, logits, previous, [](ScalarBuilder &s, Value x, Value) { return s.isFinite(x); });
  }

  /// e^(z - best), f64.
  Value weight(ScalarBuilder &s, Value z) { return s.convert(s.exp(s.sub(z, best.value)), s.getF64Type()); }
  /// e^((z - best) / temperature), f64; 0 for those that min_p drops, or that don't count.
  Value chance(ScalarBuilder &s, Value z, Value counts) {
    Value likely = s.compare(Kind::Ge, weight(s, z), s.f64(minP));
    Value heated = s.exp(s.div(s.sub(z, best.value), s.f32(temperature)));
    return s.select(s.both(counts, likely), s.convert(heated, s.getF64Type()), s.f64(0));
  }

  /// Σ of all finite logits, f64.
  Value sumOfAll(function_ref<Value(ScalarBuilder &, Value, Value)> term) {
    Value sum = l.reduced({}, s.f64(0), 1, l.whole(logits), [&](ScalarBuilder &s, ValueRange e) {
      Value counts = s.isFinite(e[0]), z = s.select(counts, e[0], best.value);
      return s.add(e[1], s.select(counts, term(s, z, counts), s.f64(0)));
    });
    return s.at(sum, ValueRange());
  }

  /// Goes over candidates, best first, while `goes` says so of the state behind the candidate that comes last.
  SmallVector<Value> bestFirst(SmallVector<Value> state, function_ref<Value(ValueRange)> goes,
                               function_ref<SmallVector<Value>(Candidate, ValueRange)> step) {
    Candidate start = aheadOfAll(s);
    SmallVector<Value> inits = {start.value, start.place};
    inits.append(state);
    auto loop = scf::WhileOp::create(
        s, TypeRange(ValueRange(inits)), inits,
        [&](OpBuilder &inner, Location, ValueRange carried) {
          OpBuilder::InsertionGuard guard(s);
          s.restoreInsertionPoint(inner.saveInsertionPoint());
          scf::ConditionOp::create(s, goes(carried.drop_front(2)), carried);
        },
        [&](OpBuilder &inner, Location, ValueRange carried) {
          OpBuilder::InsertionGuard guard(s);
          s.restoreInsertionPoint(inner.saveInsertionPoint());
          Candidate candidate = next({carried[0], carried[1]});
          SmallVector<Value> result = {candidate.value, candidate.place};
          result.append(step(candidate, carried.drop_front(2)));
          scf::YieldOp::create(s, result);
        });
    return llvm::to_vector_of<Value>(loop.getResults().drop_front(2));
  }

  Value drawBestFirst() {
    Value zero = s.f64(0), none = s.i32(0), one = s.i32(1), most = s.i32(limit), more = s.number(s.getI1Type(), 1);
    auto exists = [&](Candidate candidate) { return s.compare(Kind::Ge, candidate.place, none); };
    // What top_p is a part of: all that top_k leaves.
    Value bound;
    if (topP < 1) {
      Value total = limited
                        ? bestFirst(
                              {zero, none, more},
                              [&](ValueRange state) { return s.both(state[2], s.compare(Kind::Lt, state[1], most)); },
                              [&](Candidate candidate, ValueRange state) -> SmallVector<Value> {
                                Value there = exists(candidate);
                                Value term = s.select(there, weight(s, candidate.value), zero);
                                return {s.add(state[0], term), s.add(state[1], one), there};
                              })[0]
                        : sumOfAll([&](ScalarBuilder &s, Value z, Value) { return weight(s, z); });
      bound = s.mul(s.f64(topP), total);
    }
    // How many are kept, and the sum of their chances.
    SmallVector<Value> kept = bestFirst(
        {zero, none, zero, more},
        [&](ValueRange state) {
          Value goes = s.both(state[3], s.compare(Kind::Lt, state[1], most));
          return bound ? s.both(goes, s.compare(Kind::Lt, state[0], bound)) : goes;
        },
        [&](Candidate candidate, ValueRange state) -> SmallVector<Value> {
          Value there = exists(candidate), z = s.select(there, candidate.value, best.value);
          Value term = s.select(there, weight(s, z), zero), count = s.convert(there, s.getI32Type());
          return {s.add(state[0], term), s.add(state[1], count), s.add(state[2], chance(s, z, there)), there};
        });
    Value mark = s.mul(s.convert(uniform, s.getF64Type()), kept[2]);
    // Rounding may leave nothing beyond: the best then.
    return bestFirst(
        {zero, none, best.place, more},
        [&](ValueRange state) { return s.both(state[3], s.compare(Kind::Lt, state[1], kept[1])); },
        [&](Candidate candidate, ValueRange state) -> SmallVector<Value> {
          Value sum = s.add(state[0], chance(s, candidate.value, s.number(s.getI1Type(), 1)));
          Value beyond = s.compare(Kind::Gt, sum, mark);
          return {sum, s.add(state[1], one), s.select(beyond, candidate.place, state[2]), s.inverse(beyond)};
        })[2];
  }

  /// Candidates stand by number, but the best and the first have changed places.
  Value drawByNumber() {
    Value yes = s.number(s.getI1Type(), 1);
    Value total = sumOfAll([&](ScalarBuilder &s, Value z, Value counts) { return chance(s, z, counts); });
    Value mark = s.mul(s.convert(uniform, s.getF64Type()), total);
    Value first = s.at(l.reduced({}, s.convert(l.index(vocabulary), s.getI32Type()), 1, l.whole(logits),
                                 [&](ScalarBuilder &s, ValueRange e) {
                                   Value here = s.convert(s.loop(0), s.getI32Type());
                                   return s.select(s.isFinite(e[0]), s.min(e[1], here), e[1]);
                                 }),
                       ValueRange());
    return l.loop(vocabulary, {s.f64(0), best.place, yes}, [&](Value place, ValueRange carried) -> SmallVector<Value> {
      Value here = s.convert(place, s.getI32Type());
      Value isFirst = s.compare(Kind::Eq, here, first), isBest = s.compare(Kind::Eq, here, best.place);
      Value token = s.select(isFirst, best.place, s.select(isBest, first, here));
      Value z = s.at(logits, s.toIndex(token)), counts = s.isFinite(z);
      Value sum = s.add(carried[0], chance(s, s.select(counts, z, best.value), counts));
      Value hit = s.both(s.both(carried[2], counts), s.compare(Kind::Gt, sum, mark));
      return {sum, s.select(hit, token, carried[1]), s.both(carried[2], s.inverse(hit))};
    })[1];
  }

  Lowering &l;
  ScalarBuilder &s;
  Value logits, uniform;
  double temperature, topP, minP;
  OpFoldResult vocabulary;
  int64_t limit = 0;
  bool limited = false;
  Candidate best;
};

/// Logits with those of recent tokens made less likely.
Value penalized(Lowering &l, Value logits, Value recent, double penalty) {
  ScalarBuilder &s = l.s;
  Sizes sizes = l.sizesOf(logits);
  Value seen = l.reduced(sizes, s.number(s.getI1Type(), 0), 3, Indexed{recent, {l.dim(0), l.dim(2)}},
                         [](ScalarBuilder &s, ValueRange e) {
                           Value token = s.convert(s.loop(1), s.getI32Type());
                           return s.either(e[1], s.compare(Kind::Eq, e[0], token));
                         });
  return l.each(sizes, s.getF32Type(), {l.whole(logits), l.whole(seen)}, [&](ScalarBuilder &s, ValueRange e) {
    Value factor = s.f32(penalty), positive = s.compare(Kind::Gt, e[0], s.f32(0));
    return s.select(e[1], s.select(positive, s.div(e[0], factor), s.mul(e[0], factor)), e[0]);
  });
}

} // namespace

template <class Op> static LogicalResult sampleFrom(Lowering &l, Op op, Value logits) {
  ScalarBuilder &s = l.s;
  Value uniform = l.of(op.getUniform());
  if (op.getRecent())
    logits = penalized(l, logits, l.of(op.getRecent()), op.getRepeatPenalty()->convertToDouble());
  Sizes sizes = l.sizesOf(logits);
  static constexpr int64_t kRow[] = {0};
  Value tokens = l.forall(
      sizes[0], l.empty(sizes[0], s.getI32Type()),
      [&](ValueRange point) -> SmallVector<Part> { return {{{point[0]}, {l.attribute(1)}, {}}}; }, {kRow},
      [&](ValueRange point, ValueRange places) -> SmallVector<Value> {
        Value row = l.slice(logits, {{point[0], l.attribute(0)}, {l.attribute(1), sizes[1]}, {}}, kRow);
        Value token = RowSampler(l, op, row, s.at(uniform, point[0])).draw();
        return {tensor::InsertOp::create(s, token, places[0], ValueRange())};
      })[0];
  l.give(op.getResult(), tokens);
  return success();
}

static LogicalResult sample(Lowering &l, xf::SampleOp op) { return sampleFrom(l, op, l.of(op.getLogits())); }

static LogicalResult logitsSample(Lowering &l, xf::LogitsSampleOp op) {
  return sampleFrom(l, op, scoresOf(l, op.getInput(), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr()));
}

void addSampling(Handlers &handlers) {
  handlers.add<xf::SampleOp, sample>();
  handlers.add<xf::LogitsSampleOp, logitsSample>();
}

} // namespace ph::conversion
