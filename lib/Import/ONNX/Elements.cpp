// Shape arithmetic: nodes on small tensors of integers whose elements are known one by one. What can't be computed so
// is left to the operator itself, which computes with tensors.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace ph::onnx_import {
namespace {

bool isNegative(Size size) {
  std::optional<int64_t> value = getConstantIntValue(size);
  return value && *value < 0;
}

/// Sizes of dimensions, and their sums and products, are not negative.
bool isNotNegative(Size size) {
  if (std::optional<int64_t> value = getConstantIntValue(size))
    return *value >= 0;
  Operation *op = llvm::cast<Value>(size).getDefiningOp();
  if (op && isa<arith::AddIOp, arith::MulIOp>(op))
    return llvm::all_of(op->getOperands(), [](Value operand) {
      APInt constant;
      return matchPattern(operand, m_ConstantInt(&constant)) ? !constant.isNegative() : isNotNegative(operand);
    });
  return op && isa<xf::DimOp>(op);
}

std::optional<Size> number(Node &node, bool value) { return node.b.size(value); }

std::optional<Size> combine(Node &node, StringRef op, Size x, Size y) {
  TensorBuilder &b = node.b;
  std::optional<int64_t> m = getConstantIntValue(x), n = getConstantIntValue(y);
  if (op == "Add")
    return b.add(x, y);
  if (op == "Sub")
    return b.sub(x, y);
  if (op == "Mul")
    return b.mul(x, y);
  if (op == "Max")
    return b.max(x, y);
  if (op == "Min")
    return b.min(x, y);
  if (op == "Div" && n && *n > 0 && isNotNegative(x))
    return b.div(x, y);
  if (op == "Div" && m && n && *n != 0 && !(*n == -1 && *m == INT64_MIN))
    return b.size(*m / *n);
  if (op == "Mod" && m && n && *n > 0 && *m >= 0)
    return b.size(*m % *n);
  if (op == "And" && m && n)
    return number(node, *m && *n);
  if (op == "Or" && m && n)
    return number(node, *m || *n);
  if (op == "Equal") {
    if (m && n)
      return number(node, *m == *n);
    if (x == y)
      return number(node, true);
    if ((isNegative(x) && isNotNegative(y)) || (isNegative(y) && isNotNegative(x)))
      return number(node, false);
  }
  if (m && n) {
    if (op == "Less")
      return number(node, *m < *n);
    if (op == "LessOrEqual")
      return number(node, *m <= *n);
    if (op == "Greater")
      return number(node, *m > *n);
    if (op == "GreaterOrEqual")
      return number(node, *m >= *n);
  }
  return std::nullopt;
}

/// The element of `from` that stands at place `flat` of the shape that it is broadcast to.
Size at(const Elements &from, ArrayRef<int64_t> shape, int64_t flat) {
  int64_t place = 0, width = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    size_t axis = shape.size() - 1 - i;
    int64_t point = flat % shape[axis];
    flat /= shape[axis];
    if (i >= from.shape.size())
      continue;
    int64_t size = from.shape[from.shape.size() - 1 - i];
    place += size == 1 ? 0 : point * width;
    width *= size;
  }
  return from.values[place];
}

/// The shape that both are broadcast to; nothing if they don't fit or it is large.
std::optional<SmallVector<int64_t>> together(ArrayRef<int64_t> x, ArrayRef<int64_t> y) {
  SmallVector<int64_t> shape(std::max(x.size(), y.size()));
  int64_t count = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t m = i < x.size() ? x[x.size() - 1 - i] : 1, n = i < y.size() ? y[y.size() - 1 - i] : 1;
    if (m != n && m != 1 && n != 1)
      return std::nullopt;
    int64_t size = m == 1 ? n : m;
    shape[shape.size() - 1 - i] = size;
    if (size > Elements::kMost || (count *= size) > Elements::kMost)
      return std::nullopt;
  }
  return shape;
}

