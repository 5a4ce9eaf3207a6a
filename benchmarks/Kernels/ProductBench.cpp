// Speed of products of plain f32 matrices with the shapes of training SmolLM2-135M, beside the machine's FMA peak and
// the rate at which it reads memory, with 1 and 2 threads: Y = X W^T, dX = dY W, dW += dY^T X. Weights and their
// gradients are those of another layer each time, so they come from memory. The best of several runs.
//   product-bench [level] [seconds per line] [rows columns]    of what a thread takes at once;
//                                  else as programs have it (share-products)
//   product-bench level assembly NUMBER        machine code of one of the three kernels
#include "KernelHost.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include "powerhouse/Codegen/CPU/LinearBackward.h"
#include "powerhouse/Codegen/CPU/TileProduct.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/mman.h>
#include <thread>
#include <vector>

using namespace ph;
using namespace ph::codegen;

namespace {

/// This thread's time on a CPU, so that other programs count as little as may be.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

/// Floats in huge pages, as the runtime keeps tensors.
struct Huge {
  explicit Huge(size_t count) : bytes((count * 4 + (2 << 20) - 1) & ~size_t((2 << 20) - 1)) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      std::abort();
    madvise(memory, bytes, MADV_HUGEPAGE);
    data = static_cast<float *>(memory);
    std::fill_n(data, count, 0.25f);
  }
  ~Huge() { munmap(data, bytes); }
  size_t bytes;
  float *data;
};

/// Least seconds of `work(thread)` run by `threads` at once: those of the slowest thread.
template <class Work> double measure(int threads, double seconds, Work work) {
  double best = 1e9, total = 0;
  for (int runs = 0; runs < 5 || total < seconds; ++runs) {
    std::atomic<int> ready{0};
    std::vector<double> times(threads);
    auto together = [&](int t) {
      for (++ready; ready < threads;)
        std::this_thread::yield();
      const double start = now();
      work(t);
      times[t] = now() - start;
    };
    std::vector<std::thread> team;
    for (int t = 1; t < threads; ++t)
      team.emplace_back(together, t);
    together(0);
    for (std::thread &thread : team)
      thread.join();
    const double time = *std::max_element(times.begin(), times.end());
    total += time;
    best = std::min(best, time);
  }
  return best;
}

/// Sums in so many registers that each fma waits for no other, `count` times.
mlir::func::FuncOp buildPeak(mlir::ModuleOp module, const CpuLevel &level) {
  mlir::Builder types(module.getContext());
  return getOrCreateKernel(module, level, "peak", {{flatMemRef(types.getF32Type())}, {types.getIndexType()}},
                           [&](KernelBuilder &b, mlir::ValueRange args) {
                             auto x = b.loadVector(args[0], b.index(0));
                             KernelBuilder::Values sums(12, x);
                             sums = b.loop(b.index(0), args[1], 1, sums, [&](mlir::Value, mlir::ValueRange carried) {
                               KernelBuilder::Values next(carried);
                               for (auto &sum : next)
                                 sum = b.fma(x, x, sum);
                               return next;
                             });
                             auto total = sums.pop_back_val();
                             for (auto sum : sums)
                               total = b.addf(total, sum);
                             b.storeVector(total, args[0], b.index(0));
                           });
}

double peak(const CpuLevel &level, int threads, double seconds) {
  test::HostedKernel kernel(level, [&](mlir::ModuleOp module) { return buildPeak(module, level); }, {});
  constexpr int64_t count = 1 << 18;
  double time = measure(threads, seconds, [&](int) {
    alignas(64) float x[16] = {};
    kernel.as<void(float *, int64_t)>()(x, count);
  });
  return 2.0 * 12 * level.lanes * count * threads / time;
}

