#include "TensorBuilder.h"
#include "dialects/Transformer/Broadcast.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace ph::onnx_import {

Value TensorBuilder::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
  return {};
}

static std::string typeText(Value value) {
  std::string text;
  llvm::raw_string_ostream(text) << value.getType();
  return text;
}

bool TensorBuilder::fits(ArrayRef<Value> tensors) {
  if (!llvm::all_of(tensors, [](Value tensor) { return bool(tensor); }))
    return false;
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value tensor : tensors)
    shapes.push_back(typeOf(tensor).getShape());
  if (succeeded(xf::broadcastShapes(shapes)))
    return true;
  std::string types;
  for (Value tensor : tensors)
    types += (types.empty() ? "" : ", ") + typeText(tensor);
  fail("has operands that can't be broadcast to one another: " + types);
  return false;
}

bool TensorBuilder::hasAxis(Value x, int64_t axis) {
  if (!x)
    return false;
  if (axis >= 0 && axis < rankOf(x))
    return true;
  fail("has the axis " + Twine(axis) + ", which " + typeText(x) + " does not have");
  return false;
}

//===-- sizes -------------------------------------------------------------------------------------------------===//

/// Both as numbers, where they are.
static std::optional<std::pair<int64_t, int64_t>> constants(Size x, Size y) {
  std::optional<int64_t> a = getConstantIntValue(x), b = getConstantIntValue(y);
  if (!a || !b)
    return std::nullopt;
  return std::pair(*a, *b);
}

Value TensorBuilder::index(Size size) {
  if (auto attribute = dyn_cast_if_present<Attribute>(size))
    return arith::ConstantIndexOp::create(*this, llvm::cast<IntegerAttr>(attribute).getInt());
  return llvm::cast<Value>(size);
}

/// A size as a value and what is added to it; no value for a number.
static std::pair<Value, int64_t> split(Size size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return {Value(), *number};
  Value value = llvm::cast<Value>(size);
  APInt more;
  if (auto add = value.getDefiningOp<arith::AddIOp>(); add && matchPattern(add.getRhs(), m_ConstantInt(&more)))
    return {add.getLhs(), more.getSExtValue()};
  return {value, 0};
}

Size TensorBuilder::add(Size x, Size y) {
  int64_t result;
  if (auto both = constants(x, y); both && !__builtin_add_overflow(both->first, both->second, &result))
    return size(result);
  if (isConstantIntValue(x, 0))
    return y;
  if (isConstantIntValue(y, 0))
    return x;
  if (getConstantIntValue(x))
    std::swap(x, y);
  auto [base, more] = split(x);
  if (auto number = getConstantIntValue(y); number && more && !__builtin_add_overflow(more, *number, &result))
    return add(base, size(result));
  return arith::AddIOp::create(*this, index(x), index(y)).getResult();
}

Size TensorBuilder::sub(Size x, Size y) {
  int64_t result;
  if (auto both = constants(x, y); both && !__builtin_sub_overflow(both->first, both->second, &result))
    return size(result);
  auto [left, m] = split(x);
  auto [right, n] = split(y);
  if (left == right && !__builtin_sub_overflow(m, n, &result))
    return size(result);
  if (auto number = getConstantIntValue(y); number && *number != INT64_MIN)
    return add(x, size(-*number));
  return arith::SubIOp::create(*this, index(x), index(y)).getResult();
}

Size TensorBuilder::mul(Size x, Size y) {
  int64_t result;
  if (auto both = constants(x, y); both && !__builtin_mul_overflow(both->first, both->second, &result))
    return size(result);
  if (isConstantIntValue(x, 1))
    return y;
  if (isConstantIntValue(y, 1))
    return x;
  return arith::MulIOp::create(*this, index(x), index(y)).getResult();
}

Size TensorBuilder::div(Size x, Size y) {
  if (auto both = constants(x, y); both && both->second > 0)
    return size(both->first >= 0 ? both->first / both->second : -((-both->first + both->second - 1) / both->second));
  if (isConstantIntValue(y, 1))
    return x;
  return arith::FloorDivSIOp::create(*this, index(x), index(y)).getResult();
}

Size TensorBuilder::max(Size x, Size y) {
  if (auto both = constants(x, y))
    return size(std::max(both->first, both->second));
  if (auto [left, m] = split(x); left == split(y).first)
    return m >= split(y).second ? x : y;
  return x == y ? x : Size(arith::MaxSIOp::create(*this, index(x), index(y)).getResult());
}

