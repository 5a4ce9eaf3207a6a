#include "Node.h"
#include "dialects/Transformer/Decimal.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "runtime/base/Quote.h"
#include <cmath>

using namespace mlir;

namespace ph::onnx_import {

//===-- operands ----------------------------------------------------------------------------------------------===//

Entry *Node::entry(int index) {
  if (!has(index)) {
    fail("has no operand " + Twine(index) + ", which it needs");
    return nullptr;
  }
  Entry *found = scope.find(proto.input(index));
  if (!found)
    fail("takes " + quoteText(proto.input(index)) + ", which nothing before it gives");
  return found;
}

Value Node::tensor(int index) {
  Entry *found = entry(index);
  return found ? g.tensorOf(*found) : Value();
}

const ElementType *Node::type(int index) {
  Entry *found = entry(index);
  return found ? found->type : findElementType(onnx::TensorProto::FLOAT);
}

const Elements *Node::elements(int index) {
  if (!has(index))
    return nullptr;
  Entry *found = scope.find(proto.input(index));
  return found && found->elements ? &*found->elements : nullptr;
}

bool Node::areIntegers(ArrayRef<Value> tensors) {
  if (llvm::all_of(tensors, [](Value each) { return each && TensorBuilder::elementOf(each).isInteger(32); }))
    return true;
  fail("expects integers");
  return false;
}

std::optional<Sizes> Node::sizes(int index) {
  if (const Elements *known = elements(index)) {
    if (known->shape.size() <= 1)
      return known->values;
    fail("expects a list of integers as operand " + Twine(index));
    return std::nullopt;
  }
  Value list = tensor(index);
  if (!list)
    return std::nullopt;
  auto type = TensorBuilder::typeOf(list);
  if (type.getRank() > 1 || !type.hasStaticShape() || type.getNumElements() > 64 ||
      !type.getElementType().isInteger(32)) {
    fail("expects a list of integers of known length as operand " + Twine(index));
    return std::nullopt;
  }
  Sizes result;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Value> at(type.getRank(), type.getRank() ? b.index(i) : Value());
    result.push_back(b.toIndex(b.at(list, at)));
  }
  return result;
}

std::optional<SmallVector<int64_t>> Node::integers(int index) {
  const Elements *known = elements(index);
  SmallVector<int64_t> result;
  if (known)
    for (Size value : known->values)
      if (std::optional<int64_t> number = getConstantIntValue(value))
        result.push_back(*number);
  if (known && result.size() == known->values.size())
    return result;
  if (entry(index))
    fail("expects constants as operand " + Twine(index) + " (" + quoteText(proto.input(index)) + ")");
  return std::nullopt;
}

std::optional<double> Node::constantNumber(int index) {
  Entry *found = entry(index);
  if (!found)
    return std::nullopt;
  if (found->elements && found->elements->values.size() == 1)
    if (std::optional<int64_t> number = getConstantIntValue(found->elements->values[0]))
      return double(*number);
  if (found->file && found->file->elements() == 1 && found->file->type->kind != ElementType::Other)
    return found->file->number(0);
  fail("expects one constant number as operand " + Twine(index) + " (" + quoteText(proto.input(index)) + ")");
  return std::nullopt;
}

//===-- attributes --------------------------------------------------------------------------------------------===//

