#include "lib/Transforms/Attention/IndexForm.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph {

bool isVeryLow(double score) { return score <= -1e4; }

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static void addSymbol(IndexForm &form, Value symbol, int64_t times) {
  for (auto &[known, count] : form.symbols)
    if (known == symbol) {
      count += times;
      times = 0;
    }
  if (times)
    form.symbols.emplace_back(symbol, times);
  llvm::erase_if(form.symbols, [](auto &entry) { return entry.second == 0; });
}

/// Adds times · index.
static void addIndex(IndexForm &form, OpFoldResult index, int64_t times) {
  if (auto attribute = dyn_cast<Attribute>(index)) {
    form.constant += times * cast<IntegerAttr>(attribute).getInt();
    return;
  }
  Value value = cast<Value>(index);
  APInt known;
  if (matchPattern(value, m_ConstantInt(&known))) {
    form.constant += times * known.getSExtValue();
  } else if (auto sum = value.getDefiningOp<arith::AddIOp>()) {
    addIndex(form, sum.getLhs(), times);
    addIndex(form, sum.getRhs(), times);
  } else if (auto difference = value.getDefiningOp<arith::SubIOp>()) {
    addIndex(form, difference.getLhs(), times);
    addIndex(form, difference.getRhs(), -times);
  } else {
    addSymbol(form, value, times);
  }
}

/// lhs + times · rhs, aligned at the last dimensions.
static IndexForm combine(IndexForm lhs, const IndexForm &rhs, int64_t times) {
  while (lhs.coefficients.size() < rhs.coefficients.size())
    lhs.coefficients.insert(lhs.coefficients.begin(), 0);
  for (auto [sum, each] :
       llvm::zip_equal(MutableArrayRef(lhs.coefficients).take_back(rhs.coefficients.size()), rhs.coefficients))
    sum += times * each;
  lhs.constant += times * rhs.constant;
  for (auto [symbol, count] : rhs.symbols)
    addSymbol(lhs, symbol, times * count);
  return lhs;
}

bool IndexForm::isConstant() const {
  return symbols.empty() && llvm::all_of(coefficients, [](int64_t each) { return each == 0; });
}

bool IndexForm::isNeverNegative() const {
  return symbols.empty() && constant >= 0 && llvm::all_of(coefficients, [](int64_t each) { return each >= 0; });
}

bool IndexForm::isAlwaysNegative() const {
  return symbols.empty() && constant < 0 && llvm::all_of(coefficients, [](int64_t each) { return each <= 0; });
}

/// True or false everywhere.
static IndexForm formOfTruth(bool truth, unsigned rank) {
  IndexForm form;
  form.coefficients.assign(rank, 0);
  form.constant = truth ? 0 : -1;
  return form;
}

std::optional<IndexForm> IndexForm::withRank(unsigned rank) const {
  IndexForm result = *this;
  while (result.coefficients.size() > rank) {
    if (result.coefficients.front() != 0)
      return std::nullopt;
    result.coefficients.erase(result.coefficients.begin());
  }
  while (result.coefficients.size() < rank)
    result.coefficients.insert(result.coefficients.begin(), 0);
  return result;
}

/// The form of a constant matrix of truth, true where j ≤ i + c or where j > i + c; leading dimensions are of size 1.
/// Or of what is true, or false, everywhere.
static std::optional<IndexForm> formOfTriangle(ArrayRef<bool> visible, ArrayRef<int64_t> shape) {
  if (llvm::all_equal(visible))
    return formOfTruth(visible.front(), shape.size());
  if (shape.size() < 2 || llvm::any_of(shape.drop_back(2), [](int64_t size) { return size != 1; }))
    return std::nullopt;
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  if (rows < 2 || columns < 2)
    return std::nullopt;
  for (bool below : {true, false}) {
    // How far the first row reaches says where the diagonal is.
    int64_t reach = 0;
    while (reach < columns && visible[reach] == below)
      ++reach;
    bool fits = true;
    for (int64_t i = 0; i < rows && fits; ++i)
      for (int64_t j = 0; j < columns && fits; ++j)
        fits = (j < i + reach) == (visible[i * columns + j] == below);
    if (!fits)
      continue;
    IndexForm form;
    form.coefficients.assign(shape.size(), 0);
    form.coefficients[shape.size() - 2] = below ? 1 : -1;
    form.coefficients.back() = below ? -1 : 1;
    form.constant = below ? reach - 1 : -reach;
    return form;
  }
  return std::nullopt;
}

