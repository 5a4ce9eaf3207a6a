#include "../KernelTesting.h"
#include "powerhouse/Codegen/CPU/AttentionKernels.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <sstream>

using namespace ph::codegen;
using mlir::ModuleOp;

namespace {

struct Shape {
  int64_t heads, kvHeads, headDim;
  bool half = false;
  std::optional<RopeSpec> rope = std::nullopt;
};

/// A cache full of finite numbers and queries, and attention over them in plain loops.
struct Problem {
  Shape shape;
  int64_t layers = 2, layer = 1, context, batch, sequence;
  std::vector<int32_t> past;
  double scale;
  std::vector<float> q, cos, sin;
  std::vector<uint16_t> halfCache;
  std::vector<float> cache;

  Problem(Shape shape, std::vector<int32_t> past, int64_t sequence, int64_t context,
          std::function<std::vector<float>(size_t)> normal)
      : shape(shape), context(context), batch(past.size()), sequence(sequence), past(past),
        scale(1 / std::sqrt(double(shape.headDim))) {
    q = normal(rows() * ldq());
    if (shape.rope) {
      cos = normal(rows() * shape.rope->dim / 2);
      sin = normal(rows() * shape.rope->dim / 2);
    }
    cache = normal(batch * layers * 2 * shape.kvHeads * shape.headDim * context);
    for (float &x : cache)
      if (shape.half) {
        halfCache.push_back(ph::floatToHalf(x));
        x = ph::halfToFloat(halfCache.back());
      }
  }

  int64_t rows() const { return batch * sequence; }
  int64_t ldq() const { return shape.heads * shape.headDim + 16; }
  int64_t width() const { return shape.heads * shape.headDim; }
  int64_t keys(int64_t b, int64_t kv) const {
    return ((b * layers + layer) * 2 * shape.kvHeads + kv) * shape.headDim * context;
  }

  AttentionSpec spec(int64_t headsPerUnit = 1, unsigned group = 0) const {
    AttentionSpec result;
    result.cache = {layers, shape.kvHeads, shape.headDim, shape.half};
    result.heads = shape.heads;
    result.scale = scale;
    result.rope = shape.rope;
    result.output.group = group;
    result.headsPerUnit = headsPerUnit;
    return result;
  }

  std::vector<float> expected() const {
    std::vector<float> y(rows() * width());
    int64_t hd = shape.headDim;
    for (int64_t m = 0; m < rows(); ++m)
      for (int64_t h = 0; h < shape.heads; ++h) {
        int64_t b = m / sequence, seen = past[b] + m % sequence + 1;
        int64_t k = keys(b, h / (shape.heads / shape.kvHeads)), v = k + shape.kvHeads * hd * context;
        std::vector<double> query(&q[m * ldq() + h * hd], &q[m * ldq() + h * hd] + hd);
        if (shape.rope) {
          int64_t half = shape.rope->dim / 2;
          std::vector<double> old = query;
          for (int64_t i = 0; i < half; ++i) {
            double c = cos[m * half + i], s = sin[m * half + i];
            query[i] = old[i] * c - old[i + half] * s;
            query[i + half] = old[i + half] * c + old[i] * s;
          }
        }
        std::vector<double> weight(seen);
        double top = -INFINITY, total = 0;
        for (int64_t t = 0; t < seen; ++t) {
          for (int64_t d = 0; d < hd; ++d)
            weight[t] += query[d] * cache[k + (t / 16 * hd + d) * 16 + t % 16];
          top = std::max(top, weight[t] *= scale);
        }
        for (double &w : weight)
          total += w = std::exp(w - top);
        for (int64_t d = 0; d < hd; ++d) {
          double sum = 0;
          for (int64_t t = 0; t < seen; ++t)
            sum += weight[t] * cache[v + t * hd + d];
          y[m * width() + h * hd + d] = sum / total;
        }
      }
    return y;
  }
};

class AttentionKernel {
public:
  AttentionKernel(const CpuLevel &level, AttentionSpec spec)
      : spec(spec), kernel(level, [&](ModuleOp m) { return buildAttention(m, level, spec); }) {}

