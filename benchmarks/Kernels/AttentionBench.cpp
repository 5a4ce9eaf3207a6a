// Speed of attention with SmolLM2-135M's shape, all 30 layers, one thread: GFLOP/s of what a causal mask leaves for
// prompts, GB/s of keys and values for single tokens; then of the row kernels. The best of several runs.
//   attention-bench [level] [seconds per line]
//   attention-bench level assembly        the attention kernel's machine code
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/AttentionKernels.h"
#include "test/Unit/Codegen/Linear/KernelHost.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <sys/mman.h>

using namespace ph::codegen;
using ph::test::HostedKernel;

namespace {

constexpr int64_t layers = 30, heads = 9, kvHeads = 3, headDim = 64, width = heads * headDim;

/// This thread's time on a CPU, so that other programs count as little as may be.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

/// Least seconds of `work()`.
template <class Work> double measure(double seconds, Work work) {
  double best = 1e9;
  int runs = 0;
  for (double end = now() + seconds; runs < 3 || now() < end; ++runs) {
    double start = now();
    work();
    best = std::min(best, now() - start);
  }
  return best;
}

std::vector<float> noise(size_t size) {
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> distribution(-1.0f, 1.0f);
  std::vector<float> result(size);
  for (float &x : result)
    x = distribution(random);
  return result;
}

AttentionSpec specOf(bool half, int64_t headsPerUnit) {
  AttentionSpec spec;
  spec.cache = {layers, kvHeads, headDim, half};
  spec.heads = heads;
  spec.scale = 0.125;
  spec.rope = RopeSpec{headDim, RopeStyle::Half};
  spec.output.group = 32;
  spec.headsPerUnit = headsPerUnit;
  return spec;
}

HostedKernel::Build builder(const CpuLevel &level, AttentionSpec spec) {
  return [&level, spec](mlir::ModuleOp module) { return buildAttention(module, level, spec); };
}

using AttentionFn = void(const float *q, const float *cos, const float *sin, const int32_t *past, const void *cache,
                         int8_t *codes, float *scale, float *sum, int64_t layer, int64_t u0, int64_t u1,
                         int64_t sequence, int64_t ldq, int64_t context);

void attention(const CpuLevel &level, bool half, int64_t headsPerUnit, double seconds) {
  AttentionSpec spec = specOf(half, headsPerUnit);
  HostedKernel kernel(level, builder(level, spec), {});
  constexpr int64_t context = 2048, most = 512;
  auto q = noise(most * width), cos = noise(most * headDim / 2), sin = noise(most * headDim / 2);
  // In huge pages, as the runtime keeps it.
  size_t bytes = 2 * layers * kvHeads * headDim * context * (half ? 2 : 4);
  void *cache = std::aligned_alloc(2 << 20, (bytes + (2 << 20) - 1) & ~size_t((2 << 20) - 1));
  madvise(cache, bytes, MADV_HUGEPAGE);
  auto values = noise(half ? 0 : bytes / 4);
  std::memset(cache, 0, bytes);
  std::copy(values.begin(), values.end(), static_cast<float *>(cache));
  std::vector<int8_t> codes(most * width);
  std::vector<float> scale(most * width / 32), sum(scale.size());
  for (auto [past, sequence] :
       {std::pair<int32_t, int64_t>{0, 128}, {0, 512}, {1536, 512}, {64, 1}, {511, 1}, {2047, 1}, {1023, 4}}) {
    int64_t units = spec.headUnits() * ((sequence + spec.unitPositions() - 1) / spec.unitPositions());
    // Layer after layer, so that keys and values come from memory; the best layer stands for all.
    int64_t layer = 0;
    double time = layers * measure(seconds, [&] {
                    kernel.as<AttentionFn>()(q.data(), cos.data(), sin.data(), &past, cache, codes.data(), scale.data(),
                                             sum.data(), layer, 0, units, sequence, width, context);
                    layer = (layer + 1) % layers;
                  });
    double pairs = 0;
    for (int64_t s = 0; s < sequence; ++s)
      pairs += past + s + 1;
    double flop = pairs * layers * heads * headDim * 4;
    double read = double(past + sequence) * layers * kvHeads * headDim * 2 * (half ? 2 : 4);
    std::printf("%-16s %s heads/unit %ld  past %4d + %3ld  %8.3f ms  %6.1f GFLOP/s  %6.1f GB/s\n",
                level.name.str().c_str(), half ? "f16" : "f32", long(headsPerUnit), past, long(sequence), time * 1e3,
                flop / time / 1e9, read / time / 1e9);
  }
  std::free(cache);
}

void rows(const CpuLevel &level, double seconds) {
  constexpr int64_t m = 512, k = width;
  auto x = noise(m * k), w = noise(k);
  std::vector<int8_t> codes(m * k);
  std::vector<float> scale(m * k / 32), sum(scale.size()), y(m * k);
  auto report = [&](const char *name, double time) {
    std::printf("%-16s %-24s %7.3f us per row of %ld\n", level.name.str().c_str(), name, time / m * 1e6, long(k));
  };
  using EncodeFn = void(const float *, int8_t *, float *, float *, int64_t, int64_t, int64_t);
  HostedKernel encode(level, [&](mlir::ModuleOp module) { return buildEncode(module, level, {k, 32}); }, {});
  report("encode",
         measure(seconds, [&] { encode.as<EncodeFn>()(x.data(), codes.data(), scale.data(), sum.data(), 0, m, k); }));
  using NormFn = void(const float *, const float *, int8_t *, float *, float *, int64_t, int64_t, int64_t);
  HostedKernel norm(level, [&](mlir::ModuleOp module) { return buildRmsNorm(module, level, {k, 1e-5, {32}}); }, {});
  report("rms_norm, encoded", measure(seconds, [&] {
           norm.as<NormFn>()(x.data(), w.data(), codes.data(), scale.data(), sum.data(), 0, m, k);
         }));
  using GateFn =
      void(const float *, const float *, float *, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);
  HostedKernel gate(level, [&](mlir::ModuleOp module) { return buildGatedActivation(module, level, {}); }, {});
  report("gated silu", measure(seconds, [&] { gate.as<GateFn>()(x.data(), x.data(), y.data(), 0, m, 0, k, k, k, k); }));
  using AppendFn = void(const float *, const float *, const float *, const float *, const int32_t *, void *, int64_t,
                        int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);
  std::vector<float> cache(2 * kvHeads * headDim * m);
  for (bool half : {false, true}) {
    CacheAppendSpec spec{{1, kvHeads, headDim, half}, RopeSpec{headDim, RopeStyle::Half}};
    HostedKernel append(level, [&](mlir::ModuleOp module) { return buildCacheAppend(module, level, spec); }, {});
    int32_t past = 0;
    report(half ? "cache_append, f16" : "cache_append, f32", measure(seconds, [&] {
             append.as<AppendFn>()(x.data(), x.data(), x.data(), x.data(), &past, cache.data(), 0, 0, m, m, k, k, m);
           }));
  }
}

} // namespace

int main(int argc, char **argv) {
  bool assembly = argc > 2 && !std::strcmp(argv[2], "assembly");
  double seconds = argc > 2 && !assembly ? std::atof(argv[2]) : 0.3;
  for (const CpuLevel &level : cpuLevels()) {
    if (argc > 1 && level.name != argv[1])
      continue;
    if (!hostSupports(level)) {
      std::printf("%s: this machine does not run it\n", level.name.str().c_str());
      continue;
    }
    if (assembly) {
      std::fputs(ph::test::kernelAssembly(level, builder(level, specOf(false, 3))).c_str(), stdout);
      continue;
    }
    for (bool half : {false, true})
      for (int64_t headsPerUnit : {1, 3})
        attention(level, half, headsPerUnit, seconds);
    rows(level, seconds);
  }
  return 0;
}
