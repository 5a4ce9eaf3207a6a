#include "dialects/Transformer/Transformer.h"
#include "lib/Analysis/Memory/Ends.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Analysis/Memory.h"

using namespace mlir;

namespace ph::analysis {

/// Whether a tensor is this function's own to keep. What is empty needs no memory until something is written there.
static bool isOwn(Value value) {
  if (!isa<RankedTensorType>(value.getType()))
    return false;
  Operation *op = value.getDefiningOp();
  return op ? !isa<xf::LoadWeightOp, tensor::EmptyOp>(op) && !op->hasTrait<OpTrait::ConstantLike>()
            : !isa<func::FuncOp>(value.getParentRegion()->getParentOp());
}

/// The operand that the results of `op` are in; null if they have memory of their own. The parts of a split are no rows
/// one after the other, which is what a reshape needs.
static Value getViewed(Operation *op) {
  if (isa<xf::SplitOp, tensor::CastOp, xf::CacheKeysOp, xf::CacheValuesOp>(op))
    return op->getOperand(0);
  if (isa<xf::ReshapeOp>(op) && !op->getOperand(0).getDefiningOp<xf::SplitOp>())
    return op->getOperand(0);
  return {};
}

bool endsAt(Value value, Operation *op) {
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
  if (op->getNumResults() == 0 || operand.getType() != op->getResult(0).getType())
    return "it is of another type than the result";
  bool cache = isa<xf::CacheType>(operand.getType());
  if (!cache && !isOwn(operand))
    return operand.getDefiningOp() ? "it is a weight, a constant or empty" : "it belongs to the caller";
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
  all.push_back({{}, now(), now(), holder.str(), {}, {}});
  place(value, all.size() - 1);
}

void Lifetimes::touch(Value value) {
  if (std::optional<unsigned> buffer = bufferOf(value))
    all[*buffer].last = now();
}

LogicalResult Lifetimes::visit(Operation *op) {
  nextEvent(op);
  for (Value operand : op->getOperands())
    touch(operand);
  if (auto repeat = dyn_cast<xf::RepeatOp>(op))
    return visitLoop(op, repeat.getInits(), repeat.getBlock()->getArguments().drop_front());
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitLoop(op, loop.getInitArgs(), loop.getRegionIterArgs());
  if (isa<scf::ForallOp>(op))
    return visitForall(op);
  if (isa<scf::IfOp>(op))
    return visitIf(op);
  if (isa<func::CallOp>(op))
    return visitCall(op);
  // Those of structured ops work on numbers.
  if ((op->getNumRegions() && !isa<linalg::LinalgOp>(op)) || isa<CallOpInterface>(op))
    return op->emitOpError() << "expects no other calls than those of functions, and no other regions than those of "
                                "xf.repeat, scf.for, scf.forall, scf.if and structured ops, where memory is planned";
  if (auto number = op->getAttrOfType<IntegerAttr>(kInPlaceAttr)) {
    int64_t operand = number.getInt();
    if (operand < 0 || operand >= int64_t(op->getNumOperands()))
      return op->emitOpError() << "expects xf.in_place to be the number of an operand, but got " << operand;
    if (std::string reason = whyNotInPlace(op, operand); !reason.empty())
      return op->emitOpError() << "can't have its result in the place of operand " << operand << ": " << reason;
    if (std::optional<unsigned> buffer = bufferOf(op->getOperand(operand)))
      place(op->getResult(0), *buffer);
  }
  visitInPlace(op);
  Value viewed = getViewed(op);
  for (Value result : op->getResults()) {
    if (!isOwn(result) || bufferOf(result))
      continue;
    std::optional<unsigned> buffer = viewed ? bufferOf(viewed) : std::nullopt;
    if (buffer)
      place(result, *buffer);
    else if (!viewed) // a view of what is the caller's is the caller's
      make(result, op->getName().getStringRef());
  }
  return success();
}

/// What an op writes into is where its result is.
void Lifetimes::visitInPlace(Operation *op) {
  auto writes = dyn_cast<DestinationStyleOpInterface>(op);
  if (!writes)
    return;
  for (OpOperand &init : writes.getDpsInitsMutable()) {
    std::optional<unsigned> buffer = bufferOf(init.get());
    if (buffer && endsAt(init.get(), op) && llvm::count(op->getOperands(), init.get()) == 1)
      place(writes.getTiedOpResult(&init), *buffer);
  }
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
  lifetimes.active = {function};
  if (failed(lifetimes.visit(function.getBody().front())))
    return failure();
  return lifetimes;
}

} // namespace ph::analysis
