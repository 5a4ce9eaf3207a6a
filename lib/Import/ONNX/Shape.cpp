// What moves elements without computing with them, and what asks for shapes.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace ph::onnx_import {

static void shape(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  int64_t rank = TensorBuilder::rankOf(x);
  auto bound = [&](StringRef name, int64_t otherwise) {
    int64_t value = n.integer(name, otherwise);
    return std::clamp<int64_t>(value < 0 ? std::max(value, -rank) + rank : value, 0, rank);
  };
  Elements result{{0}, {}};
  for (int64_t axis = bound("start", 0), end = bound("end", rank); axis < end; ++axis)
    result.values.push_back(n.b.dim(x, axis));
  result.shape[0] = int64_t(result.values.size());
  n.give(0, std::move(result), int64Type());
}

static void sizeOf(Node &n) {
  if (Value x = n.tensor(0))
    n.give(0, Elements{{}, {n.b.product(n.b.dims(x))}}, int64Type());
}

static void reshape(Node &n) {
  Value x = n.tensor(0);
  std::optional<Sizes> list = n.sizes(1);
  if (!x || !list)
    return;
  Sizes shape = *list;
  bool isEmpty = false;
  if (n.integer("allowzero", 0))
    isEmpty = llvm::any_of(shape, [](Size size) { return isConstantIntValue(size, 0); });
  n.give(0, isEmpty ? n.b.reshapeTo(x, shape) : n.b.reshape(x, shape));
}

static void flatten(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  int64_t rank = TensorBuilder::rankOf(x), axis = n.integer("axis", 1);
  if (axis < -rank || axis > rank)
    return void(n.fail("has the axis " + Twine(axis) + ", but its operand has " + Twine(rank) + " dimensions"));
  Sizes sizes = n.b.dims(x);
  axis = axis < 0 ? axis + rank : axis;
  n.give(0, n.b.reshapeTo(
                x, {n.b.product(ArrayRef(sizes).take_front(axis)), n.b.product(ArrayRef(sizes).drop_front(axis))}));
}

static void squeeze(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  int64_t rank = TensorBuilder::rankOf(x);
  auto axes = n.axesOf(1, 13, rank);
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(n.b.dims(x))) {
    bool goes = axes ? llvm::is_contained(*axes, int64_t(axis)) : isConstantIntValue(size, 1);
    if (goes && getConstantIntValue(size) && !isConstantIntValue(size, 1))
      return void(n.fail("leaves out a dimension that is not 1"));
    if (!goes)
      sizes.push_back(size);
  }
  n.give(0, n.b.reshapeTo(x, sizes));
}

static void unsqueeze(Node &n) {
  Value x = n.tensor(0);
  auto given = n.opset < 13 ? n.integerList("axes") : n.integers(1);
  if (!x || !given)
    return void(n.fail("has no axes"));
  if (given->size() > 32)
    return void(n.fail("has too many axes"));
  if (auto axes = n.wrapAxes(*given, TensorBuilder::rankOf(x) + int64_t(given->size())))
    n.give(0, n.b.unsqueeze(x, *axes));
}

static void transpose(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  SmallVector<int64_t> order = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, TensorBuilder::rankOf(x))));
  n.give(0, n.b.transpose(x, n.integerList("perm").value_or(order)));
}

static void expand(Node &n) {
  Value x = n.tensor(0);
  if (std::optional<Sizes> shape = n.sizes(1))
    n.give(0, n.b.broadcast(x, *shape));
}

static void concat(Node &n) {
  SmallVector<Value> parts;
  for (int i = 0; i < n.inputs(); ++i)
    parts.push_back(n.tensor(i));
  if (parts.empty() || !parts[0])
    return;
  n.give(0, n.b.concat(parts, n.axis("axis", 0, TensorBuilder::rankOf(parts[0]))));
}

static void split(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  int64_t axis = n.axis("axis", 0, TensorBuilder::rankOf(x));
  std::optional<SmallVector<int64_t>> parts = n.opset < 13 ? n.integerList("split")
                                              : n.has(1)   ? n.integers(1)
                                                           : std::nullopt;
  if (n.b.hasFailed())
    return;
  if (!parts) {
    int64_t count = n.integer("num_outputs", n.results()), size = TensorBuilder::typeOf(x).getDimSize(axis);
    if (count < 1 || count > n.results() || ShapedType::isDynamic(size))
      return void(n.fail("expects the sizes of its parts, or a dimension of known size"));
    int64_t each = (size + count - 1) / count;
    parts.emplace();
    for (int64_t from = 0; int64_t(parts->size()) < count; from += each)
      parts->push_back(std::max<int64_t>(0, std::min(each, size - from)));
  }
  if (int64_t(parts->size()) < n.results())
    return void(n.fail("has more results than parts"));
  int64_t from = 0;
  for (int i = 0; i < n.results(); ++i) {
    int64_t size = (*parts)[i], to;
    if (size < 0 || __builtin_add_overflow(from, size, &to))
      return void(n.fail("has a part of an impossible size"));
    n.give(i, n.b.slice(x, axis, n.b.size(from), n.b.size(to)));
    from = to;
  }
}

