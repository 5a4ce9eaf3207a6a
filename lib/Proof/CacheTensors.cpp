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

/// [slot, layer, head, position, feature] as [layer, slot, position, head · feature], of `wanted` slots and positions.
/// Those beyond are kept where any holds a value: a difference.
static Tensor folded(const Tensor &tensor, ArrayRef<int64_t> wanted) {
  int64_t layers = tensor.shape[1], heads = tensor.shape[2], width = tensor.shape[4];
  int64_t positions = wanted[1], slots = wanted[0];
  auto placeOf = [&](int64_t row) { return std::pair(row / tensor.shape[3] / heads / layers, row % tensor.shape[3]); };
  for (int64_t row = 0; row < tensor.rows(); ++row)
    if (llvm::any_of(ArrayRef(tensor.row(row), width), [](double x) { return x != 0; })) {
      slots = std::max(slots, placeOf(row).first + 1);
      positions = std::max(positions, placeOf(row).second + 1);
    }
  Tensor result({layers, slots, positions, heads * width});
  for (int64_t row = 0; row < tensor.rows(); ++row) {
    auto [slot, position] = placeOf(row);
    int64_t head = row / tensor.shape[3] % heads, layer = row / tensor.shape[3] / heads % layers;
    if (slot < slots && position < positions)
      std::copy_n(tensor.row(row), width, result.row((layer * slots + slot) * positions + position) + head * width);
  }
  return result;
}

Outcome tensorsAsCaches(func::FuncOp before, Outcome got, const Outcome &like) {
  for (const auto &[base, type] : cacheResults(before))
    for (StringRef suffix : {".keys", ".values"}) {
      auto found = got.results.find(base + suffix.str());
      auto expected = like.results.find(base + suffix.str());
      if (found != got.results.end() && expected != like.results.end() && found->second.shape.size() == 5)
        found->second = folded(found->second, ArrayRef(expected->second.shape).slice(1, 2));
    }
  return got;
}

} // namespace ph::proof
