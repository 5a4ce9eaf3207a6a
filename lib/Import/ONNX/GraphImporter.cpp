#include "GraphImporter.h"
#include "ImportGraph.h"
#include "Node.h"
#include "TextInputs.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Verifier.h"
#include "runtime/base/Quote.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;

namespace ph::onnx_import {

/// Floats of fewer elements than this become constants where they are no vector, or are frequencies.
static constexpr int64_t kSmallTable = 256;

/// Numbers above 0 that fall from each to the next: those that angles of positions are multiplied with, which what is
/// learned hardly ever looks like. A rotation is recognized by them.
static bool areFrequencies(const FileTensor &tensor) {
  if (tensor.elements() < 2 || tensor.elements() > kSmallTable)
    return false;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    if (!(tensor.number(i) > 0) || (i > 0 && tensor.number(i) >= tensor.number(i - 1)))
      return false;
  return true;
}

GraphImporter::GraphImporter(MLIRContext &context, const OnnxSource &source, bool beginsText)
    : b(UnknownLoc::get(&context), OpBuilder(&context)), file(source.contents()), beginsText(beginsText) {
  module = ModuleOp::create(UnknownLoc::get(&context), "onnx");
  std::string name = source.name();
  for (char &c : name)
    if (c < 0x20 || c == 0x7f)
      c = ' ';
  (*module)->setAttr(xf::XFDialect::getModelAttrName(),
                     b.getDictionaryAttr({b.getNamedAttr("architecture", b.getStringAttr(kEcosystem)),
                                          b.getNamedAttr("name", b.getStringAttr(name))}));
}

Type GraphImporter::elementType(const ElementType *type) {
  switch (type->kind) {
  case ElementType::Float:
    return b.getF32Type();
  case ElementType::Integer:
    return b.getI32Type();
  case ElementType::Bool:
    return b.getI1Type();
  case ElementType::Other:
    break;
  }
  b.fail(Twine("computes with elements of type ") + type->name + ", which nothing here does");
  return {};
}

//===-- values ------------------------------------------------------------------------------------------------===//

Entry GraphImporter::entryOf(const FileTensor &tensor) {
  Entry entry;
  entry.type = tensor.type;
  entry.file = &tensor;
  if ((tensor.type->kind == ElementType::Integer || tensor.type->kind == ElementType::Bool) &&
      tensor.elements() <= Elements::kMost) {
    Elements elements{SmallVector<int64_t>(tensor.shape.begin(), tensor.shape.end()), {}};
    for (int64_t i = 0; i < tensor.elements(); ++i)
      elements.values.push_back(b.size(tensor.integer(i)));
    entry.elements = std::move(elements);
  }
  return entry;
}

Value GraphImporter::tensorOf(Entry &entry) {
  if (entry.tensor)
    return entry.tensor;
  if (!entry.elements)
    return entry.tensor = entry.file ? constantOf(*entry.file) : Value();
  Type element = elementType(entry.type);
  if (!element)
    return {};
  const Elements &elements = *entry.elements;
  SmallVector<Attribute> constants;
  for (Size value : elements.values) {
    std::optional<int64_t> number = getConstantIntValue(value);
    if (!number)
      break;
    if (element.isInteger(32) && *number != int32_t(*number)) {
      // What stands for "to the end" is as good as the end that 32 bits have.
      if (*number != INT64_MAX && *number != INT64_MIN)
        return b.fail("computes with " + Twine(*number) + ", which does not fit 32 bits");
      number = *number > 0 ? INT32_MAX : INT32_MIN;
    }
    constants.push_back(b.getIntegerAttr(element, element.isInteger(1) ? *number != 0 : *number));
  }
  if (constants.size() == elements.values.size())
    return entry.tensor = arith::ConstantOp::create(
               b, DenseElementsAttr::get(RankedTensorType::get(elements.shape, element), constants));
  SmallVector<Value> parts;
  for (Size value : elements.values)
    parts.push_back(b.reshape(b.scalar(value), {b.size(1)}));
  Sizes shape;
  for (int64_t size : elements.shape)
    shape.push_back(b.size(size));
  return entry.tensor = b.reshape(b.concat(parts, 0), shape);
}

/// Whether the rows of a table, […, rows, 1, columns], are a number each times how far columns are before the last one:
/// as biases of attention are written that grow with the distance.
static bool areDistances(const FileTensor &tensor) {
  int64_t rank = int64_t(tensor.shape.size()), columns = rank < 3 ? 0 : tensor.shape.back();
  constexpr int64_t kMost = 1 << 20;
  if (columns < 3 || tensor.shape[rank - 2] != 1 || tensor.type->kind != ElementType::Float ||
      tensor.elements() > kMost || tensor.elements() != tensor.shape[rank - 3] * columns)
    return false;
  for (int64_t first = 0; first < tensor.elements(); first += columns) {
    double slope = -tensor.number(first + columns - 2);
    if (!(slope > 0))
      return false;
    for (int64_t column = 0; column < columns; ++column)
      if (float(tensor.number(first + column)) != float(slope) * float(column - columns + 1))
        return false;
  }
  return true;
}

Value GraphImporter::distancesOf(const FileTensor &tensor) {
  int64_t columns = tensor.shape.back();
  SmallVector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
  shape.back() = 1;
  SmallVector<float> slopes;
  for (int64_t first = 0; first < tensor.elements(); first += columns)
    slopes.push_back(-float(tensor.number(first + columns - 2)));
  Value constant = arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get(shape, b.getF32Type()), ArrayRef<float>(slopes)));
  return b.mul(constant, b.cast(b.sub(b.iota(b.size(columns)), b.i32(columns - 1)), b.getF32Type()));
}