/// From the last element backwards, every -step-th.
static Value sliceBackwards(Node &n, Value x, int64_t axis, Size from, Size to, int64_t step) {
  auto constantFrom = getConstantIntValue(from), constantTo = getConstantIntValue(to);
  Size length = n.b.dim(x, axis);
  auto fixed = getConstantIntValue(length);
  if (!constantFrom || !constantTo || !fixed || step == INT64_MIN)
    return n.fail("goes backwards over what is known at run time only");
  auto clamp = [&](int64_t bound) {
    return std::clamp<int64_t>(bound < 0 ? std::max(bound, -*fixed - 1) + *fixed : bound, -1, *fixed - 1);
  };
  int64_t first = clamp(*constantFrom), end = clamp(*constantTo);
  int64_t count = first > end ? (first - end - 1) / -step + 1 : 0;
  Sizes sizes = n.b.dims(x);
  sizes[axis] = n.b.size(count);
  return n.b.generate(sizes, TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> indices(at);
    indices[axis] = arith::SubIOp::create(b, b.index(first), arith::MulIOp::create(b, at[axis], b.index(-step)));
    return b.at(x, indices);
  });
}

static void slice(Node &n) {
  Value x = n.tensor(0);
  auto from = n.sizes(1), to = n.sizes(2);
  if (!x || !from || !to)
    return;
  int64_t rank = TensorBuilder::rankOf(x);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, int64_t(from->size()))), steps(from->size(), 1);
  if (n.has(3))
    axes = n.integers(3).value_or(axes);
  if (n.has(4))
    steps = n.integers(4).value_or(steps);
  if (to->size() != from->size() || axes.size() != from->size() || steps.size() != from->size())
    return void(n.fail("has lists of different lengths"));
  for (size_t i = 0; i < axes.size() && x; ++i) {
    int64_t axis = n.wrapAxis(axes[i], rank);
    if (steps[i] == 0)
      return void(n.fail("has a step of 0"));
    if (n.b.hasFailed())
      return;
    x = steps[i] > 0 ? n.b.slice(x, axis, (*from)[i], (*to)[i], steps[i])
                     : sliceBackwards(n, x, axis, (*from)[i], (*to)[i], steps[i]);
  }
  n.give(0, x);
}

static void tile(Node &n) {
  Value x = n.tensor(0);
  auto times = n.sizes(1);
  if (!x || !times)
    return;
  if (int64_t(times->size()) != TensorBuilder::rankOf(x))
    return void(n.fail("expects as many numbers of times as dimensions"));
  // Each dimension gets one before it, which is repeated and then joined with it.
  Sizes sizes = n.b.dims(x), apart, repeated, joined;
  for (auto [size, count] : llvm::zip_equal(sizes, *times)) {
    apart.append({n.b.size(1), size});
    repeated.append({count, n.b.size(1)});
    joined.push_back(n.b.mul(size, count));
  }
  n.give(0, n.b.reshapeTo(n.b.broadcast(n.b.reshapeTo(x, apart), repeated), joined));
}

static void depthToSpace(Node &n) {
  Value x = n.tensor(0);
  int64_t block = n.integer("blocksize", 1);
  if (!x || TensorBuilder::rankOf(x) != 4 || block < 1 || block > 1024)
    return void(n.fail("expects an image and a size of blocks"));
  Sizes d = n.b.dims(x);
  Size side = n.b.size(block), depth = n.b.div(d[1], n.b.size(block * block));
  bool columnsFirst = n.text("mode", "DCR") == "CRD";
  Sizes apart = {d[0], side, side, depth, d[2], d[3]};
  if (columnsFirst)
    apart = {d[0], depth, side, side, d[2], d[3]};
  Value parts = n.b.reshapeTo(x, apart);
  parts =
      n.b.transpose(parts, columnsFirst ? ArrayRef<int64_t>{0, 1, 4, 2, 5, 3} : ArrayRef<int64_t>{0, 3, 4, 1, 5, 2});
  n.give(0, n.b.reshapeTo(parts, {d[0], depth, n.b.mul(d[2], side), n.b.mul(d[3], side)}));
}

static void spaceToDepth(Node &n) {
  Value x = n.tensor(0);
  int64_t block = n.integer("blocksize", 1);
  if (!x || TensorBuilder::rankOf(x) != 4 || block < 1 || block > 1024)
    return void(n.fail("expects an image and a size of blocks"));
  Sizes d = n.b.dims(x);
  Size side = n.b.size(block), height = n.b.div(d[2], side), width = n.b.div(d[3], side);
  Value parts = n.b.reshapeTo(x, {d[0], d[1], height, side, width, side});
  bool columnsFirst = n.text("mode", "DCR") == "CRD";
  parts =
      n.b.transpose(parts, columnsFirst ? ArrayRef<int64_t>{0, 1, 3, 5, 2, 4} : ArrayRef<int64_t>{0, 3, 5, 1, 2, 4});
  n.give(0, n.b.reshapeTo(parts, {d[0], n.b.mul(d[1], n.b.size(block * block)), height, width}));
}

ArrayRef<Operator> shapeOperators() {
  static constexpr Operator operators[] = {
      {"Concat", concat},
      {"DepthToSpace", depthToSpace},
      {"Expand", expand},
      {"Flatten", flatten},
      {"Reshape", reshape},
      {"Shape", shape},
      {"Size", sizeOf},
      {"Slice", slice},
      {"SpaceToDepth", spaceToDepth},
      {"Split", split},
      {"Squeeze", squeeze},
      {"Tile", tile},
      {"Transpose", transpose},
      {"Unsqueeze", unsqueeze},
  };
  return operators;
}

} // namespace ph::onnx_import
