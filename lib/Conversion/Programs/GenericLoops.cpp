#include "GenericLoops.h"

#include "mlir/Dialect/Affine/Utils.h"

using namespace mlir;

namespace ph::conversion {

GenericLoops::GenericLoops(ImplicitLocOpBuilder &b, linalg::GenericOp op) : b(b), op(op) {
  auto kinds = op.getIteratorTypesArray();
  at.resize(kinds.size());
  for (auto [i, kind] : llvm::enumerate(kinds))
    (kind == utils::IteratorType::parallel ? parallel : reduced).push_back(i);
  for (Range range : cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
}

/// The innermost parallel loop is for vectors, unless a reduction is or it is the only one.
llvm::ArrayRef<unsigned> GenericLoops::shared() {
  bool forVectors = parallel.size() > 1 && (reduced.empty() || reducesInMemory());
  return llvm::ArrayRef(parallel).drop_back(forVectors);
}

Value GenericLoops::units() {
  Value count = arith::ConstantIndexOp::create(b, 1);
  for (unsigned dim : shared())
    count = arith::MulIOp::create(b, count, sizes[dim]);
  return count;
}

void GenericLoops::emitUnit(Value unit) {
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
  if (dims.size() == 1)
    markVectorized(loop);
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

void GenericLoops::emitInner(llvm::ArrayRef<unsigned> inner) {
  if (reduced.empty() || (!inner.empty() && reducesInMemory())) {
    llvm::SmallVector<unsigned> order(inner.empty() ? inner : inner.drop_back());
    order.append(reduced);
    if (!inner.empty())
      order.push_back(inner.back());
    nest(order, [&] {
      llvm::SmallVector<Value> outputs;
      for (OpOperand &init : op.getDpsInitsMutable())
        outputs.push_back(load(init));
      for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), emitBody(outputs)))
        memref::StoreOp::create(b, value, init.get(), indices(init));
    });
    return;
  }
  nest(inner, [&] {
    llvm::SmallVector<Value> outputs;
    for (OpOperand &init : op.getDpsInitsMutable())
      outputs.push_back(load(init));
    // Sums stay in registers.
    auto reduce = [&](auto &self, llvm::ArrayRef<unsigned> dims, ValueRange sums) -> llvm::SmallVector<Value> {
      if (dims.empty())
        return emitBody(llvm::to_vector(sums));
      Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
      auto loop = scf::ForOp::create(b, zero, sizes[dims.front()], one, sums);
      if (loop.getBody()->mightHaveTerminator())
        loop.getBody()->getTerminator()->erase();
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToEnd(loop.getBody());
      at[dims.front()] = loop.getInductionVar();
      scf::YieldOp::create(b, self(self, dims.drop_front(), loop.getRegionIterArgs()));
      if (dims.size() == 1)
        markVectorized(loop);
      return llvm::to_vector(ValueRange(loop.getResults()));
    };
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), reduce(reduce, reduced, outputs)))
      memref::StoreOp::create(b, value, init.get(), indices(init));
  });
}

llvm::SmallVector<Value> GenericLoops::indices(OpOperand &operand) {
  AffineMap map = cast<linalg::LinalgOp>(op.getOperation()).getMatchingIndexingMap(&operand);
  llvm::SmallVector<Value> result;
  for (AffineExpr expression : map.getResults())
    result.push_back(affine::expandAffineExpr(b, b.getLoc(), expression, at, {}));
  return result;
}

Value GenericLoops::load(OpOperand &operand) {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  if (!op.payloadUsesValueFromOperand(&operand))
    return {};
  return memref::LoadOp::create(b, operand.get(), indices(operand));
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
    Operation *copy = b.clone(inner, mapping);
    // The order of a sum is free, so that it can be taken in vectors; it is the same for every row.
    if (auto math = dyn_cast<arith::ArithFastMathInterface>(copy); math && !reduced.empty())
      copy->setAttr(math.getFastMathAttrName(),
                    arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::reassoc));
  }
  llvm::SmallVector<Value> yielded;
  for (Value value : body->getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

void GenericLoops::markVectorized(scf::ForOp loop) {
  auto yes = BoolAttr::get(b.getContext(), false); // not disabled
  auto vectorize = LLVM::LoopVectorizeAttr::get(b.getContext(), yes, {}, {}, {}, {}, {}, {});
  loop->setAttr("llvm.loop_annotation", LLVM::LoopAnnotationAttr::get(b.getContext(), {}, vectorize, {}, {}, {}, {}, {},
                                                                      {}, {}, {}, {}, {}, {}, {}, {}));
}

} // namespace ph::conversion