Size TensorBuilder::min(Size x, Size y) {
  if (auto both = constants(x, y))
    return size(std::min(both->first, both->second));
  if (auto [left, m] = split(x); left == split(y).first)
    return m <= split(y).second ? x : y;
  return x == y ? x : Size(arith::MinSIOp::create(*this, index(x), index(y)).getResult());
}

Size TensorBuilder::product(ArrayRef<Size> sizes) {
  Size result = size(1);
  for (Size each : sizes)
    result = mul(result, each);
  return result;
}

Size TensorBuilder::dim(Value tensor, int64_t axis) {
  if (!hasAxis(tensor, axis))
    return size(1);
  if (auto found = known.find({tensor, axis}); found != known.end())
    return found->second;
  int64_t fixed = typeOf(tensor).getDimSize(axis);
  if (!ShapedType::isDynamic(fixed))
    return size(fixed);
  Size made = xf::DimOp::create(*this, tensor, axis).getResult();
  know(tensor, axis, made);
  return made;
}

Sizes TensorBuilder::dims(Value tensor) {
  Sizes result;
  if (tensor)
    for (int64_t axis = 0; axis < rankOf(tensor); ++axis)
      result.push_back(dim(tensor, axis));
  return result;
}

Value TensorBuilder::remember(Value tensor, ArrayRef<Size> sizes) {
  if (tensor && int64_t(sizes.size()) == rankOf(tensor))
    for (auto [axis, size] : llvm::enumerate(sizes))
      if (size && typeOf(tensor).isDynamicDim(axis))
        know(tensor, int64_t(axis), size);
  return tensor;
}

bool TensorBuilder::isCutTo(Size part, Size size) const {
  auto value = dyn_cast_if_present<Value>(part);
  return value && size && cuts.lookup(value) == size;
}

Sizes TensorBuilder::together(ArrayRef<Value> tensors) {
  int64_t rank = 0;
  for (Value tensor : tensors)
    rank = std::max(rank, rankOf(tensor));
  Sizes result(rank, size(1));
  for (Value tensor : tensors)
    for (int64_t axis = 0; axis < rankOf(tensor); ++axis) {
      Size &common = result[rank - rankOf(tensor) + axis], own = dim(tensor, axis);
      if (!common || own == common || isConstantIntValue(own, 1))
        continue;
      if (isCutTo(own, common))
        continue;
      if (isCutTo(common, own)) {
        common = own;
        continue;
      }
      bool known = getConstantIntValue(common) && !isConstantIntValue(common, 1);
      if (isConstantIntValue(common, 1) || getConstantIntValue(own))
        common = own;
      else if (!known)
        common = Size();
    }
  return result;
}

Sizes TensorBuilder::reshapedSizes(Value x, ArrayRef<Size> shape) {
  // What both shapes have cancels; what is left over of the input is the entry that is open.
  Sizes result(shape), from = dims(x);
  Size *open = nullptr;
  int64_t numerator = 1, denominator = 1;
  bool clear = true;
  for (auto [place, entry] : llvm::enumerate(result)) {
    if (isConstantIntValue(entry, 0) && place < from.size())
      entry = dim(x, int64_t(place));
    if (isConstantIntValue(entry, -1)) {
      open = &entry;
    } else if (std::optional<int64_t> number = getConstantIntValue(entry)) {
      clear &= !__builtin_mul_overflow(denominator, *number, &denominator);
    } else if (auto found = llvm::find(from, entry); found != from.end()) {
      from.erase(found);
    } else {
      clear = false;
    }
  }
  if (!open)
    return result;
  Sizes rest;
  for (Size size : from)
    if (std::optional<int64_t> number = getConstantIntValue(size))
      clear &= !__builtin_mul_overflow(numerator, *number, &numerator);
    else
      rest.push_back(size);
  clear &= denominator > 0 && numerator % std::max<int64_t>(denominator, 1) == 0;
  *open = clear ? mul(product(rest), size(numerator / denominator)) : Size();
  return result;
}

/// The places of sizes that aren't 1.
static SmallVector<int64_t> wide(ArrayRef<Size> sizes) {
  SmallVector<int64_t> result;
  for (auto [axis, size] : llvm::enumerate(sizes))
    if (!isConstantIntValue(size, 1))
      result.push_back(int64_t(axis));
  return result;
}

//===-- primitives --------------------------------------------------------------------------------------------===//

std::optional<double> TensorBuilder::uniformOf(Value tensor) {
  while (tensor && isa_and_nonnull<xf::BroadcastOp, xf::ReshapeOp>(tensor.getDefiningOp()))
    tensor = tensor.getDefiningOp()->getOperand(0);
  DenseElementsAttr elements;
  if (!tensor || !matchPattern(tensor, m_Constant(&elements)) || !elements.isSplat())
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().convertToDouble();
  APInt integer = elements.getSplatValue<APInt>();
  return integer.getBitWidth() == 1 ? double(integer.getZExtValue()) : double(integer.getSExtValue());
}

