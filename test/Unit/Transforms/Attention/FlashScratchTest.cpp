// What attention by tiles holds doesn't grow with the context, read off the IR: each tensor of a size that isn't
// bounded by constants is an argument, a view of one, or a result in the making.
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include <gtest/gtest.h>

using namespace mlir;

namespace {

bool hasBoundedDim(Value tensor, int64_t dim);

/// Whether an index is bounded by constants.
bool isBounded(OpFoldResult size) {
  auto value = dyn_cast<Value>(size);
  if (!value)
    return true;
  if (matchPattern(value, m_Constant()))
    return true;
  if (auto least = value.getDefiningOp<arith::MinSIOp>())
    return isBounded(least.getLhs()) || isBounded(least.getRhs());
  if (auto dim = value.getDefiningOp<tensor::DimOp>())
    return dim.getConstantIndex() && hasBoundedDim(dim.getSource(), *dim.getConstantIndex());
  return false;
}

/// What a value that a loop carries starts as; null if it is none.
Value startOf(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && argument.getArgNumber() > 0 ? loop.getInitArgs()[argument.getArgNumber() - 1] : Value();
  }
  auto loop = value.getDefiningOp<scf::ForOp>();
  return loop ? loop.getInitArgs()[cast<OpResult>(value).getResultNumber()] : Value();
}

bool hasBoundedDim(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return true;
  if (Value start = startOf(tensor))
    return hasBoundedDim(start, dim);
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast_or_null<tensor::EmptyOp>(op))
    return isBounded(empty.getDynamicSize(dim));
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(op))
    return hasBoundedDim(insert.getDest(), dim);
  if (auto structured = dyn_cast_or_null<linalg::LinalgOp>(op))
    return hasBoundedDim(structured.getDpsInits()[0], dim);
  if (auto rope = dyn_cast_or_null<ph::xf::RopeOp>(op))
    return hasBoundedDim(rope.getInput(), dim);
  if (auto bias = dyn_cast_or_null<ph::xf::RelativePositionBiasOp>(op))
    return dim == 2 || !bias.getKeys() ? hasBoundedDim(bias.getQuery(), 1) : hasBoundedDim(bias.getKeys(), 1);
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(op))
    return llvm::all_of(collapse.getReassociationIndices()[dim],
                        [&](int64_t from) { return hasBoundedDim(collapse.getSrc(), from); });
  if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(op)) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [index, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!dropped.test(index) && dim-- == 0)
        return isBounded(size);
  }
  return false;
}

bool isSmall(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return true;
  return llvm::all_of(llvm::seq<int64_t>(type.getRank()), [&](int64_t dim) { return hasBoundedDim(value, dim); });
}

/// What a value is an update of.
Value originOf(Value value) {
  while (true) {
    if (Value start = startOf(value))
      value = start;
    else if (auto insert = value.getDefiningOp<tensor::InsertSliceOp>())
      value = insert.getDest();
    else
      return value;
  }
}

/// Adds what becomes a result of the function when it is written to.
void addMaking(Value value, llvm::SmallPtrSetImpl<void *> &making) {
  if (!making.insert(value.getAsOpaquePointer()).second)
    return;
  if (Value start = startOf(value))
    addMaking(start, making);
  if (auto loop = value.getDefiningOp<scf::ForOp>()) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    addMaking(loop.getBody()->getTerminator()->getOperand(number), making);
    addMaking(loop.getRegionIterArg(number), making);
  }
  if (auto loop = value.getDefiningOp<scf::ForallOp>()) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    addMaking(loop.getOutputs()[number], making);
    BlockArgument whole = loop.getRegionIterArgs()[number];
    addMaking(whole, making);
    // Parts of it that are updated where they are.
    for (Operation *user : whole.getUsers())
      if (auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(user))
        if (auto slice = originOf(insert.getSource()).getDefiningOp<tensor::ExtractSliceOp>();
            slice && slice.getSource() == whole)
          addMaking(insert.getSource(), making);
  }
  if (auto insert = value.getDefiningOp<tensor::InsertSliceOp>())
    addMaking(insert.getDest(), making);
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    addMaking(fill.getDpsInits()[0], making);
}

/// The tensors of a function that grow and are neither of an argument nor of a result.
std::vector<std::string> findScratch(func::FuncOp function) {
  llvm::SmallPtrSet<void *, 16> making;
  for (Value result : function.front().getTerminator()->getOperands())
    addMaking(result, making);
  std::vector<std::string> found;
  function.walk([&](Operation *op) {
    if (isa<ph::xf::CacheKeysOp, ph::xf::CacheValuesOp>(op))
      return; // views
    for (Value result : op->getResults())
      if (!isSmall(result) && !making.contains(result.getAsOpaquePointer()))
        llvm::raw_string_ostream(found.emplace_back()) << *op;
  });
  return found;
}

