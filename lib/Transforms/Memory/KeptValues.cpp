#include "lib/Transforms/Memory/KeptValues.h"
#include "dialects/Transformer/Broadcast.h"
#include "powerhouse/Interfaces/CostOpInterface.h"
#include <cmath>

using namespace mlir;

namespace ph {

/// What a byte that is read or written costs, in FLOP: CPUs compute so much faster than they reach memory.
static constexpr double kFlopPerByte = 6;
/// What is kept must cost so many times more to compute again than to write and read, to be worth its memory.
static constexpr double kWorth = 4;

double bytesOf(Type type, BatchPoint at) {
  auto tensor = cast<RankedTensorType>(type);
  double bytes = double(llvm::divideCeil(tensor.getElementTypeBitWidth(), 8));
  int64_t dynamic = tensor.getNumDynamicDims();
  for (int64_t size : tensor.getShape())
    bytes *= ShapedType::isDynamic(size) ? 1 : double(size);
  return bytes * (dynamic ? double(at.tokens) : 1) * (dynamic > 2 ? std::pow(double(at.context), dynamic - 2) : 1);
}

static double timeOf(Operation *op, BatchPoint at) {
  auto model = dyn_cast<CostOpInterface>(op);
  if (!model)
    return 0;
  Cost cost = model.getCost({double(at.context), double(at.context)});
  return double(at.tokens) / double(at.context) * (cost.flop + kFlopPerByte * cost.activationBytes);
}

KeptValues::KeptValues(const LoopTwins &given, BatchPoint at)
    : twins(given), at(at), count(double(twins.first.getCount())) {
  for (auto [op, original] : twins.again) {
    times[op] = timeOf(op, at);
    for (auto [again, first] : llvm::zip_equal(op->getResults(), original->getResults()))
      if (canBeKept(again, first))
        candidates.push_back(again);
  }
  now = timeAgain();
}

bool KeptValues::canBeKept(Value again, Value original) {
  auto tensor = dyn_cast<RankedTensorType>(again.getType());
  if (!tensor || !tensor.getElementType().isIntOrFloat() || tensor.getEncoding() ||
      isa<xf::StackReadOp, xf::LoadWeightOp>(again.getDefiningOp()))
    return false;
  for (auto [axis, size] : llvm::enumerate(tensor.getShape()))
    if (ShapedType::isDynamic(size) && !outerDim(original, axis))
      return false;
  return true;
}

std::optional<xf::Dim> KeptValues::outerDim(Value value, int64_t axis) {
  xf::Dim origin = xf::getOrigin({value, axis});
  if (auto argument = dyn_cast<BlockArgument>(origin.tensor); argument && argument.getOwner() == twins.first.getBlock())
    origin.tensor = twins.first.getInitValues()[argument.getArgNumber() - 1];
  if (twins.first.getBody().isAncestor(origin.tensor.getParentRegion()))
    return std::nullopt;
  return origin;
}

double KeptValues::timeAgain() {
  Block *body = twins.second.getBlock();
  llvm::DenseSet<Operation *> needed;
  double time = 0;
  for (Operation &op : llvm::reverse(*body)) {
    auto place = times.find(&op);
    if (place == times.end())
      continue;
    bool isNeeded = llvm::any_of(op.getResults(), [&](Value result) {
      return !kept.contains(result) && llvm::any_of(result.getUsers(), [&](Operation *user) {
        Operation *inBody = body->findAncestorOpInBlock(*user);
        return !times.contains(inBody) || needed.contains(inBody);
      });
    });
    if (!isNeeded)
      continue;
    needed.insert(&op);
    time += place->second;
  }
  return time;
}

KeptValues::Gain KeptValues::best(double room) {
  Gain best;
  for (Value value : candidates) {
    double own = bytes(value);
    if (kept.contains(value) || own > room)
      continue;
    kept.insert(value);
    double saved = count * (now - timeAgain());
    kept.remove(value);
    if (saved > kWorth * 2 * kFlopPerByte * own && saved / own > best.perByte)
      best = {value, saved / own};
  }
  return best;
}

double KeptValues::keep(Value value) {
  double more = bytes(value);
  kept.insert(value);
  now = timeAgain();
  for (Value each : llvm::to_vector(kept)) {
    if (each == value)
      continue;
    kept.remove(each);
    if (timeAgain() > now)
      kept.insert(each);
    else
      more -= bytes(each);
  }
  return more;
}

} // namespace ph
