#include "lib/Transforms/Memory/TokenFlow.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ph {

static ArrayRef<int64_t> shapeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }
static int64_t rankOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getRank(); }

bool TokenFlow::refuse(Operation *op, const Twine &why) {
  culprit = op;
  reason = (isa<func::FuncOp>(op) ? "the function" : op->getName().getStringRef().str()) + " " + why.str();
  return false;
}

Value TokenFlow::onlyInput(Operation *op) const {
  Value input;
  for (Value operand : op->getOperands())
    if (at(operand) != TokenPlace::Same) {
      if (input || at(operand) != TokenPlace::Tokens)
        return {};
      input = operand;
    }
  return input;
}

bool TokenFlow::findArguments(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments()) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), xf::XFDialect::getNameAttrName());
    if (xf::isTokens(argument.getType()) && name && name.getValue() == "attention_mask") {
      padding = argument;
      places[argument] = TokenPlace::Padding;
    } else if (xf::isTokens(argument.getType()) && !tokens) {
      tokens = argument;
      places[argument] = TokenPlace::Tokens;
    } else {
      return refuse(function, "takes " + (name ? name.getValue() : "an argument") + ", which is neither tokens nor " +
                                  "their attention_mask");
    }
  }
  return tokens || refuse(function, "takes no tokens");
}

bool TokenFlow::checkVocabulary(func::FuncOp function, int64_t scored) {
  for (Operation *user : tokens.getUsers()) {
    Value table;
    if (auto embedding = dyn_cast<xf::EmbeddingOp>(user))
      table = embedding.getTable();
    else if (auto gather = dyn_cast<xf::GatherOp>(user))
      table = gather.getInput();
    if (table && shapeOf(table)[0] != scored)
      return refuse(function,
                    "scores " + Twine(scored) + " tokens, but has embeddings for " + Twine(shapeOf(table)[0]));
  }
  return true;
}

bool TokenFlow::follow(func::FuncOp function) {
  if (!findArguments(function) || !followBlock(function.getBody().front(), /*inside=*/false))
    return false;
  if (function.getNumResults() != 1)
    return refuse(function, "gives more than the scores of tokens");
  auto end = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  auto type = dyn_cast<RankedTensorType>(end.getOperand(0).getType());
  if (at(end.getOperand(0)) != TokenPlace::Tokens || !type || type.getRank() != 3 || !type.getElementType().isF32() ||
      type.isDynamicDim(2))
    return refuse(function, "gives no scores for each token");
  if (attentions.empty())
    return refuse(function, "has no attention that could be recognized");
  return checkVocabulary(function, type.getDimSize(2));
}

bool TokenFlow::followBlock(Block &block, bool inside) {
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>())
      return true;
    if (auto repeat = dyn_cast<xf::RepeatOp>(op)) {
      if (!followRepeat(repeat, inside))
        return false;
      continue;
    }
    std::optional<TokenPlace> place = placeOf(&op);
    if (!place)
      return false;
    for (Value result : op.getResults())
      places[result] = *place;
  }
  return true;
}

bool TokenFlow::followRepeat(xf::RepeatOp repeat, bool inside) {
  if (inside)
    return refuse(repeat, "stands inside of another one");
  for (auto [init, carried] : llvm::zip_equal(repeat.getInitValues(), repeat.getRegionIterArgs()))
    places[carried] = at(init);
  if (!followBlock(*repeat.getBlock(), /*inside=*/true))
    return false;
  for (auto [yielded, carried, result] :
       llvm::zip_equal(repeat.getYield().getValues(), repeat.getRegionIterArgs(), repeat.getResults())) {
    if (at(yielded) != at(carried))
      return refuse(repeat, "carries what becomes of tokens only inside of it");
    places[result] = at(carried);
  }
  return true;
}

