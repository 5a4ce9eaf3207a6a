#include "ForwardBuilder.h"
#include <algorithm>
#include <set>

using namespace mlir;

namespace ph {

Location ForwardBuilder::here() const { return FileLineColLoc::get(builder.getStringAttr(family.path), line, 1); }

static RankedTensorType activationType(Value like, int64_t features) {
  auto type = cast<RankedTensorType>(like.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = features;
  return RankedTensorType::get(shape, type.getElementType());
}

static int64_t features(Value value) { return cast<RankedTensorType>(value.getType()).getShape().back(); }
static int64_t rows(Value weight) { return cast<RankedTensorType>(weight.getType()).getShape().front(); }

Status ForwardBuilder::build(bool halfCache) {
  constexpr int64_t kDynamic = ShapedType::kDynamic;
  Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
  auto tokensType = RankedTensorType::get({kDynamic, kDynamic}, i32);
  auto indicesType = RankedTensorType::get({kDynamic}, i32);
  auto logitsType = RankedTensorType::get({kDynamic, model.integer("vocabulary")}, f32);
  auto cacheType = xf::CacheType::get(model.integer("layers"), model.integer("kv_heads"), model.integer("head_dim"),
                                      halfCache ? Type(builder.getF16Type()) : f32);
  auto type = builder.getFunctionType({tokensType, indicesType, indicesType, cacheType}, {logitsType, cacheType});
  line = family.forward.front().line;
  auto function = func::FuncOp::create(builder, here(), "forward", type);
  StringRef nameAttr = xf::XFDialect::getNameAttrName();
  const char *arguments[] = {"tokens", "past", "rows", "cache"}, *results[] = {"logits", "cache"};
  for (unsigned i = 0; i < 4; ++i)
    function.setArgAttr(i, nameAttr, builder.getStringAttr(arguments[i]));
  for (unsigned i = 0; i < 2; ++i)
    function.setResultAttr(i, nameAttr, builder.getStringAttr(results[i]));

  OpBuilder::InsertionGuard guard(builder);
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  past = entry->getArgument(1);
  cache = entry->getArgument(3);
  positions = xf::PositionsOp::create(builder, here(), tokensType, entry->getArgument(0), past);
  names = {{"tokens", entry->getArgument(0)}, {"rows", entry->getArgument(2)}};
  if (Status error = buildBody(family.forward))
    return error;
  line = family.forward.back().line;
  if (layersBefore != model.integer("layers"))
    return fail("the repeats have " + std::to_string(layersBefore) + " layers, but the model has " +
                std::to_string(model.integer("layers")));
  Value logits = names.at("logits");
  if (logits.getType() != logitsType)
    return fail("\"logits\" is no [rows, vocabulary]: select_rows comes before logits(…)");
  func::ReturnOp::create(builder, here(), ValueRange{logits, cache});
  return {};
}

Status ForwardBuilder::buildBody(const std::vector<Statement> &body) {
  for (const Statement &statement : body) {
    line = statement.line;
    if (statement.kind == Statement::Kind::Repeat) {
      if (Status error = buildRepeat(statement))
        return error;
      continue;
    }
    if (weights.count(statement.target) || family.findWeight(statement.target) || model.lookup(statement.target))
      return fail("\"" + statement.target + "\" is the name of a weight or a quantity already");
    MaybeValue result = value(statement.value);
    if (!result)
      return result.error();
    auto previous = names.find(statement.target);
    if (layer && previous != names.end() && previous->second.getType() != result->getType())
      return fail("\"" + statement.target + "\" changes its type inside a repeat");
    names[statement.target] = *result;
  }
  return {};
}

Status ForwardBuilder::buildRepeat(const Statement &statement) {
  Expected<Scalar> count = scalar(statement.value);
  if (!count)
    return count.error();
  auto *iterations = std::get_if<int64_t>(&*count);
  if (!iterations || *iterations < 1 || *iterations > model.integer("layers") - layersBefore)
    return fail("the repeat's count is " + toString(*count) + ", but the model has " +
                std::to_string(model.integer("layers") - layersBefore) + " layers left");

  // What the body assigns and what was there before is carried from layer to layer; the rest is local to a layer.
  SmallVector<std::string> carried;
  SmallVector<Value> inits;
  for (const Statement &inner : statement.body)
    if (names.count(inner.target) && !llvm::is_contained(carried, inner.target)) {
      carried.push_back(inner.target);
      inits.push_back(names[inner.target]);
    }
  inits.push_back(cache);
  auto repeat = xf::RepeatOp::create(builder, here(), *iterations, inits);
  auto outerNames = names;
  auto outerLoaded = std::exchange(loaded, {});
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *body = repeat.getBlock();
    builder.setInsertionPointToStart(body);
    layer = cacheLayer = repeat.getLayer();
    layersHere = *iterations;
    attended = false;
    if (layersBefore > 0) {
      Value base = arith::ConstantIndexOp::create(builder, here(), layersBefore);
      cacheLayer = arith::AddIOp::create(builder, here(), layer, base);
    }
    for (auto [index, name] : llvm::enumerate(carried))
      names[name] = body->getArgument(index + 1);
    cache = body->getArgument(carried.size() + 1);
    if (Status error = buildBody(statement.body))
      return error;
    SmallVector<Value> yields;
    for (const std::string &name : carried)
      yields.push_back(names[name]);
    yields.push_back(cache);
    xf::YieldOp::create(builder, here(), yields);
  }
  layer = cacheLayer = nullptr;
  layersBefore += *iterations;
  names = std::move(outerNames);
  loaded = std::move(outerLoaded);
  for (auto [index, name] : llvm::enumerate(carried))
    names[name] = repeat.getResult(index);
  cache = repeat.getResult(carried.size());
  return {};
}

ForwardBuilder::MaybeValue ForwardBuilder::value(const Expression &expression) {
  if (expression.is(Expression::Kind::Name)) {
    auto it = names.find(expression.text);
    if (it == names.end())
      return fail("\"" + expression.text + "\" is no value here");
    return it->second;
  }
  if (expression.is(Expression::Kind::Call))
    return call(expression);
  if (!expression.is(Expression::Kind::Operator) || expression.text != "+")
    return fail("only calls, names and '+' make values");
  MaybeValue left = value(expression.arguments[0]);
  if (!left)
    return left;
  MaybeValue right = value(expression.arguments[1]);
  if (!right)
    return right;
  if (left->getType() != right->getType() || !xf::isPlainActivation(left->getType()))
    return fail("'+' needs two activations of one shape");
  return Value(xf::AddOp::create(builder, here(), left->getType(), *left, *right));
}

ForwardBuilder::MaybeValue ForwardBuilder::call(const Expression &expression) {
  struct Function {
    std::string_view name;
    MaybeValue (ForwardBuilder::*build)(const Expression &);
    size_t positional;
    std::vector<std::string_view> named;
  };
  const Function functions[] = {
      {"embedding", &ForwardBuilder::embedding, 2, {"scale"}},
      {"rms_norm", &ForwardBuilder::rmsNorm, 2, {"eps"}},
      {"linear", &ForwardBuilder::linear, 2, {"bias"}},
      {"rope",
       &ForwardBuilder::rope,
       1,
       {"heads", "dim", "base", "style", "scaling", "factor", "original", "low_freq_factor", "high_freq_factor",
        "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "attention_factor"}},
      {"attention", &ForwardBuilder::attention, 3, {"heads", "scale"}},
      {"gated_activation", &ForwardBuilder::gatedActivation, 2, {"kind"}},
      {"select_rows", &ForwardBuilder::selectRows, 2, {}},
      {"logits", &ForwardBuilder::logits, 2, {"scale", "soft_cap"}},
  };
  for (const Function &function : functions) {
    if (function.name != expression.text)
      continue;
    size_t positional = 0;
    for (const std::string &name : expression.names) {
      positional += name.empty();
      if (!name.empty() && !llvm::is_contained(function.named, name))
        return fail(expression.text + " has no argument \"" + name + "\"");
    }
    if (positional != function.positional)
      return fail(expression.text + " needs " + std::to_string(function.positional) + " values, but " +
                  std::to_string(positional) + " are given");
    return (this->*function.build)(expression);
  }
  std::string known;
  for (const Function &function : functions)
    known += (known.empty() ? "" : ", ") + std::string(function.name);
  return fail("\"" + expression.text + "\" is no operation; known are " + known);
}

Expected<SmallVector<Value>> ForwardBuilder::activations(const Expression &call, size_t count) {
  SmallVector<Value> values;
  for (size_t i = 0; i < count; ++i) {
    MaybeValue argument = value(call.arguments[i]);
    if (!argument)
      return argument.error();
    if (!xf::isPlainActivation(argument->getType()))
      return fail("argument " + std::to_string(i + 1) + " of " + call.text + " is no activation");
    values.push_back(*argument);
  }
  return values;
}

ForwardBuilder::MaybeValue ForwardBuilder::weight(const Expression &name, int64_t rank) {
  if (!name.is(Expression::Kind::Name) || !family.findWeight(name.text))
    return fail("\"" + name.text + "\" is no weight");
  std::string symbol = name.text;
  if (!weights.count(symbol))
    symbol = family.findWeight(symbol)->otherwise;
  auto it = weights.find(symbol);
  if (it == weights.end())
    return Value();
  xf::WeightOp op = it->second;
  if (op.getLoadedType().getRank() != rank)
    return fail("\"" + name.text + "\" must have " + std::to_string(rank) + " dimensions here");
  const ResolvedWeight &resolved = *model.findWeight(symbol);
  if (op.getStacked() && !layer)
    return fail("\"" + name.text + "\" is a weight per layer, but this is outside a repeat");
  if (op.getStacked() && (resolved.first != layersBefore || resolved.count != layersHere))
    return fail("\"" + name.text + "\" is there for layers " + std::to_string(resolved.first) + " to " +
                std::to_string(resolved.first + resolved.count - 1) + ", but this repeat has layers " +
                std::to_string(layersBefore) + " to " + std::to_string(layersBefore + layersHere - 1));
  Value &value = loaded[symbol];
  if (!value)
    value = xf::LoadWeightOp::create(builder, here(), op, op.getStacked() ? layer : Value());
  return value;
}

ForwardBuilder::MaybeValue ForwardBuilder::embedding(const Expression &call) {
  MaybeValue tokens = value(call.arguments[0]);
  if (!tokens)
    return tokens;
  MaybeValue table = weight(call.arguments[1], 2);
  if (!table)
    return table;
  if (!*table || !xf::isTokens(tokens->getType()))
    return fail("embedding needs tokens and a weight that is always there");
  Expected<FloatAttr> scale = optionalNumber(call, "scale");
  if (!scale)
    return scale.error();
  auto shape = cast<RankedTensorType>(tokens->getType()).getShape();
  auto type = RankedTensorType::get({shape[0], shape[1], features(*table)}, builder.getF32Type());
  return Value(xf::EmbeddingOp::create(builder, here(), type, *tokens, *table, *scale, IntegerAttr()));
}

ForwardBuilder::MaybeValue ForwardBuilder::rmsNorm(const Expression &call) {
  auto inputs = activations(call, 1);
  if (!inputs)
    return inputs.error();
  MaybeValue scale = weight(call.arguments[1], 1);
  if (!scale)
    return scale;
  if (!*scale)
    return fail("rms_norm needs a weight that is always there");
  Expected<double> eps = number(call, "eps", std::nullopt);
  if (!eps)
    return eps.error();
  Value input = inputs->front();
  return Value(xf::RmsNormOp::create(builder, here(), input.getType(), input, *scale, builder.getF64FloatAttr(*eps),
                                     FloatAttr(), IntegerAttr()));
}

ForwardBuilder::MaybeValue ForwardBuilder::linear(const Expression &call) {
  auto inputs = activations(call, 1);
  if (!inputs)
    return inputs.error();
  MaybeValue matrix = weight(call.arguments[1], 2);
  if (!matrix)
    return matrix;
  if (!*matrix)
    return fail("linear needs a weight that is always there");
  Value bias;
  if (const Expression *argument = call.named("bias")) {
    MaybeValue vector = weight(*argument, 1);
    if (!vector)
      return vector;
    bias = *vector;
  }
  auto type = activationType(inputs->front(), rows(*matrix));
  return Value(
      xf::LinearOp::create(builder, here(), type, inputs->front(), *matrix, bias, Value(), xf::ActivationAttr()));
}

Expected<SmallVector<NamedAttribute>> ForwardBuilder::scalingOptions(const Expression &call, xf::RopeScaling scaling) {
  using Scaling = xf::RopeScaling;
  SmallVector<NamedAttribute> options;
  if (scaling == Scaling::Dynamic || scaling == Scaling::Yarn || scaling == Scaling::Llama3) {
    Expected<int64_t> original = integer(call, "original");
    if (!original)
      return original.error();
    options.push_back(builder.getNamedAttr("original", builder.getI64IntegerAttr(*original)));
  }
  SmallVector<StringRef> names;
  if (scaling == Scaling::Llama3)
    names = {"low_freq_factor", "high_freq_factor"};
  else if (scaling == Scaling::Yarn)
    names = {"beta_fast", "beta_slow", "mscale", "mscale_all_dim", "attention_factor"};
  for (StringRef name : names) {
    Expected<double> value = number(call, name, 0.0);
    if (!value)
      return value.error();
    if (*value != 0) // a checkpoint that doesn't say it
      options.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(*value)));
  }
  return options;
}

ForwardBuilder::MaybeValue ForwardBuilder::rope(const Expression &call) {
  auto inputs = activations(call, 1);
  if (!inputs)
    return inputs.error();
  Expected<int64_t> heads = integer(call, "heads"), dim = integer(call, "dim");
  Expected<double> base = number(call, "base", std::nullopt), factor = number(call, "factor", 1.0);
  Expected<std::string> style = string(call, "style", "half"), scaling = string(call, "scaling", "none");
  for (const Error *error :
       {heads ? nullptr : &heads.error(), dim ? nullptr : &dim.error(), base ? nullptr : &base.error(),
        factor ? nullptr : &factor.error(), style ? nullptr : &style.error(), scaling ? nullptr : &scaling.error()})
    if (error)
      return *error;
  std::optional<xf::RopeStyle> styleKind = xf::symbolizeRopeStyle(*style);
  // Hugging Face calls it "default" where nothing is scaled.
  std::optional<xf::RopeScaling> scalingKind = xf::symbolizeRopeScaling(*scaling == "default" ? "none" : *scaling);
  if (!styleKind || !scalingKind)
    return fail("rope knows no style \"" + *style + "\" with scaling \"" + *scaling + "\"");
  Expected<SmallVector<NamedAttribute>> options = scalingOptions(call, *scalingKind);
  if (!options)
    return options.error();
  // One spelling for what is not scaled.
  if (*factor == 1.0 || *scalingKind == xf::RopeScaling::None)
    scalingKind = xf::RopeScaling::None, *factor = 1.0;
  auto attribute = xf::RopeAttr::getChecked([&] { return emitError(here()); }, builder.getContext(), *dim, *base,
                                            *styleKind, *scalingKind, *factor, ArrayRef(*options));
  if (!attribute || *heads < 1)
    return fail("rope's arguments are wrong");
  Value input = inputs->front();
  return Value(xf::RopeOp::create(builder, here(), input.getType(), input, positions, builder.getI64IntegerAttr(*heads),
                                  attribute));
}

ForwardBuilder::MaybeValue ForwardBuilder::attention(const Expression &call) {
  auto inputs = activations(call, 3);
  if (!inputs)
    return inputs.error();
  if (!layer)
    return fail("attention stands inside a repeat: its keys and values are cached by layer");
  if (std::exchange(attended, true))
    return fail("a repeat's body has one attention: the cache holds one set of keys and values for each layer");
  Expected<int64_t> heads = integer(call, "heads");
  Expected<double> scale = number(call, "scale", std::nullopt);
  if (!heads || !scale)
    return !heads ? heads.error() : scale.error();
  if (*heads < 1)
    return fail("attention needs at least one head");
  Value query = (*inputs)[0], keys = (*inputs)[1], values = (*inputs)[2];
  cache = xf::CacheAppendOp::create(builder, here(), cache, cacheLayer, keys, values, past, Value(), xf::RopeAttr());
  return Value(
      xf::AttentionOp::create(builder, here(), query.getType(), query, cache, cacheLayer, past, *heads, *scale));
}

ForwardBuilder::MaybeValue ForwardBuilder::gatedActivation(const Expression &call) {
  auto inputs = activations(call, 2);
  if (!inputs)
    return inputs.error();
  Expected<std::string> name = string(call, "kind", "");
  if (!name)
    return name.error();
  std::optional<xf::Activation> kind = xf::symbolizeActivation(*name);
  if (!kind) {
    std::string known;
    for (uint32_t i = 0; i <= xf::getMaxEnumValForActivation(); ++i)
      known += (i ? ", " : "") + xf::stringifyActivation(xf::Activation(i)).str();
    return fail("\"" + *name + "\" is no activation; known are " + known);
  }
  return Value(xf::GatedActivationOp::create(builder, here(), (*inputs)[0].getType(), (*inputs)[0], (*inputs)[1], *kind,
                                             FloatAttr(), FloatAttr()));
}

ForwardBuilder::MaybeValue ForwardBuilder::selectRows(const Expression &call) {
  auto inputs = activations(call, 1);
  if (!inputs)
    return inputs.error();
  MaybeValue which = value(call.arguments[1]);
  if (!which)
    return which;
  if (!xf::isIndices(which->getType()))
    return fail("the second argument of select_rows is \"rows\"");
  auto type = RankedTensorType::get({ShapedType::kDynamic, features(inputs->front())}, builder.getF32Type());
  return Value(xf::SelectRowsOp::create(builder, here(), type, inputs->front(), *which));
}

ForwardBuilder::MaybeValue ForwardBuilder::logits(const Expression &call) {
  auto inputs = activations(call, 1);
  if (!inputs)
    return inputs.error();
  MaybeValue matrix = weight(call.arguments[1], 2);
  if (!matrix)
    return matrix;
  if (!*matrix)
    return fail("logits needs a weight that is always there");
  Expected<FloatAttr> scale = optionalNumber(call, "scale"), cap = optionalNumber(call, "soft_cap");
  if (!scale || !cap)
    return !scale ? scale.error() : cap.error();
  auto type = activationType(inputs->front(), rows(*matrix));
  return Value(xf::LogitsOp::create(builder, here(), type, inputs->front(), *matrix, *scale, *cap));
}

Expected<Scalar> ForwardBuilder::scalar(const Expression &expression) {
  Expected<Scalar> result = evaluate(expression, [this](const std::string &name) { return model.lookup(name); });
  if (!result)
    return fail(result.error().message);
  return result;
}

Expected<double> ForwardBuilder::number(const Expression &call, std::string_view name, std::optional<double> fallback) {
  const Expression *argument = call.named(name);
  if (!argument) {
    if (fallback)
      return *fallback;
    return fail(call.text + " needs the argument \"" + std::string(name) + "\"");
  }
  Expected<Scalar> value = scalar(*argument);
  if (!value)
    return value.error();
  std::optional<double> real = asReal(*value);
  if (!real)
    return fail(std::string(name) + " is " + toString(*value) + ", but a number is needed");
  return *real;
}

Expected<int64_t> ForwardBuilder::integer(const Expression &call, std::string_view name) {
  const Expression *argument = call.named(name);
  if (!argument)
    return fail(call.text + " needs the argument \"" + std::string(name) + "\"");
  Expected<Scalar> value = scalar(*argument);
  if (!value)
    return value.error();
  if (auto *whole = std::get_if<int64_t>(&*value))
    return *whole;
  return fail(std::string(name) + " is " + toString(*value) + ", but an integer is needed");
}

Expected<std::string> ForwardBuilder::string(const Expression &call, std::string_view name, std::string_view fallback) {
  const Expression *argument = call.named(name);
  if (!argument)
    return std::string(fallback);
  Expected<Scalar> value = scalar(*argument);
  if (!value)
    return value.error();
  if (auto *text = std::get_if<std::string>(&*value))
    return *text;
  return fail(std::string(name) + " is " + toString(*value) + ", but a name in '' is needed");
}

Expected<FloatAttr> ForwardBuilder::optionalNumber(const Expression &call, std::string_view name) {
  if (!call.named(name))
    return FloatAttr();
  Expected<double> value = number(call, name, std::nullopt);
  if (!value)
    return value.error();
  return builder.getF64FloatAttr(*value);
}

} // namespace ph