static const onnx::AttributeProto *find(const onnx::NodeProto &node, StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

const onnx::AttributeProto *Node::attribute(StringRef name) const {
  const onnx::AttributeProto *found = find(proto, name);
  // In a function an attribute may be one of the call's, or what stands for it where the call has none.
  for (Scope *at = &scope; found && !found->ref_attr_name().empty();) {
    while (at && !at->function)
      at = at->outer;
    if (!at)
      return nullptr;
    const std::string &wanted = found->ref_attr_name();
    found = find(*at->caller, wanted);
    for (const onnx::AttributeProto &standard : at->function->attribute_proto())
      if (!found && standard.name() == wanted)
        return &standard;
    at = at->around;
  }
  return found;
}

int64_t Node::integer(StringRef name, int64_t otherwise) {
  const onnx::AttributeProto *found = attribute(name);
  if (found && found->type() != onnx::AttributeProto::INT)
    fail("has the attribute '" + name + "', which is no integer");
  return found ? found->i() : otherwise;
}

double Node::real(StringRef name, double otherwise) {
  const onnx::AttributeProto *found = attribute(name);
  if (found && found->type() != onnx::AttributeProto::FLOAT)
    fail("has the attribute '" + name + "', which is no number");
  return found ? xf::decimalOf(found->f()) : otherwise;
}

std::string Node::text(StringRef name, StringRef otherwise) {
  const onnx::AttributeProto *found = attribute(name);
  if (found && found->type() != onnx::AttributeProto::STRING)
    fail("has the attribute '" + name + "', which is no text");
  return found ? found->s() : otherwise.str();
}

std::optional<SmallVector<int64_t>> Node::integerList(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  if (!found)
    return std::nullopt;
  if (found->type() != onnx::AttributeProto::INTS)
    fail("has the attribute '" + name + "', which is no list of integers");
  return SmallVector<int64_t>(found->ints().begin(), found->ints().end());
}

const onnx::GraphProto *Node::graph(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  if (found && found->has_g())
    return &found->g();
  fail("has no graph '" + name + "'");
  return nullptr;
}

int64_t Node::wrapAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  fail("has the axis " + Twine(axis) + ", but its operand has " + Twine(rank) + " dimensions");
  return 0;
}

int64_t Node::axis(StringRef name, int64_t otherwise, int64_t rank) { return wrapAxis(integer(name, otherwise), rank); }

std::optional<SmallVector<int64_t>> Node::wrapAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes)
    result.push_back(wrapAxis(axis, rank));
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    fail("names an axis twice");
  if (b.hasFailed())
    return std::nullopt;
  return result;
}

std::optional<SmallVector<int64_t>> Node::axesOf(int index, int64_t since, int64_t rank) {
  std::optional<SmallVector<int64_t>> axes;
  if (opset < since)
    axes = integerList("axes");
  else if (has(index))
    axes = integers(index);
  return axes ? wrapAxes(*axes, rank) : axes;
}

//===-- results -----------------------------------------------------------------------------------------------===//

void Node::give(int index, Entry entry) {
  if (!wants(index))
    return;
  if (!entry.tensor && !entry.elements && !entry.file) {
    fail("gives nothing");
    return;
  }
  if (!scope.entries.try_emplace(proto.output(index), std::move(entry)).second)
    fail("gives " + quoteText(proto.output(index)) + ", which something before it gives too");
}

void Node::give(int index, Value tensor, const ElementType *elementType) {
  if (!wants(index) || b.hasFailed())
    return;
  Entry entry;
  entry.tensor = tensor;
  entry.type = elementType ? elementType : type(0);
  give(index, std::move(entry));
}

void Node::give(int index, Elements elements, const ElementType *type) {
  Entry entry;
  entry.type = type;
  entry.elements = std::move(elements);
  give(index, std::move(entry));
}

const Operator *findOperator(StringRef name) {
  static const llvm::StringMap<Operator> table = [] {
    llvm::StringMap<Operator> all;
    for (ArrayRef<Operator> family :
         {attentionOperators(), constantOperators(), contractionOperators(), controlOperators(), convolutionOperators(),
          elementwiseOperators(), gatherOperators(), integerOperators(), lossOperators(), normalizationOperators(),
          orderOperators(), quantizationOperators(), reduceOperators(), resizeOperators(), shapeOperators(),
          statefulOperators()})
      for (const Operator &each : family)
        all.try_emplace(each.name, each);
    return all;
  }();
  auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

} // namespace ph::onnx_import
