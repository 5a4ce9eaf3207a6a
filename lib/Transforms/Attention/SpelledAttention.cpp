#include "lib/Transforms/Attention/SpelledAttention.h"
#include "lib/Transforms/Attention/IndexForm.h"
#include "lib/Transforms/Attention/SpelledMask.h"
#include "lib/Transforms/Recognition/Numbers.h"
#include "lib/Transforms/Recognition/Softmax.h"
#include "lib/Transforms/Recognition/Values.h"

#include <cmath>

using namespace mlir;

namespace ph {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `value` without the constant factors that it is made with, which are multiplied into `factor`; also those behind
/// transposes and reshapes, which are made anew.
Value withoutFactor(OpBuilder &builder, Value value, double &factor) {
  if (std::optional<Multiple> multiple = matchMultiple(value)) {
    factor *= multiple->factor;
    return withoutFactor(builder, multiple->of, factor);
  }
  Operation *op = value.getDefiningOp();
  if (!op || !isa<xf::TransposeOp, xf::ReshapeOp, xf::BroadcastOp>(op))
    return value;
  Value inner = withoutFactor(builder, op->getOperand(0), factor);
  if (inner == op->getOperand(0))
    return value;
  Operation *clone = builder.clone(*op);
  clone->setOperand(0, inner);
  return clone->getResult(0);
}

/// The matrices of `value` transposed, where it merges the leading dimensions of matrices that are transposed already:
/// null otherwise.
Value transposedBeforeMerge(OpBuilder &builder, Value value) {
  auto merge = value.getDefiningOp<xf::ReshapeOp>();
  auto inner = merge ? merge.getInput().getDefiningOp<xf::TransposeOp>() : xf::TransposeOp();
  int64_t rank = typeOf(value).getRank(), from = inner ? typeOf(inner.getResult()).getRank() : 0;
  if (!inner || rank < 2 || from < rank)
    return {};
  SmallVector<int64_t> permutation(inner.getPermutation());
  std::swap(permutation[from - 1], permutation[from - 2]);
  for (int64_t last : {1, 2})
    if (!llvm::is_sorted(permutation) || !xf::areEqual({value, rank - last}, {inner.getResult(), from - last}))
      return {};
  SmallVector<OpFoldResult> shape = merge.getMixedShape();
  for (int64_t last : {1, 2}) {
    int64_t size = typeOf(inner.getInput()).getDimSize(from - last);
    shape[rank - last] = builder.getI64IntegerAttr(size);
    if (ShapedType::isDynamic(size))
      shape[rank - last] = xf::DimOp::create(builder, value.getLoc(), inner.getInput(), from - last).getResult();
  }
  return xf::ReshapeOp::create(builder, value.getLoc(), inner.getInput(), shape);
}

/// The matrices of `value` transposed: [..., n, m] of [..., m, n].
Value transposed(OpBuilder &builder, Value value) {
  if (Value merged = transposedBeforeMerge(builder, value))
    return merged;
  auto inner = value.getDefiningOp<xf::TransposeOp>();
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, typeOf(value).getRank()));
  if (inner)
    permutation.assign(inner.getPermutation().begin(), inner.getPermutation().end());
  std::swap(permutation.back(), permutation[permutation.size() - 2]);
  Value input = inner ? inner.getInput() : value;
  return llvm::is_sorted(permutation) ? input
                                      : Value(xf::TransposeOp::create(builder, value.getLoc(), input, permutation));
}

/// Follows the scores from the softmax down to the product of queries and keys.
class ScoresMatcher {
public:
  ScoresMatcher(OpBuilder &builder, SpelledAttention &found, std::string &reason)
      : builder(builder), found(found), reason(reason), mask(found.scores) {}

  bool match(Value scores);

private:
  bool follow(Value value);
  bool followSum(Value lhs, Value rhs);
  bool followSelect(xf::SelectOp select);
  bool addBias(Value bias);
  bool finish(xf::MatmulOp product);
  bool refuse(const Twine &why) {
    reason = why.str();
    return false;
  }

  OpBuilder &builder;
  SpelledAttention &found;
  std::string &reason;
  SpelledMask mask;
  double factor = 1; ///< of what is below, in what is above; with a soft cap of the cap's argument, times the cap
};

/// The first product of matrices below, through what scores go through; null if there is none.
xf::MatmulOp findProduct(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || isa<xf::MatmulOp>(op))
    return dyn_cast_or_null<xf::MatmulOp>(op);
  if (isa<xf::UnaryOp, xf::ReshapeOp>(op))
    return findProduct(op->getOperand(0));
  if (isa<xf::SelectOp, xf::ElementwiseOp>(op))
    for (Value operand : op->getOperands())
      if (xf::MatmulOp product = findProduct(operand))
        return product;
  return {};
}

