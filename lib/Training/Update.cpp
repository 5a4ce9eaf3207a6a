#include "lib/Training/Update.h"

using namespace mlir;

namespace ph {
namespace {

/// A function under construction, whose arguments and results have names.
class UpdateFunction {
public:
  UpdateFunction(func::FuncOp after, const TrainingOptions &options)
      : p(after.getLoc(), OpBuilder(after->getContext())) {
    p.setInsertionPointAfter(after);
    function = func::FuncOp::create(p, "update", p.getFunctionType({}, {}));
    p.setInsertionPointToStart(function.addEntryBlock());
  }

  Value argument(const std::string &name, Type type) {
    unsigned number = function.getNumArguments();
    (void)function.insertArgument(number, type, named(name), function.getLoc());
    return function.getArgument(number);
  }
  void result(const std::string &name, Value value) {
    (void)function.insertResult(function.getNumResults(), value.getType(), named(name));
    results.push_back(value);
  }
  void finish() { func::ReturnOp::create(p, results); }

  Primitives p;
  func::FuncOp function;

private:
  DictionaryAttr named(const std::string &name) {
    return p.getDictionaryAttr(p.getNamedAttr(xf::XFDialect::getNameAttrName(), p.getStringAttr(name)));
  }
  SmallVector<Value> results;
};

} // namespace

void buildUpdate(func::FuncOp after, ArrayRef<TrainedWeight> weights, const TrainingOptions &options) {
  UpdateFunction f(after, options);
  Primitives &p = f.p;
  auto scalar = RankedTensorType::get({}, p.getF32Type());
  Value rate = f.argument("learning_rate", scalar);
  Value step = f.argument("step", RankedTensorType::get({}, p.getI32Type()));
  Value count = f.argument("count", scalar);
  SmallVector<Value> gradients;
  for (const TrainedWeight &weight : weights)
    gradients.push_back(f.argument("grad." + weight.name, weight.type));
  Value norm = p.div(train::GlobalNormOp::create(p, scalar, gradients), count);
  Value scale = p.div(p.number(1), count);
  if (options.maxNorm > 0)
    scale = p.mul(scale, train::ClipFactorOp::create(p, scalar, norm, p.getF64FloatAttr(options.maxNorm)));
  auto number = [&](double value) { return p.getF64FloatAttr(value); };
  for (auto [weight, gradient] : llvm::zip_equal(weights, gradients)) {
    Value parameter = f.argument(weight.name, weight.type);
    FloatAttr decay = number(weight.rank >= 2 ? options.weightDecay : 0);
    auto state = [&](StringRef kind) { return f.argument((kind + "." + weight.name).str(), weight.type); };
    if (options.optimizer == "sgd") {
      auto op = train::SgdOp::create(p, TypeRange{weight.type}, parameter, gradient, Value(), rate, scale, Value(),
                                     FloatAttr(), UnitAttr(), decay);
      f.result(weight.name, op->getResult(0));
    } else if (options.optimizer == "lion") {
      Value momentum = state("momentum");
      auto op = train::LionOp::create(p, TypeRange{weight.type, weight.type}, parameter, gradient, momentum, rate,
                                      scale, Value(), number(options.beta1), number(options.beta2), decay);
      f.result(weight.name, op->getResult(0));
      f.result("momentum." + weight.name, op->getResult(1));
    } else {
      Value first = state("first"), second = state("second");
      auto op = train::AdamWOp::create(p, TypeRange{weight.type, weight.type, weight.type}, parameter, gradient, first,
                                       second, rate, step, scale, Value(), number(options.beta1), number(options.beta2),
                                       number(options.eps), decay);
      f.result(weight.name, op->getResult(0));
      f.result("first." + weight.name, op->getResult(1));
      f.result("second." + weight.name, op->getResult(2));
    }
  }
  f.result("gradient_norm", norm);
  f.finish();
}

} // namespace ph
