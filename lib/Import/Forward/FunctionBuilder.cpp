#include "FunctionBuilder.h"

using namespace mlir;

namespace ph {

constexpr int64_t kDynamic = ShapedType::kDynamic;

Location FunctionBuilder::here() const {
  return FileLineColLoc::get(builder.getStringAttr(family.pathOf(line)), Architecture::lineInFile(line), 1);
}

RankedTensorType withFeatures(Value like, int64_t features) {
  auto type = cast<RankedTensorType>(like.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = features;
  return RankedTensorType::get(shape, type.getElementType());
}

ArrayRef<int64_t> shapeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }

Status FunctionBuilder::build() {
  line = entry.line;
  if (state.functions.count(entry.name))
    return fail("there are two functions \"" + entry.name + "\" for this checkpoint");
  func::FuncOp function;
  if (Status error = declare(function))
    return error;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&function.getBody().front());
  if (Status error = buildLines(entry.body))
    return error;
  line = entry.line;
  if (Status error = finish(function))
    return error;
  state.functions[entry.name] = function;
  return {};
}

Expected<Type> FunctionBuilder::argumentType(const ArgumentEntry &argument) {
  line = argument.line;
  const Expression &type = argument.type;
  SmallVector<int64_t> sizes;
  for (const Expression &size : type.arguments) {
    Expected<Scalar> number = scalar(size);
    if (!number)
      return number.error();
    auto *whole = std::get_if<int64_t>(&*number);
    if (!whole || *whole < 1 || *whole > (int64_t(1) << 31))
      return fail("the size " + toString(*number) + " of the argument \"" + argument.name + "\" is no size");
    sizes.push_back(*whole);
  }
  if (type.text == "tokens" && sizes.empty())
    return Type(RankedTensorType::get({kDynamic, kDynamic}, builder.getI32Type()));
  if (type.text == "indices" && sizes.empty())
    return Type(RankedTensorType::get({kDynamic}, builder.getI32Type()));
  if (type.text == "images" && sizes.size() == 3)
    return Type(RankedTensorType::get({kDynamic, sizes[0], sizes[1], sizes[2]}, builder.getF32Type()));
  if (type.text == "features" && sizes.size() == 1)
    return Type(RankedTensorType::get({kDynamic, kDynamic, sizes[0]}, builder.getF32Type()));
  if (type.text == "features" && sizes.size() == 2)
    return Type(RankedTensorType::get({kDynamic, sizes[0], sizes[1]}, builder.getF32Type()));
  if (type.text == "signal" && sizes.size() == 1)
    return Type(RankedTensorType::get({kDynamic, sizes[0], kDynamic}, builder.getF32Type()));
  if (type.text != "cache" || !sizes.empty())
    return fail("an argument is tokens, indices, cache, images(channels, height, width), signal(channels), "
                "features(width) or features(rows, width)");
  std::optional<int64_t> layers = model.integer("cache_layers"), heads = model.integer("kv_heads"),
                         dim = model.integer("head_dim");
  layers = layers ? layers : model.integer("layers");
  Type element = state.halfCache ? Type(builder.getF16Type()) : Type(builder.getF32Type());
  Type cacheType;
  if (layers && heads && dim)
    cacheType = xf::CacheType::getChecked([&] { return emitError(here()); }, builder.getContext(), *layers, *heads,
                                          *dim, element);
  if (!cacheType)
    return fail("a cache needs the integers \"kv_heads\" and \"head_dim\" in \"config\", each 1 or more");
  return cacheType;
}

Status FunctionBuilder::declare(func::FuncOp &function) {
  SmallVector<Type> types;
  for (const ArgumentEntry &argument : entry.arguments) {
    Expected<Type> type = argumentType(argument);
    if (!type)
      return type.error();
    types.push_back(*type);
  }
  line = entry.line;
  function = func::FuncOp::create(builder, here(), entry.name, builder.getFunctionType(types, {}));
  Block *block = function.addEntryBlock();
  Value tokens;
  for (auto [index, argument] : llvm::enumerate(entry.arguments)) {
    Value value = block->getArgument(index);
    function.setArgAttr(index, xf::XFDialect::getNameAttrName(), builder.getStringAttr(argument.name));
    if (isa<xf::CacheType>(value.getType())) {
      if (cache)
        return fail("a function has one cache");
      cache = value;
      continue;
    }
    names[argument.name] = value;
    if (argument.name == "past")
      past = value;
    if (!tokens && xf::isTokens(value.getType()))
      tokens = value;
  }
  if (cache && (!past || !xf::isIndices(past.getType()) || !tokens))
    return fail("a function with a cache has the arguments \"past\" (indices) and some tokens");
  // The positions of the tokens; sequences begin at 0 where the function doesn't know of a past.
  if (tokens && !names.count("positions")) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(block);
    Value before = past;
    if (!before || !xf::isIndices(before.getType())) {
      Value batch = xf::DimOp::create(builder, here(), tokens, int64_t(0));
      auto zeros =
          DenseElementsAttr::get(RankedTensorType::get({1}, builder.getI32Type()), builder.getI32IntegerAttr(0));
      Value zero = arith::ConstantOp::create(builder, here(), zeros);
      before = xf::BroadcastOp::create(builder, here(), zero, ArrayRef<OpFoldResult>{batch});
    }
    positions = xf::PositionsOp::create(builder, here(), tokens.getType(), tokens, before);
    names["positions"] = positions;
  }
  return {};
}

