#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Analysis/Memory.h"

using namespace mlir;

namespace ph::analysis {

/// Whether a tensor is this function's own to keep.
static bool isOwn(Value value) {
  if (!isa<RankedTensorType>(value.getType()))
    return false;
  Operation *op = value.getDefiningOp();
  return op ? !isa<xf::LoadWeightOp>(op) && !op->hasTrait<OpTrait::ConstantLike>()
            : !isa<func::FuncOp>(value.getParentRegion()->getParentOp());
}

/// The operand that the results of `op` are in; null if they have memory of their own. The parts of a split are no rows
/// one after the other, which is what a reshape needs.
static Value getViewed(Operation *op) {
  if (isa<xf::SplitOp, tensor::CastOp>(op))
    return op->getOperand(0);
  if (isa<xf::ReshapeOp>(op) && !op->getOperand(0).getDefiningOp<xf::SplitOp>())
    return op->getOperand(0);
  return {};
}

/// Whether nothing in or after `op` reads the value but `op` itself, and no value shares its memory.
static bool endsAt(Value value, Operation *op) {
  if (value.getParentBlock() != op->getBlock())
    return false;
  if (Operation *producer = value.getDefiningOp(); producer && getViewed(producer))
    return false;
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
    return !getViewed(user) && here && (here == op || here->isBeforeInBlock(op));
  });
}

std::string whyNotInPlace(Operation *op, unsigned number) {
  Value operand = op->getOperand(number);
  if (op->getNumResults() != 1 || operand.getType() != op->getResult(0).getType())
    return "it is of another type than the result";
  bool cache = isa<xf::CacheType>(operand.getType());
  if (!cache && !isOwn(operand))
    return operand.getDefiningOp() ? "it is a weight or a constant" : "it belongs to the caller";
  return endsAt(operand, op) ? "" : "it is used later, or shares its memory";
}

std::optional<unsigned> Lifetimes::bufferOf(Value value) const {
  auto found = places.find(value);
  return found == places.end() ? std::nullopt : std::optional(found->second);
}

void Lifetimes::place(Value value, unsigned buffer) {
  places[value] = buffer;
  all[buffer].values.push_back(value);
  all[buffer].last = now();
}

void Lifetimes::make(Value value, StringRef holder) {
  all.push_back({{}, now(), now(), holder.str()});
  place(value, all.size() - 1);
}

void Lifetimes::touch(Value value) {
  if (std::optional<unsigned> buffer = bufferOf(value))
    all[*buffer].last = now();
}

LogicalResult Lifetimes::visitRepeat(Operation *op) {
  auto repeat = cast<xf::RepeatOp>(op);
  Block *body = repeat.getBlock();
  auto carried = body->getArguments().drop_front();
  for (auto [init, argument] : llvm::zip_equal(repeat.getInits(), carried)) {
    if (!isa<RankedTensorType>(argument.getType()))
      continue;
    std::optional<unsigned> buffer = bufferOf(init);
    // The loop works on the memory of what comes in, which the body must not read besides.
    auto inLoop = [&](Operation *user) { return op->isAncestor(user); };
    if (buffer && endsAt(init, op) && llvm::count_if(init.getUsers(), inLoop) == 1)
      place(argument, *buffer);
    else
      make(argument, op->getName().getStringRef());
  }
  if (failed(visit(*body)))
    return failure();
  // At the yield: values that are in the place of another one must leave before that one is written.
  for (auto [argument, value] : llvm::zip_equal(carried, repeat.getYield().getValues()))
    for (Value other : carried)
      if (other != argument && bufferOf(value) && bufferOf(value) == bufferOf(other))
        all.push_back({{value}, now(), now(), "xf.yield"});
  nextEvent(op);
  for (auto [argument, result] : llvm::zip_equal(carried, repeat.getResults()))
    if (std::optional<unsigned> buffer = bufferOf(argument))
      place(result, *buffer);
  repeat.getBody().walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!repeat.getBody().isAncestor(operand.getParentRegion()))
        touch(operand);
  });
  return success();
}

LogicalResult Lifetimes::visit(Operation *op) {
  nextEvent(op);
  for (Value operand : op->getOperands())
    touch(operand);
  if (isa<xf::RepeatOp>(op))
    return visitRepeat(op);
  if (op->getNumRegions() || isa<CallOpInterface>(op))
    return op->emitOpError() << "expects no calls, and no regions but those of xf.repeat, where memory is planned";
  if (auto number = op->getAttrOfType<IntegerAttr>(kInPlaceAttr)) {
    int64_t operand = number.getInt();
    if (operand < 0 || operand >= int64_t(op->getNumOperands()))
      return op->emitOpError() << "expects xf.in_place to be the number of an operand, but got " << operand;
    if (std::string reason = whyNotInPlace(op, operand); !reason.empty())
      return op->emitOpError() << "can't have its result in the place of operand " << operand << ": " << reason;
    if (std::optional<unsigned> buffer = bufferOf(op->getOperand(operand)))
      place(op->getResult(0), *buffer);
    return success();
  }
  Value viewed = getViewed(op);
  for (Value result : op->getResults()) {
    if (!isOwn(result))
      continue;
    std::optional<unsigned> buffer = viewed ? bufferOf(viewed) : std::nullopt;
    if (buffer)
      place(result, *buffer);
    else if (!viewed) // a view of what is the caller's is the caller's
      make(result, op->getName().getStringRef());
  }
  return success();
}

LogicalResult Lifetimes::visit(Block &block) {
  for (Operation &op : block)
    if (failed(visit(&op)))
      return failure();
  return success();
}

FailureOr<Lifetimes> Lifetimes::compute(func::FuncOp function) {
  Lifetimes lifetimes;
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitOpError() << "expects a body of one block, where memory is planned";
  if (failed(lifetimes.visit(function.getBody().front())))
    return failure();
  return lifetimes;
}

} // namespace ph::analysis