std::optional<TokenPlace> TokenFlow::placeOf(Operation *op) {
  auto refused = [&](const Twine &why) -> std::optional<TokenPlace> {
    refuse(op, why);
    return std::nullopt;
  };
  bool same = llvm::all_of(op->getOperands(), [&](Value operand) { return at(operand) == TokenPlace::Same; });
  if (same && op->getNumRegions() == 0 && isPure(op))
    return TokenPlace::Same;
  return llvm::TypeSwitch<Operation *, std::optional<TokenPlace>>(op)
      .Case<xf::ActivationOp, xf::AddLayerNormOp, xf::AddOp, xf::AddRmsNormOp, xf::CombineExpertsOp, xf::EmbeddingOp,
            xf::ExpertLinearOp, xf::GatedActivationOp, xf::GatedLinearOp, xf::HeadLinearOp, xf::JoinHeadsOp,
            xf::LayerNormOp, xf::LinearOp, xf::LogitsOp, xf::MulOp, xf::RmsNormOp, xf::RopeOp, xf::RouterOp,
            xf::ScaleOp, xf::SplitHeadsOp, xf::SplitOp>([&](auto) { return ofRows(op); })
      .Case<xf::CastOp, xf::CompareOp, xf::ElementwiseOp, xf::SelectOp, xf::UnaryOp>(
          [&](auto) { return ofElements(op); })
      .Case([&](xf::AttentionOp attention) { return ofAttention(attention); })
      .Case([&](xf::BroadcastOp broadcast) { return ofBroadcast(broadcast); })
      .Case([&](xf::ReshapeOp reshape) { return ofReshape(reshape); })
      .Case([&](xf::ConcatOp concat) { return ofAxis(op, {int64_t(concat.getAxis())}); })
      .Case([&](xf::ReduceOp reduce) { return ofAxis(op, reduce.getAxes()); })
      .Case([&](xf::SliceOp slice) { return ofAxis(op, {int64_t(slice.getAxis())}); })
      .Case([&](xf::SoftmaxOp softmax) { return ofAxis(op, {int64_t(softmax.getAxis())}); })
      .Case([&](xf::TransposeOp transpose) {
        ArrayRef<int64_t> order = transpose.getPermutation();
        bool kept = order.size() > 1 && order[0] == 0 && order[1] == 1;
        return kept ? ofAxis(op, {}) : refused("moves tokens to another dimension");
      })
      .Case([&](xf::GatherOp gather) -> std::optional<TokenPlace> {
        if (at(gather.getInput()) == TokenPlace::Same && at(gather.getIndices()) == TokenPlace::Tokens &&
            gather.getAxis() == 0)
          return TokenPlace::Tokens;
        return refused("takes from other tokens");
      })
      .Case([&](xf::PositionsOp counted) -> std::optional<TokenPlace> {
        if (at(counted.getTokens()) != TokenPlace::Tokens || at(counted.getPast()) != TokenPlace::Starts)
          return refused("doesn't count the tokens from 0");
        positions.push_back(counted);
        return TokenPlace::Tokens;
      })
      .Case([&](xf::DimOp dim) -> std::optional<TokenPlace> {
        TokenPlace of = at(dim.getInput());
        if (dim.getAxis() > (of == TokenPlace::Starts ? 0u : 1u))
          return TokenPlace::Same;
        return dim.getAxis() == 0 ? TokenPlace::Batch : TokenPlace::Sequence;
      })
      .Default([&](Operation *) { return refused("may mix tokens"); });
}

/// What rows of activations become: an op that takes each by itself.
std::optional<TokenPlace> TokenFlow::ofRows(Operation *op) {
  for (Value operand : op->getOperands()) {
    bool rows = at(operand) == TokenPlace::Tokens;
    // A table of numbers for each place of a text is no weight.
    bool weight = at(operand) == TokenPlace::Same && isa<RankedTensorType>(operand.getType()) &&
                  (rankOf(operand) < 3 || isa<xf::ExpertLinearOp, xf::HeadLinearOp>(op));
    if (!rows && !weight) {
      refuse(op, "takes what is no row of a token and no weight");
      return std::nullopt;
    }
  }
  return TokenPlace::Tokens;
}

/// Element by element, broadcast as NumPy does: tokens meet none but themselves where they stand in the same
/// dimensions.
std::optional<TokenPlace> TokenFlow::ofElements(Operation *op) {
  int64_t rank = rankOf(op->getResult(0));
  for (Value operand : op->getOperands()) {
    bool aligned = at(operand) == TokenPlace::Tokens && rankOf(operand) == rank;
    if (at(operand) == TokenPlace::Same) {
      ArrayRef<int64_t> shape = shapeOf(operand);
      int64_t leading = std::max<int64_t>(2 - (rank - int64_t(shape.size())), 0);
      aligned = llvm::all_of(shape.take_front(leading), [](int64_t size) { return size == 1; });
    }
    if (!aligned) {
      refuse(op, "meets tokens with what stands in other dimensions");
      return std::nullopt;
    }
  }
  return TokenPlace::Tokens;
}

