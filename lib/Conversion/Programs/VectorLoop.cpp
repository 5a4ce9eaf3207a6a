#include "VectorLoop.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace ph::conversion {

llvm::SmallVector<Value> indicesOf(ImplicitLocOpBuilder &b, linalg::GenericOp op, OpOperand &operand, ValueRange at) {
  AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(&operand);
  llvm::SmallVector<Value> result;
  for (AffineExpr expression : map.getResults())
    result.push_back(affine::expandAffineExpr(b, b.getLoc(), expression, at, {}));
  return result;
}

VectorLoop::VectorLoop(ImplicitLocOpBuilder &b, linalg::GenericOp op, const VectorPlan &plan,
                       llvm::MutableArrayRef<Value> at, Value size)
    : b(b), op(op), plan(plan), at(at), size(size) {}

llvm::SmallVector<Value> VectorLoop::indices(OpOperand &operand) { return indicesOf(b, op, operand, at); }

static VectorType vectorOf(Type element) { return VectorType::get({kVectorLanes}, element); }

Value VectorLoop::splat(Value value) {
  return isa<VectorType>(value.getType())
             ? value
             : vector::BroadcastOp::create(b, vectorOf(value.getType()), value).getResult();
}

/// Loads of what all lanes share: once for the loop, as no store in it reaches what is read.
void VectorLoop::loadUniform() {
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (plan.varying.contains(argument) || !op.payloadUsesValueFromOperand(&operand) || op.isDpsInit(&operand))
      continue;
    Value value = operand.get();
    if (isa<MemRefType>(value.getType()))
      value = memref::LoadOp::create(b, value, indices(operand));
    uniform.map(argument, value);
  }
}

Value VectorLoop::load(OpOperand &operand, Value mask) {
  VectorType type = vectorOf(op.getMatchingBlockArgument(&operand).getType());
  if (!mask)
    return vector::LoadOp::create(b, type, operand.get(), indices(operand));
  Value nothing = arith::ConstantOp::create(b, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, type, operand.get(), indices(operand), mask, nothing);
}

llvm::SmallVector<Value> VectorLoop::emitBody(Value mask) {
  IRMapping scalars = uniform, vectors;
  auto vectorOfValue = [&](Value value) {
    Value known = vectors.lookupOrNull(value);
    return known ? known : splat(scalars.lookupOrDefault(value));
  };
  for (OpOperand &operand : op->getOpOperands())
    if (BlockArgument argument = op.getMatchingBlockArgument(&operand);
        plan.varying.contains(argument) && op.payloadUsesValueFromOperand(&operand))
      vectors.map(argument, load(operand, mask));
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (llvm::is_contained(plan.combiners, &inner))
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      Value first = at[index.getDim()];
      if (index.getDim() != plan.dim)
        scalars.map(index.getResult(), first);
      else
        vectors.map(index.getResult(),
                    arith::AddIOp::create(b, splat(first), vector::StepOp::create(b, vectorOf(b.getIndexType()))));
      continue;
    }
    if (llvm::none_of(inner.getResults(), [&](Value result) { return plan.varying.contains(result); })) {
      b.clone(inner, scalars);
      continue;
    }
    IRMapping operands;
    for (Value operand : inner.getOperands())
      operands.map(operand, vectorOfValue(operand));
    Operation *copy = b.clone(inner, operands);
    for (auto [result, original] : llvm::zip_equal(copy->getResults(), inner.getResults())) {
      result.setType(vectorOf(original.getType()));
      vectors.map(original, result);
    }
  }
  llvm::SmallVector<Value> results;
  for (auto [i, value] : llvm::enumerate(op.getBody()->getTerminator()->getOperands())) {
    Value element = value;
    if (!plan.combiners.empty()) {
      Value sum = op.getRegionOutputArgs()[i];
      Operation *combiner = plan.combiners[i];
      element = combiner->getOperand(0) == sum ? combiner->getOperand(1) : combiner->getOperand(0);
    }
    results.push_back(vectorOfValue(element));
  }
  return results;
}

