#include "lib/Proof/CacheTensors.h"
#include "dialects/Transformer/Transformer.h"

using namespace mlir;
using ph::reference::CacheLayer;
using ph::reference::Tensor;

namespace ph::proof {

static constexpr int64_t kSpare = 3;

static SmallVector<Type> withTensors(TypeRange types) {
  SmallVector<Type> result;
  for (Type type : types) {
    auto cache = dyn_cast<xf::CacheType>(type);
    if (cache)
      type = RankedTensorType::get(
          {ShapedType::kDynamic, cache.getLayers(), cache.getHeads(), ShapedType::kDynamic, cache.getHeadDim()},
          cache.getElementType());
    result.append(cache ? 2 : 1, type);
  }
  return result;
}

bool takesCachesAsTensors(FunctionType before, FunctionType after) {
  return before != after && withTensors(before.getInputs()) == after.getInputs() &&
         withTensors(before.getResults()) == after.getResults();
}

/// The names of the results that are caches.
static SmallVector<std::pair<std::string, xf::CacheType>> cacheResults(func::FuncOp function) {
  SmallVector<std::pair<std::string, xf::CacheType>> result;
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    if (auto cache = dyn_cast<xf::CacheType>(type)) {
      auto name = function.getResultAttrOfType<StringAttr>(index, xf::XFDialect::getNameAttrName());
      result.emplace_back(name ? name.str() : "out" + std::to_string(index), cache);
    }
  return result;
}

SmallVector<reference::Value> cachesAsTensors(func::FuncOp before, const Sample &sample,
                                              ArrayRef<reference::Value> inputs, const Outcome &given) {
  int64_t slots = sample.batch, held = 0, positions = 0;
  for (const auto &[name, type] : cacheResults(before))
    if (auto found = given.results.find(name + ".keys"); found != given.results.end()) {
      slots = std::max(slots, found->second.shape[1]);
      positions = std::max(positions, found->second.shape[2]);
    }
  for (auto [input, type] : llvm::zip_equal(inputs, before.getArgumentTypes())) {
    auto cache = dyn_cast<xf::CacheType>(type);
    if (!cache)
      continue;
    for (const auto &layer : input.cache().layers) {
      slots = std::max<int64_t>(slots, layer->sequences.size());
      for (const CacheLayer::Sequence &each : layer->sequences)
        held = std::max<int64_t>(held, each.keys.size() / (cache.getHeads() * cache.getHeadDim()));
    }
  }
  positions = std::max(positions, held + sample.sequence) + kSpare;

  SmallVector<reference::Value> result;
  for (auto [input, type] : llvm::zip_equal(inputs, before.getArgumentTypes())) {
    auto cache = dyn_cast<xf::CacheType>(type);
    if (!cache) {
      result.push_back(input);
      continue;
    }
    int64_t layers = cache.getLayers(), heads = cache.getHeads(), width = cache.getHeadDim();
    for (auto rows : {&CacheLayer::Sequence::keys, &CacheLayer::Sequence::values}) {
      Tensor tensor({slots, layers, heads, positions, width});
      for (auto [l, layer] : llvm::enumerate(input.cache().layers))
        for (auto [slot, sequence] : llvm::enumerate(layer->sequences))
          for (auto [at, x] : llvm::enumerate(sequence.*rows)) {
            int64_t feature = int64_t(at) % width, head = int64_t(at) / width % heads;
            int64_t position = int64_t(at) / width / heads;
            tensor.row(((int64_t(slot) * layers + int64_t(l)) * heads + head) * positions + position)[feature] = x;
          }
      result.emplace_back(std::move(tensor));
    }
  }
  return result;
}

/// [slot, layer, head, position, feature] as [layer, slot, position, head · feature].
static Tensor folded(const Tensor &tensor, int64_t wanted) {
  int64_t slots = tensor.shape[0], layers = tensor.shape[1], heads = tensor.shape[2], positions = tensor.shape[3],
          width = tensor.shape[4];
  // Values beyond are kept where there are any: a difference.
  int64_t last = wanted;
  for (int64_t row = 0; row < tensor.rows(); ++row)
    if (row % positions >= wanted && llvm::any_of(ArrayRef(tensor.row(row), width), [](double x) { return x != 0; }))
      last = positions;
  Tensor result({layers, slots, last, heads * width});
  for (int64_t row = 0; row < tensor.rows(); ++row) {
    int64_t position = row % positions, head = row / positions % heads, layer = row / positions / heads % layers,
            slot = row / positions / heads / layers;
    if (position < last)
      std::copy_n(tensor.row(row), width, result.row((layer * slots + slot) * last + position) + head * width);
  }
  return result;
}

Outcome tensorsAsCaches(func::FuncOp before, Outcome got, const Outcome &like) {
  for (const auto &[base, type] : cacheResults(before))
    for (StringRef suffix : {".keys", ".values"}) {
      auto found = got.results.find(base + suffix.str());
      auto expected = like.results.find(base + suffix.str());
      if (found != got.results.end() && expected != like.results.end() && found->second.shape.size() == 5)
        found->second = folded(found->second, expected->second.shape[2]);
    }
  return got;
}

} // namespace ph::proof
