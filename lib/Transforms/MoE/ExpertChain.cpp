#include "lib/Transforms/MoE/ExpertChain.h"

using namespace mlir;

namespace ph::moe {

/// A tensor that stands for one number, whatever it is broadcast to.
static bool isNumber(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.hasStaticShape() && tensor.getNumElements() == 1 && tensor.getRank() <= 1;
}

static bool isElementwise(Operation *op) {
  return isa<xf::ActivationOp, xf::GatedActivationOp, xf::AddOp, xf::MulOp, xf::ScaleOp, xf::ElementwiseOp,
             xf::UnaryOp>(op) &&
         llvm::all_of(op->getOperandTypes(),
                      [&](Type type) { return type == op->getResult(0).getType() || isNumber(type); });
}

std::string collectExpertChain(xf::CombineExpertsOp combine, ExpertChain &chain) {
  llvm::SetVector<Operation *> ops;
  SmallVector<Value> wanted = {combine.getInput()};
  while (!wanted.empty()) {
    Operation *op = wanted.pop_back_val().getDefiningOp();
    if (!op)
      return "what the experts gave is not made here";
    if (ops.contains(op))
      continue;
    if (op->getBlock() != combine->getBlock())
      return "what the experts gave is made outside the loop";
    auto linear = dyn_cast<xf::ExpertLinearOp>(op);
    if (!linear && !isElementwise(op))
      return (op->getName().getStringRef() + " doesn't work element by element").str();
    ops.insert(op);
    if (!linear) {
      for (Value operand : op->getOperands())
        if (!isNumber(operand.getType()))
          wanted.push_back(operand);
      continue;
    }
    int64_t count = linear.getWeight().getType().getDimSize(0);
    if (!chain.experts)
      std::tie(chain.experts, chain.count) = std::pair(Value(linear.getExperts()), count);
    if (chain.experts != linear.getExperts() || chain.count != count)
      return "the products are with different choices of experts";
    if (linear.hasRowPerExpert())
      wanted.push_back(linear.getInput());
  }
  for (Operation *op : ops)
    for (Operation *user : op->getUsers())
      if (user != combine && !ops.contains(user))
        return "what the experts gave is used elsewhere too";
  chain.ops.assign(ops.begin(), ops.end());
  llvm::sort(chain.ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return "";
}

Operation *cloneElementwise(OpBuilder &builder, Operation *op, IRMapping &mapping) {
  Operation *copy = builder.clone(*op, mapping);
  for (Value operand : copy->getOperands())
    if (!isNumber(operand.getType()))
      copy->getResult(0).setType(operand.getType());
  return copy;
}

} // namespace ph::moe
