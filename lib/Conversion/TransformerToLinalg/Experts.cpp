// Mixtures of experts: routers, and products with the chosen experts.
#include "ExpertProduct.h"
#include "Reduction.h"
#include "Rotation.h"
#include "Selection.h"

using namespace mlir;

namespace ph::conversion {

/// The row at a point of the dimensions before the last, `columns` elements long.
static Part rowAt(Lowering &l, ValueRange point, int64_t columns) {
  Part part;
  for (Value each : point) {
    part.offsets.push_back(each);
    part.sizes.push_back(l.attribute(1));
  }
  part.offsets.push_back(l.attribute(0));
  part.sizes.push_back(l.attribute(columns));
  return part;
}

/// The numbers of the dimensions before the last of a tensor of this rank.
static SmallVector<int64_t> leading(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(rank - 1)); }

static Value score(Lowering &l, xf::Scoring scoring, Value logits) {
  if (scoring == xf::Scoring::Softmax)
    return softmaxAlong(l, logits, 0);
  return l.each(l.sizesOf(logits), l.s.getF32Type(), l.whole(logits),
                [](ScalarBuilder &s, ValueRange e) { return s.sigmoid(e[0]); });
}

/// i1: whether each group, of those that `choice` is, is one of those that count most.
static Value chosenGroups(Lowering &l, Value choice, int64_t groups, int64_t count) {
  ScalarBuilder &s = l.s;
  Value members = l.splitLast(choice, groups);
  Sizes each = {l.attribute(groups)};
  auto largest = [&](Value except) {
    Indexed best = {l.filled(each, s.f32(-INFINITY)), {l.dim(0)}}, place = {l.filled(each, s.i32(-1)), {l.dim(0)}};
    SmallVector<Indexed> inputs = {l.whole(members)};
    if (except)
      inputs.push_back({except, {l.dim(0)}});
    return l.structured(2, inputs, {best, place}, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
      using Kind = xf::CompareKind;
      Value before = e[inputs.size()], at = e[inputs.size() + 1], here = s.convert(s.loop(1), s.getI32Type());
      Value better = s.either(s.compare(Kind::Gt, e[0], before), s.compare(Kind::Lt, at, s.i32(0)));
      if (except)
        better = s.both(better, s.compare(Kind::Ne, here, e[1]));
      return {s.select(better, e[0], before), s.select(better, here, at)};
    });
  };
  SmallVector<Value> first = largest(Value()), second = largest(first[1]);
  Value counts = l.each(each, s.getF32Type(), {l.whole(first[0]), l.whole(second[0])},
                        [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); });
  Value no = s.number(s.getI1Type(), 0), yes = s.number(s.getI1Type(), 1);
  Candidate start = aheadOfAll(s);
  return l.loop(l.attribute(count), {l.filled(each, no), start.value, start.place},
                [&](Value, ValueRange carried) -> SmallVector<Value> {
                  Candidate next = nextBest(l, counts, {carried[1], carried[2]});
                  Value marked = tensor::InsertOp::create(s, yes, carried[0], s.toIndex(next.place));
                  return {marked, next.value, next.place};
                })[0];
}

/// The kept scores and numbers of a row's experts.
static std::pair<Value, Value> chooseExperts(Lowering &l, xf::RouterOp op, Value logits, Value bias, Value experts) {
  ScalarBuilder &s = l.s;
  Sizes all = l.sizesOf(logits);
  Value scores = op.getAfterTopK() ? logits : score(l, op.getScoring(), logits), choice = scores, groups;
  if (bias)
    choice = l.each(all, s.getF32Type(), {l.whole(scores), l.whole(bias)},
                    [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); });
  int64_t size = 0;
  if (op.getGroups()) {
    size = op.getExpertCount() / int64_t(*op.getGroups());
    groups = chosenGroups(l, choice, *op.getGroups(), *op.getGroupTopK());
  }
  Candidate start = aheadOfAll(s);
  Value kept = l.empty(l.attribute(op.getTopK()), s.getF32Type());
  SmallVector<Value> chosen =
      l.loop(l.attribute(op.getTopK()), {kept, experts, start.value, start.place},
             [&](Value number, ValueRange carried) -> SmallVector<Value> {
               auto allowed = [&](ScalarBuilder &s, Value, Value place) {
                 return groups ? s.at(groups, s.div(place, s.index(size))) : s.number(s.getI1Type(), 1);
               };
               Candidate next = nextBest(l, choice, {carried[2], carried[3]}, allowed);
               Value own = s.at(scores, s.toIndex(next.place));
               return {tensor::InsertOp::create(s, own, carried[0], number),
                       tensor::InsertOp::create(s, next.place, carried[1], number), next.value, next.place};
             });
  return {chosen[0], chosen[1]};
}

