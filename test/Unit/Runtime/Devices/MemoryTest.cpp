#include "runtime/devices/Memory.h"
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ph {
namespace {

namespace fs = std::filesystem;

/// A pretended "/" with the files that availableMemory reads.
class Root : public testing::Test {
protected:
  void SetUp() override {
    root = fs::path(testing::TempDir()) / ("root-" + std::to_string(getpid()));
    fs::remove_all(root);
  }
  void TearDown() override { fs::remove_all(root); }
  void write(const std::string &path, const std::string &text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  fs::path root;
};

TEST_F(Root, ReadsMemAvailable) {
  write("proc/meminfo", "MemTotal:       16000 kB\nMemFree:         500 kB\nMemAvailable:    2000 kB\n");
  EXPECT_EQ(availableMemory(root).bytes, 2000u * 1024);
  EXPECT_NE(availableMemory(root).limit.find("MemAvailable"), std::string::npos);
}

TEST_F(Root, UnknownIsUnlimited) { EXPECT_EQ(availableMemory(root).bytes, UINT64_MAX); }

TEST_F(Root, SecondVersionGroupLimitsAndFilePagesAreRoom) {
  write("proc/meminfo", "MemAvailable:    2000000 kB\n");
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/memory.current", "100\n");
  write("sys/fs/cgroup/a/memory.max", "1000000\n");
  write("sys/fs/cgroup/a/memory.current", "700000\n");
  write("sys/fs/cgroup/a/memory.stat", "anon 400000\nactive_file 100000\ninactive_file 200000\n");
  // 1000000 - (700000 - 300000)
  EXPECT_EQ(availableMemory(root).bytes, 600000u);
  EXPECT_NE(availableMemory(root).limit.find("/a"), std::string::npos);
}

TEST_F(Root, FirstVersionGroupLimits) {
  write("proc/meminfo", "MemAvailable:    2000000 kB\n");
  write("proc/self/cgroup", "9:cpu:/x\n4:hugetlb,memory:/x\n0::/\n");
  write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "500000\n");
  write("sys/fs/cgroup/memory/x/memory.usage_in_bytes", "450000\n");
  write("sys/fs/cgroup/memory/x/memory.stat", "active_file 7\ntotal_inactive_file 50000\ntotal_active_file 1000\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
  EXPECT_EQ(availableMemory(root).bytes, 101000u);
}

TEST_F(Root, UsedBeyondTheLimitIsNoRoom) {
  write("proc/self/cgroup", "0::/a\n");
  write("sys/fs/cgroup/a/memory.max", "1000\n");
  write("sys/fs/cgroup/a/memory.current", "5000\n");
  EXPECT_EQ(availableMemory(root).bytes, 0u);
}

TEST(AvailableMemory, ThisMachineHasSome) {
  EXPECT_GT(availableMemory().bytes, 0u);
  const uint64_t resident = residentBytes();
  EXPECT_GT(resident, 0u);
  EXPECT_GE(peakResidentBytes(), resident); // asked for second: asking takes memory, too
}

TEST(Region, HugeIsAlignedZeroAndTouchedLazily) {
  const size_t bytes = size_t(64) << 20;
  const uint64_t before = residentBytes();
  auto region = Region::allocate(bytes, Region::Pages::Huge, "a test");
  ASSERT_TRUE(region);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region->data()) % (2 << 20), 0u);
  EXPECT_LT(residentBytes(), before + (8 << 20));
  EXPECT_EQ(region->data()[bytes - 1], 0);
  std::memset(region->data(), 1, bytes);
  region->discard();
  EXPECT_EQ(region->data()[bytes / 2], 0);
  EXPECT_LT(residentBytes(), before + (16 << 20));
}

TEST(Region, TooMuchIsAnError) {
  auto region = Region::allocate(SIZE_MAX / 2, Region::Pages::Huge, "a test");
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().code, ErrorCode::WontFit);
  EXPECT_NE(region.error().message.find("a test"), std::string::npos);
}

TEST(Region, PagesToAFileWithoutAName) {
  const fs::path folder = fs::path(testing::TempDir()) / ("paged-" + std::to_string(getpid()));
  fs::create_directory(folder);
  constexpr size_t bytes = 100'000;
  auto region = Region::allocatePaged(bytes, folder.string(), "a test");
  ASSERT_TRUE(region) << region.error().message;
  EXPECT_EQ(region->size(), bytes);
  EXPECT_EQ(region->data()[bytes - 1], 0);
  std::memset(region->data(), 7, bytes);
  // The pages go, and come back from the file.
  region->discard();
  EXPECT_EQ(region->data()[0], 7);
  EXPECT_EQ(region->data()[bytes - 1], 7);
  EXPECT_TRUE(fs::is_empty(folder));
  EXPECT_TRUE(Region::allocatePaged(0, "nowhere", "a test")); // needs no file
  auto nowhere = Region::allocatePaged(bytes, (folder / "none").string(), "a test");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::Failed);
  EXPECT_NE(nowhere.error().message.find("could not make a file for a test"), std::string::npos);
  auto large = Region::allocatePaged(size_t(1) << 62, folder.string(), "a test");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::Disk);
  fs::remove(folder);
}

TEST(Region, MapsFromAnyOffset) {
  std::string path = testing::TempDir() + "/region-" + std::to_string(getpid());
  std::ofstream(path) << std::string(5000, 'a') << "needle";
  int fd = open(path.c_str(), O_RDONLY);
  auto region = Region::mapFile(fd, 5000, 6, path);
  close(fd);
  ASSERT_TRUE(region);
  EXPECT_EQ(std::memcmp(region->data(), "needle", 6), 0);
  Region moved = std::move(*region);
  EXPECT_EQ(moved.size(), 6u);
  EXPECT_EQ(region->size(), 0u);
  fs::remove(path);
}

TEST(FormatBytes, ThreeDigits) {
  EXPECT_EQ(formatBytes(0), "0 bytes");
  EXPECT_EQ(formatBytes(999), "999 bytes");
  EXPECT_EQ(formatBytes(1000), "1.00 kB");
  EXPECT_EQ(formatBytes(98'362'432), "98.4 MB");
  EXPECT_EQ(formatBytes(999'600), "1.00 MB");
  EXPECT_EQ(formatBytes(123'456'789'000), "123 GB");
}

} // namespace
} // namespace ph