  int64_t units(const Problem &p) const {
    int64_t per = spec.unitPositions();
    return p.batch * spec.headUnits() * ((p.sequence + per - 1) / per);
  }

  /// Rows [first, first + sequence) of each sequence of `p`, as one call.
  std::vector<float> operator()(const Problem &p, int64_t ldy = 0) const {
    ldy = ldy ? ldy : p.width();
    std::vector<float> y(p.rows() * ldy, 7.0f);
    run(p, y.data(), ldy, 0, units(p));
    return y;
  }

  void run(const Problem &p, float *y, int64_t ldy, int64_t u0, int64_t u1) const {
    const void *cache = p.shape.half ? static_cast<const void *>(p.halfCache.data()) : p.cache.data();
    if (spec.rope)
      kernel(p.q.data(), p.cos.data(), p.sin.data(), p.past.data(), cache, y, p.layer, u0, u1, p.sequence, p.ldq(),
             p.context, ldy);
    else
      kernel(p.q.data(), p.past.data(), cache, y, p.layer, u0, u1, p.sequence, p.ldq(), p.context, ldy);
  }

  const AttentionSpec spec;
  const KernelJit kernel;
};

class Attention : public LevelTest {
protected:
  Problem problem(Shape shape, std::vector<int32_t> past, int64_t sequence, int64_t context) {
    return Problem(shape, past, sequence, context, [&](size_t size) { return normal(size); });
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, Attention, testing::ValuesIn(everyLevel()), levelName);

void expectNear(const std::vector<float> &actual, const std::vector<float> &expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], tolerance) << "element " << i;
}

TEST_P(Attention, MatchesPlainLoops) {
  RopeSpec rope{64, RopeStyle::Half};
  for (Shape shape : {Shape{9, 3, 64, false, rope}, Shape{4, 4, 80}, Shape{8, 1, 96}, Shape{14, 2, 128},
                      Shape{3, 3, 16}, Shape{9, 3, 64, true}, Shape{2, 1, 48, true}})
    for (int64_t headsPerUnit : {int64_t(1), shape.heads / shape.kvHeads}) {
      AttentionKernel kernel(level(), problem(shape, {0}, 1, 64).spec(headsPerUnit));
      for (auto [past, sequence] : {std::pair<std::vector<int32_t>, int64_t>{{0}, 1},
                                    {{63}, 1},
                                    {{64}, 1},
                                    {{100, 3}, 1},
                                    {{0, 37}, 70},
                                    {{5}, 2},
                                    {{0}, 50}}) {
        Problem p = problem(shape, past, sequence, 128);
        SCOPED_TRACE(testing::Message() << shape.heads << "/" << shape.kvHeads << "x" << shape.headDim << " past "
                                        << past[0] << " sequence " << sequence << " unit " << headsPerUnit);
        expectNear(kernel(p), p.expected(), 2e-6);
      }
    }
}

