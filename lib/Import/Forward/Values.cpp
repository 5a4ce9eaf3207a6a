// Expressions of lines: names, weights, operators and calls.
#include "Builtins.h"
#include "FunctionBuilder.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {

std::optional<Scalar> FunctionBuilder::lookup(const std::string &name) const {
  if (name == "layer" && layers)
    return Scalar(layers->first);
  if (auto it = scalars.find(name); it != scalars.end())
    return it->second;
  return model.lookup(name);
}

bool FunctionBuilder::isScalar(const Expression &e) const {
  switch (e.kind) {
  case Expression::Kind::Integer:
  case Expression::Kind::Real:
  case Expression::Kind::String:
    return true;
  case Expression::Kind::Name:
    return e.text == "true" || e.text == "false" || (lookup(e.text) && !names.count(e.text));
  case Expression::Kind::Call:
    if (e.text == "given")
      return true;
    if (!llvm::is_contained(scalarFunctions(), e.text))
      return false;
    if (e.text == "each")
      return true;
    break;
  case Expression::Kind::Operator:
    break;
  }
  return llvm::all_of(e.arguments, [&](const Expression &argument) { return isScalar(argument); });
}

std::optional<Expected<Scalar>> FunctionBuilder::givenCall(const Expression &call) const {
  if (call.text != "given" || call.arguments.size() != 1 || !call.arguments[0].is(Expression::Kind::Name))
    return std::nullopt;
  const std::string &name = call.arguments[0].text;
  if (const ResolvedWeight *weight = model.findWeight(name)) {
    bool here = weight->present && (!weight->entry->stacked || !layers || weight->placeOf(layers->first));
    return Expected<Scalar>(Scalar(here));
  }
  auto it = names.find(name);
  return Expected<Scalar>(Scalar(it != names.end() && bool(it->second)));
}

Expected<Scalar> FunctionBuilder::scalar(const Expression &expression) const {
  Expected<Scalar> result = evaluate(
      expression, [this](const std::string &name) { return lookup(name); },
      [this](const Expression &call) { return givenCall(call); });
  if (!result)
    return fail(result.error().message);
  return result;
}

Expected<bool> FunctionBuilder::truth(const Expression &condition) const {
  Expected<Scalar> result = scalar(condition);
  if (!result)
    return result.error();
  if (auto *flag = std::get_if<bool>(&*result))
    return *flag;
  return fail(toString(*result) + " is neither true nor false");
}

void FunctionBuilder::makePlain(xf::WeightOp weight) {
  auto plain = [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get(tensor.getShape(), tensor.getElementType());
  };
  weight.setType(plain(weight.getType()));
  weight.removeFormatsAttr();
  for (Value load : state.loads[weight.getSymName().str()])
    load.setType(plain(load.getType()));
}

FunctionBuilder::MaybeValue FunctionBuilder::weight(const Expression &name, bool plain) {
  if (!name.is(Expression::Kind::Name) || !family.findWeight(name.text))
    return fail("\"" + name.text + "\" is no weight");
  std::string symbol = name.text;
  if (!state.weights.count(symbol))
    symbol = family.findWeight(symbol)->otherwise;
  auto it = state.weights.find(symbol);
  if (it == state.weights.end())
    return Value();
  xf::WeightOp op = it->second;
  if (plain && cast<RankedTensorType>(op.getType()).getEncoding())
    makePlain(op);
  const ResolvedWeight &resolved = *model.findWeight(symbol);
  std::set<int64_t> &used = state.usedLayers[symbol];
  Value index;
  std::string key = symbol;
  if (resolved.entry->stacked) {
    if (!layers)
      return fail("\"" + name.text + "\" is a weight per layer, but this is outside a repeat");
    std::optional<int64_t> start = resolved.placeOf(layers->first), next;
    if (layers->count > 1)
      next = resolved.placeOf(layers->first + layers->stride);
    if (!start || (layers->count > 1 && !next))
      return fail("\"" + name.text + "\" is not there for layer " + std::to_string(layers->first));
    for (int64_t i = 0; i < layers->count; ++i)
      used.insert(layers->first + i * layers->stride);
    index = indexValue(*start, next ? *next - *start : 0);
  } else {
    used.insert(0);
  }
  Value &value = loaded[key];
  if (!value) {
    value = xf::LoadWeightOp::create(builder, here(), op, index);
    state.loads[symbol].push_back(value);
  }
  return value;
}

FunctionBuilder::MaybeValue FunctionBuilder::value(const Expression &expression) {
  Expected<Values> all = values(expression);
  if (!all)
    return all.error();
  if (all->size() != 1)
    return fail(expression.text + " gives " + std::to_string(all->size()) + " values, but one is needed here");
  return all->front();
}