/// Whole vectors, then what is left, with a mask.
llvm::SmallVector<Value> VectorLoop::overVectors(ValueRange carried,
                                                 llvm::function_ref<Values(Value mask, ValueRange)> body) {
  Value zero = arith::ConstantIndexOp::create(b, 0), lanes = arith::ConstantIndexOp::create(b, kVectorLanes);
  std::optional<int64_t> known = getConstantIntValue(size);
  Value whole = known ? arith::ConstantIndexOp::create(b, *known / kVectorLanes * kVectorLanes).getResult()
                      : arith::SubIOp::create(b, size, arith::RemUIOp::create(b, size, lanes)).getResult();
  Values sums(carried);
  if (!known || *known >= kVectorLanes) {
    auto loop =
        scf::ForOp::create(b, zero, whole, lanes, sums, [&](OpBuilder &, Location, Value first, ValueRange carried) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(first.getParentBlock());
          at[plan.dim] = first;
          scf::YieldOp::create(b, body(Value(), carried));
        });
    sums = llvm::to_vector_of<Value>(loop.getResults());
  }
  if (known && *known % kVectorLanes == 0)
    return sums;
  auto rest = [&] {
    at[plan.dim] = whole;
    Value count = arith::SubIOp::create(b, size, whole);
    return body(vector::CreateMaskOp::create(b, vectorOf(b.getI1Type()), count), sums);
  };
  if (known)
    return rest();
  Value some = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, whole, size);
  auto branch = scf::IfOp::create(b, ValueRange(sums).getTypes(), some, /*withElseRegion=*/!sums.empty());
  OpBuilder::InsertionGuard guard(b);
  auto fill = [&](Block *block, llvm::function_ref<Values()> values) {
    if (!block->empty())
      block->back().erase();
    b.setInsertionPointToEnd(block);
    scf::YieldOp::create(b, values());
  };
  fill(branch.thenBlock(), rest);
  if (!sums.empty())
    fill(branch.elseBlock(), [&] { return sums; });
  return llvm::to_vector_of<Value>(branch.getResults());
}

void VectorLoop::emitElements(Value from) {
  loadUniform();
  overVectors({}, [&](Value mask, ValueRange) -> Values {
    if (from)
      at[plan.dim] = arith::AddIOp::create(b, from, at[plan.dim]);
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), emitBody(mask))) {
      if (mask)
        vector::MaskedStoreOp::create(b, init.get(), indices(init), mask, value);
      else
        vector::StoreOp::create(b, value, init.get(), indices(init));
    }
    return {};
  });
}

Value VectorLoop::combine(unsigned output, Value x, Value y) {
  IRMapping operands;
  Operation *combiner = plan.combiners[output];
  Value sum = op.getRegionOutputArgs()[output];
  for (Value operand : combiner->getOperands())
    operands.map(operand, operand == sum ? x : y);
  Operation *copy = b.clone(*combiner, operands);
  copy->getResult(0).setType(x.getType());
  return copy->getResult(0);
}

llvm::SmallVector<Value> VectorLoop::neutral() {
  Values vectors;
  for (Operation *combiner : plan.combiners)
    vectors.push_back(
        arith::ConstantOp::create(b, DenseElementsAttr::get(vectorOf(combiner->getResult(0).getType()),
                                                            Attribute(*arith::getNeutralElement(combiner)))));
  return vectors;
}

llvm::SmallVector<Value> VectorLoop::emitSums(ValueRange sums) {
  loadUniform();
  Values nothing = neutral();
  return overVectors(sums, [&](Value mask, ValueRange carried) {
    Values next = emitBody(mask);
    for (auto [i, value] : llvm::enumerate(next)) {
      if (mask)
        value = arith::SelectOp::create(b, mask, value, nothing[i]);
      next[i] = combine(i, carried[i], value);
    }
    return next;
  });
}

llvm::SmallVector<Value> VectorLoop::total(ValueRange sums, ValueRange outputs) {
  Values results;
  for (auto [i, vector] : llvm::enumerate(sums)) {
    Value value = vector;
    for (int64_t width = kVectorLanes / 2; width; width /= 2) {
      auto half = [&](int64_t first) {
        return vector::ExtractStridedSliceOp::create(b, value, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{width},
                                                     ArrayRef<int64_t>{1})
            .getResult();
      };
      value = combine(i, half(0), half(width));
    }
    results.push_back(combine(i, outputs[i], vector::ExtractOp::create(b, value, ArrayRef<int64_t>{0})));
  }
  return results;
}

} // namespace ph::conversion
