// Functions that give derivatives of functions.
#include "lib/Autodiff/Pushforward.h"
#include "powerhouse/Autodiff/Autodiff.h"

using namespace mlir;

namespace ph::autodiff {
namespace {

std::string nameOf(DictionaryAttr attributes, unsigned number) {
  auto name = attributes ? attributes.getAs<StringAttr>(xf::XFDialect::getNameAttrName()) : StringAttr();
  return name ? name.str() : std::to_string(number);
}

/// A function that grows derivatives.
class Derivation {
public:
  Derivation(func::FuncOp original, const Request &request) : original(original), request(request) {}

  LogicalResult begin(StringRef suffix) {
    if (!original.getBody().hasOneBlock())
      return original.emitOpError() << "expects one block to differentiate";
    if (failed(findResult()) || failed(findArguments()))
      return failure();
    OpBuilder builder(original.getContext());
    builder.setInsertionPointAfter(original);
    function = cast<func::FuncOp>(builder.clone(*original));
    function.setSymName(request.name.empty() ? (original.getSymName() + suffix).str() : request.name);
    for (Operation &op : body().without_terminator())
      ops.push_back(&op);
    return success();
  }

  Block &body() { return function.getBody().front(); }
  func::ReturnOp end() { return cast<func::ReturnOp>(body().getTerminator()); }
  Value ofValue() { return end().getOperand(of); }
  ArrayRef<unsigned> arguments() const { return wrt; }
  Value argument(unsigned number) { return body().getArgument(number); }
  std::string argumentName(unsigned number) { return nameOf(original.getArgAttrDict(number), number); }
  Location at() { return function.getLoc(); }
  std::string resultName() { return nameOf(original.getResultAttrDict(of), of); }

  Value addArgument(Type type, const Twine &name) {
    unsigned number = function.getNumArguments();
    (void)function.insertArgument(number, type, named(name), at());
    return body().getArgument(number);
  }
  void addResult(Value value, const Twine &name) {
    unsigned number = function.getNumResults();
    (void)function.insertResult(number, value.getType(), named(name));
    end()->insertOperands(number, value);
  }

  func::FuncOp function;
  SmallVector<Operation *> ops; ///< those of the function itself

private:
  DictionaryAttr named(const Twine &name) {
    MLIRContext *context = original.getContext();
    return DictionaryAttr::get(context, NamedAttribute(StringAttr::get(context, xf::XFDialect::getNameAttrName()),
                                                       StringAttr::get(context, name)));
  }

  LogicalResult findResult() {
    for (unsigned i = 0; i < original.getNumResults(); ++i) {
      if (nameOf(original.getResultAttrDict(i), i) != request.of)
        continue;
      of = i;
      if (!isDifferentiable(original.getResultTypes()[i]))
        return original.emitOpError() << "can't be differentiated: '" << request.of << "' is "
                                      << original.getResultTypes()[i] << ", no tensor of f32";
      return success();
    }
    return original.emitOpError() << "has no result '" << request.of << "' to differentiate";
  }

  LogicalResult findArguments() {
    for (unsigned i = 0; i < original.getNumArguments(); ++i) {
      bool can = isDifferentiable(original.getArgumentTypes()[i]);
      bool asked = llvm::is_contained(request.wrt, argumentName(i));
      if (asked && !can)
        return original.emitOpError() << "can't be differentiated by '" << argumentName(i) << "': it is "
                                      << original.getArgumentTypes()[i] << ", no tensor of f32";
      if (request.wrt.empty() ? can : asked)
        wrt.push_back(i);
    }
    for (const std::string &name : request.wrt)
      if (llvm::none_of(wrt, [&](unsigned i) { return argumentName(i) == name; }))
        return original.emitOpError() << "has no argument '" << name << "' to differentiate by";
    if (wrt.empty())
      return original.emitOpError() << "has no argument of floats to differentiate by";
    return success();
  }

  func::FuncOp original;
  const Request &request;
  unsigned of = 0;
  SmallVector<unsigned> wrt;
};

} // namespace

FailureOr<func::FuncOp> buildGradient(func::FuncOp original, const Request &request) {
  Derivation d(original, request);
  if (failed(d.begin("_gradient")))
    return failure();
  Activity activity;
  for (unsigned number : d.arguments())
    activity.add(d.argument(number));
  for (Operation *op : d.ops)
    activity.follow(op);
  auto fail = [&]() -> FailureOr<func::FuncOp> {
    d.function.erase();
    return failure();
  };
  if (!activity.contains(d.ofValue())) {
    original.emitOpError() << "has a result '" << request.of
                           << "' that does not depend on what it is differentiated by";
    return fail();
  }
  Pullback::Replaced replaced;
  Pullback pull(Primitives(d.at(), d.end()), activity, replaced);
  auto type = cast<RankedTensorType>(d.ofValue().getType());
  pull.add(d.ofValue(), type.getRank() == 0 ? pull.p.number(1) : d.addArgument(type, "grad." + d.resultName()));
  if (request.accumulate)
    for (unsigned number : d.arguments())
      pull.add(d.argument(number), d.addArgument(d.argument(number).getType(), "grad." + d.argumentName(number)));
  if (failed(pull.reverse(d.ops)))
    return fail();
  for (unsigned number : d.arguments()) {
    Value gradient = pull.gradientOf(d.argument(number));
    d.addResult(gradient ? gradient : zerosLike(pull.p, d.argument(number)), "grad." + d.argumentName(number));
  }
  for (Operation *op : replaced)
    op->erase();
  return d.function;
}

FailureOr<func::FuncOp> buildTangent(func::FuncOp original, const Request &request) {
  Derivation d(original, request);
  if (failed(d.begin("_tangent")))
    return failure();
  Pushforward push(Primitives(d.at(), d.end()));
  for (unsigned number : d.arguments()) {
    Value argument = d.argument(number);
    push.add(argument, d.addArgument(argument.getType(), "tangent." + d.argumentName(number)));
  }
  if (failed(push.push(d.ops))) {
    d.function.erase();
    return failure();
  }
  Value tangent = push.tangentOf(d.ofValue());
  d.addResult(tangent ? tangent : zerosLike(push.p, d.ofValue()), "tangent." + d.resultName());
  return d.function;
}

} // namespace ph::autodiff
