// Cutting and joining features and heads.
#include "Builtins.h"

using namespace mlir;

namespace ph {

/// The sizes that follow the input, checked to add up to its features, each of `heads` heads.
static SmallVector<int64_t> sizesOf(Call &call, Value input, int64_t heads) {
  SmallVector<int64_t> sizes;
  int64_t sum = 0;
  for (size_t i = 1; i < call.positional(); ++i) {
    int64_t size = call.integerAt(i);
    if (size < 1 || size > (int64_t(1) << 31) / std::max<int64_t>(heads, 1))
      call.fail("a part has " + std::to_string(size) + " elements");
    else
      sum += size;
    sizes.push_back(size);
  }
  if (!call.failed() && (heads < 1 || sum * heads != featuresOf(input)))
    call.fail("the parts have " + std::to_string(sum * heads) + " elements, but there are " +
              std::to_string(featuresOf(input)));
  return sizes;
}

static Call::Result split(Call &call) {
  Value input = call.activation(0);
  SmallVector<int64_t> sizes = sizesOf(call, input, 1);
  if (call.failed())
    return call.error();
  return SmallVector<Value>(xf::SplitOp::create(call.b, call.at, input, sizes).getResults());
}

static Call::Result splitHeads(Call &call) {
  Value input = call.activation(0);
  int64_t heads = call.integer("heads");
  SmallVector<int64_t> sizes = sizesOf(call, input, heads);
  if (call.failed())
    return call.error();
  return SmallVector<Value>(xf::SplitHeadsOp::create(call.b, call.at, input, heads, sizes).getResults());
}

static Call::Result joinHeads(Call &call) {
  SmallVector<Value> parts;
  for (size_t i = 0; i < call.positional(); ++i)
    parts.push_back(call.activation(i));
  int64_t heads = call.integer("heads"), shared = call.integer("shared", -1);
  if (heads < 1 || heads > 65536)
    call.fail("join_heads needs at least one head");
  if (call.failed())
    return call.error();
  int64_t features = 0;
  for (auto [index, part] : llvm::enumerate(parts)) {
    int64_t size = featuresOf(part);
    features += int64_t(index) == shared ? size * heads : size;
  }
  SmallVector<int64_t> sharedParts;
  if (shared >= 0)
    sharedParts.push_back(shared);
  return SmallVector<Value>{xf::JoinHeadsOp::create(call.b, call.at, withFeatures(parts[0], features), parts,
                                                    call.b.getI64IntegerAttr(heads),
                                                    call.b.getDenseI64ArrayAttr(sharedParts))};
}

static Call::Result headLinear(Call &call) {
  Value input = call.activation(0), weight = call.matrices(1);
  bool transposed = call.flag("transposed");
  if (call.failed())
    return call.error();
  ArrayRef<int64_t> shape = shapeOf(weight);
  return SmallVector<Value>{xf::HeadLinearOp::create(call.b, call.at,
                                                     withFeatures(input, shape[0] * shape[transposed ? 2 : 1]), input,
                                                     weight, transposed ? call.b.getUnitAttr() : UnitAttr())};
}

/// The rows of a matrix, [heads · (a + b + …), K], as one matrix for each head and part.
static Call::Result cutHeads(Call &call) {
  Value matrix = call.value(0);
  int64_t heads = call.integer("heads");
  SmallVector<int64_t> sizes;
  int64_t sum = 0;
  for (size_t i = 1; i < call.positional(); ++i) {
    sizes.push_back(call.integerAt(i));
    sum += sizes.back() > 0 && sizes.back() < (1 << 24) ? sizes.back() : 1 << 24;
  }
  if (matrix && (!xf::isMatrix(matrix.getType()) || heads < 1 || heads > 65536 || shapeOf(matrix)[0] != heads * sum))
    call.fail("cut_heads needs a matrix whose rows are those of all parts of all heads");
  if (call.failed())
    return call.error();
  SmallVector<OpFoldResult> shape;
  for (int64_t size : {heads, sum, shapeOf(matrix)[1]})
    shape.push_back(call.b.getI64IntegerAttr(size));
  Value unfolded = xf::ReshapeOp::create(call.b, call.at, matrix, shape);
  SmallVector<Value> parts;
  int64_t from = 0;
  for (int64_t size : sizes) {
    parts.push_back(xf::SliceOp::create(call.b, call.at, unfolded, 1, OpFoldResult(call.b.getI64IntegerAttr(from)),
                                        OpFoldResult(call.b.getI64IntegerAttr(from + size))));
    from += size;
  }
  return parts;
}

const std::vector<Builtin> &headBuiltins() {
  static const std::vector<Builtin> table = {
      {"split", split, 2, 65, {}, "a, b = split(x, size, size, …)", "x cut along its features"},
      {"split_heads",
       splitHeads,
       2,
       65,
       {"heads"},
       "a, b = split_heads(x, size, size, …, heads = …)",
       "each head of x cut into parts of these sizes"},
      {"join_heads",
       joinHeads,
       1,
       64,
       {"heads", "shared"},
       "join_heads(a, b, …, heads = …, shared = -1)",
       "heads made of the heads of a, b, …; part number shared is one head that all have"},
      {"cut_heads",
       cutHeads,
       2,
       65,
       {"heads"},
       "W, V = cut_heads(M, size, size, …, heads = …)",
       "matrices of each head, which lie one after the other in the rows of M"},
      {"head_linear",
       headLinear,
       2,
       2,
       {"transposed"},
       "head_linear(x, W, transposed = false)",
       "each head of x times its own matrix of W"}};
  return table;
}

} // namespace ph
