// Tensors that are made: of attributes, of shapes, of numbers in a row.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;

namespace ph::onnx_import {

/// The number that all elements of a tensor of floats in the graph itself are; nothing for what may be learned.
static std::optional<float> sameEverywhere(const FileTensor &tensor) {
  constexpr int64_t kMost = 65536;
  if (tensor.type->kind != ElementType::Float || tensor.elements() < 2 || tensor.elements() > kMost)
    return std::nullopt;
  float first = float(tensor.number(0));
  for (int64_t i = 1; i < tensor.elements(); ++i)
    if (float(tensor.number(i)) != first)
      return std::nullopt;
  return first;
}

static void constant(Node &n) {
  Entry entry;
  if (const onnx::AttributeProto *value = n.attribute("value"); value && value->has_t()) {
    const FileTensor *tensor = n.g.file.find(value->t());
    if (std::optional<float> number = tensor ? sameEverywhere(*tensor) : std::nullopt) {
      auto type = RankedTensorType::get(tensor->shape, n.b.getF32Type());
      entry.tensor = arith::ConstantOp::create(n.b, DenseElementsAttr::get(type, *number));
      entry.type = tensor->type;
      return n.give(0, entry);
    }
    if (tensor)
      return n.give(0, n.g.entryOf(*tensor));
  } else if (const onnx::AttributeProto *value = n.attribute("value_float")) {
    entry.tensor = n.b.f32(value->f());
    entry.type = floatType();
    return n.give(0, entry);
  } else if (const onnx::AttributeProto *value = n.attribute("value_int")) {
    return n.give(0, Elements{{}, {n.b.size(value->i())}}, int64Type());
  } else if (const onnx::AttributeProto *value = n.attribute("value_ints")) {
    Elements elements{{int64_t(value->ints_size())}, {}};
    for (int64_t each : value->ints())
      elements.values.push_back(n.b.size(each));
    return n.give(0, std::move(elements), int64Type());
  } else if (const onnx::AttributeProto *value = n.attribute("value_floats")) {
    std::vector<float> floats(value->floats().begin(), value->floats().end());
    auto type = RankedTensorType::get({int64_t(floats.size())}, n.b.getF32Type());
    entry.tensor = arith::ConstantOp::create(n.b, DenseElementsAttr::get(type, ArrayRef<float>(floats)));
    entry.type = floatType();
    return n.give(0, entry);
  }
  n.fail("expects a value of numbers");
}

/// The attribute `value`, one number, as a tensor of rank 0; 0 where it isn't given.
static void constantOfShape(Node &n) {
  std::optional<Sizes> shape = n.sizes(0);
  if (!shape)
    return;
  const FileTensor *fill = nullptr;
  if (const onnx::AttributeProto *value = n.attribute("value"); value && value->has_t())
    fill = n.g.file.find(value->t());
  if (fill && (fill->elements() != 1 || !fill->type->bytes)) {
    n.fail("expects one number as 'value'");
    return;
  }
  const ElementType *type = fill ? fill->type : floatType();
  int64_t count = 1;
  SmallVector<int64_t> fixed;
  for (Size size : *shape) {
    std::optional<int64_t> value = getConstantIntValue(size);
    if (!value || *value < 0 || *value > Elements::kMost || (count *= *value) > Elements::kMost)
      break;
    fixed.push_back(*value);
  }
  if (fixed.size() == shape->size() && (type->kind == ElementType::Integer || type->kind == ElementType::Bool))
    return n.give(0, Elements{fixed, Sizes(count, n.b.size(fill->integer(0)))}, type);
  Type element = n.g.elementType(type);
  if (!element)
    return;
  Value value =
      n.b.number(element, fill ? (type->kind == ElementType::Float ? fill->number(0) : double(fill->integer(0))) : 0);
  n.give(0, n.b.broadcast(value, *shape), type);
}

static void range(Node &n) {
  const ElementType *type = n.type(0);
  if (type->kind == ElementType::Integer) {
    const Elements *from = n.elements(0), *to = n.elements(1), *by = n.elements(2);
    auto step = by && by->values.size() == 1 ? getConstantIntValue(by->values[0]) : std::nullopt;
    if (from && to && from->values.size() == 1 && to->values.size() == 1 && step && *step > 0) {
      Size distance = n.b.sub(to->values[0], from->values[0]);
      Size count = n.b.div(n.b.add(distance, n.b.size(*step - 1)), n.b.size(*step));
      Value numbers = n.b.iota(count);
      if (*step != 1)
        numbers = n.b.mul(numbers, n.b.i32(*step));
      if (!isConstantIntValue(from->values[0], 0))
        numbers = n.b.add(numbers, n.b.scalar(from->values[0]));
      return n.give(0, numbers, type);
    }
  }
  auto from = n.constantNumber(0), to = n.constantNumber(1), step = n.constantNumber(2);
  if (!from || !to || !step)
    return;
  double count = std::ceil((*to - *from) / *step);
  if (*step == 0 || !(count < double(INT32_MAX))) {
    n.fail("expects a step other than 0, and not too many numbers");
    return;
  }
  Type element = n.g.elementType(type);
  if (!element)
    return;
  Value numbers = n.b.cast(n.b.iota(n.b.size(int64_t(std::max(0.0, count)))), element);
  n.give(0, n.b.add(n.b.mul(numbers, n.b.number(element, *step)), n.b.number(element, *from)), type);
}

static void eyeLike(Node &n) {
  Value x = n.tensor(0);
  const ElementType *type = n.attribute("dtype") ? findElementType(int32_t(n.integer("dtype", 0))) : n.type(0);
  int64_t k = n.integer("k", 0);
  Type element = x && type ? n.g.elementType(type) : Type();
  if (!element)
    return void(n.fail("expects a type of numbers"));
  n.give(0,
         n.b.generate(n.b.dims(x), element,
                      [&](TensorBuilder &b, ValueRange at) {
                        if (at.size() != 2)
                          return b.fail("expects a matrix");
                        Value shifted = arith::AddIOp::create(b, at[0], b.index(k));
                        return b.choose(b.equal(shifted, at[1]), b.scalarNumber(element, 1),
                                        b.scalarNumber(element, 0));
                      }),
         type);
}

static void identity(Node &n) {
  if (Entry *entry = n.entry(0))
    n.give(0, *entry);
}

static void dropout(Node &n) {
  if (n.has(2)) {
    auto training = n.constantNumber(2);
    if (!training)
      return;
    if (*training != 0 && n.has(1) && n.constantNumber(1).value_or(1) != 0)
      return void(n.fail("drops elements by chance, as in training"));
  }
  Value x = n.tensor(0);
  n.give(0, x, n.type(0));
  if (n.wants(1))
    n.give(1, n.b.broadcast(n.b.number(n.b.getI1Type(), 1), n.b.dims(x)), boolType());
}

/// Windows of signal processing: the cosines' factors of numbers 0 … size - 1.
static void window(Node &n, ArrayRef<double> factors) {
  auto size = n.integers(0);
  if (!size || size->size() != 1 || (*size)[0] < 0)
    return void(n.fail("expects a size"));
  double length = double(n.integer("periodic", 1) ? (*size)[0] : (*size)[0] - 1);
  Value i = n.b.cast(n.b.iota(n.b.size((*size)[0])), n.b.getF32Type()), sum = n.b.f32(factors[0]);
  for (size_t k = 1; k < factors.size(); ++k) {
    Value angle = n.b.mul(i, n.b.f32(2 * M_PI * double(k) / length));
    sum = n.b.add(n.b.mul(n.b.unary(xf::UnaryKind::Cos, angle), n.b.f32(factors[k])), sum);
  }
  n.give(0, sum, floatType());
}

static void hann(Node &n) { window(n, {0.5, -0.5}); }
static void hamming(Node &n) { window(n, {25.0 / 46, -21.0 / 46}); }
static void blackman(Node &n) { window(n, {0.42, -0.5, 0.08}); }

ArrayRef<Operator> constantOperators() {
  static constexpr Operator operators[] = {
      {"BlackmanWindow", blackman}, {"Constant", constant}, {"ConstantOfShape", constantOfShape},
      {"Dropout", dropout},         {"EyeLike", eyeLike},   {"HammingWindow", hamming},
      {"HannWindow", hann},         {"Identity", identity}, {"Range", range},
  };
  return operators;
}

} // namespace ph::onnx_import
