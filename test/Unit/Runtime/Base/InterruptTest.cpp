#include "runtime/base/Interrupt.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Process.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <csignal>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;

TEST(Interrupt, SetsTheFlag) {
  handleInterrupts(OnInterrupt::Flag);
  EXPECT_FALSE(interrupted());
  raise(SIGINT);
  EXPECT_TRUE(interrupted());
  clearInterrupt();
  EXPECT_FALSE(interrupted());
  signal(SIGINT, SIG_DFL);
}

static void interruptWhileWriting(const std::string &path, OnInterrupt on, int signal, int times) {
  handleInterrupts(on);
  auto file = AtomicFile::create(path);
  for (int i = 0; i < times; ++i)
    raise(signal);
}

TEST(InterruptDeathTest, ExitsAndRemovesUnfinishedFiles) {
  TemporaryFolder folder;
  EXPECT_EXIT(interruptWhileWriting(folder / "a", OnInterrupt::Exit, SIGINT, 1), testing::ExitedWithCode(130), "");
  EXPECT_EXIT(interruptWhileWriting(folder / "a", OnInterrupt::Flag, SIGINT, 2), testing::ExitedWithCode(130), "");
  EXPECT_EXIT(interruptWhileWriting(folder / "a", OnInterrupt::Flag, SIGTERM, 1), testing::ExitedWithCode(143), "");
  EXPECT_EQ(folder.files(), 0u);
}

TEST(Process, GivesTheStatusAndStderr) {
  TemporaryFolder folder;
  auto good = runProcess({"true"}, folder / "log");
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 0);
  auto bad = runProcess({"sh", "-c", "echo oops >&2; exit 7"}, folder / "log");
  ASSERT_TRUE(bad);
  EXPECT_EQ(*bad, 7);
  EXPECT_EQ(readFile(folder / "log"), "oops\n");
  auto killed = runProcess({"sh", "-c", "kill -9 $$"}, folder / "log");
  ASSERT_TRUE(killed);
  EXPECT_EQ(*killed, 137);
  auto missing = runProcess({"no-such-program-at-all"}, folder / "log");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("cannot run no-such-program-at-all: No such file"), std::string::npos);
}
