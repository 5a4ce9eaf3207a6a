#include "runtime/session/MemoryPlan.h"
#include <algorithm>
#include <cstdint>
#include <string>

namespace ph {
namespace {

constexpr int64_t kContextStep = 64, kCapacityStep = 64; // StepABI.h
// Positions are int32_t, also after rounding up.
constexpr int64_t kMostPositions = INT32_MAX / kContextStep * kContextStep, kMostRows = 1 << 16;

Status checkRange(const char *what, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high)
    return {};
  return Error{ErrorCode::Usage, std::string(what) + " must be " + std::to_string(low) + " to " + std::to_string(high) +
                                     ", not " + std::to_string(value)};
}

/// a * b + c, UINT64_MAX if that is too large: it then fails the comparison with what there is.
uint64_t multiplyAdd(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t product, sum;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(product, c, &sum))
    return UINT64_MAX;
  return sum;
}

/// The longest context that `available` has room for, 0 if none.
int64_t longestContext(const MemoryPlan &plan, const ModelSizes &model, uint64_t available) {
  uint64_t rest = (plan.mapWeights ? 0 : plan.weights) + plan.arena + plan.logits + kMemorySlack;
  if (rest >= available || model.cachePerPosition == 0)
    return 0;
  uint64_t positions = (available - rest) / model.cachePerPosition / uint64_t(plan.slots);
  return int64_t(positions) / kContextStep * kContextStep;
}

Error wontFit(const MemoryPlan &plan, const ModelSizes &model, const AvailableMemory &available) {
  auto exact = [](uint64_t bytes) { return std::to_string(bytes) + " bytes (" + formatBytes(bytes) + ")"; };
  std::string text = "not enough memory: " + exact(plan.total()) + " are needed (";
  if (!plan.mapWeights && plan.weights)
    text += "weights " + formatBytes(plan.weights) + ", ";
  text += "cache " + formatBytes(plan.cache) + " for " +
          (plan.slots > 1 ? std::to_string(plan.slots) + " x " : std::string()) + std::to_string(plan.context) +
          " positions, activations " + formatBytes(plan.arena) + ", logits " + formatBytes(plan.logits) + ", others " +
          formatBytes(kMemorySlack) + "), " + exact(available.bytes) + " are available according to " + available.limit;
  if (int64_t context = longestContext(plan, model, available.bytes))
    text += "; a context of " + std::to_string(context) + " would fit: -c " + std::to_string(context);
  else if (plan.capacity > kCapacityStep)
    text += "; no context would fit: free memory or try smaller chunks (-b 64)";
  else
    text += "; no context would fit: free memory";
  return {ErrorCode::WontFit, text};
}

/// `available` for what is no weight if they are mapped: memory, and the address space beside the mapping.
AvailableMemory besideWeights(AvailableMemory available, const MemoryPlan &plan) {
  const uint64_t mapped = plan.mapWeights ? plan.weights : 0;
  const uint64_t space = available.addressSpace - std::min(available.addressSpace, mapped);
  if (space < available.bytes)
    available = {space,
                 std::string("the address space limit (ulimit -v)") + (mapped ? " less the mapped weights" : "")};
  return available;
}

} // namespace

uint64_t MemoryPlan::total() const {
  uint64_t sum = multiplyAdd(mapWeights ? 0 : weights, 1, kMemorySlack);
  for (uint64_t part : {arena, cache, logits})
    sum = multiplyAdd(part, 1, sum);
  return sum;
}

Expected<MemoryPlan> planMemory(const ModelSizes &model, const SessionOptions &options, WeightsPlacement placement,
                                bool weightsLoaded, const AvailableMemory &available) {
  if (auto e = checkRange("the context (-c)", options.context, 0, kMostPositions))
    return e.error();
  if (auto e = checkRange("the number of sequences", options.slots, 1, kMostRows))
    return e.error();
  if (auto e = checkRange("the chunk (-b)", options.chunk, 1, kMostRows))
    return e.error();
  if (auto e = checkRange("the rows of logits", options.logitRows, 1, kMostRows))
    return e.error();

  if (model.positionLimit && options.context > model.positionLimit)
    return Error{ErrorCode::Usage, "the context (-c) must be at most " + std::to_string(model.positionLimit) +
                                       ": the model has learned a vector for each position, and has no more"};

  MemoryPlan plan;
  int64_t context = options.context ? options.context : std::min(model.contextLength, kDefaultContext);
  plan.context = (std::max<int64_t>(context, 1) + kContextStep - 1) / kContextStep * kContextStep;
  plan.positions = model.positionLimit ? std::min(plan.context, model.positionLimit) : plan.context;
  plan.slots = options.slots;
  plan.logitRows = std::max(options.logitRows, options.slots);
  plan.chunk = std::min(options.chunk, plan.context);
  plan.capacity = std::max({plan.chunk, plan.slots, plan.logitRows});
  plan.capacity = (plan.capacity + kCapacityStep - 1) / kCapacityStep * kCapacityStep;
  plan.weights = weightsLoaded ? 0 : model.weights;
  plan.arena = model.arenaOf ? model.arenaOf(plan.slots, plan.capacity, plan.logitRows, plan.context)
                             : multiplyAdd(model.arenaPerRow, uint64_t(plan.capacity), model.arenaFixed);
  plan.cachePerSlot = multiplyAdd(model.cachePerPosition, uint64_t(plan.context), 0);
  plan.cache = multiplyAdd(plan.cachePerSlot, uint64_t(plan.slots), 0);
  plan.logits = uint64_t(plan.logitRows) * uint64_t(model.vocabulary) * sizeof(float);

  auto fits = [&] { return plan.total() <= besideWeights(available, plan).bytes; };
  plan.mapWeights = placement == WeightsPlacement::Map || (placement == WeightsPlacement::Auto && !fits());
  if (fits())
    return plan;
  return wontFit(plan, model, besideWeights(available, plan));
}

} // namespace ph
