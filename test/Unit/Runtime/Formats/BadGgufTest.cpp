// Every way of being broken that test/Integration/make_bad_gguf.py knows.
#include "runtime/base/Json.h"
#include "runtime/base/Process.h"
#include "runtime/formats/Gguf.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

using namespace ph;
using namespace ph::test;

// The largest single allocation since it was last set to 0: a count out of a file must not reach an allocator.
static size_t largestAllocation = 0;

void *operator new(size_t bytes) {
  largestAllocation = std::max(largestAllocation, bytes);
  if (void *memory = std::malloc(bytes ? bytes : 1))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

static void runPython(const std::vector<std::string> &arguments, const std::string &log) {
  std::vector<std::string> command = {"python3"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto status = runProcess(command, log);
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(*status, 0) << readFile(log);
}

class BadGguf : public testing::TestWithParam<const char *> {};

/// The error of reading `path` as phc does: parse, then check every tensor's numbers. Empty if all is well.
static Error errorOf(const std::string &path) {
  auto file = GgufFile::open(path);
  if (!file)
    return file.error();
  for (const GgufTensor &tensor : (*file)->tensors())
    if (auto e = (*file)->checkFinite(tensor))
      return e.error();
  return {ErrorCode::Failed, ""};
}

TEST_P(BadGguf, OneClearErrorForEachCase) {
  TemporaryFolder folder;
  const std::string scripts = PH_SOURCE_DIR "/test/Integration/", good = folder / "good.gguf", log = folder / "log";
  runPython({scripts + "make_tiny_gguf.py", good, "--type", GetParam()}, log);
  runPython({scripts + "make_bad_gguf.py", good, folder / "bad"}, log);
  EXPECT_EQ(errorOf(good).message, "");
  auto cases = parseJson(readFile(folder / "bad/cases.json"), "cases.json");
  ASSERT_TRUE(cases) << cases.error().message;
  EXPECT_GT(cases->size(), 400u);
  const size_t goodBytes = std::filesystem::file_size(good);
  for (const nlohmann::json &item : *cases) {
    const std::string &name = *jsonString(item, "file"), &level = *jsonString(item, "level");
    const std::string &expected = *jsonString(item, "expect"), path = folder / ("bad/" + name);
    largestAllocation = 0;
    Error error = errorOf(path);
    EXPECT_LT(largestAllocation, 4 * goodBytes) << name;
    if (level == "model") { // well-formed: only the importer can tell
      EXPECT_EQ(error.message, "") << name;
      continue;
    }
    EXPECT_EQ(error.code, ErrorCode::BadModel) << name;
    EXPECT_TRUE(error.message.starts_with(path + ": byte ")) << error.message;
    EXPECT_NE(error.message.find(expected), std::string::npos) << name << ": " << error.message;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, BadGguf, testing::Values("f32", "f16", "q4_0", "q4_1", "q8_0"),
                         [](const auto &info) { return std::string(info.param); });
