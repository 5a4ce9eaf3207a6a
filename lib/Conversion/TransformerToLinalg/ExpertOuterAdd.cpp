// Outer products added to the matrices of experts: tiles of one expert's matrix, each over the slots that chose it.
#include "Lowering.h"
#include "Reshape.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {

/// The largest divisor of the rows of a matrix that is no larger than what a thread should do at least.
static int64_t blockOf(int64_t rows) {
  int64_t block = std::min<int64_t>(rows, 64);
  while (rows % block != 0)
    --block;
  return block;
}

static LogicalResult expertOuterAdd(Lowering &l, train::ExpertOuterAddOp op) {
  ArrayRef<int64_t> shape = op.getSum().getType().getShape();
  if (ShapedType::isDynamicShape(shape) || shape[1] == 0)
    return op.emitOpError() << "expects matrices of known sizes to be lowered, but got " << op.getSum().getType();
  ScalarBuilder &s = l.s;
  int64_t rows = shape[1], columns = shape[2], block = blockOf(rows);
  auto number = [&](int64_t value) { return l.attribute(value); };
  Value experts = l.of(op.getExperts());
  OpFoldResult slots = l.product(l.sizesOf(experts)), choices = l.sizesOf(experts).back();
  experts = reshapeTo(l, experts, slots);
  Value gradient = reshapeTo(l, l.of(op.getGradient()), {slots, number(rows)});
  OpFoldResult inputs = op.hasRowPerExpert() ? slots : l.div(slots, choices);
  Value input = reshapeTo(l, l.of(op.getInput()), {inputs, number(columns)});
  Value result = l.forall(
      {number(shape[0]), number(rows / block)}, l.of(op.getSum()),
      [&](ValueRange point) -> SmallVector<Part> {
        return {
            {{point[0], l.mul(point[1], number(block)), number(0)}, {number(1), number(block), number(columns)}, {}}};
      },
      {{0}},
      [&](ValueRange point, ValueRange places) -> SmallVector<Value> {
        OpFoldResult first = l.mul(point[1], number(block));
        return l.loop(slots, places[0], [&](Value slot, ValueRange tile) -> SmallVector<Value> {
          // Once or not at all.
          Value chosen = s.compare(xf::CompareKind::Eq, s.at(experts, slot), s.convert(point[0], s.getI32Type()));
          Value times = s.select(chosen, s.index(1), s.index(0));
          return l.loop(times, tile, [&](Value, ValueRange tile) -> SmallVector<Value> {
            OpFoldResult row = op.hasRowPerExpert() ? OpFoldResult(slot) : l.div(slot, choices);
            Value g = l.slice(gradient, {{slot, first}, {number(1), number(block)}, {}}, {0});
            Value x = l.slice(input, {{row, number(0)}, {number(1), number(columns)}, {}}, {0});
            return {l.structured(2, {Indexed{g, {l.dim(0)}}, Indexed{x, {l.dim(1)}}}, l.whole(tile[0]),
                                 [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); })};
          });
        });
      })[0];
  l.give(op.getResult(), result);
  return success();
}

void addExpertOuterAdd(Handlers &handlers) { handlers.add<train::ExpertOuterAddOp, expertOuterAdd>(); }

} // namespace ph::conversion
