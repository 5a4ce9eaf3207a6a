// Speed of generated matrix products: GB/s of packed weights for one row, GFLOP/s for 8 and 512, each with 1
// and 2 threads.
//   linear-bench [level] [seconds per line]     best times, so that other load on the machine matters less
//   linear-bench --asm level number             the assembly of one of the cases
#include "KernelHost.h"
#include "powerhouse/Codegen/CPU/PackWeights.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/mman.h>
#include <thread>

using namespace ph;
using namespace ph::codegen;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Anonymous memory in huge pages, as the runtime keeps weights.
struct Huge {
  explicit Huge(size_t size) : bytes((size + (2 << 20) - 1) & ~size_t((2 << 20) - 1)) {
    base = static_cast<uint8_t *>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED)
      std::abort();
    madvise(base, bytes, MADV_HUGEPAGE);
  }
  ~Huge() { munmap(base, bytes); }
  size_t bytes;
  uint8_t *base;
};

/// Best seconds of `work(thread)` run by `threads` at once.
template <class Work> double measure(int threads, double seconds, Work work, int least = 5) {
  double best = 1e9;
  int runs = 0;
  for (double end = now() + seconds; runs < least || now() < end; ++runs) {
    double start = now();
    std::vector<std::thread> team;
    for (int t = 1; t < threads; ++t)
      team.emplace_back(work, t);
    work(0);
    for (std::thread &thread : team)
      thread.join();
    best = std::min(best, now() - start);
  }
  return best;
}

/// Reads part `t` of `threads` of the memory, and nothing else.
void readAll(const Huge &memory, int t, int threads) {
  [[maybe_unused]] static volatile uint64_t sink;
  typedef uint64_t V __attribute__((vector_size(64)));
  const size_t part = memory.bytes / threads;
  const V *at = reinterpret_cast<const V *>(memory.base + part * t);
  V a{}, b{}, c{}, d{};
  for (size_t i = 0; i < part / 64; i += 4)
    a ^= at[i], b ^= at[i + 1], c ^= at[i + 2], d ^= at[i + 3];
  a ^= b ^ c ^ d;
  sink = a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5] ^ a[6] ^ a[7];
}

struct Case {
  const char *format;
  int64_t n, k;
  bool int8, gated;
};

LinearSpec specOf(const Case &c) {
  LinearSpec spec;
  spec.weight = *PackedLayout::choose(*findFormatByName(c.format), c.k);
  spec.N = c.n;
  spec.K = c.k;
  spec.inputGroup = c.int8 ? spec.weight.group : 0;
  if (c.gated)
    spec.gate = Activation::Silu;
  return spec;
}

