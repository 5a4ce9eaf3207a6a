#include "runtime/base/AtomicFolder.h"
#include "TemporaryFolder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;

TEST(AtomicFolder, AppearsWithCommit) {
  TemporaryFolder folder;
  auto made = AtomicFolder::create(folder / "a");
  ASSERT_TRUE(made);
  writeFile(made->path() + "/x", "1");
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  EXPECT_TRUE(AtomicFolder::isTemporary(std::filesystem::path(made->path()).filename()));
  EXPECT_FALSE(AtomicFolder::isTemporary("a"));
  ASSERT_FALSE(made->commit());
  EXPECT_EQ(readFile(folder / "a/x"), "1");
  EXPECT_EQ(folder.files(), 1u);
}

TEST(AtomicFolder, LeavesNothingWithoutCommit) {
  TemporaryFolder folder;
  {
    auto made = AtomicFolder::create(folder / "a");
    ASSERT_TRUE(made);
    writeFile(made->path() + "/x", "1");
  }
  EXPECT_EQ(folder.files(), 0u);
}

TEST(AtomicFolder, TakesThePlaceOfAnother) {
  TemporaryFolder folder;
  for (const char *text : {"1", "2"}) {
    auto made = AtomicFolder::create(folder / "a");
    ASSERT_TRUE(made);
    writeFile(made->path() + "/" + text, text);
    ASSERT_FALSE(made->commit());
  }
  EXPECT_EQ(readFile(folder / "a/2"), "2");
  EXPECT_FALSE(std::filesystem::exists(folder / "a/1"));
  EXPECT_EQ(folder.files(), 1u);
  ASSERT_FALSE(AtomicFolder::remove(folder / "a"));
  EXPECT_EQ(folder.files(), 0u);
  EXPECT_TRUE(AtomicFolder::remove(folder / "a"));
}

TEST(AtomicFolder, NamesWhatItCannotMake) {
  TemporaryFolder folder;
  auto made = AtomicFolder::create(folder / "missing/a");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::Failed);
  EXPECT_NE(made.error().message.find("missing/a"), std::string::npos);
}
