#include "GenericLoops.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace ph::conversion {

// Elements of the only parallel dimension that are one unit, where vectors add up side by side.
static constexpr int64_t kBlock = 4 * kVectorLanes;

GenericLoops::GenericLoops(ImplicitLocOpBuilder &b, linalg::GenericOp op) : b(b), op(op) {
  auto kinds = op.getIteratorTypesArray();
  at.resize(kinds.size());
  for (auto [i, kind] : llvm::enumerate(kinds))
    (kind == utils::IteratorType::parallel ? parallel : reduced).push_back(i);
  for (Range range : cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
}

/// The innermost parallel loop is for vectors, unless a reduction is or it is the only one and no sum of columns.
llvm::ArrayRef<unsigned> GenericLoops::shared() {
  bool forVectors = parallel.size() > 1 && (reduced.empty() || reducesInMemory());
  return llvm::ArrayRef(parallel).drop_back(forVectors);
}

/// Whether the only parallel dimension is shared in blocks that vectors go over: sums of columns.
bool GenericLoops::sharesBlocks() {
  return parallel.size() == 1 && reducesInMemory() && succeeded(planVectors(op, parallel.back()));
}

void GenericLoops::emitBlock(Value unit) {
  unsigned dim = parallel.back();
  Value block = arith::ConstantIndexOp::create(b, kBlock), from = arith::MulIOp::create(b, unit, block);
  Value size = arith::MinSIOp::create(b, block, arith::SubIOp::create(b, sizes[dim], from));
  FailureOr<VectorPlan> plan = planVectors(op, dim);
  nest(reduced, [&] { VectorLoop(b, op, *plan, at, size).emitElements(from); });
}

Value GenericLoops::units() {
  if (sharesBlocks())
    return arith::CeilDivUIOp::create(b, sizes[parallel.back()], arith::ConstantIndexOp::create(b, kBlock));
  Value count = arith::ConstantIndexOp::create(b, 1);
  for (unsigned dim : shared())
    count = arith::MulIOp::create(b, count, sizes[dim]);
  return count;
}

void GenericLoops::emitUnit(Value unit) {
  if (sharesBlocks())
    return emitBlock(unit);
  for (unsigned dim : llvm::reverse(shared())) {
    at[dim] = arith::RemUIOp::create(b, unit, sizes[dim]);
    unit = arith::DivUIOp::create(b, unit, sizes[dim]);
  }
  emitInner(llvm::ArrayRef(parallel).drop_front(shared().size()));
}

void GenericLoops::emitAll() { emitInner(parallel); }

void GenericLoops::nest(llvm::ArrayRef<unsigned> dims, llvm::function_ref<void()> body) {
  if (dims.empty())
    return body();
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  auto loop = scf::ForOp::create(b, zero, sizes[dims.front()], one);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  at[dims.front()] = loop.getInductionVar();
  nest(dims.drop_front(), body);
}

/// Whether the elements that a step in the innermost parallel dimension reaches are side by side, but those of a step
/// in the reduced one aren't: then the sum of each is better kept in memory.
bool GenericLoops::reducesInMemory() {
  if (parallel.empty() || reduced.empty())
    return false;
  auto isInnermost = [&](OpOperand &operand, unsigned dim) {
    AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(&operand);
    return map.getNumResults() && map.getResult(map.getNumResults() - 1) == b.getAffineDimExpr(dim);
  };
  bool strided = false;
  for (OpOperand *input : cast<linalg::LinalgOp>(op.getOperation()).getDpsInputOperands()) {
    AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(input);
    bool uses = llvm::any_of(map.getResults(), [&](AffineExpr e) { return e.isFunctionOfDim(reduced.back()); });
    strided |= uses && !isInnermost(*input, reduced.back()) && isInnermost(*input, parallel.back());
  }
  return strided &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) { return isInnermost(init, parallel.back()); });
}