/// Sums of memory, `count` times eight vectors.
mlir::func::FuncOp buildRead(mlir::ModuleOp module, const CpuLevel &level) {
  mlir::Builder types(module.getContext());
  return getOrCreateKernel(module, level, "read", {{flatMemRef(types.getF32Type())}, {types.getIndexType()}},
                           [&](KernelBuilder &b, mlir::ValueRange args) {
                             KernelBuilder::Values sums(8, b.loadVector(args[0], b.index(0)));
                             sums = b.loop(b.index(0), args[1], 1, sums, [&](mlir::Value i, mlir::ValueRange carried) {
                               KernelBuilder::Values next(carried);
                               mlir::Value at = b.mul(i, 8 * level.lanes);
                               for (auto [place, sum] : llvm::enumerate(next))
                                 sum = b.addf(sum, b.loadVector(args[0], b.add(at, int64_t(place) * level.lanes)));
                               return next;
                             });
                             auto total = sums.pop_back_val();
                             for (auto sum : sums)
                               total = b.addf(total, sum);
                             b.storeVector(total, args[0], b.index(0));
                           });
}

/// Bytes a second, of memory that is in no cache: each thread has its part.
double bandwidth(const CpuLevel &level, int threads, double seconds) {
  test::HostedKernel kernel(level, [&](mlir::ModuleOp module) { return buildRead(module, level); }, {});
  constexpr int64_t floats = 64 << 20;
  Huge memory(floats);
  const int64_t part = floats / threads;
  double time = measure(threads, seconds, [&](int t) {
    kernel.as<void(float *, int64_t)>()(memory.data + t * part, part / (8 * level.lanes));
  });
  return 4.0 * floats / time;
}

using ProductFn = void(const float *a, const float *b, float *c, int64_t aAt, int64_t lda, int64_t bAt, int64_t ldb,
                       int64_t cAt, int64_t ldc, int64_t m, int64_t n, int64_t depth);

struct Kind {
  const char *name;
  TileProductSpec spec;
};
constexpr Kind kKinds[] = {{"Y = X W^T", {false, true}}, {"dX = dY W", {}}, {"dW += dY^T X", {true, false}}};

struct Shape {
  int64_t tokens, outputs, inputs; ///< of a layer
};
constexpr Shape kShapes[] = {{256, 576, 576},  {256, 960, 576},   {256, 1536, 576}, {256, 576, 1536},
                             {1024, 576, 576}, {1024, 1536, 576}, {256, 49152, 576}};

void report(int threads, double rate, const double *peaks) {
  std::printf("  %d thread%s %5.0f GFLOP/s, %3.0f %%", threads, threads > 1 ? "s" : " ", rate / 1e9,
              100 * rate / peaks[threads - 1]);
}

void run(const CpuLevel &level, const Kind &kind, const Shape &shape, double seconds, int64_t tileRows,
         int64_t tileColumns, const double *peaks) {
  const TileProductSpec &spec = kind.spec;
  const bool intoWeights = spec.leftColumns;
  test::HostedKernel kernel(level, [&](mlir::ModuleOp module) { return buildTileProduct(module, level, spec); }, {});
  const int64_t m = intoWeights ? shape.outputs : shape.tokens, n = spec.transposed ? shape.outputs : shape.inputs,
                depth = intoWeights       ? shape.tokens
                        : spec.transposed ? shape.inputs
                                          : shape.outputs;
  // Of the matrix with the shape of weights so many layers that none is in a cache when its turn comes.
  const int64_t weight = shape.outputs * shape.inputs, layers = std::max<int64_t>(1, (96 << 20) / (4 * weight));
  Huge a(m * depth), b(intoWeights ? n * depth : weight * layers), c(intoWeights ? weight * layers : m * n);
  const int64_t lda = spec.leftColumns ? m : depth, ldb = spec.transposed ? depth : n;
  const int64_t columns = (n + tileColumns - 1) / tileColumns, tiles = (m + tileRows - 1) / tileRows * columns;
  std::printf("%-12s %5ld x %5ld x %5ld:", kind.name, long(m), long(n), long(depth));
  for (int threads : {1, 2}) {
    std::vector<int64_t> runs(threads);
    double time = measure(threads, seconds, [&](int t) {
      const int64_t layer = runs[t]++ % layers * weight, inB = intoWeights ? 0 : layer, inC = intoWeights ? layer : 0;
      // Tiles are taken in turn.
      for (int64_t tile = t; tile < tiles; tile += threads) {
        const int64_t i = tile / columns * tileRows, j = tile % columns * tileColumns;
        kernel.as<ProductFn>()(a.data, b.data, c.data, spec.leftColumns ? i : i * lda, lda,
                               inB + (spec.transposed ? j * ldb : j), ldb, inC + i * n + j, n,
                               std::min(tileRows, m - i), std::min(tileColumns, n - j), depth);
      }
    });
    report(threads, 2.0 * m * n * depth / time, peaks);
  }
  std::printf("\n");
  std::fflush(stdout);
}

