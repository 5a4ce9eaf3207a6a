// The default model, imported and run on the interpreter, against what transformers says of it: the judge judged.
#include "Importing.h"
#include "powerhouse/Import/WeightReader.h"
#include "powerhouse/Reference/Interpreter.h"
#include "powerhouse/Transforms/Passes.h"
#include "runtime/formats/ModelStore.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace ph;
using namespace mlir;

namespace {

/// The cached default model; empty if it was never fetched. Never fetches.
std::string cachedModel() {
  auto folder = cacheFolder();
  if (!folder)
    return "";
  for (const KnownModel &model : knownModels()) {
    std::filesystem::path path = std::filesystem::path(*folder) / model.path;
    std::error_code error;
    if (model.name == "smollm2" && std::filesystem::file_size(path, error) == model.files[0].bytes && !error)
      return path;
  }
  return "";
}

class SourceWeights final : public reference::WeightProvider {
public:
  explicit SourceWeights(const SourceModel &model) : model(model) {}
  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    return readWeight(model, weight, layer);
  }

private:
  const SourceModel &model;
};

class SmolLM2 : public testing::Test {
protected:
  void SetUp() override {
    std::string path = cachedModel();
    if (path.empty())
      GTEST_SKIP()
          << "THE DEFAULT MODEL IS NOT IN THE CACHE: the import of a real model is not tested; run `make model`";
    auto opened = openSource(path);
    ASSERT_TRUE(opened) << opened.error().message;
    source = std::move(*opened);
    DialectRegistry registry;
    reference::registerReferenceModels(registry);
    context.appendDialectRegistry(registry);
    auto imported = importModel(context, *source);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_TRUE(imported->warnings.empty()) << imported->warnings[0];
    module = std::move(imported->module);
    std::ifstream stream(std::string(PH_SOURCE_DIR) + "/test/Data/smollm2.json");
    prompts = nlohmann::json::parse(stream, nullptr, false)["prompts"];
    ASSERT_TRUE(prompts.is_array());
  }

  /// The logits after the last of `tokens`.
  std::vector<double> run(const std::vector<int> &tokens) {
    SourceWeights weights(*source);
    reference::Context interpreter(weights);
    int64_t count = tokens.size();
    reference::Tensor ids({1, count}, std::vector<double>(tokens.begin(), tokens.end()));
    llvm::SmallVector<reference::Value> results;
    reference::Value arguments[] = {ids, reference::Tensor({1}), reference::Tensor({1}, {double(count - 1)}),
                                    reference::emptyCache(30)};
    EXPECT_TRUE(succeeded(interpreter.call(module->lookupSymbol<func::FuncOp>("forward"), arguments, results)));
    return results.empty() ? std::vector<double>() : results[0].tensor().data;
  }

  /// The reference's ten best ids must be ours, in order, with their logits.
  void expectTopTen(const nlohmann::json &prompt) {
    std::vector<double> logits = run(prompt["input_ids"].get<std::vector<int>>());
    ASSERT_EQ(logits.size(), 49152u);
    std::vector<int> ids = prompt["top_ids"].get<std::vector<int>>();
    std::vector<double> expected = prompt["top_logits"].get<std::vector<double>>();
    double largest = 0;
    for (size_t i = 0; i < ids.size(); ++i)
      largest = std::max(largest, std::abs(logits[ids[i]] - expected[i]));
    EXPECT_LE(largest, 2e-3) << prompt["prompt"];
    int better = 0;
    for (double logit : logits)
      better += logit > logits[ids[0]];
    EXPECT_EQ(better, 0) << "another token is better than the reference's best";
    RecordProperty("largest_error", std::to_string(largest));
    std::cout << "largest error of the top-10 logits: " << largest << "\n";
  }

  ImportContext context;
  std::unique_ptr<SourceModel> source;
  OwningOpRef<ModuleOp> module;
  nlohmann::json prompts;
};

} // namespace

TEST_F(SmolLM2, HasTheShapesOfItsCard) {
  auto model = (*module)->getAttrOfType<DictionaryAttr>(xf::XFDialect::getModelAttrName());
  auto integer = [&](StringRef key) { return cast<IntegerAttr>(model.get(key)).getInt(); };
  EXPECT_EQ(integer("layers"), 30);
  EXPECT_EQ(integer("width"), 576);
  EXPECT_EQ(integer("heads"), 9);
  EXPECT_EQ(integer("kv_heads"), 3);
  EXPECT_EQ(integer("head_dim"), 64);
  EXPECT_EQ(integer("feed_forward"), 1536);
  EXPECT_EQ(integer("vocabulary"), 49152);
  EXPECT_EQ(cast<FloatAttr>(model.get("rope_base")).getValueAsDouble(), 1e5);
  int64_t weights = 0;
  for (auto weight : module->getOps<xf::WeightOp>())
    weights += cast<RankedTensorType>(weight.getType()).getNumElements();
  EXPECT_EQ(weights, 134515008);
}

TEST_F(SmolLM2, GivesTheReferencesLogits) {
  for (const nlohmann::json &prompt : prompts)
    expectTopTen(prompt);
}

TEST_F(SmolLM2, GivesTheReferencesLogitsAfterFusion) {
  PassManager passes(&context);
  passes.addPass(createFuseQKVPass());
  passes.addPass(createFuseGateUpPass());
  passes.addPass(createFuseResidualPass());
  passes.addPass(createFuseRopePass());
  ASSERT_TRUE(succeeded(passes.run(*module)));
  int64_t products = 0;
  module->walk([&](Operation *op) { products += isa<xf::LinearOp, xf::GatedLinearOp>(op); });
  EXPECT_EQ(products, 4); // qkv, attention's output, gate with up, down
  expectTopTen(prompts[0]);
}