/// Integers that are affine in their indices.
static std::optional<IndexForm> formOfNumbers(ArrayRef<int64_t> numbers, ArrayRef<int64_t> shape) {
  IndexForm form;
  form.coefficients.assign(shape.size(), 0);
  form.constant = numbers.front();
  int64_t stride = 1;
  for (size_t dim = shape.size(); dim-- > 0; stride *= shape[dim])
    if (shape[dim] > 1)
      form.coefficients[dim] = numbers[stride] - numbers.front();
  for (size_t flat = 0; flat < numbers.size(); ++flat) {
    int64_t expected = form.constant, rest = flat;
    for (size_t dim = shape.size(); dim-- > 0; rest /= shape[dim])
      expected += form.coefficients[dim] * (rest % shape[dim]);
    if (numbers[flat] != expected)
      return std::nullopt;
  }
  return form;
}

static std::optional<IndexForm> formOfConstant(DenseElementsAttr elements) {
  ArrayRef<int64_t> shape = elements.getType().getShape();
  if (elements.getNumElements() == 0)
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType())) {
    SmallVector<bool> visible;
    for (const APFloat &value : elements.getValues<APFloat>()) {
      double score = value.convertToDouble();
      if (score != 0 && !isVeryLow(score))
        return std::nullopt;
      visible.push_back(score == 0);
    }
    return formOfTriangle(visible, shape);
  }
  if (elements.getElementType().isInteger(1))
    return formOfTriangle(llvm::to_vector(elements.getValues<bool>()), shape);
  return formOfNumbers(
      llvm::map_to_vector(elements.getValues<APInt>(), [](const APInt &x) { return x.getSExtValue(); }), shape);
}

/// Of a reshape that only adds or removes dimensions of size 1.
static std::optional<IndexForm> formOfReshape(xf::ReshapeOp op) {
  std::optional<IndexForm> form = getIndexForm(op.getInput());
  if (!form)
    return std::nullopt;
  auto kept = [](Value tensor) {
    SmallVector<int64_t> axes;
    for (auto [axis, size] : llvm::enumerate(typeOf(tensor).getShape()))
      if (size != 1)
        axes.push_back(axis);
    return axes;
  };
  SmallVector<int64_t> from = kept(op.getInput()), to = kept(op.getResult());
  if (from.size() != to.size())
    return std::nullopt;
  // All but one must be known to be the same; the number of elements then makes the last one so.
  unsigned unknown = 0;
  for (auto [a, b] : llvm::zip_equal(from, to))
    unknown += !xf::areEqual({op.getInput(), a}, {op.getResult(), b});
  if (unknown > 1)
    return std::nullopt;
  IndexForm result = *form;
  result.coefficients.assign(typeOf(op.getResult()).getRank(), 0);
  for (auto [a, b] : llvm::zip_equal(from, to))
    result.coefficients[b] = form->coefficients[a];
  return result;
}

static std::optional<IndexForm> formOfSlice(xf::SliceOp op) {
  std::optional<IndexForm> form = getIndexForm(op.getInput());
  if (!form)
    return std::nullopt;
  int64_t &coefficient = form->coefficients[op.getAxis()];
  // An entry below 0 counts from the end.
  if (auto from = dyn_cast<Attribute>(op.getFrom()); from && cast<IntegerAttr>(from).getInt() < 0)
    return std::nullopt;
  addIndex(*form, op.getFrom(), coefficient);
  coefficient *= op.getStep();
  ArrayRef<int64_t> bounds = op.getStaticBounds();
  if (op.getBounds().empty() && bounds[1] >= bounds[0] && bounds[1] - bounds[0] <= 1)
    coefficient = 0;
  return form;
}

