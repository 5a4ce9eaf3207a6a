#include "lib/Reference/Training/Models.h"
#include <array>

using namespace mlir;

namespace ph::reference {

/// Philox 4×32 with 10 rounds: the four words of a counter and a key.
static std::array<uint32_t, 4> philox(std::array<uint32_t, 4> x, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53) * x[0], b = uint64_t(0xCD9E8D57) * x[2];
    x = {uint32_t(b >> 32) ^ x[1] ^ k0, uint32_t(b), uint32_t(a >> 32) ^ x[3] ^ k1, uint32_t(a)};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return x;
}

static LogicalResult dropout(train::DropoutOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  Tensor result = inputs[0].tensor();
  const Tensor &key = inputs[1].tensor();
  auto word = [](double x) { return uint32_t(int64_t(x)); };
  const Value *layer = find(op, op.getLayer(), inputs);
  double keep = 1 - op.getProbability().convertToDouble();
  for (auto [i, x] : llvm::enumerate(result.data)) {
    std::array<uint32_t, 4> counter = {uint32_t(i / 4), 0, uint32_t(op.getStream()),
                                       layer ? uint32_t(layer->integer()) : 0};
    uint32_t drawn = philox(counter, word(key.data[0]), word(key.data[1]))[i % 4];
    x = double(drawn >> 8) * 0x1p-24 < keep ? x / keep : 0;
  }
  return context.give(op, std::move(result), results);
}

void registerDropout(MLIRContext *context) { attach<train::DropoutOp, dropout>(context); }

} // namespace ph::reference
