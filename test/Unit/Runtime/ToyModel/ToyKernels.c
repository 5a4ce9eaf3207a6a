/* A model that can be computed in the head, behind the step ABI (runtime/formats/StepABI.h), to test the runtime with:
 * the likeliest next token is the last one plus one, and small terms of each logit depend on every token before, so
 * that a wrong cache, position or chunk shows. Vocabulary and first weight come from the weights: int32 vocabulary,
 * int32 end (the token after which nothing but `end` follows). */
#include <stdint.h>

enum { kSlotBytesPerPosition = 8, kArenaBytesPerRow = 16 };

static uint64_t mix(uint64_t x) {
  x ^= x >> 31;
  x *= 0x9e3779b97f4a7c15u;
  x ^= x >> 29;
  return x * 0xbf58476d1ce4e5b9u;
}

static void step(const uint8_t *weights, uint8_t *arena, uint8_t *cache, const int32_t *tokens, const int32_t *past,
                 const int32_t *rows, float *logits, int64_t batch, int64_t sequence, int64_t logitRows,
                 int64_t capacity, int64_t context, int64_t thread, int64_t threads,
                 int64_t (*next)(void *, int64_t, int64_t, int64_t, int64_t), void *team) {
  (void)threads;
  (void)capacity;
  const int32_t vocabulary = ((const int32_t *)weights)[0];
  uint64_t *states = (uint64_t *)arena;
  /* The cache has a running state per position. It is one unit of work. */
  for (int64_t done = 0; next(team, thread, 1, 1, done) >= 0; done = 1)
    for (int64_t b = 0; b < batch; ++b) {
      uint64_t *slot = (uint64_t *)(cache + b * context * kSlotBytesPerPosition);
      for (int64_t s = 0; s < sequence; ++s) {
        const int64_t position = past[b] + s, row = b * sequence + s;
        const uint64_t before = position ? slot[position - 1] : 1;
        slot[position] = mix(before + (uint64_t)tokens[row] * 7919);
        states[2 * row] = slot[position];
        states[2 * row + 1] = (uint64_t)tokens[row];
      }
    }
  /* Rows of logits are claimed one by one. */
  for (int64_t i, done = 0; (i = next(team, thread, logitRows, 1, done)) >= 0; done = 1) {
    const uint64_t *state = states + 2 * rows[i];
    for (int32_t v = 0; v < vocabulary; ++v)
      logits[i * vocabulary + v] = (float)(mix(state[0] + (uint64_t)v) & 0xff) / 1024;
    logits[i * vocabulary + (int32_t)((state[1] + 1) % (uint64_t)vocabulary)] += 4;
  }
}

#define EXPORT __attribute__((visibility("default")))
typedef void Step(const uint8_t *, uint8_t *, uint8_t *, const int32_t *, const int32_t *, const int32_t *, float *,
                  int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                  int64_t (*)(void *, int64_t, int64_t, int64_t, int64_t), void *);
EXPORT Step ph_step_x86_64_v3 __attribute__((alias("step")));
