#include "lib/Transforms/Recognition/SpelledRope.h"
#include "lib/Transforms/Recognition/Loops.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
int64_t widthOf(Value value) { return typeOf(value).getRank() ? typeOf(value).getShape().back() : 1; }
int64_t lastOf(Value value) { return typeOf(value).getRank() - 1; }

/// `value` before ops that only move, repeat or convert elements.
template <class... Ops> Value behind(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<Ops...>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// A slice of `value`'s last dimension from `from` to `to`, every `step`; null otherwise.
xf::SliceOp matchPart(Value value, int64_t from, int64_t to, int64_t step) {
  auto slice = value.getDefiningOp<xf::SliceOp>();
  if (!slice || !slice.getBounds().empty() || int64_t(slice.getStep()) != step ||
      int64_t(slice.getAxis()) != lastOf(slice.getInput()))
    return {};
  int64_t end = std::min<int64_t>(slice.getStaticBounds()[1], widthOf(slice.getInput()));
  return slice.getStaticBounds()[0] == from && end == to ? slice : xf::SliceOp();
}

/// x of (-x₂, x₁), where x₂ and x₁ are given by `part`.
Value matchTurned(Value first, Value second, int64_t dim, xf::RopeStyle style) {
  bool halves = style == xf::RopeStyle::Half;
  Value negated = matchUnary(first, xf::UnaryKind::Neg);
  if (!negated || dim % 2 != 0)
    return {};
  auto high = halves ? matchPart(negated, dim / 2, dim, 1) : matchPart(negated, 1, dim, 2);
  auto low = halves ? matchPart(second, 0, dim / 2, 1) : matchPart(second, 0, dim, 2);
  return high && low && high.getInput() == low.getInput() ? Value(low.getInput()) : Value();
}

/// x of (-x[dim/2 …], x[… dim/2]) along the last dimension, or of (-x₁, x₀, -x₃, x₂, …); null otherwise.
Value matchTurned(Value value, xf::RopeStyle &style) {
  int64_t dim = widthOf(value);
  auto concat = value.getDefiningOp<xf::ConcatOp>();
  if (concat && concat.getInputs().size() == 2 && int64_t(concat.getAxis()) == lastOf(value)) {
    style = xf::RopeStyle::Half;
    return matchTurned(concat.getInputs()[0], concat.getInputs()[1], dim, style);
  }
  auto merge = value.getDefiningOp<xf::ReshapeOp>();
  concat = merge ? merge.getInput().getDefiningOp<xf::ConcatOp>() : xf::ConcatOp();
  if (!concat || concat.getInputs().size() != 2 || int64_t(concat.getAxis()) != lastOf(concat) ||
      widthOf(concat) != 2 || lastOf(concat) != lastOf(value) + 1)
    return {};
  // Each is […, dim / 2, 1].
  auto whole = [](Value each) {
    auto apart = each.getDefiningOp<xf::ReshapeOp>();
    bool adds = apart && widthOf(each) == 1 && lastOf(apart.getInput()) == lastOf(each) - 1 &&
                widthOf(apart.getInput()) == typeOf(each).getShape().drop_back().back();
    return adds ? Value(apart.getInput()) : Value();
  };
  Value first = whole(concat.getInputs()[0]), second = whole(concat.getInputs()[1]);
  style = xf::RopeStyle::Interleaved;
  return first && second ? matchTurned(first, second, dim, style) : Value();
}

/// A factor of x: a function of one of the angles for each element.
struct Factor {
  xf::UnaryKind kind = xf::UnaryKind::Abs; ///< cos or sin, once it is seen
  Value angles;
  double number = 1;
  SmallVector<int64_t> places; ///< of each element, in the last dimension of `angles`, or the last two of them
  bool isPaired = false;       ///< it is the last two

  explicit Factor(Value value) : angles(value) {
    for (int64_t i = 0; i < widthOf(value); ++i)
      places.push_back(i);
    while (step())
      ;
  }

private:
  /// One step up; false where there is none.
  bool step() {
    Operation *op = angles.getDefiningOp();
    if (!op)
      return false;
    if (auto unary = dyn_cast<xf::UnaryOp>(op)) {
      bool turns = unary.getKind() == xf::UnaryKind::Cos || unary.getKind() == xf::UnaryKind::Sin;
      if (!turns || kind != xf::UnaryKind::Abs)
        return false;
      kind = unary.getKind();
      angles = unary.getInput();
      return true;
    }
    // What is multiplied before the function is taken is a position or a frequency.
    if (kind == xf::UnaryKind::Abs)
      if (std::optional<Multiple> multiple = matchMultiple(angles)) {
        number *= multiple->factor;
        angles = multiple->of;
        return true;
      }
    if (auto slice = dyn_cast<xf::SliceOp>(op)) {
      if (isPaired || int64_t(slice.getAxis()) != lastOf(angles) || !slice.getBounds().empty() ||
          slice.getStep() != 1 || slice.getStaticBounds()[0] < 0)
        return false;
      for (int64_t &place : places)
        place += slice.getStaticBounds()[0];
      angles = slice.getInput();
      return true;
    }
    if (auto twice = dyn_cast<xf::ConcatOp>(op)) {
      if (isPaired || twice.getInputs().size() != 2 || twice.getInputs()[0] != twice.getInputs()[1] ||
          int64_t(twice.getAxis()) != lastOf(angles))
        return false;
      angles = twice.getInputs()[0];
      for (int64_t &place : places)
        place %= widthOf(angles);
      return true;
    }
    if (auto repeat = dyn_cast<xf::BroadcastOp>(op)) {
      // Each twice in turn: [… n, 1], repeated to [… n, 2].
      if (!isPaired || widthOf(angles) != 2 || widthOf(repeat.getInput()) != 1 ||
          lastOf(repeat.getInput()) != lastOf(angles) || rowsOf(repeat.getInput()) != rowsOf(angles))
        return false;
      for (int64_t &place : places)
        place /= 2;
      angles = repeat.getInput();
      return true;
    }
    auto reshape = dyn_cast<xf::ReshapeOp>(op);
    if (!reshape)
      return false;
    Value input = reshape.getInput();
    if (!isPaired && widthOf(input) != widthOf(angles)) {
      if (widthOf(input) != 2 || rowsOf(input) * 2 != widthOf(angles))
        return false;
      isPaired = true;
    } else if (isPaired && widthOf(input) == rowsOf(angles) && widthOf(angles) == 1) {
      isPaired = false;
    } else if (isPaired && (widthOf(input) != widthOf(angles) || rowsOf(input) != rowsOf(angles))) {
      return false;
    }
    angles = input;
    return true;
  }

  /// The last dimension but one, where it is static and there is one.
  static int64_t rowsOf(Value value) {
    return typeOf(value).getRank() > 1 ? typeOf(value).getShape().drop_back().back() : ShapedType::kDynamic;
  }
};

/// `pairs` constants, whatever shape they have.
SmallVector<double> matchConstants(Value value, int64_t pairs) {
  DenseFPElementsAttr elements;
  value = behind<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp>(value);
  if (!matchPattern(value, m_Constant(&elements)) || elements.getNumElements() != pairs)
    return {};
  return llvm::map_to_vector(elements.getValues<APFloat>(), [](const APFloat &x) { return x.convertToDouble(); });
}

/// Frequencies that are chosen by whether the largest position plus one is above a number.
bool matchChoice(Value value, int64_t pairs, SpelledRope &found) {
  auto select = behind<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp>(value).getDefiningOp<xf::SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<xf::CompareOp>() : xf::CompareOp();
  if (!compare || compare.getKind() != xf::CompareKind::Gt)
    return false;
  Value largest = matchWithNumber(compare.getLhs(), xf::BinaryKind::Add, 1);
  Value numbers = largest ? matchLargest(largest) : Value();
  std::optional<double> original = getUniform(compare.getRhs());
  found.longFrequencies = matchConstants(select.getOnTrue(), pairs);
  found.frequencies = matchConstants(select.getOnFalse(), pairs);
  if (!numbers || !original || *original < 1 || found.longFrequencies.empty() || found.frequencies.empty() ||
      behind<xf::ReshapeOp, xf::TransposeOp, xf::CastOp>(numbers) != found.positions)
    return false;
  found.original = int64_t(*original);
  return true;
}

/// Products of positions and frequencies.
bool matchAngles(SpelledRope &found, int64_t pairs) {
  Operation *product = behind<xf::TransposeOp>(found.angles).getDefiningOp();
  auto elementwise = dyn_cast_or_null<xf::ElementwiseOp>(product);
  if (!isa_and_nonnull<xf::MatmulOp>(product) && !(elementwise && elementwise.getKind() == xf::BinaryKind::Mul))
    return false;
  for (auto [numbers, positions] : {std::pair(0, 1), std::pair(1, 0)}) {
    found.positions = behind<xf::ReshapeOp, xf::TransposeOp, xf::CastOp>(product->getOperand(positions));
    if (!xf::isIntTensor(found.positions.getType()))
      continue;
    found.frequencies = matchConstants(product->getOperand(numbers), pairs);
    if (!found.frequencies.empty() || matchChoice(product->getOperand(numbers), pairs, found))
      return true;
  }
  return false;
}

} // namespace

