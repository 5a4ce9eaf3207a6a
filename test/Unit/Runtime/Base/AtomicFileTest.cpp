#include "runtime/base/AtomicFile.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <csignal>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ph;
using namespace ph::test;

static Status writeText(AtomicFile &file, const std::string &text) { return file.write(text.data(), text.size()); }

TEST(AtomicFile, AppearsOnlyOnCommit) {
  TemporaryFolder folder;
  auto file = AtomicFile::create(folder / "a");
  ASSERT_TRUE(file);
  ASSERT_FALSE(writeText(*file, "hello"));
  EXPECT_EQ(file->size(), 5u);
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  ASSERT_FALSE(file->commit());
  EXPECT_EQ(readFile(folder / "a"), "hello");
  EXPECT_EQ(folder.files(), 1u);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  TemporaryFolder folder;
  writeFile(folder / "a", "old");
  {
    auto file = AtomicFile::create(folder / "a");
    ASSERT_TRUE(file);
    ASSERT_FALSE(writeText(*file, std::string(1 << 20, 'x')));
    AtomicFile moved = std::move(*file);
    EXPECT_EQ(folder.files(), 2u);
  }
  EXPECT_EQ(folder.files(), 1u);
  EXPECT_EQ(readFile(folder / "a"), "old");
}

TEST(AtomicFile, KeepsTheOrderOfSmallAndLargeWrites) {
  TemporaryFolder folder;
  auto file = AtomicFile::create(folder / "a");
  ASSERT_TRUE(file);
  std::string expected;
  for (size_t size : {1, 100'000, 300'000, 7, 262'144, 262'143, 2}) {
    std::string part(size, char('a' + size % 26));
    ASSERT_FALSE(writeText(*file, part));
    expected += part;
  }
  ASSERT_FALSE(file->pad(4096));
  expected.resize((expected.size() + 4095) / 4096 * 4096);
  ASSERT_FALSE(file->pad(4096));
  EXPECT_EQ(file->size(), expected.size());
  ASSERT_FALSE(file->commit());
  EXPECT_EQ(readFile(folder / "a"), expected);
}

TEST(AtomicFile, RespectsModeAndUmask) {
  TemporaryFolder folder;
  mode_t old = umask(027);
  auto file = AtomicFile::create(folder / "a", 0777);
  umask(old);
  ASSERT_TRUE(file);
  ASSERT_FALSE(file->commit());
  struct stat info;
  ASSERT_EQ(stat((folder / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0750u);
}

TEST(AtomicFile, ReplacesWhatALinkPointsTo) {
  TemporaryFolder folder;
  writeFile(folder / "real", "old");
  std::filesystem::create_symlink(folder / "real", folder / "link");
  auto file = AtomicFile::create(folder / "link");
  ASSERT_TRUE(file);
  ASSERT_FALSE(writeText(*file, "new"));
  ASSERT_FALSE(file->commit());
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(readFile(folder / "real"), "new");
}

TEST(AtomicFile, NamesPathAndReasonWhenItCannotBegin) {
  TemporaryFolder folder;
  auto missing = AtomicFile::create(folder / "no/such/a");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Failed);
  EXPECT_NE(missing.error().message.find("no/such/a: cannot create it: No such file"), std::string::npos);
  auto directory = AtomicFile::create(folder.path);
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("it is a folder"), std::string::npos);
}

TEST(AtomicFile, FullDiskIsADiskError) {
  auto file = AtomicFile::create("/dev/full");
  ASSERT_TRUE(file);
  ASSERT_FALSE(writeText(*file, "small: still in the buffer"));
  Status status = file->commit();
  ASSERT_TRUE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Disk);
  EXPECT_NE(status.error().message.find("/dev/full: cannot write 26 bytes at offset 0: No space left"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(AtomicFile, LimitOnFileSizeIsADiskErrorThatLeavesNothing) {
  TemporaryFolder folder;
  auto old = signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = {1 << 20, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  auto file = AtomicFile::create(folder / "a");
  ASSERT_TRUE(file);
  Status status = writeText(*file, std::string(3 << 20, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, old);
  ASSERT_TRUE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Disk);
  EXPECT_EQ(folder.files(), 0u);
  EXPECT_TRUE(writeText(*file, "x")) << "an earlier failure must stick";
  EXPECT_TRUE(file->commit());
  EXPECT_EQ(folder.files(), 0u);
}

TEST(AtomicFile, TemporariesCanBeRemovedFromAHandler) {
  TemporaryFolder folder;
  auto first = AtomicFile::create(folder / "a"), second = AtomicFile::create(folder / "b");
  ASSERT_TRUE(first && second);
  ASSERT_FALSE(second->commit());
  EXPECT_EQ(folder.files(), 2u);
  AtomicFile::removeTemporaries();
  EXPECT_EQ(folder.files(), 1u);
  EXPECT_TRUE(std::filesystem::exists(folder / "b"));
}
