#include "dialects/Training/Training.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "powerhouse/Interfaces/ReferenceOpInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ph::train;

#include "dialects/Training/Dialect.cpp.inc"
#include "dialects/Training/Enums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Training/Attributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Training/Ops.cpp.inc"

namespace {
/// Functions of a loss may be put in place of their calls.
struct TrainInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const override { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const override { return true; }
};
} // namespace

void TrainDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Training/Attributes.cpp.inc"
      >();
}

void TrainDialect::initialize() {
  registerAttributes();
  addInterfaces<TrainInliner>();
  addOperations<
#define GET_OP_LIST
#include "dialects/Training/Ops.cpp.inc"
      >();
  // What gives these ops a meaning stands in lib/Reference; a tool that forgets to register it must not go on silently.
  declarePromisedInterfaces<ph::ReferenceOpInterface, AdafactorOp, AdamW8Op, AdamWOp, AllFiniteOp, ClassificationLossOp,
                            ClipFactorOp, DistillLossOp, DpoLossOp, DropoutOp, ExpertOuterAddOp, GaeOp, GlobalNormOp,
                            IpoLossOp, KlRewardsOp, KtoBaselineOp, KtoLossOp, LionOp, LmLossOp, LossScaleOp>();
  declarePromisedInterfaces<ph::ReferenceOpInterface, MultiLabelLossOp, OrpoLossOp, PpoLossOp, RegressionLossOp,
                            RewardLossOp, RoundGradientOp, RoundOp, ScatterAddOp, SequenceLogpOp, SgdOp, SimpoLossOp,
                            StopGradientOp, TokenKlBackwardOp, TokenKlOp, TokenLogpBackwardOp, TokenLogpOp, ValueLossOp,
                            WhitenOp>();
}
