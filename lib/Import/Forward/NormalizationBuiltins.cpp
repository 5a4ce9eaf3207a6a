#include "Builtins.h"

using namespace mlir;

namespace ph {

static IntegerAttr headsOf(Call &call) {
  std::optional<int64_t> heads = call.integerUnlessZero("heads");
  return heads ? call.b.getI64IntegerAttr(*heads) : IntegerAttr();
}

static Call::Result rmsNorm(Call &call) {
  Value input = call.activation(0), weight = call.weightOrNone(1, 1);
  double eps = call.number("eps");
  FloatAttr offset = call.numberUnless("offset", 0);
  IntegerAttr heads = headsOf(call);
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::RmsNormOp::create(call.b, call.at, input.getType(), input, weight,
                                                  call.b.getF64FloatAttr(eps), weight ? offset : FloatAttr(), heads)};
}

static Call::Result layerNorm(Call &call) {
  Value input = call.activation(0), weight = call.weightOrNone(1, 1), bias = call.weightNamed("bias", 1);
  double eps = call.number("eps");
  FloatAttr offset = call.numberUnless("offset", 0);
  IntegerAttr heads = headsOf(call);
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::LayerNormOp::create(call.b, call.at, input.getType(), input, weight, bias,
                                                    call.b.getF64FloatAttr(eps), weight ? offset : FloatAttr(), heads)};
}

const std::vector<Builtin> &normalizationBuiltins() {
  static const std::vector<Builtin> table = {
      {"rms_norm",
       rmsNorm,
       1,
       2,
       {"eps", "offset", "heads"},
       "rms_norm(x, w, eps = …, offset = 0, heads = 0)",
       "x by the root of its mean square, times w + offset; each of the heads alone where they are given"},
      {"layer_norm",
       layerNorm,
       1,
       2,
       {"bias", "eps", "offset", "heads"},
       "layer_norm(x, w, bias = b, eps = …, offset = 0, heads = 0)",
       "x without its mean, by its standard deviation, times w + offset, plus b"}};
  return table;
}

} // namespace ph