bool leadsToProduct(Value value) { return bool(findProduct(value)); }

/// True if the shapes are the same as far as their types say, none of them broadcast to the other.
bool sameShape(Value a, Value b) {
  return typeOf(a).getRank() == typeOf(b).getRank() &&
         llvm::all_of(llvm::zip_equal(typeOf(a).getShape(), typeOf(b).getShape()), [](auto pair) {
           auto [m, n] = pair;
           return m == n || (m != 1 && n != 1 && (ShapedType::isDynamic(m) || ShapedType::isDynamic(n)));
         });
}

/// True if `addend` doesn't widen the scores when it is broadcast against them.
bool fitsScores(Value addend, Value scores) {
  ArrayRef<int64_t> shape = typeOf(addend).getShape(), wanted = typeOf(scores).getShape();
  if (shape.size() > wanted.size())
    return false;
  return llvm::all_of(llvm::zip_equal(shape, wanted.take_back(shape.size())),
                      [](auto pair) { return std::get<0>(pair) == 1 || std::get<1>(pair) != 1; });
}

bool ScoresMatcher::addBias(Value bias) {
  if (!fitsScores(bias, found.scores))
    return refuse("what is added to the scores is of another shape than [batch, heads, queries, keys]");
  if (factor == 1 && mask.addFloat(bias))
    return true;
  // A mask and a bias may be one addend.
  if (auto both = matchBinary(bias, xf::BinaryKind::Add))
    return addBias(both->first) && addBias(both->second);
  if (typeOf(found.scores).getRank() != 4)
    return refuse("something is added to scores that are not [batch, heads, queries, keys]");
  if (factor != 1) {
    auto constant = arith::ConstantOp::create(
        builder, bias.getLoc(), DenseElementsAttr::get(RankedTensorType::get({}, builder.getF32Type()), float(factor)));
    bias = xf::ElementwiseOp::create(builder, bias.getLoc(), xf::BinaryKind::Mul, bias, constant);
  }
  found.biases.push_back(bias);
  return true;
}

bool ScoresMatcher::followSum(Value lhs, Value rhs) {
  if (found.options.softCap)
    return refuse("something is added before the soft cap");
  // Both may come from products: a bias may, of a relative position.
  SpelledMask maskEarlier = mask;
  SpelledAttention foundEarlier = found;
  double factorEarlier = factor;
  if (leadsToProduct(lhs) && addBias(rhs) && follow(lhs))
    return true;
  if (!leadsToProduct(rhs))
    return reason.empty() ? refuse("the scores are not made of a product of queries and keys") : false;
  found = foundEarlier;
  mask = maskEarlier;
  factor = factorEarlier;
  return addBias(lhs) && follow(rhs);
}

bool ScoresMatcher::followSelect(xf::SelectOp select) {
  if (found.options.softCap)
    return refuse("scores are selected before the soft cap");
  for (bool negated : {false, true}) {
    Value kept = negated ? select.getOnFalse() : select.getOnTrue();
    Value other = negated ? select.getOnTrue() : select.getOnFalse();
    std::optional<double> low = getUniform(other);
    if (!low)
      continue;
    if (!isVeryLow(*low * factor))
      return refuse("scores that are masked are not very low");
    if (!fitsScores(select.getCondition(), found.scores))
      return refuse("the mask is of another shape than [batch, heads, queries, keys]");
    if (!mask.addCondition(select.getCondition(), negated)) {
      if (typeOf(found.scores).getRank() != 4)
        return refuse("a mask of scores that are not [batch, heads, queries, keys] is not understood");
      // What the scores are chosen by is said as an addend.
      found.mayHideRows = true;
      auto scalar = RankedTensorType::get({}, builder.getF32Type());
      Location loc = select.getLoc();
      Value zero = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(scalar, 0.0f));
      Value lowest = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(scalar, float(*low * factor)));
      found.biases.push_back(
          xf::SelectOp::create(builder, loc, select.getCondition(), negated ? lowest : zero, negated ? zero : lowest));
    }
    return follow(kept);
  }
  return refuse("scores are chosen against something that is no constant");
}

