#include "lib/Transforms/Attention/TileBuilder.h"

using namespace mlir;

namespace ph {

Value TileBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
Value TileBuilder::add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
Value TileBuilder::sub(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
Value TileBuilder::min(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
Value TileBuilder::max(Value x, Value y) { return arith::MaxSIOp::create(b, x, y); }
Value TileBuilder::times(Value x, int64_t factor) { return arith::MulIOp::create(b, x, index(factor)); }

Value TileBuilder::entry(Value tensor, Value place) {
  return arith::IndexCastOp::create(b, b.getIndexType(), tensor::ExtractOp::create(b, tensor, place));
}

Value TileBuilder::dim(Value tensor, int64_t dimension) { return tensor::DimOp::create(b, tensor, dimension); }

Value TileBuilder::number(double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(float(value))); }

SmallVector<Value> TileBuilder::loop(Value from, Value to, Value step, ValueRange carried,
                                     function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, from, to, step, carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value TileBuilder::filled(RankedTensorType type, ValueRange sizes, Value value) {
  Value empty = tensor::EmptyOp::create(b, type, sizes);
  return linalg::FillOp::create(b, value, empty).getResult(0);
}

RankedTensorType TileBuilder::tileType(ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, b.getF32Type()); }

Value TileBuilder::rows(Value tensor, Value b0, Value from, Value count, Value column, int64_t columns) {
  SmallVector<OpFoldResult> offsets = {b0, from, column}, sizes = {b.getIndexAttr(1), count, b.getIndexAttr(columns)},
                            strides(3, b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, tileType({ShapedType::kDynamic, columns}), tensor, offsets, sizes, strides);
}

Value TileBuilder::putRows(Value tile, Value tensor, Value b0, Value from, Value count, Value column, int64_t columns) {
  SmallVector<OpFoldResult> offsets = {b0, from, column}, sizes = {b.getIndexAttr(1), count, b.getIndexAttr(columns)},
                            strides(3, b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, tile, tensor, offsets, sizes, strides);
}

Value TileBuilder::entries(Value tensor, Value b0, Value from, Value count) {
  SmallVector<OpFoldResult> offsets = {b0, from}, sizes = {b.getIndexAttr(1), count}, strides(2, b.getIndexAttr(1));
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  auto type = RankedTensorType::get({ShapedType::kDynamic}, element);
  return tensor::ExtractSliceOp::create(b, type, tensor, offsets, sizes, strides);
}

Value TileBuilder::structured(ArrayRef<Indexed> inputs, Indexed into, unsigned loops, ArrayRef<unsigned> reduced,
                              Body body) {
  SmallVector<AffineMap> maps;
  SmallVector<Value> operands;
  auto map = [&](const Indexed &operand) {
    SmallVector<AffineExpr> dims =
        llvm::map_to_vector(operand.loops, [&](unsigned loop) { return b.getAffineDimExpr(loop); });
    maps.push_back(AffineMap::get(loops, 0, dims, b.getContext()));
  };
  for (const Indexed &input : inputs) {
    operands.push_back(input.tile);
    map(input);
  }
  map(into);
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::parallel);
  for (unsigned loop : reduced)
    iterators[loop] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(b, TypeRange(into.tile.getType()), operands, ValueRange(into.tile), maps, iterators,
                                   [&](OpBuilder &inner, Location loc, ValueRange elements) {
                                     ImplicitLocOpBuilder at(loc, inner);
                                     linalg::YieldOp::create(at, body(at, elements));
                                   })
      .getResult(0);
}

Value TileBuilder::each(ArrayRef<Indexed> inputs, Value like, Body body) {
  auto type = cast<RankedTensorType>(like.getType());
  SmallVector<unsigned> loops;
  SmallVector<Value> sizes;
  for (unsigned i = 0; i < type.getRank(); ++i) {
    loops.push_back(i);
    if (type.isDynamicDim(i))
      sizes.push_back(dim(like, i));
  }
  Value into = tensor::EmptyOp::create(b, tileType(type.getShape()), sizes);
  return structured(inputs, {into, loops}, loops.size(), {}, body);
}

Value TileBuilder::product(Indexed x, Indexed y, Indexed into) {
  unsigned loops = 0;
  SmallVector<unsigned> reduced;
  for (unsigned loop : llvm::concat<unsigned>(x.loops, y.loops)) {
    loops = std::max(loops, loop + 1);
    if (!llvm::is_contained(into.loops, loop) && !llvm::is_contained(reduced, loop))
      reduced.push_back(loop);
  }
  return structured({x, y}, into, loops, reduced, [](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    return arith::AddFOp::create(b, e[2], arith::MulFOp::create(b, e[0], e[1]));
  });
}

} // namespace ph
