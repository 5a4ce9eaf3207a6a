// Ops of func, arith and tensor that stand between xf's: calls, constants, arithmetic on indices, casts of shapes.
#include "lib/Reference/Models.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult call(func::CallOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getCalleeAttr());
  if (!callee)
    return op.emitOpError() << "expects a function to call, but got " << op.getCalleeAttr();
  return context.call(callee, inputs, results);
}

static LogicalResult constant(arith::ConstantOp op, ArrayRef<Value>, SmallVectorImpl<Value> &results,
                              Context &context) {
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue())) {
    results.emplace_back(integer.getValue().getSExtValue());
    return success();
  }
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements)
    return op.emitOpError() << "expects an integer or a dense tensor, but got " << op.getValue();
  Tensor tensor(elements.getType().getShape());
  if (isa<FloatType>(elements.getElementType())) {
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APFloat>()))
      x = value.convertToDouble();
  } else {
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APInt>()))
      x = value.getBitWidth() == 1 ? double(value.getZExtValue()) : double(value.getSExtValue()); // true is 1
  }
  return context.give(op, std::move(tensor), results);
}

static LogicalResult cast(tensor::CastOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                          Context &context) {
  return context.give(op, inputs[0].tensor(), results);
}

/// An op on two indices or integers.
template <class Op, int64_t (*function)(int64_t, int64_t)>
static LogicalResult integers(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &) {
  if (!inputs[0].isInteger())
    return op.emitOpError() << "expects scalar integers to be run, but got " << op.getType();
  results.emplace_back(function(inputs[0].integer(), inputs[1].integer()));
  return success();
}

static int64_t plus(int64_t a, int64_t b) { return a + b; }
static int64_t minus(int64_t a, int64_t b) { return a - b; }
static int64_t times(int64_t a, int64_t b) { return a * b; }

void registerFunc(MLIRContext *context) { attach<func::CallOp, call>(context); }

void registerTensor(MLIRContext *context) { attach<tensor::CastOp, cast>(context); }

void registerArith(MLIRContext *context) {
  attach<arith::ConstantOp, constant>(context);
  attach<arith::AddIOp, integers<arith::AddIOp, plus>>(context);
  attach<arith::SubIOp, integers<arith::SubIOp, minus>>(context);
  attach<arith::MulIOp, integers<arith::MulIOp, times>>(context);
}

} // namespace ph::reference
