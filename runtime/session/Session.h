// Sequences of tokens in evaluation: the KV cache, the activations, and how far each sequence has come.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/Memory.h"
#include "runtime/session/DecoderProgram.h"
#include "runtime/session/MemoryPlan.h"
#include "runtime/session/Model.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ph {

/// Memory for one model's forward steps, planned and reserved once: nothing is allocated while it runs, and pages of
/// the cache are touched only as sequences grow. Results don't depend on the chunks, the threads or what ran before.
class Session {
public:
  /// Error: Usage, with the reason, if the model generates no text from tokens.
  static Status checkGenerates(const Model &model);
  /// Plans, checks against the available memory, then loads the model's weights if they aren't yet. Errors: that of
  /// checkGenerates, WontFit and Usage of planMemory, and those of loading.
  static Expected<std::unique_ptr<Session>> create(std::shared_ptr<Model> model, const SessionOptions &options);

  Model &model() { return *owner; }
  const MemoryPlan &memory() const { return plan; }
  int64_t context() const { return plan.positions; }
  int64_t slots() const { return plan.slots; }
  /// Tokens in the cache of `slot`.
  int64_t length(int64_t slot = 0) const { return past[slot]; }
  int64_t room(int64_t slot = 0) const { return plan.positions - past[slot]; }

  /// Forgets what is beyond the first `length` tokens of `slot`; no effect if it has no more.
  void truncate(int64_t slot, int64_t length);
  void reset() { std::fill(past.begin(), past.end(), 0); }

  /// Appends `tokens` (at least one) to `slot`, in chunks; logits() are then those of the last one.
  /// Errors, before anything is changed: Usage (a token outside the vocabulary, no token), WontFit (context full).
  /// Between chunks: Interrupted, with whole chunks appended.
  Status append(std::span<const int32_t> tokens, int64_t slot = 0);

  /// Takes rows [first, first + rows) of [tokens][vocabulary] logits; they are overwritten after it returns.
  using LogitsSink = std::function<void(int64_t first, int64_t rows, const float *logits)>;
  /// Same as append, but hands the logits of every token from index `first` on to `sink`, in order, at most logitRows
  /// (SessionOptions) at a time.
  Status appendScored(std::span<const int32_t> tokens, int64_t first, const LogitsSink &sink, int64_t slot = 0);

  /// Appends tokens[i] to slot i, for the first tokens.size() slots, in one step; logits(i) are then those of slot i.
  Status appendEach(std::span<const int32_t> tokens);

  /// [vocabulary] logits after the last append (row 0) or appendEach (row i).
  std::span<const float> logits(int64_t row = 0) const;

private:
  Session(std::shared_ptr<Model> model, const MemoryPlan &plan);
  Status check(std::span<const int32_t> tokens, int64_t firstSlot, int64_t batch, int64_t sequence) const;
  void step(const int32_t *tokens, int64_t slot, int64_t batch, int64_t sequence, int64_t logitRows);

  std::shared_ptr<Model> owner;
  std::optional<DecoderProgram> program; ///< where the model is programs
  MemoryPlan plan;
  Region arena, cache, logitsRegion;
  std::vector<int32_t> past, rows;
};

} // namespace ph
