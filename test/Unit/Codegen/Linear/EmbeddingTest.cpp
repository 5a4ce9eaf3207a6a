#include "KernelHost.h"
#include "WeightSamples.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::codegen;
using namespace ph::test;

TEST(Embedding, GivesRowsOfEveryFormat) {
  for (const CpuLevel &level : cpuLevels()) {
    if (!hostSupports(level)) {
      std::fprintf(stderr, "SKIPPED: this machine does not run %s\n", level.name.str().c_str());
      continue;
    }
    for (const std::string &name : multipliedFormats())
      for (float scale : {1.0f, 3.0f}) {
        constexpr int64_t vocabulary = 50, K = 256;
        SampleMatrix table(name, vocabulary, K, 1);
        EmbeddingSpec spec{*PackedLayout::choose(*table.format, K), K, scale};
        std::vector<uint8_t> packed = packAll({spec.table, {table.part()}, {}, nullptr});
        HostedKernel kernel = hostEmbedding(level, spec);
        std::vector<int32_t> tokens = {49, 0, 17, 17, 31, 32, 15};
        std::vector<float> y(tokens.size() * K, -77.0f);
        kernel.as<EmbeddingFn>()(packed.data(), tokens.data(), y.data(), 1, 6);
        for (size_t m = 0; m < tokens.size(); ++m)
          for (int64_t k = 0; k < K; ++k) {
            if (m == 0 || m == 6) {
              ASSERT_EQ(y[m * K + k], -77.0f) << "a row outside of the range was written";
              continue;
            }
            const float want = table.values[tokens[m] * K + k] * scale;
            ASSERT_NEAR(y[m * K + k], want, std::abs(want) * 2.4e-7 + 1e-6)
                << level.name.str() << " " << name << " row " << m << " column " << k;
          }
      }
  }
}
