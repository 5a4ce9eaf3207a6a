#include "TileProducts.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
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

/// What is added to the product, or why that is no start for its sums.
struct Start {
  Value value;
  StringRef refusal;
};

Start startOf(linalg::GenericOp sum, linalg::GenericOp product, Value added) {
  if (!product->hasOneUse())
    return {{}, "the product is used for more than the sum"};
  if (!isZero(product.getDpsInits().front()))
    return {{}, "the product's sums start with something"};
  if (added.getType() != product.getResult(0).getType() ||
      !llvm::all_of(sum.getIndexingMapsArray(), [](AffineMap map) { return map.isIdentity(); }))
    return {{}, "what is added has another shape"};
  Operation *definition = added.getDefiningOp();
  if (sum->getBlock() != product->getBlock() ||
      (definition && definition->getBlock() == product->getBlock() && !definition->isBeforeInBlock(product)))
    return {{}, "what is added comes after the product"};
  return {added, {}};
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
        if (!accumulate(sum, pair->first, pair->second))
          accumulate(sum, pair->second, pair->first);
  }

private:
  bool accumulate(linalg::GenericOp sum, Value value, Value added) {
    auto product = value.getDefiningOp<linalg::GenericOp>();
    if (!product || !multipliesAndAdds(product))
      return false;
    Start start = startOf(sum, product, added);
    if (!start.value) {
      remark::missed(sum.getLoc(), remark::RemarkOpts::name("linalg.generic").category(getArgument())) << start.refusal;
      return false;
    }
    product.getDpsInitsMutable()[0].set(start.value);
    sum.getResult(0).replaceAllUsesWith(product.getResult(0));
    sum.erase();
    return true;
  }
};

} // namespace

std::unique_ptr<Pass> createAccumulateProductsPass() { return std::make_unique<AccumulateProductsPass>(); }

} // namespace ph::conversion
