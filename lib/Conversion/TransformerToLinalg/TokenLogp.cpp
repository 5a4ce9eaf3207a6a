// Log-probabilities of labels and their derivatives, a few rows of logits at a time.
#include "VocabularyRows.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// The rows of either op, with their labels.
template <class Op> class LabelledRows : public VocabularyRows<Op> {
public:
  using Base = VocabularyRows<Op>;
  using Base::elements, Base::l, Base::op, Base::part, Base::row;

  LabelledRows(Lowering &l, Op op) : Base(l, op), labels(this->flat(op.getLabels())) {}

  void scoreChunk() {
    logits = this->score();
    chunkLabels = elements(labels);
    std::tie(largest, totals) = Base::totals(logits);
  }

  Value counts(ScalarBuilder &s, Value label) {
    return op.getIgnoreIndex() ? s.compare(xf::CompareKind::Ne, label, s.i32(int64_t(*op.getIgnoreIndex())))
                               : arith::ConstantOp::create(s, s.getBoolAttr(true)).getResult();
  }

  /// `into` with the log-probabilities of this chunk.
  Value insertLogp(Value into) {
    Value logp = l.structured(1, {row(chunkLabels), row(largest), row(totals)}, row(elements(into)),
                              [&](ScalarBuilder &s, ValueRange e) {
                                Value there = counts(s, e[0]), label = s.select(there, e[0], s.i32(0));
                                Value z = s.at(logits, {s.loop(0), s.toIndex(label)});
                                Value y = s.sub(s.sub(z, e[1]), math::LogOp::create(s, e[2]));
                                return s.select(there, y, s.f32(0));
                              });
    return l.insert(logp, into, part());
  }

  /// dz in the place of z.
  Value logitGradients(Value gradient) {
    return l.structured(2, {row(chunkLabels), row(largest), row(totals), row(gradient)}, l.whole(logits),
                        [&](ScalarBuilder &s, ValueRange e) {
                          Value here = s.convert(s.loop(1), s.getI32Type());
                          Value probability = s.div(s.exp(s.sub(e[4], e[1])), e[2]);
                          Value target = s.select(s.compare(xf::CompareKind::Eq, e[0], here), s.f32(1), s.f32(0));
                          Value factor = s.select(counts(s, e[0]), e[3], s.f32(0));
                          return this->throughScale(s, s.mul(factor, s.sub(target, probability)), e[4]);
                        });
  }

private:
  Value labels;
  // Of this chunk.
  Value logits, chunkLabels, largest, totals;
};

LogicalResult tokenLogp(Lowering &l, train::TokenLogpOp op) {
  LabelledRows rows(l, op);
  Value logp = rows.forEach(l.empty(rows.total, l.s.getF32Type()), [&](ValueRange carried) -> SmallVector<Value> {
    rows.scoreChunk();
    return {rows.insertLogp(carried[0])};
  })[0];
  l.give(op.getResult(), rows.unflatNumbers(logp));
  return success();
}

LogicalResult tokenLogpBackward(Lowering &l, train::TokenLogpBackwardOp op) {
  LabelledRows rows(l, op);
  Value gradients = rows.flat(op.getGradient());
  SmallVector<Value> carried = rows.startGradients();
  if (op.getLogp())
    carried.push_back(l.empty(rows.total, l.s.getF32Type()));
  SmallVector<Value> results = rows.forEach(carried, [&](ValueRange carried) {
    SmallVector<Value> next(carried);
    rows.scoreChunk();
    // Before the logits become something else.
    if (op.getLogp())
      next.back() = rows.insertLogp(carried.back());
    rows.addGradients(rows.logitGradients(rows.elements(gradients)), next);
    return next;
  });
  rows.giveGradients(results);
  if (op.getLogp())
    l.give(op.getLogpResult(), rows.unflatNumbers(results.back()));
  return success();
}

} // namespace

void addTokenLogp(Handlers &handlers) {
  handlers.add<train::TokenLogpOp, tokenLogp>();
  handlers.add<train::TokenLogpBackwardOp, tokenLogpBackward>();
}

} // namespace ph::conversion