Value GraphImporter::constantOf(const FileTensor &tensor) {
  Type element = elementType(tensor.type);
  if (!element)
    return {};
  if (areDistances(tensor))
    return distancesOf(tensor);
  bool isVector = !tensor.shape.empty() && tensor.elements() > 1 && tensor.shape.back() == tensor.elements();
  if (tensor.type->kind == ElementType::Float && tensor.elements() > 0 && !tensor.shape.empty() &&
      !areFrequencies(tensor) &&
      (isVector || tensor.elements() > kSmallTable ||
       (tensor.elements() > 1 && !llvm::is_contained(tensor.shape, tensor.elements())))) {
    bool finite = tensor.elements() > 65536;
    for (int64_t i = 0; !finite && i < tensor.elements(); ++i) {
      if (!std::isfinite(float(tensor.number(i))))
        break;
      finite = i + 1 == tensor.elements();
    }
    if (finite)
      return weightOf(tensor);
  }
  auto type = RankedTensorType::get(tensor.shape, element);
  if (tensor.type->kind == ElementType::Float) {
    std::vector<float> values(tensor.elements());
    for (int64_t i = 0; i < tensor.elements(); ++i)
      values[i] = float(tensor.number(i));
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(values)));
  }
  if (tensor.type->kind == ElementType::Bool) {
    SmallVector<bool> values;
    for (int64_t i = 0; i < tensor.elements(); ++i)
      values.push_back(tensor.integer(i) != 0);
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<bool>(values)));
  }
  std::vector<int32_t> values(tensor.elements());
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    int64_t value = tensor.integer(i);
    values[i] = int32_t(value);
    if (value != values[i])
      return b.fail("takes tensor " + quoteText(tensor.name) + ", which holds " + Twine(value) +
                    ", which does not fit 32 bits");
  }
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<int32_t>(values)));
}

Value GraphImporter::weightOf(const FileTensor &tensor) {
  xf::WeightOp &weight = weights[&tensor];
  if (!weight) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module->getBody());
    for (auto last : module->getOps<xf::WeightOp>())
      b.setInsertionPointAfter(last);
    auto source = xf::SourceAttr::get(b.getContext(), StringRef(tensor.name));
    weight = xf::WeightOp::create(b, b.getStringAttr(tensor.name),
                                  TypeAttr::get(RankedTensorType::get(tensor.shape, b.getF32Type())), UnitAttr(),
                                  b.getArrayAttr({source}));
  }
  return xf::LoadWeightOp::create(b, weight);
}

//===-- graphs ------------------------------------------------------------------------------------------------===//

void GraphImporter::readInitializers(const onnx::GraphProto &graph, Scope &scope) {
  for (const onnx::TensorProto &tensor : graph.initializer())
    if (const FileTensor *found = file.find(tensor))
      scope.entries.try_emplace(tensor.name(), entryOf(*found));
}

