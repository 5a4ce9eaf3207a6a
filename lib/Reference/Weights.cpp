#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult loadWeight(xf::LoadWeightOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<xf::WeightOp>(op, op.getWeightAttr());
  if (!weight)
    return op.emitOpError() << "expects the name of an xf.weight, but got " << op.getWeightAttr();
  int64_t layer = inputs.empty() ? 0 : inputs[0].integer();
  if (layer < 0 || layer >= weight.getLayers())
    return mismatch(op, "a layer from 0 to " + Twine(weight.getLayers() - 1), layer);
  Expected<std::vector<float>> values = context.weights().read(weight, layer);
  if (!values)
    return op.emitOpError() << values.error().message;
  RankedTensorType type = op.getResult().getType();
  if (int64_t(values->size()) != type.getNumElements())
    return mismatch(op, Twine(type.getNumElements()) + " values of the weight", int64_t(values->size()));
  if (weight.getRequantized()) {
    const Format &format = *weight.getFormat().getStorage();
    if (!llvm::all_of(*values, [](float x) { return std::isfinite(x); }))
      return op.emitOpError() << "expects finite values to encode as " << format.name << " at run time";
    std::vector<uint8_t> bytes(values->size() / format.blockElements * format.blockBytes);
    quantize(format, values->data(), bytes.data(), values->size());
    dequantize(format, bytes.data(), values->data(), values->size());
  }
  return context.give(op, Tensor(type.getShape(), std::vector<double>(values->begin(), values->end())), results);
}

void registerWeights(MLIRContext *context) { attach<xf::LoadWeightOp, loadWeight>(context); }

} // namespace ph::reference
