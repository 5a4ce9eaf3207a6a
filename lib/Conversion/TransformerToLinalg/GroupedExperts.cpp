// Mixtures of experts with rows sorted by expert.
#include "ExpertProduct.h"

using namespace mlir;

namespace ph::conversion {

/// All elements as one dimension.
static Value flattened(Lowering &l, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  return rank == 1 ? tensor : l.collapse(tensor, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank))});
}

/// Slots go one by one where their expert's next one belongs: each is looked at once.
static LogicalResult sortByExpert(Lowering &l, xf::SortByExpertOp op) {
  ScalarBuilder &s = l.s;
  Value chosen = flattened(l, l.of(op.getChosen()));
  Sizes slots = l.sizesOf(chosen);
  // As many slots are of lower experts.
  Value offsets = l.reduced(l.attribute(int64_t(op.getExperts()) + 1), s.i32(0), 2, Indexed{chosen, {l.dim(1)}},
                            [](ScalarBuilder &s, ValueRange e) {
                              Value expert = s.convert(s.loop(0), s.getI32Type());
                              Value before = s.compare(xf::CompareKind::Lt, e[0], expert);
                              return s.add(e[1], s.convert(before, s.getI32Type()));
                            });
  Value next =
      l.each(l.sizesOf(offsets), s.getI32Type(), l.whole(offsets), [](ScalarBuilder &, ValueRange e) { return e[0]; });
  Value order = l.loop(slots[0], {l.empty(slots, s.getI32Type()), next},
                       [&](Value slot, ValueRange carried) -> SmallVector<Value> {
                         Value expert = s.toIndex(s.at(chosen, slot)), place = s.at(carried[1], expert);
                         Value number = s.convert(slot, s.getI32Type());
                         return {tensor::InsertOp::create(s, number, carried[0], s.toIndex(place)),
                                 tensor::InsertOp::create(s, s.add(place, s.i32(1)), carried[1], expert)};
                       })[0];
  l.give(op.getOrder(), order);
  l.give(op.getOffsets(), offsets);
  return success();
}

static LogicalResult gatherTokens(Lowering &l, xf::GatherTokensOp op) {
  Value input = l.asRows(l.of(op.getInput())), order = l.of(op.getOrder());
  l.give(op.getResult(), l.each({l.sizeOf(order, 0), l.sizeOf(input, 1)}, l.s.getF32Type(), Indexed{order, {l.dim(0)}},
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value token = s.div(s.toIndex(e[0]), s.index(op.getTopK()));
                                  return s.at(input, {token, s.loop(1)});
                                }));
  return success();
}

static LogicalResult groupedLinear(Lowering &l, xf::GroupedLinearOp op) {
  Value input = l.of(op.getInput()), offsets = l.of(op.getOffsets());
  // One less than the offsets that aren't beyond a row: the first is 0.
  Value experts =
      l.reduced(l.sizeOf(input, 0), l.s.i32(-1), 2, Indexed{offsets, {l.dim(1)}}, [](ScalarBuilder &s, ValueRange e) {
        Value row = s.convert(s.loop(0), s.getI32Type());
        Value reached = s.compare(xf::CompareKind::Le, e[0], row);
        return s.add(e[1], s.convert(reached, s.getI32Type()));
      });
  l.give(op.getResult(),
         expertProduct(l, input, l.of(op.getWeight()), experts, op.getBias() ? l.of(op.getBias()) : Value()));
  return success();
}

static LogicalResult scatterCombine(Lowering &l, xf::ScatterCombineOp op) {
  ScalarBuilder &s = l.s;
  Value input = l.of(op.getInput()), order = l.of(op.getOrder()), weights = l.of(op.getWeights());
  // Where each slot's row is.
  Value rows = l.loop(l.sizeOf(order, 0), l.empty(l.sizesOf(order), s.getI32Type()),
                      [&](Value row, ValueRange carried) -> SmallVector<Value> {
                        Value slot = s.toIndex(s.at(order, row)), number = s.convert(row, s.getI32Type());
                        return {tensor::InsertOp::create(s, number, carried[0], slot)};
                      })[0];
  Sizes sizes = l.sizesOf(weights);
  unsigned lead = sizes.size() - 1;
  SmallVector<Value> widths = llvm::map_to_vector(sizes, [&](OpFoldResult size) { return l.index(size); });
  sizes.back() = l.sizeOf(input, 1);
  SmallVector<AffineExpr> at = l.loops(0, lead);
  at.push_back(l.dim(lead + 1));
  l.give(op.getResult(),
         l.reduced(sizes, s.f32(0), lead + 2, Indexed{weights, at}, [&](ScalarBuilder &s, ValueRange e) {
           Value slot = s.index(0);
           for (unsigned each = 0; each <= lead; ++each)
             slot = s.add(s.mul(slot, widths[each]), s.loop(each < lead ? each : lead + 1));
           Value element = s.at(input, {s.toIndex(s.at(rows, slot)), s.loop(lead)});
           return s.add(e[1], s.mul(e[0], element));
         }));
  return success();
}

void addGroupedExperts(Handlers &handlers) {
  handlers.add<xf::SortByExpertOp, sortByExpert>();
  handlers.add<xf::GatherTokensOp, gatherTokens>();
  handlers.add<xf::GroupedLinearOp, groupedLinear>();
  handlers.add<xf::ScatterCombineOp, scatterCombine>();
}

} // namespace ph::conversion