bool ScoresMatcher::follow(Value value) {
  if (auto product = value.getDefiningOp<xf::MatmulOp>())
    return finish(product);
  if (!sameShape(value, found.scores))
    return refuse("the scores change their shape on the way to the softmax");
  if (std::optional<Multiple> multiple = matchMultiple(value)) {
    factor *= multiple->factor;
    return follow(multiple->of);
  }
  if (auto sum = matchBinary(value, xf::BinaryKind::Add))
    return followSum(sum->first, sum->second);
  if (auto difference = matchBinary(value, xf::BinaryKind::Sub); difference && leadsToProduct(difference->first)) {
    factor = -factor;
    if (found.options.softCap || !addBias(difference->second))
      return refuse(reason.empty() ? "something is subtracted before the soft cap" : reason);
    factor = -factor;
    return follow(difference->first);
  }
  if (auto select = value.getDefiningOp<xf::SelectOp>())
    return followSelect(select);
  if (Value capped = matchUnary(value, xf::UnaryKind::Tanh)) {
    if (found.options.softCap || factor <= 0)
      return refuse("the scores have two soft caps, or a negative one");
    found.options.softCap = factor;
    return follow(capped);
  }
  if (matchBinary(value, xf::BinaryKind::Mul) || matchBinary(value, xf::BinaryKind::Div))
    return refuse("the scores are multiplied with what is no constant");
  return refuse("the scores are not made of a product of queries and keys");
}

bool ScoresMatcher::finish(xf::MatmulOp product) {
  if (!sameShape(product.getResult(), found.scores))
    return refuse("the scores change their shape on the way to the softmax");
  if (product.getTransposeA())
    return refuse("the queries are stored as columns");
  found.options.scale = factor;
  found.query = withoutFactor(builder, product.getLhs(), found.options.scale);
  Value keys = withoutFactor(builder, product.getRhs(), found.options.scale);
  found.keys = product.getTransposeB() ? keys : transposed(builder, keys);
  return true;
}

bool ScoresMatcher::match(Value scores) {
  if (!follow(scores))
    return false;
  mask.apply(found.options);
  found.mayHideRows |= bool(found.options.valid) || (found.options.window && found.options.mask == xf::Mask::None);
  return true;
}

/// softmax, or softmax with NaN (of rows that see nothing) replaced by 0, which xf.attention gives.
Value withoutNanGuard(Value weights) {
  auto select = weights.getDefiningOp<xf::SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<xf::CompareOp>() : xf::CompareOp();
  if (compare && compare.getKind() == xf::CompareKind::Ne && compare.getLhs() == compare.getRhs() &&
      compare.getLhs() == select.getOnFalse() && getUniform(select.getOnTrue()) == 0)
    return select.getOnFalse();
  return weights;
}

/// Key heads that are repeated in groups, [batch, kv heads, 1, rows, dim] → [batch, kv heads, times, rows, dim] →
/// [batch, heads, rows, dim]: those before. `value` itself where they aren't. Null if they are repeated in another
/// order.
Value withoutRepeats(OpBuilder &builder, Value value) {
  auto merge = value.getDefiningOp<xf::ReshapeOp>();
  auto repeat = merge ? merge.getInput().getDefiningOp<xf::BroadcastOp>() : xf::BroadcastOp();
  if (!repeat || typeOf(value).getRank() != 4 || typeOf(repeat.getInput()).getRank() != 5 ||
      typeOf(repeat.getResult()).getRank() != 5)
    return value;
  ArrayRef<int64_t> from = typeOf(repeat.getInput()).getShape(), to = typeOf(repeat.getResult()).getShape();
  auto merges = [&](int64_t axis) { return xf::areEqual({value, axis}, {repeat.getResult(), axis + (axis > 1)}); };
  auto keeps = [&](int64_t axis) { return xf::areEqual({repeat.getInput(), axis}, {repeat.getResult(), axis}); };
  if (ShapedType::isDynamic(to[1]) || ShapedType::isDynamic(to[2]) || typeOf(value).getDimSize(1) != to[1] * to[2] ||
      !merges(3) || !(merges(0) || merges(2)) || !keeps(0) || !keeps(3) || !keeps(4))
    return value;
  if (from[1] == 1 && from[2] == to[2] && from[2] != 1)
    return Value();
  if (from[1] != to[1] || from[2] != 1)
    return value;
  auto entry = [&](int64_t size) { return OpFoldResult(builder.getI64IntegerAttr(size)); };
  return xf::ReshapeOp::create(builder, value.getLoc(), repeat.getInput(),
                               {entry(0), entry(0), entry(-1), entry(from[4])});
}