Value TensorBuilder::number(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  TypedAttr attribute = element.isF32() ? TypedAttr(getFloatAttr(element, APFloat(float(value))))
                                        : TypedAttr(getIntegerAttr(element, int64_t(value)));
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, Attribute(attribute)));
}

Value TensorBuilder::scalar(Size size) {
  if (std::optional<int64_t> value = getConstantIntValue(size)) {
    if (*value != int32_t(*value))
      return fail("computes with " + Twine(*value) + ", which does not fit 32 bits");
    return i32(*value);
  }
  Value made = xf::ScalarOp::create(*this, RankedTensorType::get({}, getI32Type()), index(size));
  scalars[made] = size;
  return made;
}

Value TensorBuilder::binary(xf::BinaryKind kind, Value x, Value y) {
  if (!fits({x, y}))
    return {};
  Value result = remember(xf::ElementwiseOp::create(*this, kind, x, y), together({x, y}));
  notePlace(kind, x, y, result);
  return result;
}

Value TensorBuilder::unary(xf::UnaryKind kind, Value x) {
  return x ? remember(xf::UnaryOp::create(*this, kind, x), dims(x)) : Value();
}

Value TensorBuilder::compare(xf::CompareKind kind, Value x, Value y) {
  return fits({x, y}) ? remember(xf::CompareOp::create(*this, kind, x, y), together({x, y})) : Value();
}

Value TensorBuilder::select(Value condition, Value x, Value y) {
  if (!fits({condition, x, y}))
    return {};
  return remember(xf::SelectOp::create(*this, condition, x, y), together({condition, x, y}));
}

Value TensorBuilder::cast(Value x, Type element) {
  if (!x || elementOf(x) == element)
    return x;
  return remember(xf::CastOp::create(*this, RankedTensorType::get(typeOf(x).getShape(), element), x), dims(x));
}

Value TensorBuilder::transpose(Value x, ArrayRef<int64_t> permutation) {
  if (!x)
    return {};
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, rankOf(x))))
    return fail("has a list that is no permutation of the dimensions of " + typeText(x));
  if (llvm::is_sorted(permutation))
    return x;
  Sizes from = dims(x);
  return remember(xf::TransposeOp::create(*this, x, permutation),
                  llvm::map_to_vector(permutation, [&](int64_t axis) { return from[axis]; }));
}

Value TensorBuilder::transposeLast(Value x) {
  if (!x || rankOf(x) < 2)
    return x;
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rankOf(x)));
  std::swap(permutation[permutation.size() - 1], permutation[permutation.size() - 2]);
  return transpose(x, permutation);
}

/// Whether the static part of a list fits a shape of as many elements.
static bool mayReshape(ArrayRef<int64_t> shape, ArrayRef<Size> list) {
  int64_t open = 0, from = 1, to = 1;
  bool known = !llvm::any_of(shape, ShapedType::isDynamic);
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) && __builtin_mul_overflow(from, size, &from))
      return false;
  for (auto [place, entry] : llvm::enumerate(list)) {
    std::optional<int64_t> size = getConstantIntValue(entry);
    if (!size) {
      known = false;
      continue;
    }
    if (*size < -1 || (*size == 0 && place >= shape.size()))
      return false;
    open += *size == -1;
    int64_t each = *size == 0 ? shape[place] : *size;
    if (each != -1 && !ShapedType::isDynamic(each) && __builtin_mul_overflow(to, each, &to))
      return false;
  }
  if (open > 1)
    return false;
  return !known || (open ? to > 0 && from % to == 0 : from == to);
}

Value TensorBuilder::reshape(Value x, ArrayRef<Size> shape) {
  if (!x)
    return {};
  if (!mayReshape(typeOf(x).getShape(), shape))
    return fail("makes another number of elements of " + typeText(x));
  // A size that the tensor has at that place is a copy, of which the result's type knows more.
  Sizes list(shape);
  for (auto [axis, entry] : llvm::enumerate(list))
    if (int64_t(axis) < rankOf(x) && !getConstantIntValue(entry) && dim(x, int64_t(axis)) == entry)
      entry = size(0);
  Sizes from = dims(x), to = reshapedSizes(x, shape);
  Value result = remember(xf::ReshapeOp::create(*this, x, list), to);
  if (Size held = scalars.lookup(x); held && typeOf(result).getNumElements() == 1)
    scalars[result] = held;
  SmallVector<int64_t> before = wide(from), after = wide(to);
  auto same = [&](auto pair) { return from[std::get<0>(pair)] == to[std::get<1>(pair)]; };
  if (std::optional<int64_t> axis = coordinateOf(x); axis && before.size() == after.size() &&
                                                     llvm::is_contained(before, *axis) &&
                                                     llvm::all_of(llvm::zip_equal(before, after), same))
    coordinates[result] = after[llvm::find(before, *axis) - before.begin()];
  return result;
}