TEST_P(Attention, SameBitsForEveryChunkingAndUnit) {
  for (bool half : {false, true}) {
    Shape shape{6, 2, 64, half, RopeSpec{64, RopeStyle::Half}};
    int64_t total = 150, context = 192;
    Problem whole = problem(shape, {7}, total, context);
    AttentionKernel single(level(), whole.spec(1)), grouped(level(), whole.spec(3));
    auto expected = single(whole);
    EXPECT_TRUE(sameBits(expected, grouped(whole))) << "heads per unit";

    std::vector<float> parts(expected.size(), 7.0f);
    for (int64_t u = single.units(whole); u-- > 0;)
      single.run(whole, parts.data(), whole.width(), u, u + 1);
    EXPECT_TRUE(sameBits(expected, parts)) << "unit by unit";

    for (const AttentionKernel *kernel : {&single, &grouped})
      for (int64_t chunk : {1, 2, 7, 48, 49, 128}) {
        std::vector<float> y;
        for (int64_t s = 0; s < total; s += chunk) {
          Problem part = whole;
          part.sequence = std::min(chunk, total - s);
          part.past = {int32_t(7 + s)};
          part.q.assign(&whole.q[s * whole.ldq()], &whole.q[s * whole.ldq()] + part.sequence * whole.ldq());
          part.cos.assign(&whole.cos[s * 32], &whole.cos[s * 32] + part.sequence * 32);
          part.sin.assign(&whole.sin[s * 32], &whole.sin[s * 32] + part.sequence * 32);
          // What lies beyond the positions stored so far is stale: other finite numbers.
          if (!half)
            for (int64_t kv = 0; kv < 2; ++kv)
              for (int64_t t = part.past[0] + part.sequence; t < context; ++t)
                for (int64_t d = 0; d < 64; ++d) {
                  part.cache[part.keys(0, kv) + (t / 16 * 64 + d) * 16 + t % 16] = 1e30f;
                  part.cache[part.keys(0, kv) + (2 * context + t) * 64 + d] = -1e30f;
                }
          auto rows = (*kernel)(part);
          y.insert(y.end(), rows.begin(), rows.end());
        }
        EXPECT_TRUE(sameBits(expected, y)) << "chunks of " << chunk << ", " << kernel->spec.headsPerUnit << " heads";
      }
  }
}

