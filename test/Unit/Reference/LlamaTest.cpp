// The Llama of test/Reference/llama.mlir fed in pieces, against the logits of transformers for whole sequences.
#include "mlir/Parser/Parser.h"
#include "test/Unit/Reference/Harness.h"

using namespace ph::reference;

namespace {

class LlamaTest : public ReferenceTest {
protected:
  void SetUp() override {
    std::string source = PH_SOURCE_DIR, data = source + "/test/Data/models/llama/";
    module = mlir::parseSourceFile<mlir::ModuleOp>(source + "/test/Reference/llama.mlir", &context);
    ASSERT_TRUE(module);
    auto checkpoint = ph::SafetensorsFile::open(data + "model.safetensors");
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    provider = makeFileWeights(*checkpoint);
    auto file = ph::SafetensorsFile::open(data + "expected.safetensors");
    ASSERT_TRUE(file) << file.error().message;
    expected = *file;
    tokens = expected->find("input_ids")->toIntegers();
    logits = expected->find("logits")->toFloats();
  }

  /// Runs `sequence` tokens of each sequence from its past, compares all rows, and keeps the cache.
  void step(std::vector<int64_t> pasts, int64_t sequence) {
    int64_t batch = pasts.size();
    Tensor ids({batch, sequence}), past({batch}), rows({batch * sequence});
    for (int64_t b = 0; b < batch; ++b) {
      past.data[b] = double(pasts[b]);
      for (int64_t s = 0; s < sequence; ++s) {
        ids.row(b)[s] = double(tokens[b * 12 + pasts[b] + s]);
        rows.data[b * sequence + s] = double(b * sequence + s);
      }
    }
    Context interpreter(*provider);
    llvm::SmallVector<Value> results;
    auto function = module->lookupSymbol<mlir::func::FuncOp>("forward");
    ASSERT_TRUE(succeeded(interpreter.call(function, {ids, past, rows, cache}, results)));
    const Tensor &got = results[0].tensor();
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t s = 0; s < sequence; ++s)
        for (int64_t i = 0; i < 320; ++i)
          ASSERT_NEAR(got.row(b * sequence + s)[i], logits[(b * 12 + pasts[b] + s) * 320 + i], 1e-4)
              << "sequence " << b << " position " << pasts[b] + s;
    cache = results[1];
  }

  std::unique_ptr<WeightProvider> provider;
  std::shared_ptr<ph::SafetensorsFile> expected;
  std::vector<int64_t> tokens;
  std::vector<float> logits;
  Value cache = emptyCache(2);
};

TEST_F(LlamaTest, TokenByToken) {
  for (int64_t past = 0; past < 12; ++past)
    step({past, past}, 1);
}

TEST_F(LlamaTest, InChunks) {
  step({0, 0}, 5);
  step({5, 5}, 7);
}

TEST_F(LlamaTest, OneSequence) { step({0}, 12); }

TEST_F(LlamaTest, SequencesOfDifferentLengths) {
  step({0, 0}, 7);
  step({7, 4}, 3); // the second sequence repeats what it had
  step({10, 7}, 2);
  step({11, 9}, 1);
}

} // namespace