using BackwardFn = void(const uint8_t *weights, const float *dy, float *dx, int64_t tile0, int64_t tile1, int64_t rows);

/// dX = dY W over a packed matrix, as frozen weights have it.
void runPacked(const CpuLevel &level, const char *format, const Shape &shape, double seconds, const double *peaks) {
  const LinearBackwardSpec spec{*PackedLayout::choose(*findFormatByName(format), shape.inputs), shape.outputs,
                                shape.inputs, false};
  test::HostedKernel kernel(level, [&](mlir::ModuleOp module) { return buildLinearBackward(module, level, spec); }, {});
  const int64_t bytes = spec.weight.matrixBytes(shape.outputs, shape.inputs), layers = (96 << 20) / bytes + 1;
  Huge dy(shape.tokens * shape.outputs), dx(shape.tokens * shape.inputs), weights(bytes * layers / 4);
  std::printf("dX = dY W %s, %5ld x %5ld x %5ld:", format, long(shape.tokens), long(shape.inputs), long(shape.outputs));
  for (int threads : {1, 2}) {
    std::vector<int64_t> runs(threads);
    double time = measure(threads, seconds, [&](int t) {
      const uint8_t *w = reinterpret_cast<const uint8_t *>(weights.data) + runs[t]++ % layers * bytes;
      for (int64_t tile = t; tile < spec.tiles(); tile += threads)
        kernel.as<BackwardFn>()(w, dy.data, dx.data, tile, tile + 1, shape.tokens);
    });
    report(threads, 2.0 * shape.tokens * shape.outputs * shape.inputs / time, peaks);
  }
  std::printf("\n");
  std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv) {
  const CpuLevel *level = argc > 1 ? findCpuLevel(argv[1]) : hostCpuLevel();
  const bool assembly = argc == 4 && !std::strcmp(argv[2], "assembly");
  if (!level || (!assembly && !hostSupports(*level))) {
    std::fprintf(stderr, "product-bench: this machine has no such level; know x86-64-v3, x86-64-v4, x86-64-v4-vnni\n");
    return 2;
  }
  if (assembly) {
    const TileProductSpec spec = kKinds[std::atoi(argv[3]) % std::size(kKinds)].spec;
    std::fputs(
        test::kernelAssembly(*level, [&](mlir::ModuleOp module) { return buildTileProduct(module, *level, spec); })
            .c_str(),
        stdout);
    return 0;
  }
  const double seconds = argc > 2 ? std::atof(argv[2]) : 0.3;
  const double peaks[] = {peak(*level, 1, seconds), peak(*level, 2, seconds)};
  std::printf("level %s, peak of fma: 1 thread %.0f GFLOP/s, 2 threads %.0f GFLOP/s\n", level->name.str().c_str(),
              peaks[0] / 1e9, peaks[1] / 1e9);
  std::printf("memory is read at: 1 thread %.1f GB/s, 2 threads %.1f GB/s\n", bandwidth(*level, 1, seconds) / 1e9,
              bandwidth(*level, 2, seconds) / 1e9);
  for (const Kind &kind : kKinds)
    for (const Shape &shape : kShapes) {
      int64_t rows = kind.spec.leftColumns ? 96 : 256, columns = kind.spec.leftColumns ? 576 : 96;
      if (kind.spec.leftColumns && shape.outputs > 8192)
        rows = 256;
      run(*level, kind, shape, seconds, argc > 4 ? std::atoll(argv[3]) : rows, argc > 4 ? std::atoll(argv[4]) : columns,
          peaks);
    }
  for (const char *format : {"f32", "q4_1", "q8_0"})
    for (const Shape &shape : {Shape{256, 1536, 576}, Shape{1024, 576, 1536}})
      runPacked(*level, format, shape, seconds, peaks);
  return 0;
}
