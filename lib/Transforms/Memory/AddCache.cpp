#include "lib/Transforms/Memory/TokenFlow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_ADDCACHEPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

/// Rewrites a function whose tokens were followed.
class CacheAdder {
public:
  CacheAdder(func::FuncOp function, TokenFlow &flow, bool half) : function(function), flow(flow), b(function) {
    for (xf::AttentionOp attention : flow.attentions)
      layers += timesOf(attention);
    xf::AttentionOp first = flow.attentions[0];
    type = xf::CacheType::get(b.getContext(), layers, first.getKeyHeads(), first.getHeadDim(),
                              half ? Type(b.getF16Type()) : Type(b.getF32Type()));
  }

  xf::CacheType cacheType() const { return type; }
  void run();

private:
  static int64_t timesOf(Operation *op) {
    auto repeat = op->getParentOfType<xf::RepeatOp>();
    return repeat ? int64_t(repeat.getCount()) : 1;
  }
  Value addArgument(Type type, StringRef name);
  xf::RepeatOp carryCache(xf::RepeatOp repeat);
  Value layerNumber(Operation *at, int64_t first, int64_t step);
  void useCache(xf::AttentionOp attention, int64_t first, int64_t step);
  /// Where a walk from the scores to the rows that they are of is.
  enum class Stage { Scores, Features, Picked };
  Value pick(Value value, Stage stage);

  func::FuncOp function;
  TokenFlow &flow;
  OpBuilder b;
  int64_t layers = 0;
  xf::CacheType type;
  Value past, rows, cache;
};

Value CacheAdder::addArgument(Type type, StringRef name) {
  unsigned index = function.getNumArguments();
  auto attributes = b.getDictionaryAttr(b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr(name)));
  (void)function.insertArgument(index, type, attributes, function.getLoc());
  return function.getArgument(index);
}

/// The loop with the cache as the last of what it carries; `cache` becomes that inside.
xf::RepeatOp CacheAdder::carryCache(xf::RepeatOp repeat) {
  b.setInsertionPoint(repeat);
  SmallVector<Value> inits(repeat.getInitValues());
  inits.push_back(cache);
  auto carrying = xf::RepeatOp::create(b, repeat.getLoc(), int64_t(repeat.getCount()), inits);
  Block *body = carrying.getBlock();
  for (auto [old, with] : llvm::zip(repeat.getBlock()->getArguments(), body->getArguments()))
    old.replaceAllUsesWith(with);
  body->getOperations().splice(body->end(), repeat.getBlock()->getOperations());
  for (auto [old, with] : llvm::zip(repeat.getResults(), carrying.getResults()))
    old.replaceAllUsesWith(with);
  repeat.erase();
  cache = body->getArguments().back();
  return carrying;
}

Value CacheAdder::layerNumber(Operation *at, int64_t first, int64_t step) {
  auto repeat = at->getParentOfType<xf::RepeatOp>();
  if (!repeat)
    return arith::ConstantIndexOp::create(b, at->getLoc(), first);
  Value number = repeat.getLayer();
  if (step != 1)
    number = arith::MulIOp::create(b, at->getLoc(), number, arith::ConstantIndexOp::create(b, at->getLoc(), step));
  if (first != 0)
    number = arith::AddIOp::create(b, at->getLoc(), number, arith::ConstantIndexOp::create(b, at->getLoc(), first));
  return number;
}

void CacheAdder::useCache(xf::AttentionOp attention, int64_t first, int64_t step) {
  b.setInsertionPoint(attention);
  Value layer = layerNumber(attention, first, step);
  cache = xf::CacheAppendOp::create(b, attention.getLoc(), cache, layer, attention.getKeys(), attention.getValues(),
                                    past, attention.getPositions(), attention.getRopeAttr());
  auto cached = xf::AttentionOp::create(b, attention.getLoc(), attention.getType(), attention.getQuery(), cache, layer,
                                        past, int64_t(attention.getHeads()), attention.getScale().convertToDouble(),
                                        attention.getPositions(), attention.getRopeAttr());
  if (Value sinks = attention.getSinks())
    cached.getSinksMutable().assign(sinks);
  cached.setWindowAttr(attention.getWindowAttr());
  cached.setKeepAttr(attention.getKeepAttr());
  cached.setSoftCapAttr(attention.getSoftCapAttr());
  cached.setAlibiAttr(attention.getAlibiAttr());
  attention.getResult().replaceAllUsesWith(cached);
  attention.erase();
}

/// `value` of the picked rows only. They are picked before the last norm: what follows is of each row alone.
Value CacheAdder::pick(Value value, Stage stage) {
  auto type = cast<RankedTensorType>(value.getType());
  auto picked = RankedTensorType::get({ShapedType::kDynamic, type.getShape().back()}, type.getElementType());
  Operation *op = value.getDefiningOp();
  bool norm = isa_and_nonnull<xf::RmsNormOp, xf::LayerNormOp>(op);
  auto product = dyn_cast_or_null<xf::LinearOp>(op);
  bool scores = isa_and_nonnull<xf::LogitsOp>(op);
  bool each =
      norm || product || scores || isa_and_nonnull<xf::ActivationOp, xf::ElementwiseOp, xf::ScaleOp, xf::UnaryOp>(op);
  Value input = each && stage != Stage::Picked ? flow.onlyInput(op) : Value();
  // What is broadcast against three dimensions isn't against two.
  if (input && isa<xf::ElementwiseOp>(op) && llvm::any_of(op->getOperands(), [&](Value operand) {
        return operand != input && cast<RankedTensorType>(operand.getType()).getRank() > 1;
      }))
    input = {};
  if (!input || cast<RankedTensorType>(input.getType()).getRank() != 3) {
    b.setInsertionPointAfterValue(value);
    return xf::SelectRowsOp::create(b, value.getLoc(), picked, value, rows);
  }
  Value from = pick(input, norm ? Stage::Picked : product || scores ? Stage::Features : stage);
  b.setInsertionPoint(op);
  if (product && stage == Stage::Scores && !product.getBias() && !product.getActivation())
    return xf::LogitsOp::create(b, op->getLoc(), picked, from, product.getWeight(), FloatAttr(), FloatAttr());
  IRMapping mapping;
  mapping.map(input, from);
  Operation *same = b.clone(*op, mapping);
  same->getResult(0).setType(picked);
  return same->getResult(0);
}

