#include "runtime/session/DecoderProgram.h"
#include <algorithm>

namespace ph {
namespace {

constexpr size_t kTokens = 0, kPast = 1, kRows = 2, kFirstCache = 3;

/// Bytes of a cache for each position of a slot.
uint64_t bytesPerPosition(const ProgramTensor &cache) {
  uint64_t bytes = uint64_t(elementBytes(cache.element));
  for (size_t i : {1, 2, 4})
    bytes *= uint64_t(cache.shape[i]);
  return bytes;
}

bool isCache(const ProgramTensor &tensor) {
  const auto &shape = tensor.shape;
  return shape.size() == 5 && shape[0] < 0 && shape[3] < 0 && std::min({shape[1], shape[2], shape[4]}) > 0;
}

} // namespace

Expected<DecoderProgram> DecoderProgram::of(const Program &program) {
  const ProgramInfo &info = program.info();
  const auto isIds = [&](size_t i, size_t rank) {
    const ProgramTensor &tensor = info.inputs[i];
    return tensor.element == TensorElement::I32 && tensor.shape == std::vector<int64_t>(rank, -1);
  };
  bool good = info.inputs.size() >= kFirstCache && isIds(kTokens, 2) && isIds(kPast, 1) && isIds(kRows, 1) &&
              info.results.size() == info.inputs.size() - 2 && info.results[0].shape.size() == 2;
  for (size_t i = kFirstCache; good && i < info.inputs.size(); ++i)
    good = isCache(info.inputs[i]) && info.results[i - 2].updates == int(i);
  if (!good)
    return Error{ErrorCode::Usage, "the model generates no text: its program '" + info.name + "' is none of a decoder"};
  return DecoderProgram(program);
}

uint64_t DecoderProgram::cachePerPosition() const {
  uint64_t bytes = 0;
  for (size_t i = kFirstCache; i < program->info().inputs.size(); ++i)
    bytes += bytesPerPosition(program->info().inputs[i]);
  return bytes;
}

std::vector<int64_t> DecoderProgram::sizes(int64_t batch, int64_t sequence, int64_t rows, int64_t context) const {
  std::vector<int64_t> result = {batch, sequence, batch, rows};
  for (size_t i = kFirstCache; i < program->info().inputs.size(); ++i)
    result.insert(result.end(), {batch, context});
  return result;
}

uint64_t DecoderProgram::arenaBytes(int64_t slots, int64_t capacity, int64_t logitRows, int64_t context) const {
  uint64_t most = 0;
  // A step is a chunk of one sequence, or a token of each.
  for (auto [batch, sequence] : {std::pair(int64_t(1), capacity), std::pair(slots, int64_t(1))})
    most = std::max(most, uint64_t(program->plan(sizes(batch, sequence, logitRows, context))[0]));
  return most;
}

void DecoderProgram::run(Team &team, const uint8_t *weights, uint8_t *arena, uint8_t *caches, const Step &step) const {
  std::vector<void *> tensors = {const_cast<int32_t *>(step.tokens), const_cast<int32_t *>(step.past),
                                 const_cast<int32_t *>(step.rows)};
  uint8_t *next = caches;
  for (size_t i = kFirstCache; i < program->info().inputs.size(); ++i) {
    const uint64_t perSlot = bytesPerPosition(program->info().inputs[i]) * uint64_t(step.context);
    tensors.push_back(next + uint64_t(step.slot) * perSlot);
    next += uint64_t(step.slots) * perSlot;
  }
  tensors.push_back(step.logits);
  for (size_t i = kFirstCache; i < program->info().inputs.size(); ++i)
    tensors.push_back(tensors[i]);
  program->call(team, weights, arena, tensors, sizes(step.batch, step.sequence, step.logitRows, step.context));
}

} // namespace ph
