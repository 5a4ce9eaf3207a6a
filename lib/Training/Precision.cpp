#include "lib/Training/Precision.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {
namespace {

class Rounding {
public:
  explicit Rounding(train::Half format) : format(format) {}

  void products(Operation *op) {
    if (auto linear = dyn_cast<xf::LinearOp>(op)) {
      operands(op, {&linear.getInputMutable(), &linear.getWeightMutable()});
      gradient(linear.getResult());
    } else if (auto gated = dyn_cast<xf::GatedLinearOp>(op)) {
      operands(op, {&gated.getInputMutable(), &gated.getGateMutable(), &gated.getUpMutable()});
      gradient(gated.getResult());
    } else if (auto attention = dyn_cast<xf::AttentionOp>(op); attention && attention.getKeys()) {
      operands(op, {&attention.getQueryMutable(), &attention.getKeysMutable()[0], &attention.getValuesMutable()[0]});
      gradient(attention.getResult());
    } else if (auto logp = dyn_cast<train::TokenLogpOp>(op)) {
      operands(op, {&logp.getHiddenMutable(), &logp.getWeightMutable()});
    } else if (auto kl = dyn_cast<train::TokenKlOp>(op)) {
      operands(op, {&kl.getHiddenMutable(), &kl.getWeightMutable()});
    }
  }

private:
  void operands(Operation *op, ArrayRef<OpOperand *> some) {
    for (OpOperand *operand : some) {
      Value value = operand->get();
      // One that is packed is read where it is.
      if (value.getDefiningOp<xf::LoadWeightOp>() || cast<RankedTensorType>(value.getType()).getEncoding())
        continue;
      Value &rounded = made[{value, op->getBlock()}];
      OpBuilder before(op);
      if (!rounded)
        rounded = train::RoundOp::create(before, op->getLoc(), value.getType(), format, value);
      operand->set(rounded);
    }
  }

  void gradient(Value result) {
    Operation *op = result.getDefiningOp();
    if (cast<RankedTensorType>(result.getType()).getEncoding())
      return;
    OpBuilder after(op->getBlock(), std::next(op->getIterator()));
    Value same = train::RoundGradientOp::create(after, op->getLoc(), result.getType(), format, result);
    result.replaceAllUsesExcept(same, same.getDefiningOp());
  }

  train::Half format;
  DenseMap<std::pair<Value, Block *>, Value> made;
};

} // namespace

void roundProducts(func::FuncOp function, train::Half format) {
  SmallVector<Operation *> all;
  function.walk([&](Operation *op) { all.push_back(op); });
  Rounding rounding(format);
  for (Operation *op : all)
    rounding.products(op);
}

void scaleLoss(TrainingFunction &f) {
  Value scaled = f.p.mul(f.result("loss"), f.addInput(kLossScale, f.floatsType(0)));
  unsigned number = f.function.getNumResults();
  auto name = f.p.getNamedAttr(xf::XFDialect::getNameAttrName(), f.p.getStringAttr(kScaledLoss));
  (void)f.function.insertResult(number, scaled.getType(), f.p.getDictionaryAttr(name));
  f.function.getBody().front().getTerminator()->insertOperands(number, scaled);
}

void removeScaledLoss(func::FuncOp function, bool input) {
  auto name = [&](DictionaryAttr about) {
    auto found = about ? about.getAs<StringAttr>(xf::XFDialect::getNameAttrName()) : StringAttr();
    return found ? found.getValue() : StringRef();
  };
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (name(function.getResultAttrDict(i)) == kScaledLoss) {
      Operation *scaled = function.getBody().front().getTerminator()->getOperand(i).getDefiningOp();
      function.getBody().front().getTerminator()->eraseOperand(i);
      (void)function.eraseResult(i);
      if (isOpTriviallyDead(scaled))
        scaled->erase();
      break;
    }
  for (unsigned i = 0; input && i < function.getNumArguments(); ++i)
    if (name(function.getArgAttrDict(i)) == kLossScale) {
      (void)function.eraseArgument(i);
      break;
    }
}

} // namespace ph
