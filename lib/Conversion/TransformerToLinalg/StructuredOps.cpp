// Structured ops, slices and loops on new tensors.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

SmallVector<AffineExpr> Lowering::loops(unsigned from, unsigned to) {
  return llvm::map_to_vector(llvm::seq(from, to), [&](unsigned loop) { return dim(loop); });
}

Indexed Lowering::whole(Value tensor) { return {tensor, loops(0, cast<RankedTensorType>(tensor.getType()).getRank())}; }

/// The shape of a type whose sizes are these.
static SmallVector<int64_t> shapeOf(ArrayRef<OpFoldResult> sizes) {
  return llvm::map_to_vector(
      sizes, [](OpFoldResult size) { return getConstantIntValue(size).value_or(ShapedType::kDynamic); });
}

/// What a size is at most: of the smaller of two, one of which is a constant.
static std::optional<int64_t> limitOf(OpFoldResult size) {
  if (std::optional<int64_t> known = getConstantIntValue(size))
    return known;
  auto smaller = cast<Value>(size).getDefiningOp<arith::MinSIOp>();
  if (!smaller)
    return std::nullopt;
  std::optional<int64_t> first = getConstantIntValue(smaller.getLhs());
  return first ? first : getConstantIntValue(smaller.getRhs());
}

// Tiles whose sizes have limits are parts of those of the limits, so that memory for them is known.
Value Lowering::empty(ArrayRef<OpFoldResult> sizes, Type element) {
  SmallVector<std::optional<int64_t>> limits = llvm::map_to_vector(sizes, limitOf);
  bool isTile =
      ShapedType::isDynamicShape(shapeOf(sizes)) && llvm::all_of(limits, [](auto limit) { return limit.has_value(); });
  Value tensor;
  if (isTile) {
    Sizes most = llvm::map_to_vector(limits, [&](auto limit) { return attribute(*limit); });
    tensor = slice(tensor::EmptyOp::create(s, most, element), {Sizes(sizes.size(), attribute(0)), Sizes(sizes), {}});
  } else {
    tensor = tensor::EmptyOp::create(s, sizes, element);
  }
  know(tensor, Sizes(sizes));
  return tensor;
}

Value Lowering::filled(ArrayRef<OpFoldResult> sizes, Value value) {
  Value tensor = linalg::FillOp::create(s, value, empty(sizes, value.getType())).getResult(0);
  know(tensor, Sizes(sizes));
  return tensor;
}

SmallVector<Value> Lowering::structured(unsigned count, ArrayRef<Indexed> inputs, ArrayRef<Indexed> outputs,
                                        Bodies body) {
  SmallVector<AffineMap> maps;
  SmallVector<Value> ins, outs;
  SmallVector<utils::IteratorType> iterators(count, utils::IteratorType::reduction);
  for (const Indexed &input : inputs) {
    ins.push_back(input.tensor);
    maps.push_back(AffineMap::get(count, 0, input.at, s.getContext()));
  }
  for (const Indexed &output : outputs) {
    outs.push_back(output.tensor);
    maps.push_back(AffineMap::get(count, 0, output.at, s.getContext()));
    for (AffineExpr each : output.at)
      if (auto loop = dyn_cast<AffineDimExpr>(each))
        iterators[loop.getPosition()] = utils::IteratorType::parallel;
  }
  auto op = linalg::GenericOp::create(s, TypeRange(ValueRange(outs)), ins, outs, maps, iterators,
                                      [&](OpBuilder &inner, Location loc, ValueRange elements) {
                                        ScalarBuilder at(loc, inner);
                                        linalg::YieldOp::create(at, body(at, elements));
                                      });
  for (auto [result, out] : llvm::zip_equal(op.getResults(), outs))
    if (auto sizes = known.find(out); sizes != known.end())
      know(result, Sizes(sizes->second));
  return llvm::to_vector_of<Value>(op.getResults());
}

Value Lowering::structured(unsigned count, ArrayRef<Indexed> inputs, Indexed output, Body body) {
  return structured(count, inputs, ArrayRef(output),
                    [&](ScalarBuilder &at, ValueRange e) -> SmallVector<Value> { return {body(at, e)}; })[0];
}

Value Lowering::each(ArrayRef<OpFoldResult> sizes, Type element, ArrayRef<Indexed> inputs, Body body) {
  return structured(sizes.size(), inputs, whole(empty(sizes, element)), body);
}

Value Lowering::reduced(ArrayRef<OpFoldResult> sizes, Value start, unsigned count, ArrayRef<Indexed> inputs,
                        Body body) {
  return structured(count, inputs, whole(filled(sizes, start)), body);
}

static Sizes stridesOf(Lowering &l, const Part &part) {
  if (part.strides.empty())
    return Sizes(part.sizes.size(), l.attribute(1));
  return llvm::map_to_vector(part.strides, [&](int64_t stride) { return l.attribute(stride); });
}

Value Lowering::slice(Value tensor, const Part &part, ArrayRef<int64_t> drop) {
  Sizes sizes, offsets = part.offsets;
  for (auto [axis, size] : llvm::enumerate(part.sizes)) {
    if (!llvm::is_contained(drop, int64_t(axis)))
      sizes.push_back(size);
    // What is empty may begin at the end, where no element is.
    if (isZeroInteger(size))
      offsets[axis] = attribute(0);
  }
  auto type = RankedTensorType::get(shapeOf(sizes), cast<RankedTensorType>(tensor.getType()).getElementType());
  Value result = tensor::ExtractSliceOp::create(s, type, tensor, offsets, part.sizes, stridesOf(*this, part));
  know(result, std::move(sizes));
  return result;
}

