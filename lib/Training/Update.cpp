#include "lib/Training/Update.h"
#include "lib/Training/Precision.h"
#include <cfloat>

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

/// Scalars that all steps take.
struct StepScalars {
  Value rate, number, scale, finite;
};

/// The steps of one kind of optimizer.
class Optimizer {
public:
  Optimizer(UpdateFunction &f, const TrainingOptions &options, StepScalars scalars)
      : f(f), p(f.p), options(options), scalars(scalars) {}

  void step(const TrainedWeight &weight, Value gradient) {
    parameter = f.argument(weight.name, weight.type);
    decay = number(weight.rank >= 2 ? options.weightDecay : 0);
    if (options.optimizer == "sgd")
      return sgd(weight, gradient);
    if (options.optimizer == "lion")
      return lion(weight, gradient);
    if (options.optimizer == "adafactor")
      return adafactor(weight, gradient);
    if (options.optimizer == "adamw_8bit" && weight.hasBlocks())
      return adamw8(weight, gradient);
    return adamw(weight, gradient);
  }

private:
  FloatAttr number(double value) { return p.getF64FloatAttr(value); }
  Value state(const TrainedWeight &weight, StringRef kind, Type type) {
    kinds.push_back(kind);
    return f.argument((kind + "." + weight.name).str(), type);
  }
  Value state(const TrainedWeight &weight, StringRef kind) { return state(weight, kind, weight.type); }
  /// The new parameter and states, in the order of the old ones.
  void give(const TrainedWeight &weight, Operation *op) {
    f.result(weight.name, op->getResult(0));
    for (auto [kind, value] : llvm::zip_equal(kinds, op->getResults().drop_front()))
      f.result((kind + "." + weight.name).str(), value);
    kinds.clear();
  }

  void sgd(const TrainedWeight &weight, Value gradient) {
    Value velocity = options.momentum > 0 ? state(weight, "velocity") : Value();
    give(weight, train::SgdOp::create(p, SmallVector<Type>(velocity ? 2 : 1, weight.type), parameter, gradient,
                                      velocity, scalars.rate, scalars.scale, scalars.finite,
                                      velocity ? number(options.momentum) : FloatAttr(),
                                      options.nesterov ? p.getUnitAttr() : UnitAttr(), decay));
  }

  void lion(const TrainedWeight &weight, Value gradient) {
    Value momentum = state(weight, "momentum");
    give(weight,
         train::LionOp::create(p, TypeRange{weight.type, weight.type}, parameter, gradient, momentum, scalars.rate,
                               scalars.scale, scalars.finite, number(options.beta1), number(options.beta2), decay));
  }

  void adamw(const TrainedWeight &weight, Value gradient) {
    Value first = state(weight, "first"), second = state(weight, "second");
    give(weight, train::AdamWOp::create(p, SmallVector<Type>(3, weight.type), parameter, gradient, first, second,
                                        scalars.rate, scalars.number, scalars.scale, scalars.finite,
                                        number(options.beta1), number(options.beta2), number(options.eps), decay));
  }

  void adamw8(const TrainedWeight &weight, Value gradient) {
    constexpr int64_t block = train::AdamW8Op::kBlock;
    int64_t blocks = weight.type.getNumElements() / block;
    auto codes = RankedTensorType::get({blocks, block}, p.getI8Type());
    auto scales = RankedTensorType::get({blocks}, p.getF32Type());
    Value first = state(weight, "first", codes), second = state(weight, "second", codes),
          firstScale = state(weight, "first_scale", scales), secondScale = state(weight, "second_scale", scales);
    give(weight, train::AdamW8Op::create(p, TypeRange{weight.type, codes, codes, scales, scales}, parameter, gradient,
                                         first, second, firstScale, secondScale, scalars.rate, scalars.number,
                                         scalars.scale, scalars.finite, number(options.beta1), number(options.beta2),
                                         number(options.eps), decay));
  }

