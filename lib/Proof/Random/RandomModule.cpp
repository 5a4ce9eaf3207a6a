#include "powerhouse/Proof/RandomModule.h"
#include "lib/Proof/Random/Draft.h"
#include "llvm/ADT/STLExtras.h"

namespace ph::proof {

/// Tables of families, each with how much of 100 it gets.
static constexpr std::pair<unsigned, llvm::ArrayRef<Family> (*)()> kTables[] = {
    {36, denseFamilies},     {26, attentionFamilies}, {8, expertFamilies},  {4, groupedFamilies},
    {11, primitiveFamilies}, {7, spelledFamilies},    {4, storageFamilies}, {4, visionFamilies},
};

std::string listRandomFamilies() {
  std::string text;
  for (auto [share, table] : kTables)
    for (const Family &family : table())
      if (!llvm::StringRef(text).contains(family.name))
        text += family.name.str() + "\n";
  return text;
}

static const Family &chooseFamily(Draft &draft) {
  int64_t number = draft.below(100);
  for (auto [share, table] : kTables) {
    if (number < share)
      return table()[draft.below(table().size())];
    number -= share;
  }
  return denseFamilies()[0];
}

static Stream add(Draft &draft, const Stream &x, const Stream &y) {
  bool swapped = draft.chance(50);
  return draft.stream(x.width, "xf.add " + (swapped ? y : x).name + ", " + (swapped ? x : y).name + " : (" + x.type() +
                                   ", " + x.type() + ") -> " + x.type());
}

/// A layer: blocks that read the stream, mostly through a norm, and mostly add to it.
static void addLayer(Draft &draft, Stream &x) {
  for (int64_t blocks = 1 + draft.below(3); blocks > 0; --blocks) {
    Stream y = x;
    if (draft.chance(60))
      y = denseFamilies()[draft.chance(70) ? 0 : 6].make(draft, y); // an rms_norm or a layer_norm
    y = chooseFamily(draft).make(draft, y);
    if (y.width != x.width)
      y = draft.linear(y, x.width);
    draft.keep(y);
    x = draft.chance(75) ? add(draft, x, y) : y;
  }
}

static void addLayers(Draft &draft, Stream &x, int64_t count) {
  if (draft.chance(60) && count > 1) {
    draft.openLoop(count, x);
    addLayer(draft, x);
    draft.closeLoop(x);
    return;
  }
  // Spelled out: all alike or each its own.
  bool alike = draft.chance(60);
  reference::Generator first = draft.random;
  for (int64_t i = 0; i < count; ++i) {
    if (alike)
      draft.random = first;
    draft.layer = draft.emit("arith.constant " + std::to_string(i) + " : index");
    addLayer(draft, x);
  }
}

std::string makeRandomModule(uint64_t seed) {
  Draft draft(seed);
  int64_t width = draft.among<int64_t>({32, 64}), layers = 1 + draft.below(3);
  constexpr int64_t vocabulary = 24;
  if (draft.chance(50)) {
    draft.headDim = draft.among<int64_t>({8, 16});
    draft.cacheHeads = draft.among<int64_t>({1, 2});
    draft.cacheType = "!xf.cache<" + std::to_string(layers) + " x " + std::to_string(draft.cacheHeads) + " x " +
                      std::to_string(draft.headDim) + ", " + draft.among<std::string>({"f32", "f16"}) + ">";
  }
  Stream x{"", width};
  Weight table{"", ""};
  if (draft.chance(60)) {
    table = draft.weight({vocabulary, width});
    x = embed(draft, table, width);
  } else {
    x.name = draft.argument("x", x.type());
  }
  if (!draft.cacheType.empty()) {
    draft.past(); // a cache holds as many positions as the pasts say
    draft.cache = draft.argument("cache", draft.cacheType);
  }
  draft.keep(x);
  addLayers(draft, x, layers);

  if (draft.chance(30))
    draft.giveToo(x.name, x.type());
  finish(draft, denseFamilies()[0].make(draft, x), table, vocabulary);
  if (!draft.cache.empty())
    draft.giveToo(draft.cache, draft.cacheType);
  // What nothing uses: a weight that is loaded, and a function with one.
  if (draft.chance(10))
    draft.weight({16, 32});
  std::string unused;
  if (draft.chance(10)) {
    draft.weights += "  xf.weight @unused : tensor<8x32xf32> sources [#xf.source<\"unused\">]\n";
    unused =
        "  func.func private @uncalled() -> tensor<8x32xf32> {\n    %w = xf.load_weight @unused : tensor<8x32xf32>\n"
        "    return %w : tensor<8x32xf32>\n  }\n";
  }

  std::string names, types;
  for (const auto &[name, type] : draft.results) {
    names += (names.empty() ? "" : ", ") + name;
    types += (types.empty() ? "" : ", ") + type;
  }
  return "module @random" + std::to_string(seed) + " {\n" + draft.weights + "  func.func @forward(" + draft.arguments +
         ") -> (" + types + ") {\n" + draft.body + "    return " + names + " : " + types + "\n  }\n" + unused + "}\n";
}

} // namespace ph::proof
