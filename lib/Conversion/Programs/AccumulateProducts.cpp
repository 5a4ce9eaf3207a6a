#include "TileProducts.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// Whether each element of the tensor is zero.
bool isZero(Value tensor) {
  Value element;
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    element = fill.value();
  else if (auto generic = tensor.getDefiningOp<linalg::GenericOp>(); generic && generic.getNumResults() == 1) {
    element = generic.getBody()->getTerminator()->getOperand(0);
    if (auto argument = dyn_cast<BlockArgument>(element); argument && argument.getOwner() == generic.getBody())
      element = generic.getMatchingOpOperand(argument)->get();
  }
  return element && matchPattern(element, m_AnyZeroFloat());
}

/// Whether a value is there before `op` in its block.
bool isBefore(Value value, Operation *op) {
  Operation *definition = value.getDefiningOp();
  return !definition || definition->getBlock() != op->getBlock() || definition->isBeforeInBlock(op);
}

/// Moves what makes `value`, a slice of something that is there already, to before `op`. False if it is something else.
bool moveBefore(Value value, Operation *op) {
  if (isBefore(value, op))
    return true;
  Operation *definition = value.getDefiningOp();
  if (!isa<tensor::ExtractSliceOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(definition) ||
      !llvm::all_of(definition->getOperands(), [&](Value operand) { return moveBefore(operand, op); }))
    return false;
  definition->moveBefore(op);
  return true;
}

/// Makes the product's sums start with `added`; else says why not.
StringRef startWith(linalg::GenericOp sum, linalg::GenericOp product, Value added) {
  if (!product->hasOneUse())
    return "the product is used for more than the sum";
  if (!isZero(product.getDpsInits().front()))
    return "the product's sums start with something";
  if (added.getType() != product.getResult(0).getType() ||
      !llvm::all_of(sum.getIndexingMapsArray(), [](AffineMap map) { return map.isIdentity(); }))
    return "what is added has another shape";
  // An adapter's sum is one of two sums, in training as where it is deployed; one that starts with the other rounds
  // as the memory of both happens to lie.
  if (added.getDefiningOp<xf::LinearOp>())
    return "what is added is a product by a kernel of its own";
  if (sum->getBlock() != product->getBlock() || !moveBefore(added, product))
    return "what is added comes after the product";
  product.getDpsInitsMutable()[0].set(added);
  sum.getResult(0).replaceAllUsesWith(product.getResult(0));
  return "";
}

/// The two that each element of a new tensor is the sum of.
std::optional<std::pair<Value, Value>> addends(linalg::GenericOp op) {
  auto sum = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op.getNumReductionLoops() || !sum)
    return std::nullopt;
  Value first = op.getBody()->getArgument(0), second = op.getBody()->getArgument(1);
  if (!llvm::equal(sum->getOperands(), ValueRange{first, second}) &&
      !llvm::equal(sum->getOperands(), ValueRange{second, first}))
    return std::nullopt;
  return std::pair(op.getDpsInputOperand(0)->get(), op.getDpsInputOperand(1)->get());
}

struct AccumulateProductsPass : PassWrapper<AccumulateProductsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AccumulateProductsPass)
  StringRef getArgument() const override { return "accumulate-products"; }
  StringRef getDescription() const override { return "let the sums of products start with what is added to them"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<linalg::LinalgDialect>(); }

  void runOnOperation() override {
    SmallVector<linalg::GenericOp> sums;
    getOperation()->walk([&](linalg::GenericOp op) { sums.push_back(op); });
    for (linalg::GenericOp sum : sums)
      if (auto pair = addends(sum))
        accumulate(sum, {*pair, {pair->second, pair->first}});
  }

private:
  void accumulate(linalg::GenericOp sum, ArrayRef<std::pair<Value, Value>> orders) {
    StringRef refusal;
    for (auto [value, added] : orders) {
      auto product = value.getDefiningOp<linalg::GenericOp>();
      if (!product || !multipliesAndAdds(product))
        continue;
      refusal = startWith(sum, product, added);
      if (refusal.empty())
        return sum.erase();
    }
    if (!refusal.empty())
      remark::missed(sum.getLoc(), remark::RemarkOpts::name("linalg.generic").category(getArgument())) << refusal;
  }
};

} // namespace

std::unique_ptr<Pass> createAccumulateProductsPass() { return std::make_unique<AccumulateProductsPass>(); }

} // namespace ph::conversion
