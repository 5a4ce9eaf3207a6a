// The small files of a hub's folder, into metadata and out of it.
#include "runtime/formats/HubFiles.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;

namespace {

/// What was added, as a parsed file; `bytes` must outlive it.
std::shared_ptr<GgufFile> parse(const GgufRecords &records, std::vector<uint8_t> &bytes) {
  bytes = GgufRecords::file(records.bytes(), records.count());
  auto file = GgufFile::parse(bytes, "m.phx", /*metadataOnly=*/true);
  EXPECT_TRUE(file) << file.error().message;
  return file ? *file : nullptr;
}

TEST(HubFiles, KeepsTheFilesOfModules) {
  TemporaryFolder folder;
  writeFile(folder / "config.json", R"({"model_type": "bert"})");
  writeFile(folder / "modules.json", R"([{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize"}])");
  std::filesystem::create_directories(folder / "1_Pooling");
  writeFile(folder / "1_Pooling/config.json", R"({"pooling_mode_cls_token": true})");
  GgufRecords records;
  ASSERT_FALSE(addHubFiles(folder.path, records));
  std::vector<uint8_t> bytes;
  auto file = parse(records, bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ((*hubFile(*file, "config.json"))["model_type"], "bert");
  EXPECT_EQ((*hubFile(*file, "1_Pooling/config.json"))["pooling_mode_cls_token"], true);
  EXPECT_TRUE(hubFile(*file, "2_Normalize/config.json")->is_null());
  EXPECT_TRUE(hubFile(*file, "generation_config.json")->is_null());
}

TEST(HubFiles, RefusesPathsThatLeadOut) {
  for (const char *path : {"..", "../other", "/etc", "a/b"}) {
    TemporaryFolder folder;
    writeFile(folder / "modules.json", std::string(R"([{"path": ")") + path + R"("}])");
    GgufRecords records;
    auto e = addHubFiles(folder.path, records);
    ASSERT_TRUE(e) << path;
    EXPECT_EQ(e.error().code, ErrorCode::BadModel);
    EXPECT_NE(e.error().message.find("is no folder beside it"), std::string::npos) << e.error().message;
  }
}

TEST(HubFiles, RefusesWhatIsNoJson) {
  TemporaryFolder folder;
  writeFile(folder / "preprocessor_config.json", "{");
  GgufRecords records;
  auto e = addHubFiles(folder.path, records);
  ASSERT_TRUE(e);
  EXPECT_EQ(e.error().code, ErrorCode::BadModel);
  writeFile(folder / "preprocessor_config.json", "{}");
  writeFile(folder / "modules.json", R"({"path": ""})");
  GgufRecords others;
  EXPECT_TRUE(addHubFiles(folder.path, others));
}

} // namespace
