#include "powerhouse/Reference/Interpreter.h"
#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

/// Deeper calls are a recursion without an end: the IR that the interpreter runs has no branches.
static constexpr unsigned maxDepth = 64;

LogicalResult mismatch(Operation *op, const Twine &expected, ArrayRef<int64_t> got) {
  return op->emitOpError() << "expects " << expected << " at run time, but got " << shapeText(got);
}

double Context::round(double x) {
  float rounded = float(x);
  // Integers are counts, choices and masks, which arithmetic keeps as they are.
  if (!deviates.jitter || !std::isfinite(rounded) || std::trunc(rounded) == rounded)
    return rounded;
  switch (random() % 3) {
  case 0:
    return std::nextafter(rounded, INFINITY);
  case 1:
    return std::nextafter(rounded, -INFINITY);
  default:
    return rounded;
  }
}

LogicalResult Context::give(Operation *op, Tensor tensor, SmallVectorImpl<Value> &results) {
  auto type = cast<RankedTensorType>(op->getResult(results.size()).getType());
  if (failed(verifyCompatibleShape(type.getShape(), tensor.shape)))
    return mismatch(op, Twine("to give a result of the shape of its type"), tensor.shape);
  if (mode == Precision::F32 && type.getElementType().isF32())
    for (double &x : tensor.data)
      x = round(x);
  xf::FormatAttr format = deviates.exactActivations ? xf::FormatAttr() : xf::getFormat(type);
  if (format && format.isInt8())
    roundThroughInt8(tensor.data.data(), tensor.data.size(), format.getBlockElements(), mode == Precision::F32);
  else if (format && format.isActivation())
    roundThroughFloat16(tensor.data, format.getName() == "bf16");
  results.emplace_back(std::move(tensor));
  return success();
}

LogicalResult Context::run(Block &block, ArrayRef<Value> arguments, SmallVectorImpl<Value> &results) {
  for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
    frame[argument] = value;
  SmallVector<Value> inputs, outputs;
  for (Operation &op : block) {
    inputs.clear();
    outputs.clear();
    for (mlir::Value operand : op.getOperands())
      inputs.push_back(frame.at(operand));
    if (op.hasTrait<OpTrait::IsTerminator>() && op.getNumSuccessors() == 0) {
      results.append(inputs.begin(), inputs.end());
      return success();
    }
    auto reference = dyn_cast<ReferenceOpInterface>(op);
    if (!reference)
      return op.emitOpError() << "expects an op with reference semantics, but this one has none";
    if (failed(reference.evaluate(inputs, outputs, *this)))
      return failure();
    for (auto [result, value] : llvm::zip_equal(op.getResults(), outputs))
      frame[result] = std::move(value);
  }
  return block.getParentOp()->emitOpError() << "expects a block with a terminator";
}

LogicalResult Context::call(func::FuncOp function, ArrayRef<Value> arguments, SmallVectorImpl<Value> &results) {
  if (function.isExternal() || !llvm::hasSingleElement(function.getBody()))
    return emitError(function.getLoc()) << "expects a body of one block to run";
  if (arguments.size() != function.getNumArguments())
    return emitError(function.getLoc()) << "expects " << function.getNumArguments() << " arguments, but got "
                                        << arguments.size();
  for (auto [index, value] : llvm::enumerate(arguments)) {
    auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[index]);
    if (type && failed(verifyCompatibleShape(type.getShape(), value.tensor().shape)))
      return emitError(function.getLoc()) << "expects argument " << index << " of type " << type << ", but got shape "
                                          << shapeText(value.tensor().shape);
  }
  if (++depth > maxDepth)
    return emitError(function.getLoc()) << "expects calls at most " << maxDepth << " deep";
  Frame outer = std::exchange(frame, Frame());
  LogicalResult result = run(function.getBody().front(), arguments, results);
  frame = std::move(outer);
  --depth;
  return result;
}

} // namespace ph::reference
