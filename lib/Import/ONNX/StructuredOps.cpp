// Structured ops of a TensorBuilder, and what their bodies are made of.
#include "TensorBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph::onnx_import {

/// The type and the dynamic sizes of a tensor.
static RankedTensorType shaped(ArrayRef<Size> sizes, Type element, SmallVectorImpl<Value> &dynamic) {
  SmallVector<int64_t> shape;
  for (Size size : sizes) {
    std::optional<int64_t> fixed = getConstantIntValue(size);
    shape.push_back(fixed && *fixed >= 0 ? *fixed : ShapedType::kDynamic);
    if (!fixed)
      dynamic.push_back(llvm::cast<Value>(size));
  }
  return RankedTensorType::get(shape, element);
}

static bool areSizes(ArrayRef<Size> sizes) {
  return llvm::all_of(sizes, [](Size size) {
    std::optional<int64_t> fixed = getConstantIntValue(size);
    return !fixed || *fixed >= 0;
  });
}

Value TensorBuilder::generate(ArrayRef<Size> sizes, Type element, Body body) {
  Value made = fold(sizes, {}, scalarNumber(element, 0), body);
  auto loops = made ? made.getDefiningOp<linalg::GenericOp>() : linalg::GenericOp();
  TypedAttr same;
  if (!loops || !matchPattern(loops.getBody()->getTerminator()->getOperand(0), m_Constant(&same)))
    return made;
  // One number everywhere needs no loops.
  for (size_t axis = 0; axis < sizes.size(); ++axis)
    known.erase({made, int64_t(axis)});
  Operation *empty = loops.getDpsInits().front().getDefiningOp();
  loops.erase();
  empty->erase();
  auto number = DenseElementsAttr::get(RankedTensorType::get({}, element), Attribute(same));
  return broadcast(arith::ConstantOp::create(*this, number), sizes);
}

Value TensorBuilder::fold(ArrayRef<Size> sizes, ArrayRef<Size> over, Value start, Body body) {
  if (hasFailed() || !start)
    return {};
  if (!areSizes(sizes) || !areSizes(over))
    return fail("has a result of a negative size");
  SmallVector<Value> dynamic, inputs;
  auto type = shaped(sizes, start.getType(), dynamic);
  Value output = tensor::EmptyOp::create(*this, type, dynamic);
  unsigned loops = sizes.size() + over.size();
  SmallVector<utils::IteratorType> kinds(sizes.size(), utils::IteratorType::parallel);
  kinds.append(over.size(), utils::IteratorType::reduction);
  // A submap of no results would be a null map.
  auto firstDims = [&](size_t count, unsigned dims) {
    SmallVector<AffineExpr> results;
    for (size_t i = 0; i < count; ++i)
      results.push_back(getAffineDimExpr(i));
    return AffineMap::get(dims, 0, results, getContext());
  };
  SmallVector<AffineMap> maps;
  if (!over.empty()) {
    output = linalg::FillOp::create(*this, start, output).getResult(0);
    // Only its sizes count: those of the loops that no result has.
    dynamic.clear();
    auto shape = shaped(over, start.getType(), dynamic);
    inputs.push_back(tensor::EmptyOp::create(*this, shape, dynamic));
    maps.push_back(AffineMap::getMultiDimIdentityMap(loops, getContext()).getMinorSubMap(over.size()));
  }
  maps.push_back(firstDims(sizes.size(), loops));
  auto op = linalg::GenericOp::create(*this, TypeRange{type}, inputs, ValueRange{output}, maps, kinds,
                                      function_ref<void(OpBuilder &, Location, ValueRange)>());
  Block *block = createBlock(&op.getRegion(), {}, SmallVector<Type>(inputs.size() + 1, start.getType()),
                             SmallVector<Location>(inputs.size() + 1, getLoc()));
  SmallVector<Value> arguments;
  for (unsigned loop = 0; loop < loops; ++loop)
    arguments.push_back(linalg::IndexOp::create(*this, loop));
  if (!over.empty())
    arguments.push_back(block->getArguments().back());
  Value result = body(*this, arguments);
  linalg::YieldOp::create(*this, result ? result : block->getArguments().back());
  setInsertionPointAfter(op);
  return hasFailed() ? Value() : remember(op.getResult(0), sizes);
}

Value TensorBuilder::map(ArrayRef<Value> tensors, Type element, Body body) {
  if (!fits(tensors))
    return {};
  // What each dimension is broadcast to: the first size that is not known to be 1.
  int64_t rank = 0;
  for (Value tensor : tensors)
    rank = std::max(rank, rankOf(tensor));
  Sizes sizes(rank, size(1));
  for (Value tensor : tensors)
    for (int64_t axis = 0; axis < rankOf(tensor); ++axis) {
      Size &common = sizes[rank - rankOf(tensor) + axis];
      Size own = dim(tensor, axis);
      if (isConstantIntValue(common, 1) ||
          (!getConstantIntValue(common) && getConstantIntValue(own) && !isConstantIntValue(own, 1)))
        common = own;
    }
  SmallVector<Value> operands;
  for (Value tensor : tensors)
    operands.push_back(rankOf(tensor) == rank && llvm::equal(dims(tensor), sizes) ? tensor : broadcast(tensor, sizes));
  return generate(sizes, element, [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> elements;
    for (Value operand : operands)
      elements.push_back(b.at(operand, at));
    return body(b, elements);
  });
}

Value TensorBuilder::at(Value tensor, ValueRange indices) {
  if (!tensor)
    return {};
  if (int64_t(indices.size()) != rankOf(tensor))
    return fail("has operands of different ranks");
  return tensor::ExtractOp::create(*this, tensor, indices);
}

Value TensorBuilder::scalarNumber(Type type, double value) {
  if (auto real = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(*this, getFloatAttr(real, APFloat(float(value))));
  return arith::ConstantOp::create(*this, llvm::cast<TypedAttr>(Attribute(getIntegerAttr(type, int64_t(value)))));
}

Value TensorBuilder::toIndex(Value x) {
  if (!x || x.getType().isIndex())
    return x;
  return arith::IndexCastOp::create(*this, getIndexType(), x);
}

Value TensorBuilder::less(Value x, Value y) { return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, x, y); }

Value TensorBuilder::equal(Value x, Value y) { return arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, x, y); }

Value TensorBuilder::choose(Value condition, Value x, Value y) {
  return condition && x && y ? arith::SelectOp::create(*this, condition, x, y).getResult() : Value();
}

Value TensorBuilder::wrapped(Value index, Value size) {
  Value i = toIndex(index);
  return choose(less(i, this->index(0)), arith::AddIOp::create(*this, i, size), i);
}

} // namespace ph::onnx_import