/// Removes what made a value that is not used, as far as nothing else uses it.
static void eraseUnused(Value value) {
  Operation *op = value ? value.getDefiningOp() : nullptr;
  if (!op || !op->use_empty())
    return;
  SmallVector<Value> operands(op->getOperands());
  op->erase();
  for (Value operand : operands)
    eraseUnused(operand);
}

Status FunctionBuilder::finish(func::FuncOp function) {
  SmallVector<Value> results;
  SmallVector<std::string> labels;
  for (const std::string &name : entry.results) {
    auto it = names.find(name);
    if (it == names.end() || !it->second)
      continue;
    results.push_back(it->second);
    labels.push_back(name);
  }
  if (results.empty())
    return fail("\"" + entry.name + "\" has no result for this checkpoint");
  if (entry.name == "forward" && cache) {
    auto type = dyn_cast<RankedTensorType>(results[0].getType());
    if (!type || type.getRank() != 2 || type.getDimSize(1) != *model.integer("vocabulary")) {
      line = entry.body.back().line;
      return fail("\"logits\" is no [rows, vocabulary]: select_rows comes before logits(…)");
    }
  }
  if (cache) {
    int64_t layers = cast<xf::CacheType>(cache.getType()).getLayers();
    if (int64_t(cachedLayers.size()) != layers && !cachedLayers.empty())
      return fail(std::to_string(cachedLayers.size()) + " layers attend over the cache, but it has " +
                  std::to_string(layers));
    results.push_back(cache);
    labels.push_back("cache");
  }
  func::ReturnOp::create(builder, here(), results);
  SmallVector<Type> types = llvm::map_to_vector(results, [](Value value) { return value.getType(); });
  function.setType(builder.getFunctionType(function.getArgumentTypes(), types));
  for (auto [index, label] : llvm::enumerate(labels))
    function.setResultAttr(index, xf::XFDialect::getNameAttrName(), builder.getStringAttr(label));
  eraseUnused(positions);
  return {};
}

Status FunctionBuilder::buildLines(const std::vector<Statement> &lines) {
  for (const Statement &statement : lines) {
    line = statement.line;
    Status error;
    if (statement.kind == Statement::Kind::Repeat) {
      error = buildRepeat(statement);
    } else if (statement.kind == Statement::Kind::If) {
      Expected<bool> holds = truth(statement.value);
      error = holds ? buildLines(*holds ? statement.body : statement.otherwise) : Status(holds.error());
    } else {
      error = assign(statement);
    }
    if (error)
      return error;
  }
  return {};
}

Status FunctionBuilder::assign(const Statement &statement) {
  for (const std::string &target : statement.targets)
    if (family.findWeight(target) || model.lookup(target) || target == "layer" || target == "none" ||
        family.findConfig(target))
      return fail("\"" + target + "\" is the name of a weight or a quantity already");
  const Expression &what = statement.value;
  if (statement.targets.size() == 1 && isScalar(what)) {
    if (names.count(statement.targets[0]))
      return fail("\"" + statement.targets[0] + "\" is a tensor already");
    Expected<Scalar> result = scalar(what);
    if (!result)
      return result.error();
    scalars[statement.targets[0]] = std::move(*result);
    return {};
  }
  if (what.is(Expression::Kind::Name) && what.text == "none" && statement.targets.size() == 1)
    return bind(statement.targets[0], Value());
  Expected<Values> results = values(what);
  if (!results)
    return results.error();
  if (results->size() != statement.targets.size())
    return fail("the line names " + std::to_string(statement.targets.size()) + " values, but there are " +
                std::to_string(results->size()));
  for (auto [target, result] : llvm::zip_equal(statement.targets, *results))
    if (Status error = bind(target, result))
      return error;
  return {};
}

Status FunctionBuilder::bind(const std::string &target, Value value) {
  if (scalars.count(target))
    return fail("\"" + target + "\" is a number or text already");
  auto previous = names.find(target);
  if (carried.count(target) && previous != names.end() && previous->second && value &&
      previous->second.getType() != value.getType())
    return fail("\"" + target + "\" changes its type inside a repeat");
  names[target] = value;
  return {};
}

} // namespace ph