void run(const CpuLevel &level, const Case &c, double seconds) {
  const LinearSpec spec = specOf(c);
  test::HostedKernel kernel = test::hostLinear(level, spec);
  auto *linear = kernel.as<test::LinearFn>();

  // Enough copies of the matrix that none is in a cache when its turn comes.
  const size_t matrix = (spec.weightBytes() + 63) & ~size_t(63);
  const int64_t copies = std::max<int64_t>(1, (192 << 20) / int64_t(matrix));
  const int64_t most = 512;
  Huge weights(matrix * copies + (1 << 20)), x(most * c.k * 4), y(most * c.n * 4), scales(most * c.k), sums(most * c.k);
  std::memset(weights.base, 0x11, weights.bytes);
  std::memset(x.base, c.int8 ? 3 : 0, x.bytes);
  std::memset(y.base, 0, y.bytes);
  std::memset(scales.base, 0, scales.bytes);
  std::memset(sums.base, 0, sums.bytes);
  const double flop = 2.0 * c.n * c.k * (c.gated ? 2 : 1);
  std::printf("%-5s %6ld x %-6ld%s %s %8.1f MB:", c.format, long(c.n), long(c.k), c.gated ? " gated" : "      ",
              c.int8 ? "int8" : "f32 ", matrix / 1e6);
  auto call = [&](const uint8_t *w, int64_t rows, int t, int threads) {
    linear(w, x.base, reinterpret_cast<float *>(scales.base), reinterpret_cast<float *>(sums.base),
           reinterpret_cast<float *>(y.base), nullptr, nullptr, spec.tiles() * t / threads,
           spec.tiles() * (t + 1) / threads, rows);
  };
  for (int threads : {1, 2}) {
    // Each pass beside a plain read of the same memory: the median ratio stands in spite of other load.
    double best = 1e9;
    std::vector<double> ratios;
    for (double end = now() + seconds; ratios.size() < 5 || now() < end;) {
      double read = measure(threads, 0, [&](int t) { readAll(weights, t, threads); }, 1) / weights.bytes;
      double time = measure(
          threads, 0,
          [&](int t) {
            for (int64_t i = 0; i < copies; ++i)
              call(weights.base + matrix * i, 1, t, threads);
          },
          1);
      best = std::min(best, time);
      ratios.push_back(read * matrix * copies / time);
    }
    std::nth_element(ratios.begin(), ratios.begin() + ratios.size() / 2, ratios.end());
    std::printf("  gemv %5.1f GB/s %3.0f %% of a read", matrix * copies / best / 1e9, 100 * ratios[ratios.size() / 2]);
  }
  if (matrix < (1 << 20)) {
    double time = measure(1, seconds, [&](int) {
      for (int i = 0; i < 100; ++i)
        call(weights.base, 1, 0, 1);
    });
    std::printf(" (cached %5.1f)", matrix * 100 / time / 1e9);
  }
  for (int64_t rows : {8, 512})
    for (int threads : {1, 2}) {
      double time = measure(threads, seconds, [&](int t) { call(weights.base, rows, t, threads); });
      std::printf("  m%ld %5.0f GFLOP/s", long(rows), flop * rows / time / 1e9);
    }
  std::printf("\n");
  std::fflush(stdout);
}

/// Packing of about 64 MB, one thread.
void pack(const char *name) {
  const Format &format = *findFormatByName(name);
  const int64_t columns = 1536, rows = (64 << 20) / (columns / format.blockElements * format.blockBytes) / 16 * 16;
  std::vector<uint8_t> bytes(columns / format.blockElements * format.blockBytes * rows, 0x11);
  PackRequest request{*PackedLayout::choose(format, columns), {{name, &format, bytes, rows, columns, 0}}, {}, nullptr};
  // Time of the processor: this work waits for nothing.
  const std::clock_t start = std::clock();
  if (Status failed = packWeights(request, [](std::span<const uint8_t>) -> Status { return {}; }))
    std::abort();
  const double time = double(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("  %s %.2f", name, bytes.size() / time / 1e9);
  std::fflush(stdout);
}

constexpr Case kCases[] = {{"q4_1", 960, 576, true, false},    {"q4_1", 576, 1536, true, false},
                           {"q4_1", 1536, 576, true, true},    {"q8_0", 49152, 576, true, false},
                           {"q4_0", 4096, 4096, true, false},  {"q6_k", 4096, 4096, true, false},
                           {"q4_1", 960, 576, false, false},   {"q4_1", 1536, 576, false, true},
                           {"q8_0", 49152, 576, false, false}, {"f16", 4096, 4096, false, false}};

} // namespace

int main(int argc, char **argv) {
  const bool assembly = argc == 4 && !std::strcmp(argv[1], "--asm");
  const CpuLevel *level = assembly ? findCpuLevel(argv[2]) : argc > 1 ? findCpuLevel(argv[1]) : hostCpuLevel();
  if (!level || (!assembly && !hostSupports(*level))) {
    std::fprintf(stderr, "linear-bench: this machine has no such level; know x86-64-v3, x86-64-v4, x86-64-v4-vnni\n");
    return 2;
  }
  if (assembly) {
    const LinearSpec spec = specOf(kCases[std::atoi(argv[3]) % std::size(kCases)]);
    std::fputs(test::linearAssembly(*level, spec).c_str(), stdout);
    return 0;
  }
  const double seconds = argc > 2 ? std::atof(argv[2]) : 0.3;
  std::printf("level %s\n", level->name.str().c_str());
  std::printf("packing, GB/s of source bytes:");
  for (const char *format : {"q4_0", "q4_1", "q8_0", "q4_k", "q6_k", "f16", "f32"})
    pack(format);
  std::printf("\n");
  for (const Case &c : kCases)
    run(*level, c, seconds);
}
