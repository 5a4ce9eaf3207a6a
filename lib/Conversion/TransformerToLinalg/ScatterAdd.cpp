// Rows added one after the other: the same row may come again.
#include "Lowering.h"
#include "Reshape.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {

static LogicalResult scatterAdd(Lowering &l, train::ScatterAddOp op) {
  Value values = l.of(op.getValues()), sum = l.of(op.getSum()), indices = l.of(op.getIndices());
  Sizes sizes = l.sizesOf(sum), row(ArrayRef(sizes).drop_front());
  OpFoldResult count = l.product(l.sizesOf(indices));
  indices = reshapeTo(l, indices, count);
  Sizes flat = {count};
  llvm::append_range(flat, row);
  values = reshapeTo(l, values, flat);
  auto part = [&](Value at) {
    Part part = {{at}, {l.attribute(1)}, {}};
    part.offsets.append(row.size(), l.attribute(0));
    part.sizes.append(row.begin(), row.end());
    return part;
  };
  Value result = l.loop(count, sum, [&](Value i, ValueRange carried) -> SmallVector<Value> {
    Part place = part(l.s.toIndex(l.s.at(indices, i)));
    Value added =
        l.structured(row.size(), l.whole(l.slice(values, part(i), {0})), l.whole(l.slice(carried[0], place, {0})),
                     [](ScalarBuilder &s, ValueRange e) { return s.add(e[1], e[0]); });
    return {l.insert(added, carried[0], place)};
  })[0];
  l.give(op.getResult(), result);
  return success();
}

void addScatterAdd(Handlers &handlers) { handlers.add<train::ScatterAddOp, scatterAdd>(); }

} // namespace ph::conversion
