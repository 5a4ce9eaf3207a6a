#include "runtime/session/Session.h"
#include "runtime/base/Interrupt.h"
#include <algorithm>
#include <cassert>
#include <numeric>

namespace ph {
namespace {

/// Huge pages save a tenth of the time of long reads, but each is filled whole when first touched. A long, mostly empty
/// cache has hundreds of places that grow.
constexpr uint64_t kHugeCacheLimit = uint64_t(64) << 20;

/// The program of a model that is no step.
Expected<DecoderProgram> decoderOf(const Model &model) {
  const Program *forward = model.program("forward");
  const std::string &why = model.manifest().uncached;
  if (!why.empty())
    return Error{ErrorCode::Usage, model.path() + ": the graph generates no text, as it has no cache: " + why};
  if (!forward)
    return Error{ErrorCode::Usage, model.path() + ": the model generates no text: it has no program 'forward'"};
  return DecoderProgram::of(*forward);
}

} // namespace

Status Session::checkGenerates(const Model &model) {
  if (model.step())
    return {};
  auto decoder = decoderOf(model);
  return decoder ? Status() : Status(decoder.error());
}

Session::Session(std::shared_ptr<Model> model, const MemoryPlan &plan)
    : owner(std::move(model)), plan(plan), past(plan.slots, 0), rows(plan.capacity, 0) {}

Expected<std::unique_ptr<Session>> Session::create(std::shared_ptr<Model> model, const SessionOptions &options) {
  std::optional<DecoderProgram> program;
  ModelSizes sizes = model->sizes();
  if (!model->step()) {
    auto decoder = decoderOf(*model);
    if (!decoder)
      return decoder.error();
    program = *decoder;
    sizes.cachePerPosition = decoder->cachePerPosition();
    sizes.arenaOf = [=](int64_t slots, int64_t capacity, int64_t rows, int64_t context) {
      return decoder->arenaBytes(slots, capacity, rows, context);
    };
  }
  auto plan = planMemory(sizes, options, model->placement(), model->weightsLoaded(), availableMemory());
  if (!plan)
    return plan.error();
  if (auto e = model->loadWeights(plan->mapWeights))
    return e.error();
  std::unique_ptr<Session> session(new Session(std::move(model), *plan));
  session->program = program;
  auto reserve = [](Region &region, uint64_t bytes, Region::Pages pages, const char *purpose) -> Status {
    auto memory = Region::allocate(bytes, pages, purpose);
    if (!memory)
      return memory.error();
    region = std::move(*memory);
    return {};
  };
  if (auto e = reserve(session->arena, plan->arena, Region::Pages::Huge, "the activations"))
    return e.error();
  auto pages = plan->cache <= kHugeCacheLimit ? Region::Pages::Huge : Region::Pages::Small;
  if (auto e = reserve(session->cache, plan->cache, pages, "the cache"))
    return e.error();
  if (auto e = reserve(session->logitsRegion, plan->logits, Region::Pages::Small, "the logits"))
    return e.error();
  return session;
}

void Session::truncate(int64_t slot, int64_t length) {
  past[slot] = int32_t(std::min<int64_t>(past[slot], std::max<int64_t>(length, 0)));
}

Status Session::check(std::span<const int32_t> tokens, int64_t firstSlot, int64_t batch, int64_t sequence) const {
  if (tokens.empty() || firstSlot < 0 || batch > plan.slots - firstSlot)
    return Error{ErrorCode::Usage,
                 tokens.empty() ? "there is no token to evaluate"
                                : "the session has only " + std::to_string(plan.slots) + " slots; create it with more"};
  const int64_t vocabulary = owner->sizes().vocabulary;
  for (int32_t token : tokens)
    if (token < 0 || token >= vocabulary)
      return Error{ErrorCode::Usage,
                   "token " + std::to_string(token) + " is outside the vocabulary of " + std::to_string(vocabulary)};
  for (int64_t slot = firstSlot; slot < firstSlot + batch; ++slot)
    if (room(slot) < sequence)
      return Error{
          ErrorCode::WontFit,
          "the context of " + std::to_string(plan.positions) + " tokens is too short: " + std::to_string(past[slot]) +
              " are used and " + std::to_string(sequence) + " more are needed" +
              (plan.context < owner->sizes().contextLength ? "; choose a longer one (-c)" : "; give it less text")};
  return {};
}

void Session::step(const int32_t *tokens, int64_t slot, int64_t batch, int64_t sequence, int64_t logitRows) {
  assert(batch * sequence <= plan.capacity && logitRows <= plan.logitRows);
  Team &team = owner->team();
  const StepFn function = owner->step();
  if (program)
    program->run(team, owner->weights(), arena.data(), cache.data(),
                 {tokens, &past[slot], rows.data(), reinterpret_cast<float *>(logitsRegion.data()), batch, sequence,
                  logitRows, slot, plan.slots, plan.context});
  else
    team.run([&](int thread) {
      function(owner->weights(), arena.data(), cache.data() + uint64_t(slot) * plan.cachePerSlot, tokens, &past[slot],
               rows.data(), reinterpret_cast<float *>(logitsRegion.data()), batch, sequence, logitRows, plan.capacity,
               plan.context, thread, team.size(), Team::next, &team);
    });
  for (int64_t i = slot; i < slot + batch; ++i)
    past[i] += int32_t(sequence);
}

Status Session::append(std::span<const int32_t> tokens, int64_t slot) {
  if (auto e = check(tokens, slot, 1, int64_t(tokens.size())))
    return e;
  for (size_t at = 0; at < tokens.size();) {
    if (at != 0 && interrupted())
      return Error{ErrorCode::Interrupted, "interrupted"};
    auto count = int64_t(std::min<size_t>(tokens.size() - at, size_t(plan.chunk)));
    const bool last = at + size_t(count) == tokens.size();
    rows[0] = int32_t(count - 1);
    step(tokens.data() + at, slot, 1, count, last ? 1 : 0);
    at += size_t(count);
  }
  return {};
}

Status Session::appendScored(std::span<const int32_t> tokens, int64_t first, const LogitsSink &sink, int64_t slot) {
  if (auto e = check(tokens, slot, 1, int64_t(tokens.size())))
    return e;
  const auto total = int64_t(tokens.size());
  first = std::clamp<int64_t>(first, 0, total);
  for (int64_t at = 0; at < total;) {
    if (at != 0 && interrupted())
      return Error{ErrorCode::Interrupted, "interrupted"};
    // Rows that nobody scores go in large chunks, the others as many at a time as there is room for their logits.
    const bool scored = at >= first;
    int64_t count = std::min(scored ? total - at : first - at, scored ? plan.logitRows : plan.chunk);
    std::iota(rows.begin(), rows.begin() + count, 0);
    step(tokens.data() + at, slot, 1, count, scored ? count : 0);
    if (scored)
      sink(at, count, reinterpret_cast<const float *>(logitsRegion.data()));
    at += count;
  }
  return {};
}

Status Session::appendEach(std::span<const int32_t> tokens) {
  const auto batch = int64_t(tokens.size());
  if (auto e = check(tokens, 0, batch, 1))
    return e;
  std::iota(rows.begin(), rows.begin() + batch, 0);
  step(tokens.data(), 0, batch, 1, batch);
  return {};
}

std::span<const float> Session::logits(int64_t row) const {
  const int64_t vocabulary = owner->sizes().vocabulary;
  return {reinterpret_cast<const float *>(logitsRegion.data()) + row * vocabulary, size_t(vocabulary)};
}

} // namespace ph
