#include "runtime/devices/cpu/Probes.h"
#include "runtime/devices/Memory.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ph {
namespace {

using Clock = std::chrono::steady_clock;

template <class F> double secondsOf(F &&body) {
  auto begin = Clock::now();
  body();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Keeps a result alive without storing it.
template <class T> void keep(const T &value) { asm volatile("" : : "g"(&value) : "memory"); }

void readPlain(const uint8_t *at, size_t bytes) {
  uint64_t sum[4] = {};
  const auto *words = reinterpret_cast<const uint64_t *>(at);
  for (size_t i = 0; i + 4 <= bytes / 8; i += 4)
    for (int j = 0; j < 4; ++j)
      sum[j] ^= words[i + j];
  keep(sum);
}

void fmaPlain(int64_t rounds) {
  float sum[8] = {};
  for (int64_t i = 0; i < rounds; ++i)
    for (float &s : sum)
      s = std::fma(s, 0.999f, 1e-3f);
  keep(sum);
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void read512(const uint8_t *at, size_t bytes) {
  __m512i sum[4] = {};
  for (size_t i = 0; i + 256 <= bytes; i += 256)
    for (int j = 0; j < 4; ++j)
      sum[j] = _mm512_xor_si512(sum[j], _mm512_load_si512(at + i + 64 * j));
  keep(sum);
}

__attribute__((target("avx2"))) void read256(const uint8_t *at, size_t bytes) {
  __m256i sum[4] = {};
  for (size_t i = 0; i + 128 <= bytes; i += 128)
    for (int j = 0; j < 4; ++j)
      sum[j] = _mm256_xor_si256(sum[j], _mm256_load_si256(reinterpret_cast<const __m256i *>(at + i + 32 * j)));
  keep(sum);
}

// Latency times throughput of an fma is 8 to 10 on the machines of the last ten years; 12 sums hide it.
__attribute__((target("avx512f"))) void fma512(int64_t rounds) {
  __m512 sum[12], factor = _mm512_set1_ps(0.999f), addend = _mm512_set1_ps(1e-3f);
  for (__m512 &s : sum)
    s = addend;
  for (int64_t i = 0; i < rounds; ++i)
    for (__m512 &s : sum)
      s = _mm512_fmadd_ps(s, factor, addend);
  keep(sum);
}

__attribute__((target("avx2,fma"))) void fma256(int64_t rounds) {
  __m256 sum[12], factor = _mm256_set1_ps(0.999f), addend = _mm256_set1_ps(1e-3f);
  for (__m256 &s : sum)
    s = addend;
  for (int64_t i = 0; i < rounds; ++i)
    for (__m256 &s : sum)
      s = _mm256_fmadd_ps(s, factor, addend);
  keep(sum);
}
#endif

struct Probe {
  void (*read)(const uint8_t *, size_t) = readPlain;
  void (*fma)(int64_t) = fmaPlain;
  int flopPerRound = 8 * 2;
};

Probe pickProbe() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f"))
    return {read512, fma512, 12 * 16 * 2};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {read256, fma256, 12 * 8 * 2};
#endif
  return {};
}

} // namespace

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Expected<Rates> measureReadBandwidth(Team &team, int passes) {
  // Far more than the last cache, within what memory there is; once, since filling it takes longer than reading it.
  static Region memory;
  if (memory.size() == 0) {
    const auto bytes = std::min<size_t>(size_t(256) << 20, availableMemory().bytes / 4);
    auto allocated = Region::allocate(bytes, Region::Pages::Huge, "the read bandwidth probe");
    if (!allocated)
      return allocated.error();
    memory = std::move(*allocated);
    std::memset(memory.data(), 1, memory.size());
  }
  uint8_t *base = memory.data();
  const size_t part = memory.size() / team.size() & ~size_t(4095);
  const Probe probe = pickProbe();
  Rates rates;
  for (int i = 0; i < passes; ++i) {
    double time = secondsOf([&] { team.run([&](int thread) { probe.read(base + thread * part, part); }); });
    rates.push_back(double(part) * team.size() / time * 1e-9);
  }
  return rates;
}

Rates measureFma(Team &team, int passes) {
  const Probe probe = pickProbe();
  auto once = [&](int64_t rounds) { return secondsOf([&] { team.run([&](int) { probe.fma(rounds); }); }); };
  int64_t rounds = 100'000;
  once(rounds); // wakes the threads and wide vector units
  rounds = std::max<int64_t>(rounds, int64_t(double(rounds) * 0.010 / std::max(once(rounds), 1e-6)));
  Rates rates;
  for (int i = 0; i < passes; ++i) {
    double time = once(rounds);
    rates.push_back(double(rounds) * probe.flopPerRound * team.size() / time * 1e-9);
  }
  return rates;
}

} // namespace ph
