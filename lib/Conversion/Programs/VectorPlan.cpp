// Which loops can take vectors.
#include "VectorLoop.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace ph::conversion {
namespace {

// Loops shorter than this are no faster with vectors.
constexpr int64_t kFewest = 4;

struct Planner {
  linalg::GenericOp op;
  VectorPlan plan;

  /// Empty, or why it isn't possible.
  std::string run() {
    auto ranges = cast<linalg::LinalgOp>(op.getOperation()).getStaticLoopRanges();
    if (!ShapedType::isDynamic(ranges[plan.dim]) && ranges[plan.dim] < kFewest)
      return "the loop is short";
    for (OpOperand &operand : op->getOpOperands())
      if (std::string why = addOperand(operand); !why.empty())
        return why;
    if (std::string why = reduces() ? findCombiners() : ""; !why.empty())
      return why;
    for (Operation &inner : op.getBody()->without_terminator())
      if (std::string why = addOperation(inner); !why.empty())
        return why;
    return "";
  }

  bool reduces() { return op.getIteratorTypesArray()[plan.dim] == utils::IteratorType::reduction; }

  std::string addOperand(OpOperand &operand) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type)
      return "";
    AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(&operand);
    if (!map.isFunctionOfDim(plan.dim))
      return op.isDpsInit(&operand) && !reduces() ? "lanes would write the same element" : "";
    // One further in the loop is one further in memory.
    AffineExpr dim = getAffineDimExpr(plan.dim, op.getContext()), last = map.getResults().back();
    AffineExpr rest = simplifyAffineExpr(last - dim, map.getNumDims(), 0);
    bool others = llvm::any_of(map.getResults().drop_back(), [&](AffineExpr e) { return e.isFunctionOfDim(plan.dim); });
    if (rest.isFunctionOfDim(plan.dim) || others || !type.isLastDimUnitStride())
      return "elements of an operand aren't side by side";
    Type element = type.getElementType();
    if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8)
      return "elements are no whole bytes";
    plan.varying.insert(op.getMatchingBlockArgument(&operand));
    return "";
  }

  /// The element that is added may not depend on any sum.
  std::string findCombiners() {
    for (auto [sum, yielded] :
         llvm::zip_equal(op.getRegionOutputArgs(), op.getBody()->getTerminator()->getOperands())) {
      Operation *combiner = yielded.getDefiningOp();
      if (!combiner || !isa<arith::AddFOp, arith::MulFOp, arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
                            arith::MinNumFOp, arith::AddIOp, arith::MulIOp, arith::MaxSIOp, arith::MinSIOp,
                            arith::MaxUIOp, arith::MinUIOp, arith::AndIOp, arith::OrIOp>(combiner))
        return "what is reduced is no sum, product, minimum or maximum";
      bool uses = llvm::is_contained(combiner->getOperands(), Value(sum));
      if (!uses || !sum.hasOneUse() || !combiner->getResult(0).hasOneUse() || !arith::getNeutralElement(combiner))
        return "a sum is used for more than what is added to it";
      plan.combiners.push_back(combiner);
    }
    return "";
  }

  std::string addOperation(Operation &inner) {
    if (llvm::is_contained(plan.combiners, &inner))
      return "";
    auto index = dyn_cast<linalg::IndexOp>(inner);
    bool varies = index ? index.getDim() == plan.dim
                        : llvm::any_of(inner.getOperands(), [&](Value value) { return plan.varying.contains(value); });
    if (varies && !index && !OpTrait::hasElementwiseMappableTraits(&inner))
      return "an operation doesn't work element by element";
    // Lanes past the end hold what is no input.
    if (varies && !index && !isSpeculatable(&inner))
      return "an operation has limits to its operands";
    if (!varies && inner.getNumRegions())
      return "an operation has regions";
    if (varies)
      plan.varying.insert(inner.getResults().begin(), inner.getResults().end());
    return "";
  }
};

} // namespace

FailureOr<VectorPlan> planVectors(linalg::GenericOp op, unsigned dim, std::string *why) {
  Planner planner{op, {dim, {}, {}}};
  std::string reason = planner.run();
  if (reason.empty())
    return planner.plan;
  if (why)
    *why = reason;
  return failure();
}

} // namespace ph::conversion
