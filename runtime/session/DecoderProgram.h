// The program of a decoder, as a session calls it.
#pragma once
#include "runtime/session/Program.h"

namespace ph {

/// `forward` of a model that generates text: (tokens [batch, sequence], past [batch], rows [rows], caches …) to
/// (logits [rows, vocabulary], the caches in place). A cache is [slot, layer, head, position, feature].
class DecoderProgram {
public:
  /// Error: Usage if the program isn't one of a decoder.
  static Expected<DecoderProgram> of(const Program &program);

  /// Bytes of all caches for each position of a slot.
  uint64_t cachePerPosition() const;
  /// Bytes of the arena of any step of at most so many sequences, tokens and rows.
  uint64_t arenaBytes(int64_t slots, int64_t capacity, int64_t logitRows, int64_t context) const;

  struct Step {
    const int32_t *tokens, *past, *rows;
    float *logits;
    int64_t batch, sequence, logitRows;
    int64_t slot, slots, context; ///< the first slot of the batch, and what the caches are made for
  };
  void run(Team &team, const uint8_t *weights, uint8_t *arena, uint8_t *caches, const Step &step) const;

private:
  explicit DecoderProgram(const Program &program) : program(&program) {}
  std::vector<int64_t> sizes(int64_t batch, int64_t sequence, int64_t rows, int64_t context) const;

  const Program *program;
};

} // namespace ph
