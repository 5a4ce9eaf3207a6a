#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

Expected<std::vector<float>> readStored(WeightProvider &source, xf::WeightOp weight, int64_t layer) {
  Expected<std::vector<float>> values = source.read(weight, layer);
  if (!values)
    return values;
  if (xf::FormatAttr own = weight.getFormat(); own && own.isActivation() && !own.isInt8() && !weight.getRequantized())
    for (float &x : *values)
      x = own.getName() == "bf16" ? bfloatToFloat(floatToBfloat(x)) : halfToFloat(floatToHalf(x));
  if (!weight.getRequantized())
    return values;
  const Format &format = *weight.getFormat().getStorage();
  if (values->size() % format.blockElements != 0 || !llvm::all_of(*values, [](float x) { return std::isfinite(x); }))
    return Error{ErrorCode::BadModel,
                 "expects finite values in whole blocks to encode as " + std::string(format.name) + " at run time"};
  std::vector<uint8_t> bytes(values->size() / format.blockElements * format.blockBytes);
  quantize(format, values->data(), bytes.data(), values->size());
  dequantize(format, bytes.data(), values->data(), values->size());
  return values;
}

static LogicalResult loadWeight(xf::LoadWeightOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<xf::WeightOp>(op, op.getWeightAttr());
  if (!weight)
    return op.emitOpError() << "expects the name of an xf.weight, but got " << op.getWeightAttr();
  int64_t layer = inputs.empty() ? 0 : inputs[0].integer();
  if (layer < 0 || layer >= weight.getLayers())
    return mismatch(op, "a layer from 0 to " + Twine(weight.getLayers() - 1), layer);
  Expected<std::vector<float>> values = context.deviations().exactWeights
                                            ? context.weights().read(weight, layer)
                                            : readStored(context.weights(), weight, layer);
  if (!values)
    return op.emitOpError() << values.error().message;
  RankedTensorType type = op.getResult().getType();
  if (int64_t(values->size()) != type.getNumElements())
    return mismatch(op, Twine(type.getNumElements()) + " values of the weight", int64_t(values->size()));
  Tensor tensor(type.getShape(), std::vector<double>(values->begin(), values->end()));
  if (!context.deviations().exactWeights)
    return context.give(op, std::move(tensor), results);
  results.emplace_back(std::move(tensor));
  return success();
}

void registerWeights(MLIRContext *context) { attach<xf::LoadWeightOp, loadWeight>(context); }

} // namespace ph::reference