class FlashScratchTest : public testing::Test {
protected:
  FlashScratchTest() {
    context.loadDialect<ph::xf::XFDialect, func::FuncDialect, arith::ArithDialect, tensor::TensorDialect,
                        linalg::LinalgDialect, scf::SCFDialect, math::MathDialect>();
  }

  std::vector<std::string> scratchOf(const std::string &text, bool rewrite) {
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return {"is not valid"};
    if (rewrite) {
      PassManager manager(&context);
      manager.addPass(ph::createFlashAttentionPass());
      if (failed(manager.run(*module)))
        return {"is not rewritten"};
      bool left = false;
      module->walk([&](Operation *op) { left |= isa<ph::xf::AttentionOp, ph::xf::AttentionBackwardOp>(op); });
      if (left)
        return {"is not rewritten"};
    }
    return findScratch(*module->getOps<func::FuncOp>().begin());
  }

  void expectNoScratch(const std::string &text) {
    for (const std::string &each : scratchOf(text, true))
      ADD_FAILURE() << each;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(FlashScratchTest, AMatrixOfScoresWouldBeSeen) {
  EXPECT_EQ(scratchOf(R"(func.func @f(%q: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %q, %c0 : tensor<?x8xf32>
    %scores = tensor.empty(%n, %n) : tensor<?x?xf32>
    %limit = arith.constant 64 : index
    %few = arith.minsi %n, %limit : index
    %tile = tensor.empty(%few, %few) : tensor<?x?xf32>
    %result = tensor.empty(%n) : tensor<?x8xf32>
    return %result : tensor<?x8xf32>
  })",
                      false)
                .size(),
            1u);
}

TEST_F(FlashScratchTest, ForwardHoldsTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %k: tensor<?x?x8xf32>, %b: tensor<1x2x?x?xf32>, %d: tensor<?x?xi32>, %m: tensor<?x?xi32>,
                                  %p: tensor<?xi32>, %s: tensor<2xf32>, %pos: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
    %y = xf.attention %q keys(%k) values(%k) rope(%pos, #xf.rope<dim = 8, base = 1.0e4, style = half>) bias(%b) sinks(%s) prefix(%p) documents(%d) valid(%m)
      alibi = #xf.alibi<max_bias = 8.0> heads = 2 scale = 0.25 mask = causal window = 128 soft_cap = 30.0
      : (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?xi32>, tensor<1x2x?x?xf32>, tensor<2xf32>, tensor<?xi32>, tensor<?x?xi32>, tensor<?x?xi32>)
      -> tensor<?x?x16xf32>
    return %y : tensor<?x?x16xf32>
  })");
}

TEST_F(FlashScratchTest, CrossAttentionHoldsTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %k: tensor<?x?x8xf32>, %v: tensor<?x?x12xf32>) -> tensor<?x?x24xf32> {
    %y = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none
      : (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x12xf32>) -> tensor<?x?x24xf32>
    return %y : tensor<?x?x24xf32>
  })");
}

TEST_F(FlashScratchTest, BiasesByDistanceAreMadeByTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %t: tensor<32x2xf32>) -> tensor<?x?x16xf32> {
    %b = xf.relative_position_bias %t query(%q) keys(%k) max_distance = 128 bidirectional
      : (tensor<32x2xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<1x2x?x?xf32>
    %y = xf.attention %q keys(%k) values(%k) bias(%b) heads = 2 scale = 1.0 mask = none
      : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<1x2x?x?xf32>) -> tensor<?x?x16xf32>
    return %y : tensor<?x?x16xf32>
  })");
}

TEST_F(FlashScratchTest, ACacheIsReadByTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %c: !xf.cache<2 x 1 x 8, f32>, %past: tensor<?xi32>) -> tensor<?x?x16xf32> {
    %l = arith.constant 1 : index
    %y = xf.attention %q cache(%c[%l], %past) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x16xf32>, !xf.cache<2 x 1 x 8, f32>, index, tensor<?xi32>) -> tensor<?x?x16xf32>
    return %y : tensor<?x?x16xf32>
  })");
}

TEST_F(FlashScratchTest, ACacheOfRotatedKeysIsReadByTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %c: !xf.cache<2 x 1 x 8, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
    %l = arith.constant 1 : index
    %y = xf.attention %q cache(%c[%l], %past) rope(%p, #xf.rope<dim = 8, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x16xf32>, !xf.cache<2 x 1 x 8, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    return %y : tensor<?x?x16xf32>
  })");
}

TEST_F(FlashScratchTest, DerivativesHoldTiles) {
  expectNoScratch(
      R"(func.func @f(%q: tensor<?x?x16xf32>, %k: tensor<?x?x8xf32>, %dy: tensor<?x?x16xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
    %dq, %dk, %dv = xf.attention_backward %q, %k, %k, %dy heads = 2 scale = 0.25 mask = causal soft_cap = 30.0
      : (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x16xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>)
    return %dq, %dk, %dv : tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>
  })");
}

} // namespace
