#include "lib/Proof/Weights.h"
#include "runtime/quant/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace ph::proof {

namespace {
constexpr size_t kMostValues = size_t(128) << 20;

class RememberedWeights : public reference::WeightProvider {
public:
  explicit RememberedWeights(std::unique_ptr<reference::WeightProvider> source) : source(std::move(source)) {}

  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    // What the values depend on: a weight with sources is these whatever it is called.
    std::string key;
    llvm::raw_string_ostream out(key);
    out << layer << " " << weight.getType() << " " << weight.getStacked();
    if (weight.getSources())
      out << *weight.getSources();
    else
      out << weight.getSymName();
    if (auto found = known.find(key); found != known.end())
      return found->second;
    Expected<std::vector<float>> values = source->read(weight, layer);
    if (values && (held += values->size()) <= kMostValues)
      known[key] = *values;
    return values;
  }

private:
  std::unique_ptr<reference::WeightProvider> source;
  llvm::StringMap<std::vector<float>> known;
  size_t held = 0;
};

/// What storing `block` in the format may move a value of it by. Affine codes cover at most from -max|x| to max|x| in
/// 2^bits - 1 steps: half a step for rounding to a code and half for the scales, which are rounded themselves.
double findStep(const Format &format, ArrayRef<float> block, float value) {
  if (format.kind != FormatKind::Affine) // bf16 keeps 8 bits of a number, f16 11 down to 2^-24
    return format.name == "bf16" ? std::fabs(value) * 0x1p-8 : std::fabs(value) * 0x1p-11 + 0x1p-25;
  float largest = 0;
  for (float x : block)
    largest = std::fmax(largest, std::fabs(x));
  return 2 * double(largest) / ((1 << format.bits) - 1);
}

class WeightsOfAfter : public reference::WeightProvider {
public:
  WeightsOfAfter(func::FuncOp after, reference::WeightProvider &source) : after(after), source(source) {}

  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    auto changed = SymbolTable::lookupNearestSymbolFrom<xf::WeightOp>(after, weight.getSymNameAttr());
    if (!changed || !changed.getRequantized())
      return reference::readStored(source, weight, layer);
    auto values = source.read(weight, layer), same = source.read(changed, layer);
    auto stored = reference::readStored(source, changed, layer);
    if (!values || !same || !stored)
      return values ? stored : values;
    if (*values != *same)
      return Error{ErrorCode::Failed, "weight @" + weight.getSymName().str() + " is made of other values"};
    const Format &format = *changed.getFormat().getStorage();
    for (auto [index, value] : llvm::enumerate(*values)) {
      size_t first = index / format.blockElements * format.blockElements;
      double step = findStep(format, ArrayRef(*values).slice(first, format.blockElements), value);
      if (!(std::fabs(double((*stored)[index]) - value) <= step * (1 + 1e-6)))
        return Error{ErrorCode::Failed,
                     llvm::formatv("weight @{0} has {1} in place of {2}, more than a step of {3}, {4}",
                                   weight.getSymName(), (*stored)[index], value, format.name.data(), step)
                         .str()};
    }
    return stored;
  }

private:
  func::FuncOp after;
  reference::WeightProvider &source;
};
} // namespace

std::unique_ptr<reference::WeightProvider> takeWeightsOf(func::FuncOp after, reference::WeightProvider &source) {
  return std::make_unique<WeightsOfAfter>(after, source);
}

std::unique_ptr<reference::WeightProvider> rememberWeights(std::unique_ptr<reference::WeightProvider> source) {
  return std::make_unique<RememberedWeights>(std::move(source));
}

} // namespace ph::proof