Expected<FunctionBuilder::Values> FunctionBuilder::values(const Expression &expression) {
  auto one = [](const MaybeValue &value) { return value ? Expected<Values>(Values{*value}) : value.error(); };
  if (expression.is(Expression::Kind::Name)) {
    if (auto it = names.find(expression.text); it != names.end()) {
      if (!it->second)
        return fail("\"" + expression.text + "\" is none here");
      return Values{it->second};
    }
    if (!family.findWeight(expression.text))
      return fail("\"" + expression.text + "\" is no value here");
    MaybeValue loadedWeight = weight(expression, /*plain=*/true);
    if (loadedWeight && !*loadedWeight)
      return fail("the weight \"" + expression.text + "\" is not there");
    return one(loadedWeight);
  }
  if (expression.is(Expression::Kind::Operator))
    return one(operation(expression));
  if (!expression.is(Expression::Kind::Call))
    return fail("\"" + (expression.source.empty() ? expression.text : expression.source) + "\" is no tensor");
  if (const Builtin *builtin = findBuiltin(expression.text)) {
    Call call(*this, expression, *builtin);
    return call.build();
  }
  if (auto it = state.functions.find(expression.text); it != state.functions.end())
    return callFunction(it->second, expression);
  std::string known;
  for (const Builtin *builtin : allBuiltins())
    known += (known.empty() ? "" : ", ") + std::string(builtin->name);
  return fail("\"" + expression.text + "\" is no operation; known are " + known);
}

FunctionBuilder::MaybeValue FunctionBuilder::scaled(Value input, const Expression &factor, bool inverse) {
  Expected<Scalar> number = scalar(factor);
  if (!number)
    return number.error();
  std::optional<double> real = asReal(*number);
  if (!real || (inverse && *real == 0) || !xf::isPlainActivation(input.getType()))
    return fail("a tensor is multiplied with or divided by a number that isn't 0");
  double by = inverse ? 1 / *real : *real;
  return by == 1 ? input
                 : Value(xf::ScaleOp::create(builder, here(), input.getType(), input, builder.getF64FloatAttr(by)));
}

FunctionBuilder::MaybeValue FunctionBuilder::operation(const Expression &e) {
  const std::string &op = e.text;
  if (e.arguments.size() != 2 || (op != "+" && op != "-" && op != "*" && op != "/"))
    return fail("only calls, names and + - * / make tensors");
  bool leftScalar = isScalar(e.arguments[0]), rightScalar = isScalar(e.arguments[1]);
  if ((op == "*" && (leftScalar || rightScalar)) || (op == "/" && rightScalar)) {
    MaybeValue input = value(e.arguments[leftScalar ? 1 : 0]);
    return input ? scaled(*input, e.arguments[leftScalar ? 0 : 1], op == "/") : input;
  }
  MaybeValue left = value(e.arguments[0]);
  if (!left)
    return left;
  MaybeValue right = value(e.arguments[1]);
  if (!right)
    return right;
  if (!xf::isPlainTensor(left->getType()) || !xf::isPlainTensor(right->getType()) ||
      cast<RankedTensorType>(left->getType()).getElementType() !=
          cast<RankedTensorType>(right->getType()).getElementType())
    return fail("'" + op + "' needs two tensors of one kind");
  bool same = left->getType() == right->getType() && xf::isPlainActivation(left->getType());
  if (op == "+" && same)
    return Value(xf::AddOp::create(builder, here(), left->getType(), *left, *right));
  ArrayRef<int64_t> a = shapeOf(*left), b = shapeOf(*right);
  bool isGate = xf::isPlainActivation(left->getType()) && xf::isPlainActivation(right->getType()) &&
                a.drop_back() == b.drop_back() && b.back() == 1;
  if (op == "*" && (same || isGate))
    return Value(xf::MulOp::create(builder, here(), left->getType(), *left, *right));
  if (failed(xf::broadcastShapes({a, b})))
    return fail("'" + op + "' needs two tensors whose shapes fit");
  xf::BinaryKind kind = op == "+"   ? xf::BinaryKind::Add
                        : op == "-" ? xf::BinaryKind::Sub
                        : op == "*" ? xf::BinaryKind::Mul
                                    : xf::BinaryKind::Div;
  return Value(xf::ElementwiseOp::create(builder, here(), kind, *left, *right));
}

Expected<FunctionBuilder::Values> FunctionBuilder::callFunction(func::FuncOp function, const Expression &call) {
  Values operands;
  size_t given = 0;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    if (isa<xf::CacheType>(type)) {
      if (!cache)
        return fail(call.text + " needs a cache, which this function has not");
      operands.push_back(cache);
      continue;
    }
    if (given >= call.arguments.size() || !call.names[given].empty())
      return fail(call.text + " needs a value for each of its arguments, in their order");
    MaybeValue operand = value(call.arguments[given++]);
    if (!operand)
      return operand.error();
    if (operand->getType() != type)
      return fail("argument " + std::to_string(given) + " of " + call.text + " has another type than is declared");
    operands.push_back(*operand);
  }
  if (given != call.arguments.size())
    return fail(call.text + " needs " + std::to_string(given) + " values, but " +
                std::to_string(call.arguments.size()) + " are given");
  auto op = func::CallOp::create(builder, here(), function, operands);
  Values results;
  for (Value result : op.getResults()) {
    if (isa<xf::CacheType>(result.getType()))
      cache = result;
    else
      results.push_back(result);
  }
  return results;
}

} // namespace ph
