#include "dialects/Training/Training.h"
#include "mlir/Transforms/InliningUtils.h"
#include "powerhouse/Interfaces/ReferenceOpInterface.h"

using namespace mlir;
using namespace ph::train;

#include "dialects/Training/Dialect.cpp.inc"
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

void TrainDialect::initialize() {
  addInterfaces<TrainInliner>();
  addOperations<
#define GET_OP_LIST
#include "dialects/Training/Ops.cpp.inc"
      >();
  // What gives these ops a meaning stands in lib/Reference; a tool that forgets to register it must not go on silently.
  declarePromisedInterfaces<ph::ReferenceOpInterface, AdamWOp, LmLossOp, ScatterAddOp, TokenLogpBackwardOp,
                            TokenLogpOp>();
}
