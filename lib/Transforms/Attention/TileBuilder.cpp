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

SmallVector<Value> TileBuilder::forall(ArrayRef<Value> to, ArrayRef<int64_t> steps, ValueRange outputs,
                                       function_ref<SmallVector<tensor::ExtractSliceOp>(ValueRange, ValueRange)> parts,
                                       function_ref<SmallVector<Value>(ValueRange, ValueRange)> body) {
  SmallVector<OpFoldResult> from(to.size(), b.getIndexAttr(0)), bounds(to.begin(), to.end()), step;
  for (int64_t each : steps)
    step.push_back(b.getIndexAttr(each));
  auto loop = scf::ForallOp::create(b, from, bounds, step, outputs, /*mapping=*/std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> point = loop.getInductionVars();
  SmallVector<tensor::ExtractSliceOp> slices = parts(point, loop.getRegionIterArgs());
  SmallVector<Value> results = body(point, llvm::to_vector_of<Value>(slices));
  b.setInsertionPointToEnd(loop.getTerminator().getBody());
  for (auto [result, slice, whole] : llvm::zip_equal(results, slices, loop.getRegionIterArgs()))
    tensor::ParallelInsertSliceOp::create(b, result, whole, slice.getMixedOffsets(), slice.getMixedSizes(),
                                          slice.getMixedStrides());
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value TileBuilder::count(Value from, Value to, int64_t most) {
  Value count = min(index(most), sub(to, from));
  limits[count] = most;
  return count;
}

Value TileBuilder::empty(RankedTensorType type, ValueRange sizes) {
  if (sizes.empty() || llvm::any_of(sizes, [&](Value size) { return !limits.contains(size); }))
    return tensor::EmptyOp::create(b, type, sizes);
  SmallVector<int64_t> most;
  SmallVector<OpFoldResult> used;
  for (int64_t size : type.getShape()) {
    bool dynamic = ShapedType::isDynamic(size);
    used.push_back(dynamic ? OpFoldResult(sizes.front()) : b.getIndexAttr(size));
    most.push_back(dynamic ? limits[sizes.front()] : size);
    sizes = sizes.drop_front(dynamic);
  }
  Value whole = tensor::EmptyOp::create(b, type.clone(most), ValueRange());
  SmallVector<OpFoldResult> zeros(most.size(), b.getIndexAttr(0)), ones(most.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, type, whole, zeros, used, ones);
}

Value TileBuilder::size(Value tile, int64_t dimension) {
  if (auto slice = tile.getDefiningOp<tensor::ExtractSliceOp>()) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [axis, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!dropped.test(axis) && dimension-- == 0)
        return getValueOrCreateConstantIndexOp(b, b.getLoc(), size);
  }
  if (auto structured = tile.getDefiningOp<linalg::LinalgOp>())
    return size(structured.getDpsInitOperand(cast<OpResult>(tile).getResultNumber())->get(), dimension);
  if (auto argument = dyn_cast<BlockArgument>(tile))
    if (auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp()))
      return size(loop.getTiedLoopInit(argument)->get(), dimension);
  if (auto loop = tile.getDefiningOp<scf::ForOp>())
    return size(loop.getTiedLoopInit(cast<OpResult>(tile))->get(), dimension);
  return dim(tile, dimension);
}

Value TileBuilder::filled(RankedTensorType type, ValueRange sizes, Value value) {
  return linalg::FillOp::create(b, value, empty(type, sizes)).getResult(0);
}

RankedTensorType TileBuilder::tileType(ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, b.getF32Type()); }

Value TileBuilder::rows(Value tensor, Value b0, Value from, Value count, Value column, int64_t columns) {
  SmallVector<OpFoldResult> offsets = {b0, from, column}, sizes = {b.getIndexAttr(1), count, b.getIndexAttr(columns)},
                            strides(3, b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, tileType({ShapedType::kDynamic, columns}), tensor, offsets, sizes, strides);
}

tensor::ExtractSliceOp TileBuilder::strip(Value tensor, Value b0, Value column, int64_t columns) {
  SmallVector<OpFoldResult> offsets = {b0, b.getIndexAttr(0), column}, strides(3, b.getIndexAttr(1)),
                            sizes = {b.getIndexAttr(1), tensor::getMixedSize(b, b.getLoc(), tensor, 1),
                                     b.getIndexAttr(columns)};
  return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, strides);
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
      sizes.push_back(size(like, i));
  }
  return structured(inputs, {empty(tileType(type.getShape()), sizes), loops}, loops.size(), {}, body);
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