Value Lowering::insert(Value tensor, Value into, const Part &part) {
  if (llvm::any_of(part.sizes, isZeroInteger))
    return into;
  Value result = tensor::InsertSliceOp::create(s, tensor, into, part.offsets, part.sizes, stridesOf(*this, part));
  know(result, sizesOf(into));
  return result;
}

Value Lowering::collapse(Value tensor, ArrayRef<ReassociationIndices> groups) {
  Sizes sizes = sizesOf(tensor), joined;
  if (groups.size() == sizes.size())
    return tensor;
  for (const ReassociationIndices &group : groups) {
    Sizes of = llvm::map_to_vector(group, [&](int64_t axis) { return sizes[axis]; });
    joined.push_back(product(of));
  }
  Value result = tensor::CollapseShapeOp::create(s, tensor, groups);
  know(result, std::move(joined));
  return result;
}

Value Lowering::expand(Value tensor, ArrayRef<ReassociationIndices> groups, ArrayRef<OpFoldResult> sizes) {
  auto from = cast<RankedTensorType>(tensor.getType());
  if (int64_t(sizes.size()) == from.getRank())
    return tensor;
  SmallVector<int64_t> shape = shapeOf(sizes);
  // What is one dimension with a size that the type doesn't know has a part with one that it doesn't know.
  for (auto [axis, group] : llvm::enumerate(groups)) {
    bool dynamic = llvm::any_of(group, [&](int64_t each) { return ShapedType::isDynamic(shape[each]); });
    if (from.isDynamicDim(axis) && !dynamic)
      shape[group.front()] = ShapedType::kDynamic;
  }
  Sizes mixed;
  for (auto [axis, size] : llvm::enumerate(sizes))
    mixed.push_back(ShapedType::isDynamic(shape[axis]) ? OpFoldResult(index(size)) : size);
  // And what it knows has none.
  bool unknown = false;
  for (auto [axis, group] : llvm::enumerate(groups))
    unknown |= !from.isDynamicDim(axis) &&
               llvm::any_of(group, [&](int64_t each) { return ShapedType::isDynamic(shape[each]); });
  if (unknown) {
    SmallVector<int64_t> open(from.getShape());
    for (auto [axis, group] : llvm::enumerate(groups))
      if (llvm::any_of(group, [&](int64_t each) { return ShapedType::isDynamic(shape[each]); }))
        open[axis] = ShapedType::kDynamic;
    tensor = tensor::CastOp::create(s, RankedTensorType::get(open, from.getElementType()), tensor);
  }
  Value result = tensor::ExpandShapeOp::create(s, RankedTensorType::get(shape, from.getElementType()), tensor, groups,
                                               ArrayRef<OpFoldResult>(mixed));
  know(result, Sizes(sizes));
  return result;
}

Value Lowering::splitLast(Value tensor, int64_t heads) {
  Sizes sizes = sizesOf(tensor);
  int64_t last = cast<RankedTensorType>(tensor.getType()).getShape().back();
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < int64_t(sizes.size()); ++axis)
    groups.push_back({axis});
  groups.back().push_back(sizes.size());
  sizes.back() = attribute(heads);
  sizes.push_back(attribute(last / heads));
  return expand(tensor, groups, sizes);
}

Value Lowering::joinLast(Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < rank - 1; ++axis)
    groups.push_back({axis});
  groups.back().push_back(rank - 1);
  return collapse(tensor, groups);
}

Value Lowering::asRows(Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  if (rank <= 2)
    return tensor;
  return collapse(tensor, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank - 1)), {rank - 1}});
}

SmallVector<Value> Lowering::loop(OpFoldResult to, ValueRange carried,
                                  function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(s, s.index(0), index(to), s.index(1), carried);
  for (auto [argument, result, init] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getResults(), carried))
    if (auto sizes = known.find(init); sizes != known.end()) {
      Sizes same = sizes->second;
      know(argument, same);
      know(result, same);
    }
  OpBuilder::InsertionGuard guard(s);
  s.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(s, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value> Lowering::forall(ArrayRef<OpFoldResult> to, ValueRange outputs,
                                    function_ref<SmallVector<Part>(ValueRange)> parts, ArrayRef<ArrayRef<int64_t>> drop,
                                    function_ref<SmallVector<Value>(ValueRange, ValueRange)> body) {
  auto loop = scf::ForallOp::create(s, to, outputs, /*mapping=*/std::nullopt);
  OpBuilder::InsertionGuard guard(s);
  s.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> point = loop.getInductionVars(), places;
  SmallVector<Part> written = parts(point);
  for (auto [whole, part, dropped] : llvm::zip_equal(loop.getRegionIterArgs(), written, drop))
    places.push_back(slice(whole, part, dropped));
  SmallVector<Value> results = body(point, places);
  s.setInsertionPointToEnd(loop.getTerminator().getBody());
  for (auto [result, whole, part] : llvm::zip_equal(results, loop.getRegionIterArgs(), written))
    tensor::ParallelInsertSliceOp::create(s, result, whole, part.offsets, part.sizes, stridesOf(*this, part));
  for (auto [result, output] : llvm::zip_equal(loop.getResults(), outputs))
    if (auto sizes = known.find(output); sizes != known.end())
      know(result, Sizes(sizes->second));
  return llvm::to_vector_of<Value>(loop.getResults());
}

} // namespace ph::conversion
