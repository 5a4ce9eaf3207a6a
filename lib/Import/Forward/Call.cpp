#include "Call.h"
#include "Builtins.h"
#include <cmath>

using namespace mlir;

namespace ph {

Call::Call(FunctionBuilder &function, const Expression &expression, const Builtin &builtin)
    : b(function.builder), at(function.here()), function(function), expression(expression), builtin(builtin) {}

void Call::fail(const std::string &message) {
  if (!failure)
    failure = function.fail(message);
}

Call::Result Call::build() {
  for (const std::string &name : expression.names) {
    unnamed += name.empty();
    if (!name.empty() && !llvm::is_contained(builtin.named, name))
      return function.fail(expression.text + " has no argument \"" + name + "\"");
  }
  if (unnamed < builtin.least || unnamed > builtin.most) {
    std::string wanted = std::to_string(builtin.least);
    if (builtin.most != builtin.least)
      wanted += builtin.most > 64 ? " or more" : " to " + std::to_string(builtin.most);
    return function.fail(expression.text + " needs " + wanted + " values, but " + std::to_string(unnamed) +
                         " are given");
  }
  Result result = builtin.build(*this);
  return failure ? Result(*failure) : result;
}

Value Call::value(size_t index) {
  if (failed())
    return {};
  auto result = function.value(expression.arguments[index]);
  if (result)
    return *result;
  failure = result.error();
  return {};
}

Value Call::activation(size_t index) {
  Value result = value(index);
  if (result && !xf::isPlainActivation(result.getType())) {
    fail("argument " + std::to_string(index + 1) + " of " + expression.text + " is no activation");
    return {};
  }
  return result;
}

Value Call::checkWeight(const Expression *argument, int64_t rank, bool needed) {
  if (failed() || !argument)
    return {};
  if (argument->is(Expression::Kind::Name) && argument->text == "none" && !needed)
    return {};
  auto result = function.weight(*argument, /*plain=*/false);
  if (!result) {
    failure = result.error();
    return {};
  }
  if (!*result) {
    if (needed)
      fail(expression.text + " needs a weight that is always there");
    return {};
  }
  if (rank && int64_t(shapeOf(*result).size()) != rank) {
    fail("\"" + argument->text + "\" must have " + std::to_string(rank) + " dimensions here");
    return {};
  }
  return *result;
}

Value Call::weight(size_t index, int64_t rank) { return checkWeight(&expression.arguments[index], rank, true); }

Value Call::matrices(size_t index) {
  const Expression &argument = expression.arguments[index];
  if (argument.is(Expression::Kind::Name) && function.family.findWeight(argument.text))
    return weight(index, 3);
  Value result = value(index);
  if (result && !xf::isExpertMatrices(result.getType())) {
    fail("argument " + std::to_string(index + 1) + " of " + expression.text + " is no matrix for each head");
    return {};
  }
  return result;
}

Value Call::weightOrNone(size_t index, int64_t rank) {
  return index < unnamed ? checkWeight(&expression.arguments[index], rank, false) : Value();
}

Value Call::weightNamed(std::string_view name, int64_t rank) {
  return checkWeight(expression.named(name), rank, false);
}

Value Call::valueNamed(std::string_view name) {
  const Expression *argument = expression.named(name);
  if (failed() || !argument)
    return {};
  if (argument->is(Expression::Kind::Name)) {
    auto it = function.names.find(argument->text);
    if (argument->text == "none" || (it != function.names.end() && !it->second))
      return {};
  }
  auto result = function.value(*argument);
  if (result)
    return *result;
  failure = result.error();
  return {};
}

std::optional<Scalar> Call::scalar(const Expression *argument, std::string_view name, bool needed) {
  if (failed())
    return std::nullopt;
  if (!argument) {
    if (needed)
      fail(expression.text + " needs the argument \"" + std::string(name) + "\"");
    return std::nullopt;
  }
  Expected<Scalar> result = function.scalar(*argument);
  if (result)
    return *result;
  failure = result.error();
  return std::nullopt;
}

double Call::number(std::string_view name, std::optional<double> fallback) {
  std::optional<Scalar> value = scalar(expression.named(name), name, !fallback);
  if (!value)
    return fallback.value_or(0);
  std::optional<double> real = asReal(*value);
  if (!real)
    fail(std::string(name) + " is " + toString(*value) + ", but a number is needed");
  return real.value_or(0);
}

int64_t Call::integer(std::string_view name, std::optional<int64_t> fallback) {
  std::optional<Scalar> value = scalar(expression.named(name), name, !fallback);
  if (!value)
    return fallback.value_or(0);
  auto *whole = std::get_if<int64_t>(&*value);
  if (!whole)
    fail(std::string(name) + " is " + toString(*value) + ", but an integer is needed");
  return whole ? *whole : 0;
}

int64_t Call::integerAt(size_t index) {
  std::optional<Scalar> value = scalar(&expression.arguments[index], "", true);
  auto *whole = value ? std::get_if<int64_t>(&*value) : nullptr;
  if (value && !whole)
    fail("argument " + std::to_string(index + 1) + " of " + expression.text + " is " + toString(*value) +
         ", but an integer is needed");
  return whole ? *whole : 0;
}

std::string Call::text(std::string_view name, std::string_view fallback) {
  std::optional<Scalar> value = scalar(expression.named(name), name, false);
  if (!value)
    return std::string(fallback);
  auto *said = std::get_if<std::string>(&*value);
  if (!said)
    fail(std::string(name) + " is " + toString(*value) + ", but a name in '' is needed");
  return said ? *said : "";
}

bool Call::flag(std::string_view name, bool fallback) {
  std::optional<Scalar> value = scalar(expression.named(name), name, false);
  if (!value)
    return fallback;
  auto *said = std::get_if<bool>(&*value);
  if (!said)
    fail(std::string(name) + " is " + toString(*value) + ", but true or false is needed");
  return said && *said;
}

std::optional<int64_t> Call::integerUnlessZero(std::string_view name) {
  int64_t value = integer(name, 0);
  if (value < 0)
    fail(std::string(name) + " is " + std::to_string(value) + ", but 0 or more is needed");
  return value > 0 ? std::optional<int64_t>(value) : std::nullopt;
}

FloatAttr Call::numberUnless(std::string_view name, double without) {
  double value = number(name, without);
  return value == without ? FloatAttr() : b.getF64FloatAttr(value);
}

std::optional<xf::Activation> activationByName(std::string_view name) {
  static constexpr std::pair<std::string_view, xf::Activation> others[] = {
      {"swish", xf::Activation::Silu},         {"gelu_new", xf::Activation::GeluTanh},
      {"gelu_fast", xf::Activation::GeluTanh}, {"gelu_pytorch_tanh", xf::Activation::GeluTanh},
      {"gelu_python", xf::Activation::Gelu},   {"gelu_accurate", xf::Activation::GeluTanh},
      {"relu_squared", xf::Activation::Relu2}};
  for (auto [other, kind] : others)
    if (name == other)
      return kind;
  return xf::symbolizeActivation(StringRef(name));
}

xf::Activation Call::activationKind(std::string_view name) {
  std::string said = text(name, "");
  if (failed())
    return {};
  if (auto kind = activationByName(said))
    return *kind;
  std::string known;
  for (uint32_t i = 0; i <= xf::getMaxEnumValForActivation(); ++i)
    known += (i ? ", " : "") + xf::stringifyActivation(xf::Activation(i)).str();
  fail("\"" + said + "\" is no activation; known are " + known);
  return {};
}

static Attribute toAttribute(Builder &b, const RopeSettings::Option &option) {
  if (auto *flag = std::get_if<bool>(&option))
    return b.getBoolAttr(*flag);
  if (auto *integer = std::get_if<int64_t>(&option))
    return b.getI64IntegerAttr(*integer);
  if (auto *real = std::get_if<double>(&option))
    return b.getF64FloatAttr(*real);
  return DenseF64ArrayAttr::get(b.getContext(), std::get<std::vector<double>>(option));
}

xf::RopeAttr Call::rope(size_t index) {
  std::optional<Scalar> value = scalar(&expression.arguments[index], "", true);
  auto *settings = value ? std::get_if<std::shared_ptr<const RopeSettings>>(&*value) : nullptr;
  if (!settings) {
    fail("argument " + std::to_string(index + 1) + " of " + expression.text + " is no quantity of type rope");
    return {};
  }
  const RopeSettings &r = **settings;
  std::optional<xf::RopeStyle> style = xf::symbolizeRopeStyle(r.style);
  std::optional<xf::RopeScaling> scaling = xf::symbolizeRopeScaling(r.scaling);
  if (!style || !scaling) {
    fail("rope knows no style \"" + r.style + "\" with scaling \"" + r.scaling + "\"");
    return {};
  }
  SmallVector<NamedAttribute> options;
  for (const auto &[name, option] : r.options)
    options.push_back(b.getNamedAttr(name, toAttribute(b, option)));
  auto attribute = xf::RopeAttr::getChecked([&] { return emitError(at); }, b.getContext(), r.dim, r.base, *style,
                                            *scaling, r.factor, ArrayRef(options));
  if (!attribute)
    fail("rope's arguments are wrong: " + toString(*value));
  return attribute;
}

Value Call::positions() const { return function.positions; }

Value Call::appendToCache(Value keys, Value values) {
  if (failed())
    return {};
  if (!function.layers)
    fail("attention stands inside a repeat: its keys and values are cached by layer");
  else if (std::exchange(function.attended, true))
    fail("a layer has one attention over the cache: it holds one set of keys and values for each; attention over other "
         "keys has cached = false");
  if (failed())
    return {};
  const auto &layers = *function.layers;
  for (int64_t i = 0; i < layers.count; ++i)
    function.cachedLayers.insert(layers.first + i * layers.stride);
  Value layer = function.indexValue(layers.first, layers.count > 1 ? layers.stride : 0);
  function.cache =
      xf::CacheAppendOp::create(b, at, function.cache, layer, keys, values, function.past, Value(), xf::RopeAttr());
  return layer;
}

} // namespace ph