void GraphImporter::readNode(const onnx::NodeProto &proto, Scope &scope) {
  std::string outer = std::exchange(
      where, "node " + quoteText(proto.name().empty() && proto.output_size() ? proto.output(0) : proto.name()) + " (" +
                 quoteText(proto.op_type()) + ")");
  b.setLoc(NameLoc::get(b.getStringAttr(proto.name())));
  const std::string domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  Node node(*this, proto, scope, file.opset(domain));
  const Operator *known = domain.empty() ? findOperator(proto.op_type()) : nullptr;
  if (const onnx::FunctionProto *function = findFunction(domain, proto.op_type()))
    readFunction(*function, node);
  else if (!known)
    b.fail(domain.empty() ? Twine("is an operator that is not known here")
                          : Twine("is an operator of the domain ") + quoteText(domain) + ", which is not known here");
  else if (node.opset < known->since)
    b.fail("is an operator since opset " + Twine(known->since) + ", but the model has opset " + Twine(node.opset));
  else if (!computeElements(node))
    known->read(node);
  if (b.hasFailed())
    return;
  readDeclared(proto, scope);
  where = std::move(outer);
}

const onnx::FunctionProto *GraphImporter::findFunction(const std::string &domain, const std::string &name) const {
  for (const onnx::FunctionProto &function : file.model().functions())
    if (function.name() == name && (function.domain() == "ai.onnx" ? "" : function.domain()) == domain)
      return &function;
  return nullptr;
}

void GraphImporter::readFunction(const onnx::FunctionProto &function, Node &call) {
  for (const onnx::OperatorSetIdProto &set : function.opset_import())
    if (file.opset(set.domain()) != set.version())
      return void(b.fail("is a function of opset " + Twine(set.version()) + " of " + quoteText(set.domain()) +
                         ", but the model has " + Twine(file.opset(set.domain()))));
  if (calls == OnnxFile::kMostDepth)
    return void(b.fail("calls functions more than " + Twine(OnnxFile::kMostDepth) + " deep"));
  if (call.inputs() > function.input_size() || call.results() > function.output_size())
    return void(b.fail("has more operands or results than its function"));
  ++calls;
  Scope scope;
  scope.caller = &call.proto;
  scope.function = &function;
  for (int i = 0; i < call.inputs(); ++i)
    if (call.has(i))
      if (Entry *entry = call.entry(i))
        scope.entries[function.input(i)] = *entry;
  // What the caller's attributes name is looked up around the call.
  scope.around = &call.scope;
  for (const onnx::NodeProto &node : function.node()) {
    readNode(node, scope);
    if (b.hasFailed())
      return;
  }
  for (int i = 0; i < call.results(); ++i)
    if (call.wants(i)) {
      auto found = scope.entries.find(function.output(i));
      if (found == scope.entries.end())
        return void(b.fail("has the result " + quoteText(function.output(i)) + ", which nothing gives"));
      call.give(i, found->second);
    }
  --calls;
}

void GraphImporter::readDeclared(const onnx::NodeProto &node, Scope &scope) {
  for (const std::string &output : node.output()) {
    const onnx::ValueInfoProto *info = declared.lookup(output);
    Entry *entry = info ? scope.find(output) : nullptr;
    if (!entry || !entry->tensor || !info->type().has_tensor_type())
      continue;
    const auto &shape = info->type().tensor_type().shape();
    if (shape.dim_size() != TensorBuilder::rankOf(entry->tensor))
      continue;
    for (auto [axis, dim] : llvm::enumerate(shape.dim()))
      if (dim.has_dim_value() && dim.dim_value() > 0 && TensorBuilder::typeOf(entry->tensor).isDynamicDim(axis))
        b.know(entry->tensor, int64_t(axis), b.size(dim.dim_value()));
  }
}

SmallVector<Entry> GraphImporter::readGraph(const onnx::GraphProto &graph, ArrayRef<Entry> inputs, Scope *outer) {
  Scope scope;
  scope.outer = outer;
  readInitializers(graph, scope);
  for (const onnx::ValueInfoProto &info : graph.value_info())
    declared.try_emplace(info.name(), &info);
  for (auto [input, entry] : llvm::zip(graph.input(), inputs))
    scope.entries[input.name()] = entry;
  for (const onnx::NodeProto &node : graph.node()) {
    readNode(node, scope);
    if (b.hasFailed())
      return {};
  }
  SmallVector<Entry> outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Entry *found = scope.find(output.name());
    if (!found) {
      b.fail("has the output " + quoteText(output.name()) + ", which nothing gives");
      return {};
    }
    outputs.push_back(*found);
  }
  return outputs;
}