int64_t countOf(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

std::optional<Elements> binary(Node &node, StringRef op, const Elements &x, const Elements &y) {
  auto shape = together(x.shape, y.shape);
  if (!shape)
    return std::nullopt;
  Elements result{*shape, {}};
  for (int64_t flat = 0; flat < countOf(*shape); ++flat) {
    auto value = combine(node, op, at(x, *shape, flat), at(y, *shape, flat));
    if (!value)
      return std::nullopt;
    result.values.push_back(*value);
  }
  return result;
}

std::optional<Elements> where(const Elements &condition, const Elements &x, const Elements &y) {
  auto both = together(x.shape, y.shape);
  auto shape = both ? together(*both, condition.shape) : both;
  if (!shape)
    return std::nullopt;
  Elements result{*shape, {}};
  for (int64_t flat = 0; flat < countOf(*shape); ++flat) {
    std::optional<int64_t> chosen = getConstantIntValue(at(condition, *shape, flat));
    Size m = at(x, *shape, flat), n = at(y, *shape, flat);
    if (!chosen && m != n)
      return std::nullopt;
    result.values.push_back(chosen && *chosen == 0 ? n : m);
  }
  return result;
}

/// The same elements in a shape that other elements say.
std::optional<Elements> reshape(const Elements &x, ArrayRef<int64_t> list) {
  Elements result{SmallVector<int64_t>(list), x.values};
  int64_t known = 1, *open = nullptr;
  for (auto [index, size] : llvm::enumerate(result.shape)) {
    if (size == 0 && index < x.shape.size())
      size = x.shape[index];
    if (size == -1 && !open)
      open = &size;
    else if (size < 0 || size > Elements::kMost || (known *= size) > Elements::kMost)
      return std::nullopt;
  }
  if (open)
    *open = known ? int64_t(x.values.size()) / known : 0;
  if (countOf(result.shape) != int64_t(x.values.size()))
    return std::nullopt;
  return result;
}

std::optional<Elements> squeezed(Node &node, const Elements &x, bool insert) {
  std::optional<SmallVector<int64_t>> given;
  if (node.opset < 13)
    given = node.integerList("axes");
  else if (node.has(1))
    given = node.integers(1);
  if (node.b.hasFailed() || (insert && !given))
    return std::nullopt;
  Elements result = x;
  int64_t rank = int64_t(x.shape.size()) + (insert ? int64_t(given->size()) : 0);
  SmallVector<int64_t> axes;
  if (given) {
    auto wrapped = node.wrapAxes(*given, rank);
    if (!wrapped)
      return std::nullopt;
    axes = *wrapped;
  } else {
    for (auto [axis, size] : llvm::enumerate(x.shape))
      if (size == 1)
        axes.push_back(int64_t(axis));
  }
  if (insert) {
    for (int64_t axis : axes)
      result.shape.insert(result.shape.begin() + axis, 1);
    return result;
  }
  for (int64_t axis : llvm::reverse(axes)) {
    if (result.shape[axis] != 1)
      return std::nullopt;
    result.shape.erase(result.shape.begin() + axis);
  }
  return result;
}

std::optional<Elements> slice(Node &node, const Elements &x) {
  if (x.shape.size() != 1 || node.inputs() < 3)
    return std::nullopt;
  auto one = [&](int operand, int64_t otherwise) -> std::optional<int64_t> {
    if (!node.has(operand))
      return otherwise;
    const Elements *known = node.elements(operand);
    return known && known->values.size() == 1 ? getConstantIntValue(known->values[0]) : std::nullopt;
  };
  auto from = one(1, 0), to = one(2, 0), axis = one(3, 0), step = one(4, 1);
  if (!from || !to || !axis || !step || (*axis != 0 && *axis != -1) || *step == 0)
    return std::nullopt;
  int64_t size = x.shape[0];
  auto clamp = [&](int64_t bound) {
    bound = bound < 0 ? std::max(bound, -size - 1) + size : bound;
    return *step > 0 ? std::clamp<int64_t>(bound, 0, size) : std::clamp<int64_t>(bound, -1, size - 1);
  };
  Elements result{{0}, {}};
  int64_t stride = std::clamp<int64_t>(*step, -Elements::kMost, Elements::kMost);
  for (int64_t i = clamp(*from), end = clamp(*to); stride > 0 ? i < end : i > end; i += stride)
    result.values.push_back(x.values[i]);
  result.shape[0] = int64_t(result.values.size());
  return result;
}

std::optional<Elements> gather(Node &node, const Elements &x, const Elements &indices) {
  if (x.shape.size() != 1 || node.axis("axis", 0, 1) != 0)
    return std::nullopt;
  Elements result{indices.shape, {}};
  for (Size index : indices.values) {
    std::optional<int64_t> place = getConstantIntValue(index);
    if (!place)
      return std::nullopt;
    int64_t wrapped = *place < 0 ? *place + x.shape[0] : *place;
    if (wrapped < 0 || wrapped >= x.shape[0]) {
      node.fail("picks element " + Twine(*place) + " of " + Twine(x.shape[0]));
      return std::nullopt;
    }
    result.values.push_back(x.values[wrapped]);
  }
  return result;
}

std::optional<Elements> concat(Node &node) {
  Elements result{{0}, {}};
  for (int i = 0; i < node.inputs(); ++i) {
    const Elements *part = node.elements(i);
    if (!part || part->shape.size() != 1 || result.values.size() + part->values.size() > size_t(Elements::kMost))
      return std::nullopt;
    llvm::append_range(result.values, part->values);
  }
  if (node.axis("axis", 0, 1) != 0)
    return std::nullopt;
  result.shape[0] = int64_t(result.values.size());
  return result;
}

std::optional<Elements> range(Node &node, const Elements &from, const Elements &to, const Elements &step) {
  if (from.values.size() != 1 || to.values.size() != 1 || step.values.size() != 1)
    return std::nullopt;
  auto first = getConstantIntValue(from.values[0]), end = getConstantIntValue(to.values[0]),
       by = getConstantIntValue(step.values[0]);
  if (!first || !end || !by || *by == 0)
    return std::nullopt;
  Elements result{{0}, {}};
  for (int64_t i = *first; *by > 0 ? i < *end : i > *end;) {
    if (result.values.size() >= size_t(Elements::kMost))
      return std::nullopt;
    result.values.push_back(node.b.size(i));
    if (__builtin_add_overflow(i, *by, &i))
      break;
  }
  result.shape[0] = int64_t(result.values.size());
  return result;
}

std::optional<Elements> reduceAll(Node &node, StringRef op, const Elements &x) {
  if (x.shape.size() > 1 || x.values.empty())
    return std::nullopt;
  Size result = x.values[0];
  for (Size value : ArrayRef(x.values).drop_front()) {
    auto next = combine(node, op == "ReduceProd" ? "Mul" : op == "ReduceSum" ? "Add" : op.drop_front(6), result, value);
    if (!next)
      return std::nullopt;
    result = *next;
  }
  bool keep = node.integer("keepdims", 1) != 0 && x.shape.size() == 1;
  return Elements{keep ? SmallVector<int64_t>{1} : SmallVector<int64_t>{}, {result}};
}

/// A list of constants that elements are; nothing otherwise.
std::optional<SmallVector<int64_t>> constantsOf(const Elements *elements) {
  SmallVector<int64_t> result;
  if (elements)
    for (Size value : elements->values)
      if (auto number = getConstantIntValue(value))
        result.push_back(*number);
  return elements && result.size() == elements->values.size() ? std::optional(result) : std::nullopt;
}

std::optional<Elements> compute(Node &node, StringRef op) {
  const Elements *x = node.elements(0), *y = node.elements(1), *z = node.elements(2);
  if (op == "Concat")
    return node.inputs() ? concat(node) : std::nullopt;
  if (!x)
    return std::nullopt;
  if (op == "Identity")
    return *x;
  if (op == "Unsqueeze" || op == "Squeeze")
    return squeezed(node, *x, op == "Unsqueeze");
  if (op == "Slice")
    return slice(node, *x);
  if (op == "Gather" && y)
    return gather(node, *x, *y);
  if (op == "Where" && y && z)
    return where(*x, *y, *z);
  if (op == "Range" && y && z)
    return range(node, *x, *y, *z);
  if (op == "Reshape")
    if (auto shape = constantsOf(y))
      return reshape(*x, *shape);
  if (op == "Expand")
    if (auto shape = constantsOf(y); shape && llvm::all_of(*shape, [](int64_t size) { return size >= 0; })) {
      auto both = together(x->shape, *shape);
      if (!both)
        return std::nullopt;
      Elements result{*both, {}};
      for (int64_t flat = 0; flat < countOf(*both); ++flat)
        result.values.push_back(at(*x, *both, flat));
      return result;
    }
  if ((op == "ReduceProd" || op == "ReduceSum" || op == "ReduceMax" || op == "ReduceMin") && !node.has(1) &&
      !node.attribute("axes"))
    return reduceAll(node, op, *x);
  if (op == "Neg") {
    Elements result = *x;
    for (Size &value : result.values)
      value = node.b.sub(node.b.size(0), value);
    return result;
  }
  if (op == "Not") {
    Elements result = *x;
    for (Size &value : result.values) {
      auto known = getConstantIntValue(value);
      if (!known)
        return std::nullopt;
      value = node.b.size(*known == 0);
    }
    return result;
  }
  if (y && node.inputs() == 2)
    return binary(node, op, *x, *y);
  return std::nullopt;
}

} // namespace

bool computeElements(Node &node) {
  StringRef op = node.proto.op_type();
  if (node.results() != 1)
    return false;
  // Small types wrap; only those that sizes have are computed so.
  const ElementType *type = nullptr;
  for (int i = 0; i < node.inputs(); ++i)
    if (const Elements *known = node.elements(i); known && node.entry(i)->type->kind == ElementType::Integer)
      type = node.entry(i)->type;
  if (type && type->number != onnx::TensorProto::INT64 && type->number != onnx::TensorProto::INT32)
    return false;
  if (op == "Cast") {
    const Elements *x = node.elements(0);
    const ElementType *to = findElementType(int32_t(node.integer("to", 0)));
    auto number = to ? to->number : 0;
    if (!x || (number != onnx::TensorProto::INT64 && number != onnx::TensorProto::INT32))
      return false;
    node.give(0, *x, to);
    return true;
  }
  std::optional<Elements> result = compute(node, op);
  if (!result || node.b.hasFailed() || int64_t(result->values.size()) > Elements::kMost)
    return false;
  bool logical =
      llvm::is_contained({"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Not"}, op);
  node.give(0, std::move(*result), logical ? boolType() : op == "Where" ? node.type(1) : node.type(0));
  return true;
}

} // namespace ph::onnx_import
