#include "powerhouse/Analysis/Cost.h"
#include "dialects/Transformer/Transformer.h"

using namespace mlir;

namespace ph::analysis {

static void countBlock(FunctionCost &out, Block &block, const CostPoint &at, int64_t times) {
  for (Operation &op : block) {
    if (auto model = dyn_cast<CostOpInterface>(op)) {
      Cost cost = model.getCost(at) * double(times);
      out.total += cost;
      out.ops.push_back({&op, times, cost});
    } else if (!op.hasTrait<OpTrait::IsTerminator>() && !op.hasTrait<OpTrait::ConstantLike>()) {
      out.unknown.push_back(&op);
    }
    if (auto repeat = dyn_cast<xf::RepeatOp>(op))
      countBlock(out, *repeat.getBlock(), at, times * int64_t(repeat.getCount()));
  }
}

FunctionCost computeCostAt(func::FuncOp function, const CostPoint &at) {
  FunctionCost cost;
  for (Block &block : function.getBody())
    countBlock(cost, block, at, 1);
  return cost;
}

std::string getWeightNames(Operation *op) {
  std::string names;
  for (Value operand : op->getOperands())
    if (auto load = operand.getDefiningOp<xf::LoadWeightOp>())
      names += (names.empty() ? "" : ", ") + load.getWeight().str();
  return names;
}

ModelCost computeCost(ModuleOp module) {
  ModelCost out;
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  if (!forward || forward.isExternal())
    return out;
  // What a visible position adds is the difference between one and none.
  FunctionCost none = computeCostAt(forward, {1, 0}), one = computeCostAt(forward, {1, 1});
  for (auto [without, with] : llvm::zip_equal(none.ops, one.ops)) {
    OpCost cost;
    cost.op = without.op->getName().getStringRef();
    cost.weight = getWeightNames(without.op);
    cost.times = without.times;
    cost.flop = without.cost.flop;
    cost.weightBytes = without.cost.weightBytes;
    cost.flopPerPosition = with.cost.flop - without.cost.flop;
    cost.cacheBytesPerPosition = with.cost.cacheBytesRead - without.cost.cacheBytesRead;
    cost.cacheBytesWritten = without.cost.cacheBytesWritten;
    if (cost.flop + cost.weightBytes + cost.flopPerPosition + cost.cacheBytesPerPosition + cost.cacheBytesWritten == 0)
      continue;
    out.flopPerToken += cost.flop;
    out.weightBytesPerToken += cost.weightBytes;
    out.flopPerTokenAndPosition += cost.flopPerPosition;
    out.cacheBytesPerTokenAndPosition += cost.cacheBytesPerPosition;
    out.cacheBytesWrittenPerToken += cost.cacheBytesWritten;
    out.ops.push_back(std::move(cost));
  }
  return out;
}

} // namespace ph::analysis
