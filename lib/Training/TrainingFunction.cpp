#include "lib/Training/TrainingFunction.h"
#include "dialects/Transformer/Broadcast.h"
#include "powerhouse/Transforms/Training/Passes.h"

using namespace mlir;

namespace ph {

static DictionaryAttr named(MLIRContext *context, StringRef name) {
  return DictionaryAttr::get(context, NamedAttribute(StringAttr::get(context, xf::XFDialect::getNameAttrName()),
                                                     StringAttr::get(context, name)));
}

TrainingFunction::TrainingFunction(func::FuncOp function, const TrainingOptions &options)
    : function(function), options(options),
      p(function.getLoc(), OpBuilder(function.getBody().front().getTerminator())) {}

func::ReturnOp TrainingFunction::end() { return cast<func::ReturnOp>(function.getBody().front().getTerminator()); }

StringAttr TrainingFunction::nameOf(unsigned argument) {
  return function.getArgAttrOfType<StringAttr>(argument, xf::XFDialect::getNameAttrName());
}

RankedTensorType TrainingFunction::tokensType() {
  return RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic}, p.getI32Type());
}
RankedTensorType TrainingFunction::floatsType(int64_t rank) {
  return RankedTensorType::get(SmallVector<int64_t>(rank, ShapedType::kDynamic), p.getF32Type());
}

Value TrainingFunction::tokens() {
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (StringAttr name = nameOf(i); name && (name == "tokens" || name == "input_ids"))
      return function.getArgument(i);
  return {};
}

void TrainingFunction::nameTokens() {
  if (auto argument = dyn_cast_or_null<BlockArgument>(tokens()))
    function.setArgAttr(argument.getArgNumber(), xf::XFDialect::getNameAttrName(), p.getStringAttr("tokens"));
}

void TrainingFunction::separateDocuments() {
  Value positions = addTokensInput("positions"), documents = addTokensInput("documents");
  function.walk([&](Operation *op) {
    if (auto numbered = dyn_cast<xf::PositionsOp>(op))
      numbered.replaceAllUsesWith(positions);
    if (auto attention = dyn_cast<xf::AttentionOp>(op); attention && attention.getMask() == xf::Mask::Causal)
      attention.getDocumentsMutable().assign(documents);
  });
}

Value TrainingFunction::addInput(StringRef name, Type type) {
  unsigned number = 0;
  while (number < function.getNumArguments() && !function.getArgAttr(number, kTensorsAttr))
    ++number;
  (void)function.insertArgument(number, type, named(p.getContext(), name), function.getLoc());
  return function.getArgument(number);
}

void TrainingFunction::replaceTokens(llvm::function_ref<Value(Primitives &)> make, bool padded) {
  Primitives first(function.getLoc(), OpBuilder::atBlockBegin(&function.getBody().front()));
  Value made = make(first);
  Value old = tokens();
  llvm::BitVector gone(function.getNumArguments());
  for (BlockArgument argument : function.getArguments()) {
    if (argument != old && (padded || !(nameOf(argument.getArgNumber()) == "attention_mask")))
      continue;
    Value instead = made;
    if (argument != old) {
      SmallVector<OpFoldResult> sizes;
      for (int64_t axis : {0, 1})
        sizes.push_back(xf::DimOp::create(first, made, axis).getResult());
      instead = xf::BroadcastOp::create(first, first.integer(1), sizes);
    }
    argument.replaceAllUsesWith(instead);
    gone.set(argument.getArgNumber());
  }
  (void)function.eraseArguments(gone);
}

Value TrainingFunction::result(StringRef name) {
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (function.getResultAttrOfType<StringAttr>(i, xf::XFDialect::getNameAttrName()) == name)
      return end().getOperand(i);
  return {};
}

LogicalResult TrainingFunction::findScores() {
  Value logits = result("logits");
  if (!logits)
    return function.emitOpError() << "gives no logits, which '" << options.objective << "' needs";
  if (auto op = logits.getDefiningOp<xf::LogitsOp>()) {
    hidden = op.getInput();
    weight = op.getWeight();
    scale = op.getScaleAttr();
    softCap = op.getSoftCapAttr();
    return success();
  }
  if (auto op = logits.getDefiningOp<xf::LinearOp>(); op && !op.getBias() && !op.getActivation() && !op.getResidual()) {
    hidden = op.getInput();
    weight = op.getWeight();
    return success();
  }
  return function.emitOpError() << "makes its logits of more than a product, which '" << options.objective
                                << "' can't be made of";
}

FailureOr<Value> TrainingFunction::labelLogp(Value labels) {
  if (failed(findScores()))
    return failure();
  Value flat = labels;
  if (xf::shapeOf(hidden).size() == 2)
    flat = reshaped(labels, {-1});
  Value logp = train::TokenLogpOp::create(p, RankedTensorType::get(xf::shapeOf(flat), p.getF32Type()), hidden, weight,
                                          flat, p.getI64IntegerAttr(-100), scale, softCap, IntegerAttr());
  if (flat == labels)
    return logp;
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis : {0, 1})
    sizes.push_back(xf::DimOp::create(p, labels, axis).getResult());
  return xf::ReshapeOp::create(p, logp, sizes).getResult();
}

Value TrainingFunction::reshaped(Value value, ArrayRef<int64_t> shape) {
  return xf::ReshapeOp::create(
      p, value, llvm::map_to_vector(shape, [&](int64_t size) -> OpFoldResult { return p.getI64IntegerAttr(size); }));
}

Value TrainingFunction::concat(ValueRange values, int64_t axis) { return xf::ConcatOp::create(p, values, axis); }

Value TrainingFunction::shifted(Value labels) {
  OpFoldResult batch = xf::DimOp::create(p, labels, int64_t(0)).getResult(),
               end = xf::DimOp::create(p, labels, int64_t(1)).getResult();
  Value next = xf::SliceOp::create(p, labels, 1, p.getI64IntegerAttr(1), end);
  Value none = xf::BroadcastOp::create(p, p.integer(-100), {batch, OpFoldResult(p.getI64IntegerAttr(1))});
  Value all = concat({next, none}, 1);
  // As long as they were.
  return xf::ReshapeOp::create(p, all, {batch, end});
}

Value TrainingFunction::labelsWhere(Value mask, Value tokens) {
  return p.select(p.asTruth(mask), tokens, p.integer(-100));
}

Value TrainingFunction::half(Value vector, int64_t index) {
  Value rows = reshaped(vector, {2, -1});
  Value one = xf::SliceOp::create(p, rows, 0, p.getI64IntegerAttr(index), p.getI64IntegerAttr(index + 1));
  return reshaped(one, {-1});
}

void TrainingFunction::finish(ArrayRef<std::pair<StringRef, Value>> given) {
  SmallVector<std::pair<StringRef, Value>> results(given);
  if (Value logits = options.logits ? result("logits") : Value())
    results.push_back({"logits", logits});
  func::ReturnOp old = end();
  llvm::BitVector all(function.getNumResults(), true);
  old->setOperands({});
  (void)function.eraseResults(all);
  for (auto [name, value] : results) {
    unsigned number = function.getNumResults();
    (void)function.insertResult(number, value.getType(), named(p.getContext(), name));
    old->insertOperands(number, value);
  }
}

} // namespace ph
