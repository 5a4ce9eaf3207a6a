#include "runtime/base/MappedFile.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <cstring>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ph;
using namespace ph::test;

TEST(MappedFile, SeesTheBytesAndMoves) {
  TemporaryFolder folder;
  writeFile(folder / "a", "hello");
  writeFile(folder / "empty", "");
  auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  MappedFile moved = std::move(*file);
  ASSERT_EQ(moved.bytes().size(), 5u);
  EXPECT_EQ(std::memcmp(moved.bytes().data(), "hello", 5), 0);
  auto empty = MappedFile::open(folder / "empty");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->bytes().empty());
  moved = std::move(*empty);
  EXPECT_TRUE(moved.bytes().empty());
}

TEST(MappedFile, SaysWhyItCannot) {
  TemporaryFolder folder;
  auto missing = MappedFile::open(folder / "no");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Failed);
  EXPECT_NE(missing.error().message.find("no: cannot read: No such file"), std::string::npos);
  auto directory = MappedFile::open(folder.path);
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("it is a folder"), std::string::npos);
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  auto pipe = MappedFile::open(folder / "pipe");
  ASSERT_FALSE(pipe);
  EXPECT_NE(pipe.error().message.find("not a regular file"), std::string::npos);
}

/// How much of the mapping that begins at `address` is resident: from /proc/self/smaps.
static size_t residentKilobytes(const void *address) {
  std::ifstream maps("/proc/self/smaps");
  char begin[32];
  std::snprintf(begin, sizeof(begin), "%lx-", reinterpret_cast<unsigned long>(address));
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    found |= line.starts_with(begin);
    if (found && line.starts_with("Rss:"))
      return size_t(std::atol(line.c_str() + 4));
  }
  return SIZE_MAX;
}

TEST(MappedFile, ReleasedPagesLeaveTheResidentSet) {
  TemporaryFolder folder;
  std::string text(8 << 20, 'x');
  writeFile(folder / "a", text);
  auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  auto bytes = file->bytes();
  auto sum = [&] {
    uint64_t total = 0;
    for (uint8_t byte : bytes)
      total += byte;
    return total;
  };
  uint64_t expected = uint64_t('x') * text.size();
  EXPECT_EQ(sum(), expected);
  EXPECT_GE(residentKilobytes(bytes.data()), 8192u);
  MappedFile::release(bytes.subspan(1, bytes.size() - 2)); // the pages at both edges stay
  EXPECT_LE(residentKilobytes(bytes.data()), 64u);
  EXPECT_EQ(sum(), expected);
  MappedFile::release(bytes.subspan(100, 10));
  MappedFile::release({});
}