/// Makes [batch, heads, rows, dim] of queries [batch, groups, heads of a group, rows, dim], and of keys and values that
/// are the same for the heads of a group: [batch, groups, 1, rows, dim], or that repeated. Returns why it can't.
std::string mergeGroups(OpBuilder &builder, SpelledAttention &found) {
  ArrayRef<int64_t> shape = typeOf(found.query).getShape();
  for (Value *operand : {&found.query, &found.keys, &found.values}) {
    if (operand != &found.query)
      if (auto repeat = operand->getDefiningOp<xf::BroadcastOp>();
          repeat && typeOf(repeat.getInput()).getRank() == 5 && typeOf(repeat.getInput()).getDimSize(2) == 1 &&
          llvm::all_of(ArrayRef<int64_t>{0, 1, 3, 4}, [&](int64_t axis) {
            return xf::areEqual({repeat.getInput(), axis}, {repeat.getResult(), axis});
          }))
        *operand = repeat.getInput();
    ArrayRef<int64_t> own = typeOf(*operand).getShape();
    if (own.size() != 5 || ShapedType::isDynamic(own[1]) || ShapedType::isDynamic(own[2]) || own[1] != shape[1] ||
        (operand != &found.query && own[2] != 1) || ShapedType::isDynamic(own[4]))
      return "keys and values of grouped heads are not [batch, groups, 1, keys, head_dim]";
    auto entry = [&](int64_t size) { return OpFoldResult(builder.getI64IntegerAttr(size)); };
    *operand = xf::ReshapeOp::create(builder, operand->getLoc(), *operand,
                                     {entry(0), entry(own[1] * own[2]), entry(-1), entry(own[4])});
  }
  found.groups = shape[1];
  return "";
}

std::string sizeText(int64_t size) { return ShapedType::isDynamic(size) ? "?" : std::to_string(size); }

} // namespace

std::optional<SpelledAttention> matchAttention(xf::MatmulOp product, OpBuilder &builder, std::string &reason) {
  Softmax softmax = matchSoftmax(withoutNanGuard(product.getLhs()));
  if (!softmax.input || product.getTransposeA())
    return std::nullopt;
  auto refuse = [&](const Twine &why) {
    reason = why.str();
    return std::nullopt;
  };
  int64_t rank = typeOf(softmax.input).getRank();
  // A softmax of anything else may be multiplied too; of attention it is where it is over scores.
  if (!leadsToProduct(softmax.input))
    return std::nullopt;
  if (softmax.axis != rank - 1)
    return refuse("the softmax is along dimension " + Twine(softmax.axis) + ", not the last one");
  if (rank < 3 || rank > 5)
    return refuse("the scores have " + Twine(rank) + " dimensions, not [batch, heads, queries, keys]");
  SpelledAttention found;
  // Masks are measured by the product itself: what comes after it has dimensions of both.
  xf::MatmulOp scores = findProduct(softmax.input);
  found.scores = scores.getResult();
  found.values = product.getTransposeB() ? transposed(builder, product.getRhs()) : product.getRhs();
  if (!ScoresMatcher(builder, found, reason).match(softmax.input))
    return std::nullopt;
  for (Value *operand : {&found.keys, &found.values}) {
    *operand = withoutRepeats(builder, *operand);
    if (!*operand)
      return refuse("key heads are repeated in turns, not in groups");
  }
  if (rank == 5) {
    reason = mergeGroups(builder, found);
    if (!reason.empty())
      return std::nullopt;
  }
  for (Value operand : {found.query, found.keys, found.values})
    if (typeOf(operand).getRank() != std::min<int64_t>(rank, 4) ||
        ShapedType::isDynamic(typeOf(operand).getShape().back()))
      return refuse("queries, keys or values are not [batch, heads, rows, head_dim] of static head_dim");
  int64_t batch = typeOf(found.query).getDimSize(0);
  for (Value operand : {found.keys, found.values})
    if ((typeOf(operand).getDimSize(0) == 1) != (batch == 1))
      return refuse("queries are of " + sizeText(batch) + " sequences, keys or values of " +
                    sizeText(typeOf(operand).getDimSize(0)));
  // xf.matmul repeats the one of a single sequence, xf.attention doesn't.
  for (Value operand : {found.keys, found.values})
    if (!xf::areEqualAsArguments({found.query, 0}, {operand, 0}))
      return refuse("queries, keys and values may be of different numbers of sequences at run time");
  if (found.options.valid && !xf::areEqualAsArguments({found.query, 0}, {found.options.valid, 0}))
    return refuse("the padding may be of another number of sequences than the queries at run time");
  if (rank == 3)
    return found;
  int64_t heads = typeOf(found.query).getDimSize(1), keyHeads = typeOf(found.keys).getDimSize(1);
  int64_t valueHeads = typeOf(found.values).getDimSize(1);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(keyHeads) || keyHeads != valueHeads ||
      heads % keyHeads != 0)
    return refuse("queries have " + sizeText(heads) + " heads, keys " + sizeText(keyHeads) + " and values " +
                  sizeText(valueHeads));
  found.options.heads = heads;
  // What was rounded to f32, perhaps as two roots of it, is usually this.
  double usual = 1 / std::sqrt(double(typeOf(found.query).getShape().back()));
  if (isNear(found.options.scale, usual))
    found.options.scale = usual;
  else
    found.options.scale = usualNumber(found.options.scale, 1e-6);
  if (found.options.softCap)
    found.options.softCap = usualNumber(*found.options.softCap, 1e-6);
  return found;
}

} // namespace ph