void CacheAdder::run() {
  auto indices = RankedTensorType::get({ShapedType::kDynamic}, b.getI32Type());
  past = addArgument(indices, "past");
  rows = addArgument(indices, "rows");
  cache = addArgument(type, "cache");
  auto end = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  // First: what is known of values is known of those that were followed.
  Value scores = pick(end.getOperand(0), Stage::Scores);
  for (xf::PositionsOp counted : flow.positions)
    counted.getPastMutable().assign(past);
  int64_t first = 0;
  for (ArrayRef<xf::AttentionOp> left = flow.attentions; !left.empty();) {
    auto repeat = left[0]->getParentOfType<xf::RepeatOp>();
    auto alike = left.take_while([&](xf::AttentionOp op) { return op->getParentOfType<xf::RepeatOp>() == repeat; });
    left = left.drop_front(alike.size());
    if (repeat)
      repeat = carryCache(repeat);
    int64_t step = int64_t(alike.size());
    for (auto [index, attention] : llvm::enumerate(alike))
      useCache(attention, first + int64_t(index), step);
    if (repeat) {
      repeat.getYield().getValuesMutable().append(cache);
      cache = repeat.getResults().back();
    }
    first += step * (repeat ? int64_t(repeat.getCount()) : 1);
  }
  end->setOperands({scores, cache});
  if (BlockArgument padding = flow.padding) {
    // Of sizes that it has, tokens have the same.
    padding.replaceAllUsesWith(flow.tokens);
    (void)function.eraseArgument(padding.getArgNumber());
  }
  function.setFunctionType(b.getFunctionType(function.getArgumentTypes(), end.getOperandTypes()));
  SmallVector<DictionaryAttr> names;
  for (StringRef name : {"logits", "cache"})
    names.push_back(b.getDictionaryAttr(b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr(name))));
  function.setAllResultAttrs(names);
  function.setArgAttr(0, xf::XFDialect::getNameAttrName(), b.getStringAttr("tokens"));
}

/// Positions that the function has learned numbers for; INT32_MAX, what positions can be, where it has learned none.
int64_t learnedPositions(TokenFlow &flow) {
  int64_t least = INT32_MAX;
  for (xf::PositionsOp counted : flow.positions)
    for (Operation *user : counted->getUsers())
      if (auto embedding = dyn_cast<xf::EmbeddingOp>(user))
        least =
            std::min(least, embedding.getTable().getType().getDimSize(0) - int64_t(embedding.getOffset().value_or(0)));
  return std::max<int64_t>(least, 1);
}

struct AddCachePass final : impl::AddCachePassBase<AddCachePass>, ChangesValues {
  using Base::Base;

  ValueChange getValueChange() const override {
    // In steps of any size it gives what it gave; with keys and values of 16 bits nearly.
    return {half ? ValueChange::Meaning : ValueChange::Nothing, "keys and values are stored with 16 bits",
            /*sameUpTo=*/0, /*changesInterface=*/true};
  }

  void runOnOperation() override {
    auto function = getOperation().lookupSymbol<func::FuncOp>("forward");
    if (!function || function.isExternal() || llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<xf::CacheType>))
      return;
    Builder b(&getContext());
    TokenFlow flow;
    if (!flow.follow(function)) {
      remarkRefused(flow.culprit, getArgument(), flow.reason);
      return describe({b.getNamedAttr("uncached", b.getStringAttr(flow.reason))});
    }
    auto scoresName = function.getResultAttrOfType<StringAttr>(0, xf::XFDialect::getNameAttrName());
    int64_t length = learnedPositions(flow);
    CacheAdder adder(function, flow, half);
    adder.run();
    xf::CacheType type = adder.cacheType();
    auto number = [&](StringRef name, int64_t value) { return b.getNamedAttr(name, b.getI64IntegerAttr(value)); };
    SmallVector<NamedAttribute> said = {
        number("layers", type.getLayers()), number("kv_heads", type.getHeads()), number("head_dim", type.getHeadDim()),
        number("vocabulary", cast<RankedTensorType>(function.getResultTypes()[0]).getDimSize(1))};
    auto model = getOperation()->getAttrOfType<DictionaryAttr>(xf::XFDialect::getModelAttrName());
    if (model && !model.contains("context_length"))
      said.push_back(number("context_length", length));
    if (scoresName)
      said.push_back(b.getNamedAttr("logits_name", scoresName));
    describe(said);
    remarkDone(function, getArgument(), "a cache of " + Twine(type.getLayers()) + " layers");
    ++added;
  }

private:
  /// Adds to what the module says of its model, if it does.
  void describe(ArrayRef<NamedAttribute> said) {
    StringRef attribute = xf::XFDialect::getModelAttrName();
    auto known = getOperation()->getAttrOfType<DictionaryAttr>(attribute);
    if (!known)
      return;
    NamedAttrList model(known);
    for (NamedAttribute each : said)
      model.set(each.getName(), each.getValue());
    getOperation()->setAttr(attribute, model.getDictionary(&getContext()));
  }
};

} // namespace
} // namespace ph
