#include "powerhouse/Reference/Value.h"
#include "runtime/quant/Format.h"
#include "llvm/Support/InterleavedRange.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <numeric>

namespace ph::reference {

static int64_t elements(llvm::ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

Tensor::Tensor(llvm::ArrayRef<int64_t> shape) : shape(shape), data(elements(shape)) {}

Tensor::Tensor(llvm::ArrayRef<int64_t> shape, std::vector<double> data) : shape(shape), data(std::move(data)) {
  assert(elements(shape) == int64_t(this->data.size()) && "shape and data must have as many elements");
}

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::interleaved_array(shape);
  return text;
}

Cache emptyCache(int64_t layers) {
  return {std::vector<std::shared_ptr<const CacheLayer>>(layers, std::make_shared<const CacheLayer>())};
}

void roundThroughInt8(double *values, int64_t count, int64_t block, bool single) {
  for (double *at = values; at != values + count; at += block) {
    double largest = 0;
    for (int64_t i = 0; i < block; ++i)
      largest = std::fmax(largest, std::fabs(at[i]));
    double scale = single ? double(float(largest) / 127.0f) : largest / 127;
    for (int64_t i = 0; i < block; ++i) {
      double ratio = scale == 0 ? 0 : single ? double(float(at[i]) / float(scale)) : at[i] / scale;
      // The smallest scales are denormal and not exact: a code never goes beyond int8.
      at[i] = scale * std::fmin(127, std::fmax(-127, std::nearbyint(ratio)));
    }
  }
}

void roundThroughFloat16(std::vector<double> &values, bool bfloat) {
  for (double &x : values)
    x = bfloat ? bfloatToFloat(floatToBfloat(float(x))) : halfToFloat(floatToHalf(float(x)));
}

} // namespace ph::reference