RankedTensorType GraphImporter::inputType(const onnx::ValueInfoProto &input) {
  const auto &type = input.type();
  if (!type.has_tensor_type()) {
    b.fail("expects a tensor as input");
    return {};
  }
  const ElementType *elements = findElementType(type.tensor_type().elem_type());
  Type element = elements ? elementType(elements) : Type();
  if (!element || !type.tensor_type().has_shape()) {
    b.fail("expects an input of known rank and of numbers");
    return {};
  }
  SmallVector<int64_t> shape;
  for (const auto &dim : type.tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : ShapedType::kDynamic);
  int64_t count = 1;
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) && (__builtin_mul_overflow(count, size, &count) || count > INT64_MAX / 16)) {
      b.fail("has an impossible shape");
      return {};
    }
  return RankedTensorType::get(shape, element);
}

Entry GraphImporter::readInput(const onnx::ValueInfoProto &input, Value argument) {
  for (auto [axis, dim] : llvm::enumerate(input.type().tensor_type().shape().dim())) {
    if (!TensorBuilder::typeOf(argument).isDynamicDim(axis) || dim.dim_param().empty())
      continue;
    auto [known, isNew] = namedSizes.try_emplace(dim.dim_param());
    if (isNew)
      known->second = b.dim(argument, axis);
    else
      b.know(argument, axis, known->second);
  }
  Entry entry;
  entry.tensor = argument;
  entry.type = findElementType(input.type().tensor_type().elem_type());
  return entry;
}

Value GraphImporter::outputOf(Entry &entry, const onnx::ValueInfoProto &output) {
  Value tensor = tensorOf(entry);
  if (!tensor || !output.type().has_tensor_type() || !output.type().tensor_type().has_shape())
    return tensor;
  auto type = TensorBuilder::typeOf(tensor);
  const auto &declared = output.type().tensor_type().shape();
  if (declared.dim_size() != type.getRank())
    return b.fail("gives " + Twine(type.getRank()) + " dimensions, but " + Twine(declared.dim_size()) +
                  " are declared");
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, dim] : llvm::zip_equal(shape, declared.dim())) {
    if (!dim.has_dim_value())
      continue;
    if (!ShapedType::isDynamic(size) && size != dim.dim_value())
      return b.fail("gives a dimension of " + Twine(size) + ", but " + Twine(dim.dim_value()) + " is declared");
    size = dim.dim_value();
  }
  auto refined = RankedTensorType::get(shape, type.getElementType());
  return refined == type ? tensor : tensor::CastOp::create(b, refined, tensor).getResult();
}

void GraphImporter::nameSizes(const onnx::ValueInfoProto &input, Value tokens) {
  Sizes sizes;
  switch (textInputOf(input)) {
  case TextInput::Tokens:
  case TextInput::Padding:
  case TextInput::Positions:
    sizes = {b.dim(tokens, 0), b.dim(tokens, 1)};
    break;
  case TextInput::Past:
    sizes = {b.dim(tokens, 0), Size(), b.size(0), Size()};
    break;
  case TextInput::Nothing:
  case TextInput::Other:
    break;
  }
  const auto &shape = input.type().tensor_type().shape();
  // Those of cache_position are [sequence].
  ArrayRef<Size> last = ArrayRef(sizes).take_back(std::min(sizes.size(), size_t(shape.dim_size())));
  for (auto [dim, size] : llvm::zip(shape.dim(), last))
    if (size && !dim.dim_param().empty())
      namedSizes.try_emplace(dim.dim_param(), size);
}