/// Whether `dim` is one element of what has size `of`, or none where that has none.
static bool isFirstOf(xf::Dim dim, xf::Dim of) {
  if (typeOf(dim.tensor).getDimSize(dim.axis) == 1)
    return true;
  dim = xf::getOrigin(dim);
  auto slice = dim.tensor.getDefiningOp<xf::SliceOp>();
  return slice && int64_t(slice.getAxis()) == dim.axis && slice.getBounds().empty() &&
         slice.getStaticBounds()[0] == 0 && slice.getStaticBounds()[1] == 1 &&
         xf::areEqual({slice.getInput(), dim.axis}, of);
}

/// Of one element before others that count on from it.
static std::optional<IndexForm> formOfConcat(xf::ConcatOp op) {
  if (op.getInputs().size() != 2)
    return std::nullopt;
  int64_t axis = op.getAxis();
  std::optional<IndexForm> first = getIndexForm(op.getInputs()[0]), rest = getIndexForm(op.getInputs()[1]);
  if (!first || !rest || !isFirstOf({op.getInputs()[0], axis}, {op.getInputs()[1], axis}))
    return std::nullopt;
  first->coefficients[axis] = rest->coefficients[axis];
  rest->constant -= rest->coefficients[axis];
  IndexForm difference = combine(*first, *rest, -1);
  return difference.isConstant() && difference.constant == 0 ? rest : std::nullopt;
}

bool isSliceOfSize(xf::Dim dim, xf::Dim size) {
  dim = xf::getOrigin(dim);
  size = xf::getOrigin(size);
  auto slice = dim.tensor.getDefiningOp<xf::SliceOp>();
  if (!slice || int64_t(slice.getAxis()) != dim.axis || slice.getStep() != 1 ||
      typeOf(slice.getInput()).getDimSize(dim.axis) == 1)
    return false;
  IndexForm taken;
  OpFoldResult to = slice.getTo(), from = slice.getFrom();
  // The end is not beyond what there is, and the beginning is 0 where there is too little.
  int64_t all = typeOf(slice.getInput()).getDimSize(dim.axis);
  if (auto end = dyn_cast<Attribute>(to); end && !ShapedType::isDynamic(all))
    to = Builder(end.getContext()).getI64IntegerAttr(std::min(cast<IntegerAttr>(end).getInt(), all));
  if (auto most = isa<Value>(from) ? cast<Value>(from).getDefiningOp<arith::MaxSIOp>() : arith::MaxSIOp();
      most && matchPattern(most.getRhs(), m_Zero()))
    from = most.getLhs();
  addIndex(taken, to, 1);
  addIndex(taken, from, -1);
  if (taken.symbols.empty())
    return taken.constant == typeOf(size.tensor).getDimSize(size.axis);
  auto [symbol, times] = taken.symbols.front();
  auto of = symbol.getDefiningOp<xf::DimOp>();
  return taken.symbols.size() == 1 && times == 1 && taken.constant == 0 && of &&
         xf::areEqual({of.getInput(), int64_t(of.getAxis())}, size);
}

static std::optional<IndexForm> formOfCompare(xf::CompareOp op) {
  std::optional<IndexForm> lhs = getIndexForm(op.getLhs()), rhs = getIndexForm(op.getRhs());
  if (!lhs || !rhs || !typeOf(op.getLhs()).getElementType().isInteger(32))
    return std::nullopt;
  IndexForm zero;
  switch (op.getKind()) {
  case xf::CompareKind::Eq:
  case xf::CompareKind::Ne: {
    // A condition on equality is no ≥, but for what is known.
    IndexForm difference = combine(*lhs, *rhs, -1);
    if (!difference.isConstant())
      return std::nullopt;
    return formOfTruth((difference.constant == 0) == (op.getKind() == xf::CompareKind::Eq),
                       typeOf(op.getResult()).getRank());
  }
  case xf::CompareKind::Gt:
    zero.constant = -1;
    [[fallthrough]];
  case xf::CompareKind::Ge:
    return combine(combine(*lhs, *rhs, -1), zero, 1);
  case xf::CompareKind::Lt:
    zero.constant = -1;
    [[fallthrough]];
  case xf::CompareKind::Le:
    return combine(combine(*rhs, *lhs, -1), zero, 1);
  default:
    return std::nullopt;
  }
}

