#include "dialects/Step/Step.h"

using namespace mlir;

namespace ph::step {

LogicalResult KernelOp::verify() {
  if (!getOptions().getAs<StringAttr>("kind"))
    return emitOpError("expects options with a string 'kind', but got ") << getOptions();
  bool onTensors = isa<RankedTensorType>(getOutput().getType());
  if (onTensors != bool(getResult()))
    return emitOpError("expects ") << (onTensors ? "a result on tensors, but got none"
                                                 : "no result on memory, but got one");
  if (getResult() && getResult().getType() != getOutput().getType())
    return emitOpError("expects a result of the output's type ")
           << getOutput().getType() << ", but got " << getResult().getType();
  if (getTiles() && *getTiles() < 1)
    return emitOpError("expects a positive number of tiles, but got ") << *getTiles();
  return success();
}

void KernelOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (getResult())
    return;
  for (OpOperand &input : getInputsMutable())
    effects.emplace_back(MemoryEffects::Read::get(), &input);
  effects.emplace_back(MemoryEffects::Write::get(), &getOutputMutable());
}

} // namespace ph::step
