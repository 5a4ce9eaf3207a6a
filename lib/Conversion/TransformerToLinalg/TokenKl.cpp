// How far logits are from a teacher's, and the derivatives of that, a few rows at a time.
#include "VocabularyRows.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// The rows of either op, with their teacher's. Logarithms of probabilities are z / temperature - largest - log Σ.
template <class Op> class TaughtRows : public VocabularyRows<Op> {
public:
  using Base = VocabularyRows<Op>;
  using Base::l, Base::op, Base::row, Base::s;

  TaughtRows(Lowering &l, Op op)
      : Base(l, op), teacher(l.asRows(l.of(op.getTeacher()))), factor(1 / op.getTemperature().convertToDouble()) {}

  void scoreChunk() {
    logits = this->score();
    chunkTeacher = this->rows(teacher);
    Value largest, totals;
    std::tie(largest, totals) = this->totals(logits, factor);
    shift = shiftOf(largest, totals);
    std::tie(largest, totals) = this->totals(chunkTeacher, factor);
    teacherShift = shiftOf(largest, totals);
  }

  /// Of each row of this chunk.
  Value kl() {
    return l.reduced({OpFoldResult(this->count)}, s.f32(0), 2, pairs(), [&](ScalarBuilder &s, ValueRange e) {
      Value q = logarithm(s, e[0], e[2]), p = logarithm(s, e[1], e[3]);
      return s.add(e[4], op.getReverse() ? s.mul(s.exp(q), s.sub(q, p)) : s.mul(s.exp(p), s.sub(p, q)));
    });
  }

  /// dz in the place of z.
  Value logitGradients(Value gradient) {
    SmallVector<Indexed> inputs = {l.whole(chunkTeacher), row(shift), row(teacherShift), row(gradient)};
    if (op.getReverse())
      inputs.push_back(row(kl()));
    return l.structured(2, inputs, l.whole(logits), [&](ScalarBuilder &s, ValueRange e) {
      Value z = e.back(), q = logarithm(s, z, e[1]), p = logarithm(s, e[0], e[2]);
      Value d = op.getReverse() ? s.mul(s.exp(q), s.sub(s.sub(q, p), e[4])) : s.sub(s.exp(q), s.exp(p));
      return this->throughScale(s, s.mul(s.mul(e[3], s.f32(factor)), d), z);
    });
  }

private:
  SmallVector<Indexed> pairs() { return {l.whole(logits), l.whole(chunkTeacher), row(shift), row(teacherShift)}; }

  Value shiftOf(Value largest, Value totals) {
    return l.each({OpFoldResult(this->count)}, s.getF32Type(), {row(largest), row(totals)},
                  [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], math::LogOp::create(s, e[1])); });
  }
  Value logarithm(ScalarBuilder &s, Value z, Value shift) { return s.sub(s.mul(z, s.f32(factor)), shift); }

  Value teacher;
  double factor;
  // Of this chunk.
  Value logits, chunkTeacher, shift, teacherShift;
};

LogicalResult tokenKl(Lowering &l, train::TokenKlOp op) {
  TaughtRows rows(l, op);
  Value kl = rows.forEach(l.empty(rows.total, l.s.getF32Type()), [&](ValueRange carried) -> SmallVector<Value> {
    rows.scoreChunk();
    return {l.insert(rows.kl(), carried[0], rows.part())};
  })[0];
  l.give(op.getResult(), rows.unflatNumbers(kl));
  return success();
}

LogicalResult tokenKlBackward(Lowering &l, train::TokenKlBackwardOp op) {
  TaughtRows rows(l, op);
  Value gradients = rows.flat(op.getGradient());
  rows.giveGradients(rows.forEach(rows.startGradients(), [&](ValueRange carried) {
    SmallVector<Value> next(carried);
    rows.scoreChunk();
    rows.addGradients(rows.logitGradients(rows.elements(gradients)), next);
    return next;
  }));
  return success();
}

} // namespace

void addTokenKl(Handlers &handlers) {
  handlers.add<train::TokenKlOp, tokenKl>();
  handlers.add<train::TokenKlBackwardOp, tokenKlBackward>();
}

} // namespace ph::conversion
