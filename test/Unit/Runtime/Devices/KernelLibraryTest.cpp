#include "runtime/devices/cpu/KernelLibrary.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include "runtime/devices/cpu/Probes.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ph {
namespace {

const std::string kLibrary = PH_TOY_KERNELS;

std::vector<KernelLevel> levels(std::initializer_list<const char *> names) {
  std::vector<KernelLevel> result;
  for (const char *name : names)
    result.push_back({name, "ph_step_x86_64_v3"});
  return result;
}

bool runsV3() { return cpuLevels().front().missing.empty(); }

TEST(KernelLibrary, LoadsTheFileItself) {
  if (!runsV3())
    GTEST_SKIP() << "no AVX2";
  auto library = KernelLibrary::load(kLibrary, 0, std::filesystem::file_size(kLibrary), levels({"x86-64-v3"}));
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_NE(library->step(), nullptr);
  EXPECT_EQ(library->level(), "x86-64-v3");
}

TEST(KernelLibrary, LoadsFromWithinAnotherFile) {
  if (!runsV3())
    GTEST_SKIP() << "no AVX2";
  std::string path = testing::TempDir() + "/appended-" + std::to_string(getpid());
  std::ifstream library(kLibrary, std::ios::binary);
  std::ofstream file(path, std::ios::binary);
  file << std::string(1234, 'x') << library.rdbuf() << "trailing bytes";
  file.close();
  const uint64_t size = std::filesystem::file_size(kLibrary);
  auto loaded = KernelLibrary::load(path, 1234, size, levels({"x86-64-v3"}));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_NE(loaded->step(), nullptr);
  auto cut = KernelLibrary::load(path, 1234, size + 1000, levels({"x86-64-v3"}));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::BadModel);
  std::filesystem::remove(path);
}

TEST(KernelLibrary, MissingFunctionIsNamed) {
  if (!runsV3())
    GTEST_SKIP() << "no AVX2";
  const KernelLevel level{"x86-64-v3", "ph_step_of_another"};
  auto library = KernelLibrary::load(kLibrary, 0, 1, {&level, 1});
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::BadModel);
  EXPECT_NE(library.error().message.find("ph_step_of_another"), std::string::npos);
}

TEST(KernelLibrary, GarbageIsRefused) {
  if (!runsV3())
    GTEST_SKIP() << "no AVX2";
  std::string path = testing::TempDir() + "/garbage-" + std::to_string(getpid());
  std::ofstream(path) << std::string(10000, 'x');
  auto library = KernelLibrary::load(path, 0, 10000, levels({"x86-64-v3"}));
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::BadModel);
  std::filesystem::remove(path);
}

TEST(CpuFeatures, UnknownLevelsAreNamed) {
  auto library = KernelLibrary::load(kLibrary, 0, 1, levels({"x86-64-v9"}));
  ASSERT_FALSE(library);
  EXPECT_NE(library.error().message.find("x86-64-v9"), std::string::npos);
  std::string why;
  EXPECT_EQ(pickCpuLevel({}, why), -1);
  EXPECT_FALSE(why.empty());
}

TEST(CpuFeatures, TheBestRunnableLevelIsPicked) {
  std::vector<std::string> names, runnable;
  for (const CpuLevelSupport &level : cpuLevels()) {
    names.insert(names.begin(), std::string(level.name)); // best first: order must not matter
    if (level.missing.empty())
      runnable.push_back(std::string(level.name));
  }
  std::string why;
  int best = pickCpuLevel(names, why);
  if (runnable.empty())
    EXPECT_EQ(best, -1);
  else
    EXPECT_EQ(names.at(best), runnable.back());
}

TEST(CpuFeatures, EachLevelLacksWhatTheOneBeforeLacks) {
  auto levels = cpuLevels();
  ASSERT_EQ(levels.size(), 3u);
  for (size_t i = 1; i < levels.size(); ++i)
    EXPECT_TRUE(std::equal(levels[i - 1].missing.begin(), levels[i - 1].missing.end(), levels[i].missing.begin()));
}

TEST(Probes, GivePlausibleRates) {
  auto team = Team::create(1);
  ASSERT_TRUE(team);
  auto read = measureReadBandwidth(**team, 2);
  ASSERT_TRUE(read);
  for (double rate : *read) {
    EXPECT_GT(rate, 0.2);
    EXPECT_LT(rate, 1000);
  }
  for (double rate : measureFma(**team, 2)) {
    EXPECT_GT(rate, 0.5);
    EXPECT_LT(rate, 2000);
  }
}

TEST(Probes, Median) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

} // namespace
} // namespace ph