Value TensorBuilder::reshapeTo(Value x, ArrayRef<Size> shape) {
  if (!x)
    return {};
  ArrayRef<int64_t> from = typeOf(x).getShape();
  bool isEmpty = llvm::any_of(shape, [](Size size) { return isConstantIntValue(size, 0); });
  if (!isEmpty)
    return reshape(x, shape);
  // xf.reshape copies where an entry is 0; what has no elements is made anew.
  if (!llvm::is_contained(from, 0) && !llvm::any_of(from, ShapedType::isDynamic))
    return fail("makes another number of elements of " + typeText(x));
  Value nothing = number(elementOf(x), 0);
  return broadcast(nothing, shape);
}

Value TensorBuilder::unsqueeze(Value x, ArrayRef<int64_t> axes) {
  if (!x)
    return {};
  int64_t rank = rankOf(x) + int64_t(axes.size());
  Sizes shape, own = dims(x);
  size_t next = 0;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (llvm::is_contained(axes, axis))
      shape.push_back(size(1));
    else if (next < own.size())
      shape.push_back(own[next++]);
  if (next != own.size() || int64_t(shape.size()) != rank)
    return fail("has axes that its result does not have");
  return reshapeTo(x, shape);
}

Value TensorBuilder::broadcast(Value x, ArrayRef<Size> shape) {
  if (!x)
    return {};
  Sizes list(shape);
  if (int64_t(list.size()) < rankOf(x))
    list.insert(list.begin(), rankOf(x) - list.size(), size(1));
  // A size that the tensor has at that place is no repetition.
  size_t shift = list.size() - rankOf(x);
  Sizes result = list;
  for (int64_t axis = 0; axis < rankOf(x); ++axis) {
    Size own = dim(x, axis), &entry = list[shift + axis];
    if (own == entry)
      entry = size(1);
    if (isConstantIntValue(entry, 1))
      result[shift + axis] = own;
    else if (!isConstantIntValue(own, 1))
      result[shift + axis] = getConstantIntValue(own) ? own : isCutTo(own, entry) ? entry : Size();
  }
  SmallVector<int64_t> fixed;
  for (Size entry : list) {
    std::optional<int64_t> value = getConstantIntValue(entry);
    if (value && *value < 0)
      return fail("broadcasts to a negative size");
    fixed.push_back(value ? *value : ShapedType::kDynamic);
  }
  if (failed(xf::broadcastShapes({typeOf(x).getShape(), fixed})))
    return fail("broadcasts " + typeText(x) + " to a shape that it does not fit");
  Value repeated = remember(xf::BroadcastOp::create(*this, x, list), result);
  if (std::optional<int64_t> axis = coordinateOf(x); axis && !isConstantIntValue(dim(x, *axis), 1))
    coordinates[repeated] = *axis + int64_t(shift);
  return repeated;
}

Value TensorBuilder::concat(ArrayRef<Value> xs, int64_t axis) {
  if (xs.empty())
    return fail("has nothing to put together");
  for (Value x : xs) {
    if (!x || !hasAxis(x, axis))
      return {};
    bool same = rankOf(x) == rankOf(xs[0]) && elementOf(x) == elementOf(xs[0]);
    for (int64_t i = 0; same && i < rankOf(x); ++i)
      same = i == axis || ShapedType::isDynamic(typeOf(x).getDimSize(i)) ||
             ShapedType::isDynamic(typeOf(xs[0]).getDimSize(i)) ||
             typeOf(x).getDimSize(i) == typeOf(xs[0]).getDimSize(i);
    if (!same)
      return fail("puts together " + typeText(xs[0]) + " and " + typeText(x) + ", which differ elsewhere too");
  }
  if (xs.size() == 1)
    return xs[0];
  // What is empty adds nothing.
  SmallVector<Value> filled(llvm::make_filter_range(xs, [&](Value x) { return !isConstantIntValue(dim(x, axis), 0); }));
  if (filled.size() < xs.size())
    return concat(filled.empty() ? xs.take_front() : ArrayRef<Value>(filled), axis);
  Sizes sizes = dims(xs[0]);
  for (Value x : xs.drop_front())
    sizes[axis] = add(sizes[axis], dim(x, axis));
  Value result = remember(xf::ConcatOp::create(*this, ValueRange(xs), axis), sizes);
  if (axis == rankOf(result) - 1 && llvm::all_of(xs, [&](Value x) { return isConstantIntValue(dim(x, axis), 1); }))
    columns[result] = SmallVector<Value>(xs);
  return result;
}