std::optional<SpelledRope> matchRope(xf::ElementwiseOp sum, std::string &reason) {
  if (sum.getKind() != xf::BinaryKind::Add)
    return std::nullopt;
  SpelledRope found;
  for (auto [straight, turned] : {std::pair(sum.getLhs(), sum.getRhs()), std::pair(sum.getRhs(), sum.getLhs())}) {
    auto a = matchBinary(straight, xf::BinaryKind::Mul), b = matchBinary(turned, xf::BinaryKind::Mul);
    if (!a || !b)
      continue;
    for (auto [half, factor] : {*b, std::pair(b->second, b->first)}) {
      xf::RopeStyle style;
      if (Value of = matchTurned(half, style); of && (of == a->first || of == a->second)) {
        found.input = of;
        found.style = style;
        found.sine = factor;
        found.cosine = of == a->first ? a->second : a->first;
      }
    }
  }
  if (!found.input)
    return std::nullopt;
  auto refuse = [&](const char *why) {
    reason = why;
    return std::nullopt;
  };
  int64_t pairs = widthOf(found.input) / 2;
  Factor cosine(found.cosine), sine(found.sine);
  if (cosine.isPaired || cosine.kind != xf::UnaryKind::Cos || sine.kind != xf::UnaryKind::Sin ||
      cosine.angles != sine.angles || cosine.places != sine.places || cosine.number != sine.number)
    return refuse("it is not multiplied with cosine and sine of the same angles");
  for (auto [element, place] : llvm::enumerate(cosine.places))
    if (place != (found.style == xf::RopeStyle::Half ? int64_t(element) % pairs : int64_t(element) / 2))
      return refuse("the elements of a pair have different angles");
  found.angles = cosine.angles;
  found.factor = cosine.number;
  if (widthOf(found.angles) != pairs || !matchAngles(found, pairs))
    return refuse("the angles are not positions times constants");
  return found;
}

} // namespace ph