Entry GraphImporter::beginText(const onnx::ValueInfoProto &input, Value tokens) {
  Entry entry;
  entry.type = findElementType(input.type().tensor_type().elem_type());
  const auto &shape = input.type().tensor_type().shape();
  TextInput kind = textInputOf(input);
  if (kind == TextInput::Nothing) {
    entry.elements = Elements{SmallVector<int64_t>(shape.dim_size(), 1), {b.size(0)}};
  } else if (kind == TextInput::Positions) {
    entry.tensor = b.iota(b.dim(tokens, 1));
    if (shape.dim_size() == 2)
      entry.tensor = b.broadcast(entry.tensor, {b.dim(tokens, 0), b.dim(tokens, 1)});
  } else {
    Value none = b.reshape(b.f32(0), {b.size(1), b.size(1), b.size(1), b.size(1)});
    entry.tensor = b.broadcast(
        none, {b.dim(tokens, 0), b.size(shape.dim(1).dim_value()), b.size(0), b.size(shape.dim(3).dim_value())});
  }
  return entry;
}

Expected<OwningOpRef<ModuleOp>> GraphImporter::run() {
  const onnx::GraphProto &graph = file.model().graph();
  llvm::StringSet<> constants;
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants.insert(tensor.name());
  SmallVector<Type> types;
  SmallVector<const onnx::ValueInfoProto *> inputs;
  // A text begins with tokens.
  bool begins = beginsText && llvm::any_of(graph.input(), [](const onnx::ValueInfoProto &input) {
                  return textInputOf(input) == TextInput::Tokens;
                });
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()))
      continue;
    where = "input " + quoteText(input.name());
    TextInput kind = begins ? textInputOf(input) : TextInput::Other;
    if (kind != TextInput::Other && kind != TextInput::Tokens && kind != TextInput::Padding) {
      begun.push_back(&input);
      continue;
    }
    RankedTensorType type = inputType(input);
    if (!type)
      return bad(where + " " + b.message());
    types.push_back(type);
    inputs.push_back(&input);
  }
  b.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(b, "forward", b.getFunctionType(types, {}));
  b.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<Entry> entries;
  Scope scope;
  Value tokens;
  for (auto [index, input] : llvm::enumerate(inputs))
    if (begins && textInputOf(*input) == TextInput::Tokens)
      tokens = function.getArgument(index);
  if (tokens)
    for (const onnx::ValueInfoProto &input : graph.input())
      nameSizes(input, tokens);
  for (auto [index, input] : llvm::enumerate(inputs)) {
    function.setArgAttr(index, xf::XFDialect::getNameAttrName(), b.getStringAttr(input->name()));
    if (!scope.entries.try_emplace(input->name(), readInput(*input, function.getArgument(index))).second)
      return bad("input " + quoteText(input->name()) + " is there twice");
    if (tokens && textInputOf(*input) == TextInput::Padding)
      for (int64_t axis : {0, 1})
        b.know(function.getArgument(index), axis, b.dim(tokens, axis));
  }
  for (const onnx::ValueInfoProto *input : begun)
    scope.entries[input->name()] = beginText(*input, tokens);
  where = "the graph";
  SmallVector<Entry> outputs = readGraph(graph, {}, &scope);
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> names;
  for (auto [output, entry] : llvm::zip(graph.output(), outputs)) {
    if (!begun.empty() && isPresent(output.name()))
      continue;
    where = "output " + quoteText(output.name());
    Value result = outputOf(entry, output);
    if (!result)
      break;
    results.push_back(result);
    names.push_back(
        b.getDictionaryAttr(b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr(output.name()))));
  }
  if (b.hasFailed())
    return bad(where + " " + b.message());
  func::ReturnOp::create(b, results);
  function.setFunctionType(b.getFunctionType(types, TypeRange(ValueRange(results))));
  function.setAllResultAttrs(names);
  return std::move(module);
}

Expected<ImportedModel> importGraph(MLIRContext &context, const SourceModel &model, bool beginsText) {
  context.loadDialect<arith::ArithDialect, linalg::LinalgDialect, tensor::TensorDialect>();
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error && said.empty()) {
      llvm::raw_string_ostream stream(said);
      if (auto name = dyn_cast<NameLoc>(diagnostic.getLocation()))
        stream << "node " << quoteText(name.getName().getValue()) << ": ";
      stream << diagnostic;
    }
    return success();
  });
  const auto &source = static_cast<const OnnxSource &>(model);
  GraphImporter importer(context, source, beginsText);
  auto module = importer.run();
  if (!module)
    return module.error();
  if (failed(verify(**module)))
    return Error{ErrorCode::BadModel, model.path() + ": " + said};
  return ImportedModel{std::move(*module), {}, importer.hasLess(), source.contextLength()};
}

} // namespace ph::onnx_import