Value TensorBuilder::slice(Value x, int64_t axis, Size from, Size to, int64_t step) {
  if (!hasAxis(x, axis))
    return {};
  Sizes sizes = dims(x);
  Size whole = sizes[axis];
  std::optional<int64_t> first = getConstantIntValue(from), end = getConstantIntValue(to);
  sizes[axis] = Size();
  if (step == 1 && first && *first >= 0 && !getConstantIntValue(whole)) {
    if (end && *end >= INT32_MAX)
      sizes[axis] = *first ? Size() : whole;
    // An end that is the tensor's, or is known to be before it.
    auto [base, more] = split(whole);
    auto [other, less] = split(to);
    if (!end && other == base && less <= more)
      sizes[axis] = sub(to, from);
  }
  Value part = remember(xf::SliceOp::create(*this, x, axis, from, to, step), sizes);
  if (std::optional<int64_t> length = getConstantIntValue(whole); length > 1 && step == 1 && first == 0 && !end)
    cuts[llvm::cast<Value>(dim(part, axis))] = to;
  return part;
}

Value TensorBuilder::gather(Value x, Value indices, int64_t axis) {
  if (!indices || !hasAxis(x, axis))
    return {};
  Sizes sizes = dims(x), picked = dims(indices);
  sizes.erase(sizes.begin() + axis);
  sizes.insert(sizes.begin() + axis, picked.begin(), picked.end());
  return remember(xf::GatherOp::create(*this, x, indices, axis), sizes);
}

Value TensorBuilder::reduce(xf::ReduceKind kind, Value x, ArrayRef<int64_t> axes, bool keepdims) {
  if (!x || axes.empty())
    return x;
  for (int64_t axis : axes)
    if (!hasAxis(x, axis))
      return {};
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(dims(x)))
    if (!llvm::is_contained(axes, int64_t(axis)))
      sizes.push_back(size);
    else if (keepdims)
      sizes.push_back(this->size(1));
  return remember(xf::ReduceOp::create(*this, kind, x, axes, keepdims), sizes);
}

Value TensorBuilder::softmax(Value x, int64_t axis) {
  return hasAxis(x, axis) ? remember(xf::SoftmaxOp::create(*this, x, axis), dims(x)) : Value();
}

Value TensorBuilder::matmul(Value x, Value y) {
  if (!x || !y)
    return {};
  ArrayRef<int64_t> a = typeOf(x).getShape(), b = typeOf(y).getShape();
  if (a.size() < 2 || b.size() < 2)
    return fail("multiplies what are no matrices");
  bool depth = a.back() == b[b.size() - 2] || ShapedType::isDynamic(a.back()) || ShapedType::isDynamic(b[b.size() - 2]);
  if (!depth || failed(xf::broadcastShapes({a.drop_back(2), b.drop_back(2)})))
    return fail("multiplies " + typeText(x) + " and " + typeText(y) + ", which don't fit");
  Value result = xf::MatmulOp::create(*this, x, y);
  for (int64_t axis = 0, rank = rankOf(result); axis < rank; ++axis) {
    // A leading dimension that only one of them has, or both alike.
    int64_t m = axis - (rank - rankOf(x)), n = axis - (rank - rankOf(y));
    Size left = m < 0 ? size(1) : dim(x, m), right = n < 0 ? size(1) : dim(y, n);
    if (axis == rank - 2)
      right = left;
    if (axis == rank - 1)
      left = right;
    if (typeOf(result).isDynamicDim(axis) && (left == right || isConstantIntValue(right, 1)))
      know(result, axis, left);
    else if (typeOf(result).isDynamicDim(axis) && isConstantIntValue(left, 1))
      know(result, axis, right);
  }
  return result;
}

Value TensorBuilder::iota(Size size) {
  std::optional<int64_t> fixed = getConstantIntValue(size);
  auto type = RankedTensorType::get({fixed ? *fixed : ShapedType::kDynamic}, getI32Type());
  Value result = remember(xf::IotaOp::create(*this, type, fixed ? Value() : index(size)), size);
  coordinates[result] = 0;
  return result;
}

} // namespace ph::onnx_import
