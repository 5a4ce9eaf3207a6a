#include "Places.h"

#include "powerhouse/Conversion/WeightPlan.h"

using namespace mlir;

namespace ph::conversion {
namespace {

bool isMatrix(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32() && type.getRank() >= 2;
}

bool isActivation(Value value) { return isMatrix(value) && !value.getDefiningOp<xf::LoadWeightOp>(); }

/// Whether the loop takes the value in as one thing that it carries, and its body does not read it besides.
bool takenOnce(Value value, xf::RepeatOp repeat) {
  return llvm::count_if(value.getUsers(), [&](Operation *user) { return repeat->isAncestor(user); }) == 1;
}

} // namespace

unsigned Places::newBuffer(int64_t bytesPerRow, StringRef holder) {
  buffers.push_back({bytesPerRow, event, event, holder.str()});
  return buffers.size() - 1;
}

Place Places::newPlace(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Place place;
  place.rowElements = type.getShape().back();
  if (auto format = dyn_cast_or_null<xf::FormatAttr>(type.getEncoding()))
    place.group = format.getBlockElements();
  int64_t elements = place.rowElements;
  Operation *producer = value.getDefiningOp();
  place.buffer = newBuffer(place.group ? elements + 8 * (elements / place.group) : 4 * elements,
                           producer ? producer->getName().getStringRef() : "xf.repeat");
  return place;
}

// A use inside a loop of a value from outside it keeps the value to the loop's end, which visitRepeat sees to.
void Places::touch(Value value, Operation *user) {
  auto found = places.find(value);
  if (found != places.end() && !found->second.inLogits)
    buffers[found->second.buffer].last = std::max(buffers[found->second.buffer].last, event);
}

bool Places::diesAt(Value value, Operation *user) const {
  if (value.getParentBlock() != user->getBlock())
    return false;
  return llvm::all_of(value.getUsers(), [&](Operation *other) {
    if (isa<xf::SplitOp>(other)) // its parts are the same memory
      return false;
    Operation *here = user->getBlock()->findAncestorOpInBlock(*other);
    return here == user || (here && here->isBeforeInBlock(user));
  });
}

LogicalResult Places::checkOperands(Operation *op) const {
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (isMatrix(value) && !has(value) && !isPackedWeight(operand))
      return op->emitOpError("expects activations that an op of @forward makes");
    auto argument = dyn_cast<BlockArgument>(value);
    if (value.getType().isIndex() && argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
      return op->emitOpError("expects a layer that xf.repeat or a constant gives");
  }
  return success();
}

LogicalResult Places::visitRepeat(xf::RepeatOp repeat) {
  Block *body = repeat.getBlock();
  for (auto [init, argument] : llvm::zip_equal(repeat.getInits(), body->getArguments().drop_front())) {
    if (!isActivation(argument))
      continue;
    // The loop works on the memory of what comes in, which therefore has no other use from here on.
    bool whole =
        of(init).column == 0 && of(init).rowElements == cast<RankedTensorType>(init.getType()).getShape().back();
    if (!whole || of(init).inLogits || !diesAt(init, repeat) || !takenOnce(init, repeat))
      return repeat.emitOpError("expects each activation that it carries to have no other use in or after it");
    Place place = of(init);
    places[argument] = place;
  }
  for (Operation &op : *body)
    if (failed(visit(&op)))
      return failure();
  ++event;
  // The loop comes back: what it carries, and what it reads from outside, lives through all of it.
  for (auto [argument, result] : llvm::zip_equal(body->getArguments().drop_front(), repeat.getResults()))
    if (has(argument)) {
      touch(argument, repeat);
      Place place = of(argument);
      places[result] = place;
    }
  repeat.getBody().walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (!repeat.getBody().isAncestor(operand.getParentRegion()))
        touch(operand, repeat);
  });
  return success();
}

LogicalResult Places::visit(Operation *op) {
  ++event;
  for (Value operand : op->getOperands())
    touch(operand, op);
  if (!isa<xf::XFDialect>(op->getDialect())) // makes no activation; what has no kernel is refused later
    return success();
  if (failed(checkOperands(op)))
    return failure();
  if (auto repeat = dyn_cast<xf::RepeatOp>(op))
    return visitRepeat(repeat);
  if (auto split = dyn_cast<xf::SplitOp>(op)) {
    Place place = of(split.getInput());
    for (Value part : split.getParts()) {
      places[part] = place;
      place.column += cast<RankedTensorType>(part.getType()).getShape().back();
    }
    // The parts are the input: it lives as long as they do.
    return success();
  }
  // A sum can overwrite an addend that nothing reads any more.
  llvm::SmallVector<Value> addends;
  if (auto linear = dyn_cast<xf::LinearOp>(op); linear && linear.getResidual())
    addends = {linear.getResidual()};
  if (auto add = dyn_cast<xf::AddOp>(op))
    addends = {add.getLhs(), add.getRhs()};
  for (Value addend : addends) {
    Place place = of(addend);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    bool whole = place.column == 0 && place.rowElements == type.getShape().back() && !place.group && !place.inLogits;
    // A product reads all of its input for each element that it writes.
    auto linear = dyn_cast<xf::LinearOp>(op);
    bool isRead = linear && of(linear.getInput()).buffer == place.buffer;
    if (whole && !isRead && !type.getEncoding() && diesAt(addend, op)) {
      places[op->getResult(0)] = place;
      return success();
    }
  }
  if (auto logits = dyn_cast<xf::LogitsOp>(op)) {
    if (!llvm::all_of(logits.getResult().getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); }))
      return logits.emitOpError("expects its result to be returned and not used otherwise");
    Place place;
    place.inLogits = true;
    place.rowElements = cast<RankedTensorType>(logits.getResult().getType()).getShape().back();
    places[logits.getResult()] = place;
    return success();
  }
  for (Value result : op->getResults())
    if (isActivation(result)) {
      Place place = newPlace(result);
      places[result] = place;
    }
  return success();
}

LogicalResult Places::assign(func::FuncOp forward) {
  auto walked = forward.walk([&](Operation *op) {
    auto rope = op->getAttrOfType<xf::RopeAttr>("rope");
    if (!rope || llvm::any_of(tables, [&](const RopeTable &table) { return table.rope == rope; }))
      return WalkResult::advance();
    if (rope.dependsOnLength()) {
      op->emitOpError("expects angles that don't change with the length of the sequence, but got scaling = ")
          << xf::stringifyRopeScaling(rope.getScaling()) << ": there is no kernel for them";
      return WalkResult::interrupt();
    }
    int64_t bytes = rope.getDim() / 2 * 4;
    RopeTable table{rope, newBuffer(bytes, "cosines"), newBuffer(bytes, "sines")};
    tables.push_back(table);
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  for (Operation &op : forward.getBody().front())
    if (failed(visit(&op)))
      return failure();
  for (const RopeTable &table : tables)
    buffers[table.cos].last = buffers[table.sin].last = event;
  // Offsets a row that are multiples of 4 make every buffer 64-aligned, with a capacity that is a multiple of 64.
  arenaBytesPerRow = analysis::planArena(buffers, 4);
  return success();
}

bool Places::same(Value a, Value b) const {
  const Place &x = of(a), &y = of(b);
  return !x.inLogits && !y.inLogits && x.buffer == y.buffer && x.column == y.column;
}

const RopeTable &Places::tableOf(xf::RopeAttr rope) const {
  return *llvm::find_if(tables, [&](const RopeTable &table) { return table.rope == rope; });
}

} // namespace ph::conversion