std::optional<TokenPlace> TokenFlow::ofAxis(Operation *op, ArrayRef<int64_t> axes) {
  for (Value operand : op->getOperands())
    if (at(operand) != TokenPlace::Tokens && (isa<xf::ConcatOp>(op) || at(operand) != TokenPlace::Same)) {
      refuse(op, "takes what is no row of a token");
      return std::nullopt;
    }
  if (llvm::all_of(axes, [](int64_t axis) { return axis > 1; }))
    return TokenPlace::Tokens;
  refuse(op, "works along the tokens");
  return std::nullopt;
}

bool TokenFlow::isSize(OpFoldResult size, TokenPlace place) const {
  auto value = dyn_cast<Value>(size);
  return value && at(value) == place;
}

std::optional<TokenPlace> TokenFlow::ofBroadcast(xf::BroadcastOp op) {
  SmallVector<OpFoldResult> sizes = op.getMixedShape();
  // A size of the tokens in another dimension would be one of a step.
  for (OpFoldResult size : ArrayRef(sizes).drop_front(std::min<size_t>(sizes.size(), 2)))
    if (auto value = dyn_cast<Value>(size); value && at(value) != TokenPlace::Same) {
      refuse(op, "has a size of the tokens in another dimension");
      return std::nullopt;
    }
  if (at(op.getInput()) == TokenPlace::Tokens && sizes.size() == shapeOf(op.getInput()).size() &&
      llvm::all_of(ArrayRef(sizes).take_front(2), [](OpFoldResult size) { return isConstantIntValue(size, 1); }))
    return TokenPlace::Tokens;
  if (at(op.getInput()) == TokenPlace::Same) {
    if (sizes.size() == 1 && isSize(sizes[0], TokenPlace::Batch) && matchPattern(op.getInput(), m_Zero()))
      return TokenPlace::Starts;
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    auto leading = shape.take_front(std::max<int64_t>(2 - int64_t(sizes.size() - shape.size()), 0));
    if (sizes.size() > 1 && isSize(sizes[0], TokenPlace::Batch) && isSize(sizes[1], TokenPlace::Sequence) &&
        llvm::all_of(leading, [](int64_t size) { return size == 1; }))
      return TokenPlace::Tokens;
  }
  refuse(op, "repeats what is not the same for each token");
  return std::nullopt;
}

std::optional<TokenPlace> TokenFlow::ofReshape(xf::ReshapeOp op) {
  SmallVector<OpFoldResult> sizes = op.getMixedShape();
  auto keeps = [&](size_t axis, TokenPlace place) {
    return isConstantIntValue(sizes[axis], 0) || isSize(sizes[axis], place);
  };
  if (at(op.getInput()) == TokenPlace::Tokens && sizes.size() > 1 && keeps(0, TokenPlace::Batch) &&
      keeps(1, TokenPlace::Sequence))
    return TokenPlace::Tokens;
  refuse(op, "moves tokens to another dimension");
  return std::nullopt;
}

std::optional<TokenPlace> TokenFlow::ofAttention(xf::AttentionOp op) {
  auto refused = [&](const Twine &why) {
    refuse(op, why);
    return std::nullopt;
  };
  if (op.getCache())
    return refused("has a cache already");
  if (op.getMask() != xf::Mask::Causal)
    return refused("sees tokens that come later");
  for (Value rows : {op.getQuery(), op.getKeys(), op.getValues(), op.getPositions()})
    if (rows && at(rows) != TokenPlace::Tokens)
      return refused("sees what is not of the tokens");
  if (op.getPrefix() || op.getDocuments() || op.getBias())
    return refused("has a prefix, documents or a bias, which grow with the text");
  if (op.getValid() && at(op.getValid()) != TokenPlace::Padding)
    return refused("hides tokens by other than the attention_mask");
  if (op.getSinks() && at(op.getSinks()) != TokenPlace::Same)
    return refused("has sinks that depend on the tokens");
  if (op.getValueHeadDim() != op.getHeadDim())
    return refused("has keys of " + Twine(op.getHeadDim()) + " elements a head, but values of " +
                   Twine(op.getValueHeadDim()));
  if (!attentions.empty() &&
      (attentions[0].getKeyHeads() != op.getKeyHeads() || attentions[0].getHeadDim() != op.getHeadDim()))
    return refused("has keys of another size than one before it");
  attentions.push_back(op);
  return TokenPlace::Tokens;
}

} // namespace ph
