// A loss of one's own: the function @loss of a file, by the convention of the train dialect's documentation.
#include "dialects/Transformer/Broadcast.h"
#include "lib/Training/Objectives.h"
#include "lib/Training/Pairs.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace ph {
namespace {

constexpr StringLiteral kOfTokens[] = {"logp", "labels"};
constexpr StringLiteral kOfPairs[] = {"chosen",          "rejected",   "chosen_tokens",
                                      "rejected_tokens", "ref_chosen", "ref_rejected"};
constexpr StringLiteral kOfHeads[] = {"logits", "targets"};

/// What the arguments of a loss become.
class LossArguments {
public:
  LossArguments(TrainingFunction &f, func::FuncOp loss) : f(f), loss(loss) {}

  /// Makes all values. Fails, with a message at the argument.
  FailureOr<SmallVector<Value>> make() {
    for (BlockArgument argument : loss.getArguments()) {
      auto name = loss.getArgAttrOfType<StringAttr>(argument.getArgNumber(), xf::XFDialect::getNameAttrName());
      names.push_back(name ? name.getValue() : "");
    }
    bool ofPairs = asksFor(kOfPairs);
    if (asksFor(kOfTokens) + ofPairs + asksFor(kOfHeads) > 1)
      return loss.emitError()
             << "@loss takes what is of tokens, of pairs and of heads together; one loss is of one of them";
    if (ofPairs && failed(makePairs()))
      return failure();
    SmallVector<Value> values;
    for (auto [argument, name] : llvm::zip_equal(loss.getArguments(), names)) {
      FailureOr<Value> value = valueOf(argument, name);
      if (failed(value))
        return failure();
      if (argument.getType() != value->getType())
        return emitError(argument.getLoc()) << "the argument '" << name << "' of @loss has the type "
                                            << argument.getType() << ", but it is " << value->getType();
      values.push_back(*value);
    }
    return values;
  }

private:
  bool asksFor(ArrayRef<StringLiteral> some) const {
    return llvm::any_of(names, [&](StringRef name) { return llvm::is_contained(some, name); });
  }

  LogicalResult makePairs() {
    FailureOr<Pairs> made = logpOfPairs(f);
    if (failed(made))
      return failure();
    pairs = *made;
    return success();
  }

  FailureOr<Value> valueOf(BlockArgument argument, StringRef name) {
    if (name == "labels")
      return labels();
    if (name == "logp")
      return f.labelLogp(labels());
    if (Value ofPairs = pairs.chosen ? ofPair(name) : Value())
      return ofPairs == pairs.chosen ? ofPairs : alike(ofPairs, pairs.chosen);
    if (name == "logits" || name == "targets")
      return ofHead(argument, name);
    auto error = emitError(argument.getLoc());
    if (name.empty())
      error << "an argument of @loss has no xf.name";
    else
      error << "@loss takes '" << name << "', which nothing gives";
    error << "; there are ";
    for (ArrayRef<StringLiteral> some : {ArrayRef(kOfTokens), ArrayRef(kOfPairs)})
      llvm::interleave(some, error, [&](StringRef known) { error << known; }, ", "), error << ", ";
    return error << "logits and targets", failure();
  }

  Value ofPair(StringRef name) {
    if (name == "ref_chosen" || name == "ref_rejected")
      return f.addInput((name + "_logp").str(), f.floatsType(1));
    return llvm::StringSwitch<Value>(name)
        .Case("chosen", pairs.chosen)
        .Case("rejected", pairs.rejected)
        .Case("chosen_tokens", pairs.chosenTokens)
        .Case("rejected_tokens", pairs.rejectedTokens)
        .Default(Value());
  }

  /// x, of whose sizes it is said that they are those of y: of what may be repeated, no derivative is known.
  Value alike(Value x, Value y) {
    SmallVector<OpFoldResult> sizes;
    for (auto [axis, size] : llvm::enumerate(xf::shapeOf(y)))
      sizes.push_back(ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(f.p, y, axis).getResult())
                                                  : f.p.getI64IntegerAttr(size));
    return xf::ReshapeOp::create(f.p, x, sizes);
  }

  FailureOr<Value> ofHead(BlockArgument argument, StringRef name) {
    Value logits = f.result("logits");
    if (!logits || xf::shapeOf(logits).size() != 2)
      return emitError(argument.getLoc())
             << "@loss takes '" << name << "', but the model has no head whose results are rows of numbers";
    return name == "logits" ? logits : alike(f.addInput("targets", logits.getType()), logits);
  }

  /// Of each row what it predicts.
  Value labels() {
    if (!shifted)
      shifted = f.shifted(f.addTokensInput("labels"));
    return shifted;
  }

  TrainingFunction &f;
  func::FuncOp loss;
  SmallVector<StringRef> names;
  Pairs pairs;
  Value shifted;
};

/// The function @loss of the file, if it is one.
FailureOr<func::FuncOp> findLoss(ModuleOp file, StringRef name) {
  auto loss = file.lookupSymbol<func::FuncOp>("loss");
  if (!loss)
    return emitError(FileLineColLoc::get(file.getContext(), name, 1, 1)) << "has no function @loss";
  if (loss.isExternal() || !loss.getBody().hasOneBlock())
    return loss.emitError() << "@loss has no body of one block";
  auto scalar = RankedTensorType::get({}, Float32Type::get(file.getContext()));
  if (TypeRange(loss.getResultTypes()) != TypeRange{scalar, scalar})
    return loss.emitError() << "@loss returns (" << loss.getResultTypes() << "), but a loss is two numbers of type "
                            << scalar << ", a sum and what it is divided by";
  if (auto uses = SymbolTable::getSymbolUses(&loss.getBody()); uses && !uses->empty())
    return uses->begin()->getUser()->emitError()
           << "@loss refers to " << uses->begin()->getSymbolRef() << ", but is a function for itself";
  return loss;
}

} // namespace

LogicalResult ownLoss(TrainingFunction &f) {
  const TrainingOptions &options = f.options;
  if (!f.tokens())
    return f.function.emitOpError() << "reads no tokens";
  ParserConfig config(f.p.getContext());
  OwningOpRef<ModuleOp> file = parseSourceString<ModuleOp>(options.lossText, config, options.lossName);
  if (!file)
    return failure();
  FailureOr<func::FuncOp> loss = findLoss(*file, options.lossName);
  if (failed(loss))
    return failure();
  FailureOr<SmallVector<Value>> arguments = LossArguments(f, *loss).make();
  if (failed(arguments))
    return failure();
  IRMapping map;
  map.map(loss->getArguments(), *arguments);
  Block &body = loss->getBody().front();
  for (Operation &op : body.without_terminator())
    f.p.clone(op, map);
  Operation *end = body.getTerminator();
  f.finish({{"loss", map.lookup(end->getOperand(0))}, {"count", map.lookup(end->getOperand(1))}});
  return success();
}

} // namespace ph