/// Rows are independent of one another, and small.
static LogicalResult router(Lowering &l, xf::RouterOp op) {
  ScalarBuilder &s = l.s;
  Value logits = l.of(op.getLogits()), bias = op.getBias() ? l.of(op.getBias()) : Value();
  int64_t count = op.getTopK();
  Sizes sizes = l.sizesOf(logits);
  sizes.back() = l.attribute(count);
  SmallVector<int64_t> lead = leading(sizes.size());
  SmallVector<Value> routed = l.forall(
      ArrayRef(sizes).drop_back(), {l.empty(sizes, s.getF32Type()), l.empty(sizes, s.getI32Type())},
      [&](ValueRange point) -> SmallVector<Part> { return {rowAt(l, point, count), rowAt(l, point, count)}; },
      {lead, lead},
      [&](ValueRange point, ValueRange places) -> SmallVector<Value> {
        Value row = l.slice(logits, rowAt(l, point, op.getExpertCount()), lead);
        auto [kept, experts] = chooseExperts(l, op, row, bias, places[1]);
        if (op.getAfterTopK())
          kept = score(l, op.getScoring(), kept);
        Value sum;
        if (op.getNormalize())
          sum = s.at(l.reduced({}, s.f32(1e-20), 1, l.whole(kept),
                               [](ScalarBuilder &s, ValueRange e) { return s.add(e[1], e[0]); }),
                     {});
        Value weights = l.structured(1, l.whole(kept), l.whole(places[0]), [&](ScalarBuilder &s, ValueRange e) {
          Value weight = sum ? s.div(e[0], sum) : e[0];
          return op.getScale() ? s.mul(weight, s.f32(op.getScale()->convertToDouble())) : weight;
        });
        return {weights, experts};
      });
  l.give(op.getWeights(), routed[0]);
  l.give(op.getExperts(), routed[1]);
  return success();
}

/// The largest divisor of the rows of a matrix that is no larger than what a thread should do at least.
static int64_t blockOf(int64_t rows) {
  int64_t block = std::min<int64_t>(rows, 64);
  while (rows % block != 0)
    --block;
  return block;
}

Value expertProduct(Lowering &l, Value input, Value weight, Value experts, Value bias) {
  ScalarBuilder &s = l.s;
  auto shape = cast<RankedTensorType>(weight.getType()).getShape();
  int64_t features = shape[1], depth = shape[2], block = blockOf(features);
  Sizes sizes = l.sizesOf(experts), points = sizes;
  sizes.push_back(l.attribute(features));
  points.push_back(l.attribute(features / block));
  OpFoldResult one = l.attribute(1);
  SmallVector<int64_t> lead = leading(sizes.size());
  int64_t inputRank = cast<RankedTensorType>(input.getType()).getRank();
  static constexpr int64_t kExpert[] = {0};
  return l.forall(
      points, l.empty(sizes, s.getF32Type()),
      [&](ValueRange point) -> SmallVector<Part> {
        Part part = rowAt(l, point.drop_back(), block);
        part.offsets.back() = l.mul(point.back(), l.attribute(block));
        return {part};
      },
      {lead},
      [&](ValueRange point, ValueRange places) -> SmallVector<Value> {
        OpFoldResult first = l.mul(point.back(), l.attribute(block));
        Value expert = s.toIndex(s.at(experts, point.drop_back()));
        Value matrix = l.slice(
            weight, {{expert, first, l.attribute(0)}, {one, l.attribute(block), l.attribute(depth)}, {}}, kExpert);
        Value x = l.slice(input, rowAt(l, point.take_front(inputRank - 1), depth), leading(inputRank)), start;
        if (bias)
          start = copyInto(l, l.slice(bias, {{expert, first}, {one, l.attribute(block)}, {}}, kExpert), places[0]);
        else
          start = linalg::FillOp::create(s, s.f32(0), places[0]).getResult(0);
        return {l.structured(2, {Indexed{x, {l.dim(1)}}, l.whole(matrix)}, Indexed{start, {l.dim(0)}},
                             [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); })};
      })[0];
}

static LogicalResult expertLinear(Lowering &l, xf::ExpertLinearOp op) {
  l.give(op.getResult(), expertProduct(l, l.of(op.getInput()), l.of(op.getWeight()), l.of(op.getExperts()),
                                       op.getBias() ? l.of(op.getBias()) : Value()));
  return success();
}

static LogicalResult combineExperts(Lowering &l, xf::CombineExpertsOp op) {
  Value input = l.of(op.getInput()), weights = l.of(op.getWeights());
  Sizes sizes = l.sizesOf(weights);
  unsigned lead = sizes.size() - 1, choice = lead + 1;
  sizes.back() = l.sizesOf(input).back();
  Indexed x = {input, l.loops(0, lead)}, w = {weights, l.loops(0, lead)};
  x.at.append({l.dim(choice), l.dim(lead)});
  w.at.push_back(l.dim(choice));
  l.give(op.getResult(), l.reduced(sizes, l.s.f32(0), choice + 1, {x, w},
                                   [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[1], e[0])); }));
  return success();
}

void addExperts(Handlers &handlers) {
  handlers.add<xf::RouterOp, router>();
  handlers.add<xf::ExpertLinearOp, expertLinear>();
  handlers.add<xf::CombineExpertsOp, combineExperts>();
}

} // namespace ph::conversion
