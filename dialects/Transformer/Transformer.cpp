#include "dialects/Transformer/Transformer.h"
#include "mlir/Transforms/InliningUtils.h"
#include "powerhouse/Interfaces/ReferenceOpInterface.h"

using namespace mlir;
using namespace ph::xf;

#include "dialects/Transformer/Dialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Transformer/Ops.cpp.inc"

namespace {
/// Functions of xf may be put in place of their calls: no op knows which function it stands in.
struct XFInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const override { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const override { return true; }
};
} // namespace

void XFDialect::initialize() {
  addInterfaces<XFInliner>();
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Transformer/Ops.cpp.inc"
      >();
  // What gives these ops a meaning stands in lib/Reference; a tool that forgets to register it must not go on silently.
  declarePromisedInterfaces<ph::ReferenceOpInterface, ActivationOp, AddLayerNormOp, AddOp, AddRmsNormOp, AttentionOp,
                            CacheAppendOp, EmbeddingOp, EncodeOp, GatedActivationOp, GatedLinearOp, LayerNormOp,
                            LinearBackwardOp, LinearOp, LoadWeightOp, LogitsArgmaxOp, LogitsOp, MaskedPositionsOp,
                            MulOp, PositionsOp, RepeatOp, RmsNormOp, RopeOp, ScaleOp, SelectRowsOp, SplitOp,
                            StackEmptyOp, StackReadOp, StackWriteOp>();
  declarePromisedInterfaces<ph::ReferenceOpInterface, ArgmaxOp, ConvolutionOp, CrossEntropyOp, MergeFeaturesOp,
                            PatchEmbeddingOp, PoolOp, SampleOp, LogitsSampleOp>();
  declarePromisedInterfaces<ph::ReferenceOpInterface, BroadcastOp, CastOp, CompareOp, ConcatOp, DimOp, ElementwiseOp,
                            GatherOp, IotaOp, MatmulOp, ReduceOp, ReshapeOp, ScalarOp, SelectOp, SliceOp, SoftmaxOp,
                            TransposeOp, UnaryOp>();
  declarePromisedInterfaces<ph::ReferenceOpInterface, CombineExpertsOp, ExpertLinearOp, GatherTokensOp, GroupedLinearOp,
                            RouterOp, ScatterCombineOp, SortByExpertOp>();
}

Operation *XFDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}