  /// PyTorch's numbers: all that it can be told is the weight decay.
  void adafactor(const TrainedWeight &weight, Value gradient) {
    ArrayRef<int64_t> shape = weight.type.getShape();
    bool stacked = weight.type.getRank() > std::max<int64_t>(weight.rank, 1);
    SmallVector<Value> states;
    if (weight.type.getRank() - stacked >= 2) {
      SmallVector<int64_t> columns(shape);
      columns.erase(columns.end() - 2);
      states = {state(weight, "rows", weight.type.clone(shape.drop_back())),
                state(weight, "columns", weight.type.clone(columns))};
    } else {
      states = {state(weight, "squares")};
    }
    SmallVector<Type> types = {weight.type};
    llvm::append_range(types, ValueRange(states).getTypes());
    give(weight, train::AdafactorOp::create(p, types, parameter, gradient, states, scalars.rate, scalars.number,
                                            scalars.scale, scalars.finite, stacked ? p.getUnitAttr() : UnitAttr(),
                                            /*beta2_decay=*/number(-0.8), /*eps1=*/number(FLT_EPSILON),
                                            /*eps2=*/number(1e-3), /*clip_threshold=*/number(1), decay));
  }

  UpdateFunction &f;
  Primitives &p;
  const TrainingOptions &options;
  StepScalars scalars;
  Value parameter;
  FloatAttr decay;
  SmallVector<StringRef> kinds; ///< of the states of the weight whose step is made
};

/// How much larger than the loss what was derived is, and what of it follows (PyTorch's numbers).
class LossScale {
public:
  explicit LossScale(UpdateFunction &f) : f(f), p(f.p) {}

  /// Gradients have been multiplied with it. Only steps that were made count for the optimizer.
  void begin(Value &count, StepScalars &scalars) {
    auto number = RankedTensorType::get({}, p.getI32Type());
    scale = f.argument(kLossScale.str(), RankedTensorType::get({}, p.getF32Type()));
    steps = f.argument("loss_scale_steps", number);
    made = f.argument("steps_made", number);
    count = p.mul(count, scale);
    scalars.number = p.add(made, p.integer(1));
  }
  void judge(Value norm, StepScalars &scalars) {
    scalars.finite = train::AllFiniteOp::create(p, RankedTensorType::get({}, p.getI1Type()), norm);
  }
  void finish(const StepScalars &scalars) {
    auto next = train::LossScaleOp::create(p, scale.getType(), steps.getType(), scale, steps, scalars.finite,
                                           p.getF64FloatAttr(2), p.getF64FloatAttr(0.5), p.getI64IntegerAttr(2000));
    f.result(kLossScale.str(), next.getNewScale());
    f.result("loss_scale_steps", next.getNewSteps());
    f.result("steps_made", p.select(scalars.finite, scalars.number, made));
    f.result("finite", scalars.finite);
  }

private:
  UpdateFunction &f;
  Primitives &p;
  Value scale, steps, made;
};

} // namespace

bool TrainedWeight::hasBlocks() const {
  constexpr int64_t fewest = 4096;
  int64_t each = type.getNumElements() / tensors;
  return each >= fewest && each % train::AdamW8Op::kBlock == 0;
}

void buildUpdate(func::FuncOp after, ArrayRef<TrainedWeight> weights, const TrainingOptions &options) {
  UpdateFunction f(after, options);
  Primitives &p = f.p;
  auto scalar = RankedTensorType::get({}, p.getF32Type());
  StepScalars scalars;
  scalars.rate = f.argument("learning_rate", scalar);
  scalars.number = f.argument("step", RankedTensorType::get({}, p.getI32Type()));
  Value count = f.argument("count", scalar);
  SmallVector<Value> gradients;
  for (const TrainedWeight &weight : weights)
    gradients.push_back(f.argument("grad." + weight.name, weight.type));
  LossScale lossScale(f);
  if (options.precision == "f16")
    lossScale.begin(count, scalars);
  Value norm = p.div(train::GlobalNormOp::create(p, scalar, gradients), count);
  scalars.scale = p.div(p.number(1), count);
  if (options.precision == "f16")
    lossScale.judge(norm, scalars);
  if (options.maxNorm > 0)
    scalars.scale =
        p.mul(scalars.scale, train::ClipFactorOp::create(p, scalar, norm, p.getF64FloatAttr(options.maxNorm)));
  Optimizer optimizer(f, options, scalars);
  for (auto [weight, gradient] : llvm::zip_equal(weights, gradients))
    optimizer.step(weight, gradient);
  f.result("gradient_norm", norm);
  if (options.precision == "f16")
    lossScale.finish(scalars);
  f.finish();
}

} // namespace ph