FailureOr<VectorPlan> GenericLoops::vectors(unsigned dim) {
  std::string why;
  FailureOr<VectorPlan> plan = planVectors(op, dim, &why);
  if (failed(plan))
    remark::missed(op.getLoc(), remark::RemarkOpts::name("linalg.generic").category("convert-loops-to-phases"))
        << "left without vectors: " + why;
  return plan;
}

void GenericLoops::emitInner(llvm::ArrayRef<unsigned> inner) {
  if (!reduced.empty() && (inner.empty() || !reducesInMemory()))
    return nest(inner, [&] { emitSums(); });
  llvm::SmallVector<unsigned> order(inner.empty() ? inner : inner.drop_back());
  order.append(reduced);
  if (!inner.empty())
    order.push_back(inner.back());
  if (!order.empty())
    if (FailureOr<VectorPlan> plan = vectors(order.back()); succeeded(plan))
      return nest(llvm::ArrayRef(order).drop_back(),
                  [&] { VectorLoop(b, op, *plan, at, sizes[order.back()]).emitElements(); });
  nest(order, [&] {
    llvm::SmallVector<Value> outputs;
    for (OpOperand &init : op.getDpsInitsMutable())
      outputs.push_back(load(init));
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), emitBody(outputs)))
      memref::StoreOp::create(b, value, init.get(), indicesOf(b, op, init, at));
  });
}

/// Loops over reduced dimensions that carry `sums`, the innermost one with `last`.
llvm::SmallVector<Value> GenericLoops::nestSums(llvm::ArrayRef<unsigned> dims, ValueRange sums,
                                                llvm::function_ref<llvm::SmallVector<Value>(ValueRange)> body) {
  if (dims.empty())
    return body(sums);
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  auto loop = scf::ForOp::create(b, zero, sizes[dims.front()], one, sums);
  if (loop.getBody()->mightHaveTerminator())
    loop.getBody()->getTerminator()->erase();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(loop.getBody());
  at[dims.front()] = loop.getInductionVar();
  scf::YieldOp::create(b, nestSums(dims.drop_front(), loop.getRegionIterArgs(), body));
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Sums stay in registers.
void GenericLoops::emitSums() {
  llvm::SmallVector<Value> outputs, results;
  for (OpOperand &init : op.getDpsInitsMutable())
    outputs.push_back(load(init));
  if (FailureOr<VectorPlan> plan = vectors(reduced.back()); succeeded(plan)) {
    VectorLoop innermost(b, op, *plan, at, sizes[reduced.back()]);
    llvm::SmallVector<Value> sums = nestSums(llvm::ArrayRef(reduced).drop_back(), innermost.neutral(),
                                             [&](ValueRange carried) { return innermost.emitSums(carried); });
    results = innermost.total(sums, outputs);
  } else {
    results = nestSums(reduced, outputs, [&](ValueRange carried) { return emitBody(llvm::to_vector(carried)); });
  }
  for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), results))
    memref::StoreOp::create(b, value, init.get(), indicesOf(b, op, init, at));
}

Value GenericLoops::load(OpOperand &operand) {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  if (!op.payloadUsesValueFromOperand(&operand))
    return {};
  return memref::LoadOp::create(b, operand.get(), indicesOf(b, op, operand, at));
}

llvm::SmallVector<Value> GenericLoops::emitBody(llvm::ArrayRef<Value> accumulated) {
  Block *body = op.getBody();
  IRMapping mapping;
  unsigned inputs = op.getNumDpsInputs();
  for (OpOperand *input : op.getDpsInputOperands())
    if (Value value = load(*input))
      mapping.map(body->getArgument(input->getOperandNumber()), value);
  for (auto [i, value] : llvm::enumerate(accumulated))
    if (value)
      mapping.map(body->getArgument(inputs + i), value);
  for (Operation &inner : body->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), at[index.getDim()]);
      continue;
    }
    b.clone(inner, mapping);
  }
  llvm::SmallVector<Value> yielded;
  for (Value value : body->getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

} // namespace ph::conversion