TEST_P(Attention, SameBitsAloneAndInABatch) {
  Shape shape{4, 2, 32};
  Problem both = problem(shape, {90, 11}, 9, 128);
  AttentionKernel kernel(level(), both.spec(2));
  auto expected = kernel(both);
  std::vector<float> y;
  for (int64_t b = 0; b < 2; ++b) {
    Problem one = both;
    int64_t slot = both.cache.size() / 2, rows = 9 * both.ldq();
    one.batch = 1;
    one.past = {both.past[b]};
    one.cache.assign(&both.cache[b * slot], &both.cache[b * slot] + slot);
    one.q.assign(&both.q[b * rows], &both.q[b * rows] + rows);
    auto part = kernel(one);
    y.insert(y.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(sameBits(expected, y));
}

TEST_P(Attention, RowsFartherApart) {
  Problem p = problem({2, 1, 32}, {3}, 4, 64);
  AttentionKernel kernel(level(), p.spec(2));
  int64_t ldy = p.width() + 5;
  auto wide = kernel(p, ldy), dense = kernel(p);
  for (int64_t m = 0; m < 4; ++m) {
    for (int64_t i = 0; i < p.width(); ++i)
      ASSERT_EQ(wide[m * ldy + i], dense[m * p.width() + i]);
    ASSERT_EQ(wide[m * ldy + p.width()], 7.0f) << "wrote past the row";
  }
}

TEST_P(Attention, EncodedResult) {
  for (unsigned group : {32u, 16u}) {
    Problem p = problem({6, 2, 64}, {20, 0}, 5, 64);
    AttentionKernel plain(level(), p.spec(3));
    Encoded expected = encodeReference(plain(p), group), actual(p.rows() * p.width(), group);
    KernelJit kernel(level(), [&](ModuleOp m) { return buildAttention(m, level(), p.spec(3, group)); });
    kernel(p.q.data(), p.past.data(), p.cache.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(),
           p.layer, int64_t(0), plain.units(p), p.sequence, p.ldq(), p.context);
    EXPECT_TRUE(sameBits(expected.codes, actual.codes));
    EXPECT_TRUE(sameBits(expected.scale, actual.scale));
    EXPECT_TRUE(sameBits(expected.sum, actual.sum));
  }
}

TEST_P(Attention, LargeScoresStayFiniteAndNaNShows) {
  Problem p = problem({1, 1, 16}, {80}, 1, 128);
  for (float &x : p.q)
    x *= 1e4f;
  AttentionKernel kernel(level(), p.spec());
  expectNear(kernel(p), p.expected(), 2e-6);
  p.q[3] = NAN;
  EXPECT_TRUE(std::isnan(kernel(p)[0]));
}

/// The loops of products, where the time goes: without inner loops, and without 2^x (which shifts exponents).
std::vector<std::vector<std::string>> hotLoops(const std::string &assembly) {
  std::vector<std::vector<std::string>> result;
  std::vector<std::string> block;
  std::string label, line;
  std::istringstream lines(assembly);
  while (std::getline(lines, line)) {
    if (line.starts_with(".LBB")) {
      label = line.substr(0, line.find(':'));
      block.clear();
      continue;
    }
    block.push_back(line);
    if (line.starts_with("\tj") && line.ends_with("\t" + label)) {
      bool exponents = std::any_of(block.begin(), block.end(),
                                   [](const std::string &text) { return text.find("vpslld") != text.npos; });
      size_t products = std::count_if(block.begin(), block.end(),
                                      [](const std::string &text) { return text.find("\tvfmadd") != text.npos; });
      if (products >= 3 && !exponents)
        result.push_back(block);
    }
  }
  return result;
}

TEST_P(Attention, CallsNothingAndHotLoopsDontSpill) {
  for (auto [headsPerUnit, headDim] : {std::pair<int64_t, int64_t>{1, 64}, {3, 64}, {3, 128}, {3, 80}})
    for (bool half : {false, true}) {
      SCOPED_TRACE(testing::Message() << headsPerUnit << " heads of " << headDim << (half ? ", f16" : ", f32"));
      AttentionSpec spec = problem({9, 3, headDim, half}, {0}, 1, 64).spec(headsPerUnit, 16);
      std::string assembly =
          ph::test::kernelAssembly(level(), [&](ModuleOp module) { return buildAttention(module, level(), spec); });
      std::string kernel = assembly.substr(assembly.find("\nattention_"));
      kernel.resize(kernel.find("\n.Lfunc_end"));
      for (size_t call = 0; (call = kernel.find("\tcall", call)) != kernel.npos; ++call)
        EXPECT_EQ(kernel.find("memset", call), call + 7) << "exp and the like are polynomials, in place";
      auto loops = hotLoops(kernel);
      EXPECT_GE(loops.size(), 4u) << "scores and values, for one position and for many";
      for (const auto &loop : loops)
        for (const std::string &line : loop) {
          // Queries and weights are broadcast from the stack; a whole vector there is a spilled register.
          bool stack = line.find("%rsp") != line.npos || line.find("%rbp") != line.npos;
          bool scalar = line.find("vbroadcastss") != line.npos || line.find("{1to") != line.npos ||
                        line.find("\tlea") != line.npos;
          EXPECT_FALSE(stack && !scalar) << line;
          EXPECT_FALSE(line.find("\tvmov") != line.npos && line.ends_with(")")) << "a store:" << line;
        }
    }
}

TEST(AttentionSpecs, RefusalsSayWhy) {
  AttentionSpec spec;
  spec.cache = {1, 3, 64, false};
  spec.heads = 9;
  EXPECT_EQ(whyUnsupported(spec), std::nullopt);
  spec.headsPerUnit = 2;
  EXPECT_EQ(whyUnsupported(spec), "2 heads per unit don't divide the 3 that share a key head");
  spec.headsPerUnit = 3;
  spec.heads = 8;
  EXPECT_EQ(whyUnsupported(spec), "8 query heads don't share 3 key heads evenly");
  spec.heads = 9;
  spec.cache.headDim = 80;
  spec.output.group = 32;
  EXPECT_EQ(whyUnsupported(spec), "heads of 80 elements don't divide into groups of 32");
  spec.cache.headDim = 100;
  EXPECT_EQ(whyUnsupported(spec), "a cache of 1 layers, 3 heads of 100 elements: heads must be a multiple of 16");
}

} // namespace
