#include "lib/Transforms/Attention/SpelledMask.h"
#include "lib/Transforms/Attention/IndexForm.h"
#include "lib/Transforms/Recognition/Values.h"
#include <cmath>

using namespace mlir;

namespace ph {

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
static bool isUniformly(Value value, double number) { return getUniform(value) == number; }

static bool isVeryLowEverywhere(Value value) {
  std::optional<double> score = getUniform(value);
  return score && isVeryLow(*score);
}

/// `function` collects; what it has collected is forgotten if it failed or no options say it together with what was
/// there.
template <class Function> bool SpelledMask::orNothing(Function function) {
  SpelledMask earlier = *this;
  if (function() && isExpressible())
    return true;
  *this = earlier;
  return false;
}

bool SpelledMask::addFloat(Value mask) {
  return orNothing([&] { return collectFloat(mask); });
}

bool SpelledMask::addCondition(Value condition, bool negated) {
  return orNothing([&] { return collect(condition, negated); });
}

bool SpelledMask::coversScores(Value mask) {
  int64_t rank = typeOf(mask).getRank(), scoresRank = typeOf(scores).getRank();
  auto covers = [&](int64_t fromLast) {
    xf::Dim own = {mask, rank - fromLast}, wanted = {scores, scoresRank - fromLast};
    return xf::areEqual(own, wanted) || isSliceOfSize(own, wanted);
  };
  return rank >= 2 && covers(1) && covers(2);
}

/// A condition, or a float of 0 and very low, that is affine in the indices of query and key.
bool SpelledMask::collectForm(Value condition, bool negated) {
  std::optional<IndexForm> form = getIndexForm(condition);
  // What hides nothing says nothing.
  if (form && (negated ? form->isAlwaysNegative() : form->isNeverNegative()))
    return true;
  if (!form || !form->symbols.empty() || !coversScores(condition))
    return false;
  form = form->withRank(2);
  if (!form)
    return false;
  int64_t sign = negated ? -1 : 1, constant = negated ? -1 - form->constant : form->constant;
  int64_t i = sign * form->coefficients[0], j = sign * form->coefficients[1];
  if (i == 1 && j == -1)
    above = std::min(above.value_or(constant), constant);
  else if (i == -1 && j == 1)
    before = std::min(before.value_or(constant), constant);
  else
    return false;
  return true;
}

/// |i - j| ≤ c, or < c.
bool SpelledMask::collectDistance(xf::CompareOp compare) {
  Value inside = matchUnary(compare.getLhs(), xf::UnaryKind::Abs);
  std::optional<double> bound = getUniform(compare.getRhs());
  bool strict = compare.getKind() == xf::CompareKind::Lt;
  std::optional<IndexForm> form = inside ? getIndexForm(inside) : std::nullopt;
  if (!form || !bound || (!strict && compare.getKind() != xf::CompareKind::Le) || !form->symbols.empty() ||
      !coversScores(compare))
    return false;
  form = form->withRank(2);
  if (!form || form->coefficients[0] * form->coefficients[1] != -1)
    return false;
  // The form is i - j + k or its negative.
  int64_t most = int64_t(std::floor(*bound)) - (strict && *bound == std::floor(*bound));
  int64_t constant = form->coefficients[0] * form->constant;
  before = std::min(before.value_or(most - constant), most - constant);
  above = std::min(above.value_or(most + constant), most + constant);
  return true;
}

/// Numbers that are 1 where a key is and 0 where none is, the same for each head and query: [batch, 1, 1, keys], or
/// [batch, 1, keys] of scores that have no heads.
bool SpelledMask::collectPadding(Value mask) {
  int64_t rank = typeOf(mask).getRank();
  if (padding || rank < 3 || typeOf(scores).getRank() != rank)
    return false;
  // What only repeats doesn't matter: the same is said for each head and query.
  Value source = mask, wide = mask;
  while (Operation *op = source.getDefiningOp()) {
    if (!isa<xf::ReshapeOp, xf::BroadcastOp, xf::CastOp>(op))
      break;
    source = op->getOperand(0);
    if (typeOf(source).getRank() == rank)
      wide = source;
  }
  bool sameForAll = llvm::all_of(typeOf(wide).getShape().slice(1, rank - 2), [](int64_t size) { return size == 1; });
  if (!xf::isTokens(source.getType()) || !sameForAll || !xf::areEqualAsArguments({wide, 0}, {source, 0}) ||
      !xf::areEqualAsArguments({wide, rank - 1}, {source, 1}))
    return false;
  padding = source;
  return true;
}

bool SpelledMask::collect(Value condition, bool negated) {
  if (collectForm(condition, negated))
    return true;
  if (Value inner = matchUnary(condition, xf::UnaryKind::Not))
    return collect(inner, !negated);
  if (auto both = matchBinary(condition, negated ? xf::BinaryKind::Or : xf::BinaryKind::And))
    return collect(both->first, negated) && collect(both->second, negated);
  if (auto broadcast = condition.getDefiningOp<xf::BroadcastOp>())
    if (collect(broadcast.getInput(), negated))
      return true;
  if (auto cast = condition.getDefiningOp<xf::CastOp>()) {
    if (!negated)
      return collectPadding(cast.getInput());
    // A float mask is not 0 where it hides.
    if (isa<FloatType>(typeOf(cast.getInput()).getElementType()) && collectFloat(cast.getInput()))
      return true;
    // (1 - m) is not 0 where nothing is.
    auto difference = matchBinary(cast.getInput(), xf::BinaryKind::Sub);
    return difference && isUniformly(difference->first, 1) && collectPadding(difference->second);
  }
  if (auto compare = condition.getDefiningOp<xf::CompareOp>()) {
    if (!negated && collectDistance(compare))
      return true;
    xf::CompareKind kind = compare.getKind();
    bool ofZero = isUniformly(compare.getRhs(), 0), ofOne = isUniformly(compare.getRhs(), 1);
    bool there = ofZero ? kind == xf::CompareKind::Ne || kind == xf::CompareKind::Gt
                        : ofOne && (kind == xf::CompareKind::Eq || kind == xf::CompareKind::Ge);
    bool absent = ofZero ? kind == xf::CompareKind::Eq || kind == xf::CompareKind::Le
                         : ofOne && (kind == xf::CompareKind::Ne || kind == xf::CompareKind::Lt);
    return (negated ? absent : there) && collectPadding(compare.getLhs());
  }
  if (auto reshape = condition.getDefiningOp<xf::ReshapeOp>())
    if (auto cast = reshape.getInput().getDefiningOp<xf::CastOp>(); cast && !negated)
      return collectPadding(condition);
  return false;
}

bool SpelledMask::collectFloat(Value mask) {
  if (collectForm(mask, /*negated=*/false))
    return true;
  if (auto both = matchBinary(mask, xf::BinaryKind::Add))
    return collectFloat(both->first) && collectFloat(both->second);
  if (auto select = mask.getDefiningOp<xf::SelectOp>()) {
    Value yes = select.getOnTrue(), no = select.getOnFalse();
    if (isUniformly(yes, 0) && isVeryLowEverywhere(no))
      return collect(select.getCondition(), false);
    if (!isVeryLowEverywhere(yes))
      return false;
    // x ? low : x is 0 where x is.
    auto cast = select.getCondition().getDefiningOp<xf::CastOp>();
    return (isUniformly(no, 0) || (cast && cast.getInput() == no)) && collect(select.getCondition(), true);
  }
  // (1 - m) · low
  if (auto product = matchMultiple(mask); product && isVeryLow(product->factor))
    if (auto difference = matchBinary(product->of, xf::BinaryKind::Sub);
        difference && isUniformly(difference->first, 1)) {
      auto cast = difference->second.getDefiningOp<xf::CastOp>();
      return cast && (typeOf(cast.getInput()).getElementType().isInteger(1) ? collect(cast.getInput(), false)
                                                                            : collectPadding(cast.getResult()));
    }
  if (auto broadcast = mask.getDefiningOp<xf::BroadcastOp>())
    return collectFloat(broadcast.getInput());
  return false;
}

bool SpelledMask::isExpressible() const {
  if (!above && !before)
    return true;
  if (before && *before < 0)
    return false;
  int64_t rank = typeOf(scores).getRank();
  // A causal mask counts queries and keys from the same start.
  if (above == 0)
    return xf::areEqual({scores, rank - 2}, {scores, rank - 1});
  return above == before;
}

void SpelledMask::apply(xf::AttentionOptions &options) const {
  options.valid = padding;
  options.mask = above == 0 ? xf::Mask::Causal : xf::Mask::None;
  if (before)
    options.window = *before + 1;
}

} // namespace ph
