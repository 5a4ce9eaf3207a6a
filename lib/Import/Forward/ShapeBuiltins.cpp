// Which rows of sequences go on, and rows put before others.
#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result selectRows(Call &call) {
  Value input = call.activation(0), rows = call.value(1);
  if (rows && !xf::isIndices(rows.getType()))
    call.fail("the second argument of select_rows is \"rows\"");
  if (call.failed())
    return call.error();
  auto type = RankedTensorType::get({shapeOf(rows)[0], featuresOf(input)}, call.b.getF32Type());
  return SmallVector<Value>{xf::SelectRowsOp::create(call.b, call.at, type, input, rows)};
}

static Call::Result pool(Call &call) {
  Value input = call.activation(0), valid = call.valueNamed("valid");
  std::string name = call.text("kind", "cls");
  std::optional<xf::Pooling> kind = xf::symbolizePooling(name);
  if (!kind)
    call.fail("\"" + name + "\" is no pooling; known are cls, last, mean and max");
  if (input && shapeOf(input).size() != 3)
    call.fail("pool needs an activation of sequences");
  if (call.failed())
    return call.error();
  auto type = RankedTensorType::get({shapeOf(input)[0], featuresOf(input)}, call.b.getF32Type());
  return SmallVector<Value>{xf::PoolOp::create(call.b, call.at, type, input, valid, *kind)};
}

/// A weight of rows [K], [n, K] or [1, n, K], for each sequence of an activation or each of several images.
static Call::Result expand(Call &call) {
  Value rows = call.value(0), like = call.value(1);
  if (rows && (!xf::isFloatTensor(rows.getType()) || shapeOf(rows).empty() || shapeOf(rows).size() > 3 ||
               (shapeOf(rows).size() == 3 && shapeOf(rows)[0] != 1)))
    call.fail("expand needs rows for one sequence");
  if (like && shapeOf(like).empty())
    call.fail("expand needs sequences to expand for");
  if (call.failed())
    return call.error();
  Value batch = xf::DimOp::create(call.b, call.at, like, int64_t(0));
  Attribute one = call.b.getI64IntegerAttr(1);
  return SmallVector<Value>{xf::BroadcastOp::create(call.b, call.at, rows, ArrayRef<OpFoldResult>{batch, one, one})};
}

static Call::Result concat(Call &call) {
  SmallVector<Value> parts;
  for (size_t i = 0; i < call.positional(); ++i)
    parts.push_back(call.activation(i));
  if (call.failed())
    return call.error();
  int64_t rows = 0;
  for (Value part : parts) {
    ArrayRef<int64_t> shape = shapeOf(part);
    if (shape.size() != 3 || shape[0] != shapeOf(parts[0])[0] || shape[2] != featuresOf(parts[0])) {
      call.fail("concat needs activations of the same sequences and features");
      return call.error();
    }
    bool isDynamic = rows == ShapedType::kDynamic || shape[1] == ShapedType::kDynamic;
    rows = isDynamic ? ShapedType::kDynamic : rows + shape[1];
  }
  auto type = RankedTensorType::get({shapeOf(parts[0])[0], rows, featuresOf(parts[0])}, call.b.getF32Type());
  return SmallVector<Value>{xf::ConcatOp::create(call.b, call.at, type, parts, call.b.getI64IntegerAttr(1))};
}

static Call::Result dropRows(Call &call) {
  Value input = call.activation(0);
  int64_t count = call.integerAt(1);
  if (input && (shapeOf(input).size() != 3 || count < 0 ||
                (shapeOf(input)[1] != ShapedType::kDynamic && count > shapeOf(input)[1])))
    call.fail("drop_rows needs sequences of at least that many rows");
  if (call.failed())
    return call.error();
  int64_t rows = shapeOf(input)[1];
  OpFoldResult to = rows == ShapedType::kDynamic
                        ? OpFoldResult(Value(xf::DimOp::create(call.b, call.at, input, int64_t(1))))
                        : OpFoldResult(call.b.getI64IntegerAttr(rows));
  return SmallVector<Value>{
      xf::SliceOp::create(call.b, call.at, input, 1, OpFoldResult(call.b.getI64IntegerAttr(count)), to)};
}

static Call::Result flat(Call &call) {
  Value input = call.value(0);
  if (input && !cast<RankedTensorType>(input.getType()).hasStaticShape())
    call.fail("flat needs a weight");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{
      xf::ReshapeOp::create(call.b, call.at, input, ArrayRef<OpFoldResult>{call.b.getI64IntegerAttr(-1)})};
}

const std::vector<Builtin> &shapeBuiltins() {
  static const std::vector<Builtin> table = {
      {"select_rows", selectRows, 2, 2, {}, "select_rows(x, rows)", "the tokens whose logits are wanted"},
      {"pool",
       pool,
       1,
       1,
       {"kind", "valid"},
       "pool(x, kind = 'cls', valid = mask)",
       "one row of each sequence: its first (cls) or last, the mean or the largest of all that are valid"},
      {"expand", expand, 2, 2, {}, "expand(w, x)", "the rows w for each sequence of x"},
      {"concat", concat, 1, 64, {}, "concat(a, b, …)", "the rows of a, then those of b, …"},
      {"flat", flat, 1, 1, {}, "flat(W)", "the elements of W in one row"},
      {"drop_rows", dropRows, 2, 2, {}, "drop_rows(x, n)", "x without the first n rows of each sequence"}};
  return table;
}

} // namespace ph
