#include "lib/Transforms/Recognition/Loops.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph {

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// Loops that fold elements of one tensor into one result.
struct Fold {
  linalg::GenericOp loops;
  Value yielded, accumulated;
  Value sizes; ///< a tensor whose sizes are those of the loops that are folded

  static std::optional<Fold> match(Value value, int64_t start) {
    auto loops = value.getDefiningOp<linalg::GenericOp>();
    if (!loops || loops->getNumResults() != 1 || loops.getDpsInputs().size() != 1)
      return std::nullopt;
    auto fill = loops.getDpsInits().front().getDefiningOp<linalg::FillOp>();
    APInt number;
    if (!fill || !fill.value().getType().isInteger(32) || !matchPattern(fill.value(), m_ConstantInt(&number)) ||
        number.getSExtValue() != start)
      return std::nullopt;
    return Fold{loops, loops.getBody()->getTerminator()->getOperand(0), loops.getBody()->getArguments().back(),
                loops.getDpsInputs().front()};
  }

  /// The number of the loop whose index `value` is; -1 if it is none.
  static int64_t loopOf(Value value) {
    auto index = value.getDefiningOp<linalg::IndexOp>();
    return index ? int64_t(index.getDim()) : -1;
  }

  /// Whether dimension `axis` of `sizes` is as large as `dim`.
  bool isAsLarge(int64_t axis, xf::Dim dim) const {
    if (!typeOf(sizes).isDynamicDim(axis))
      return typeOf(sizes).getDimSize(axis) == typeOf(dim.tensor).getDimSize(dim.axis);
    auto empty = sizes.getDefiningOp<tensor::EmptyOp>();
    auto of = empty ? empty.getDynamicSize(axis).getDefiningOp<xf::DimOp>() : xf::DimOp();
    return of && xf::areEqual({of.getInput(), int64_t(of.getAxis())}, dim);
  }
};

} // namespace

Value matchRunningSum(Value value) {
  std::optional<Fold> fold = Fold::match(value, 0);
  if (!fold || typeOf(value).getRank() != 2 || fold->loops.getNumLoops() != 3)
    return {};
  auto select = fold->yielded.getDefiningOp<arith::SelectOp>();
  auto reached = select ? select.getCondition().getDefiningOp<arith::CmpIOp>() : arith::CmpIOp();
  auto sum = select ? select.getTrueValue().getDefiningOp<arith::AddIOp>() : arith::AddIOp();
  if (!reached || !sum || select.getFalseValue() != fold->accumulated ||
      reached.getPredicate() != arith::CmpIPredicate::sle || Fold::loopOf(reached.getLhs()) != 2 ||
      Fold::loopOf(reached.getRhs()) != 1 || sum.getLhs() != fold->accumulated)
    return {};
  auto element = sum.getRhs().getDefiningOp<tensor::ExtractOp>();
  if (!element || element.getIndices().size() != 2 || Fold::loopOf(element.getIndices()[0]) != 0 ||
      Fold::loopOf(element.getIndices()[1]) != 2)
    return {};
  return fold->isAsLarge(0, {element.getTensor(), 1}) ? element.getTensor() : Value();
}

Value matchLargest(Value value) {
  std::optional<Fold> fold = Fold::match(value, INT32_MIN);
  if (!fold || typeOf(value).getRank() != 0)
    return {};
  auto most = fold->yielded.getDefiningOp<arith::MaxSIOp>();
  auto element = most ? most.getRhs().getDefiningOp<tensor::ExtractOp>() : tensor::ExtractOp();
  if (!element || most.getLhs() != fold->accumulated ||
      int64_t(element.getIndices().size()) != typeOf(fold->sizes).getRank())
    return {};
  for (auto [axis, index] : llvm::enumerate(element.getIndices())) {
    bool only = typeOf(element.getTensor()).getDimSize(axis) == 1 && matchPattern(index, m_Zero());
    if (!only && Fold::loopOf(index) != int64_t(axis))
      return {};
    if (!fold->isAsLarge(axis, {element.getTensor(), int64_t(axis)}))
      return {};
  }
  return element.getTensor();
}

} // namespace ph