static std::optional<IndexForm> formOfElementwise(xf::ElementwiseOp op) {
  bool adds = op.getKind() == xf::BinaryKind::Add, subtracts = op.getKind() == xf::BinaryKind::Sub;
  if ((!adds && !subtracts) || !op.getType().getElementType().isInteger(32))
    return std::nullopt;
  std::optional<IndexForm> lhs = getIndexForm(op.getLhs()), rhs = getIndexForm(op.getRhs());
  return lhs && rhs ? std::optional(combine(*lhs, *rhs, adds ? 1 : -1)) : std::nullopt;
}

static std::optional<IndexForm> formOf(Operation *op) {
  return TypeSwitch<Operation *, std::optional<IndexForm>>(op)
      .Case([](xf::IotaOp iota) -> std::optional<IndexForm> {
        if (!typeOf(iota.getResult()).getElementType().isInteger(32))
          return std::nullopt;
        IndexForm form;
        form.coefficients = {1};
        return form;
      })
      .Case([](xf::ScalarOp scalar) -> std::optional<IndexForm> {
        if (!typeOf(scalar.getResult()).getElementType().isInteger(32))
          return std::nullopt;
        IndexForm form;
        addIndex(form, scalar.getValue(), 1);
        return form;
      })
      .Case([](xf::TransposeOp transpose) {
        std::optional<IndexForm> form = getIndexForm(transpose.getInput());
        if (form)
          form->coefficients =
              llvm::map_to_vector(transpose.getPermutation(), [&](int64_t dim) { return form->coefficients[dim]; });
        return form;
      })
      .Case([](xf::BroadcastOp broadcast) {
        std::optional<IndexForm> form = getIndexForm(broadcast.getInput());
        return form ? form->withRank(typeOf(broadcast.getResult()).getRank()) : std::nullopt;
      })
      .Case([](xf::UnaryOp unary) {
        std::optional<IndexForm> form =
            unary.getKind() == xf::UnaryKind::Not ? getIndexForm(unary.getInput()) : std::nullopt;
        IndexForm below;
        below.constant = -1;
        return form ? std::optional(combine(below, *form, -1)) : std::nullopt;
      })
      .Case([](xf::CastOp cast) -> std::optional<IndexForm> {
        std::optional<IndexForm> form = getIndexForm(cast.getInput());
        if (!form || !typeOf(cast.getInput()).getElementType().isInteger(1) ||
            !typeOf(cast.getResult()).getElementType().isInteger(32) ||
            (!form->isNeverNegative() && !form->isAlwaysNegative()))
          return std::nullopt;
        IndexForm number = formOfTruth(true, form->coefficients.size());
        number.constant = form->isNeverNegative();
        return number;
      })
      .Case(formOfConcat)
      .Case(formOfReshape)
      .Case(formOfSlice)
      .Case(formOfCompare)
      .Case(formOfElementwise)
      .Default(getLoopForm);
}

std::optional<IndexForm> getIndexForm(Value value) {
  DenseElementsAttr elements;
  std::optional<IndexForm> form;
  if (matchPattern(value, m_Constant(&elements)))
    form = formOfConstant(elements);
  else if (Operation *op = value.getDefiningOp())
    form = formOf(op);
  if (!form)
    return std::nullopt;
  for (auto [coefficient, size] : llvm::zip_equal(form->coefficients, typeOf(value).getShape()))
    if (size == 1)
      coefficient = 0;
  return form;
}

} // namespace ph
