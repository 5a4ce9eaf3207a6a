#include "runtime/formats/Gguf.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include "test/Unit/Runtime/Formats/GgufBuilder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;
using B = GgufBuilder;

static std::shared_ptr<GgufFile> parsed(const std::string &bytes) {
  auto file = GgufFile::parse(bytesOf(bytes), "test");
  if (!file) {
    ADD_FAILURE() << file.error().message;
    std::abort();
  }
  return *file;
}

TEST(Gguf, ReadsScalarsOfEveryType) {
  std::string bytes = B().key("u8", 0, B::raw(uint8_t(200)))
                          .key("i8", 1, B::raw(int8_t(-100)))
                          .key("u16", 2, B::raw(uint16_t(60000)))
                          .key("i16", 3, B::raw(int16_t(-30000)))
                          .key("u32", 4, B::raw(uint32_t(4000000000)))
                          .key("i32", 5, B::raw(int32_t(-2000000000)))
                          .key("f32", 6, B::raw(1.5f))
                          .key("bool", 7, B::raw(true))
                          .key("string", 8, B::text("text"))
                          .key("u64", 10, B::raw(UINT64_MAX))
                          .key("i64", 11, B::raw(INT64_MIN))
                          .key("f64", 12, B::raw(0.1))
                          .build();
  auto file = parsed(bytes);
  EXPECT_EQ(file->version(), 3u);
  ASSERT_EQ(file->entries().size(), 12u);
  EXPECT_EQ(file->entries()[3].first, "i16");
  static const struct {
    const char *key;
    std::optional<int64_t> integer;
    double number;
  } numbers[] = {{"u8", 200, 200},
                 {"i8", -100, -100},
                 {"u16", 60000, 60000},
                 {"i16", -30000, -30000},
                 {"u32", 4000000000, 4e9},
                 {"i32", -2000000000, -2e9},
                 {"f32", std::nullopt, 1.5},
                 {"u64", std::nullopt, 18446744073709551616.0},
                 {"i64", INT64_MIN, -9223372036854775808.0},
                 {"f64", std::nullopt, 0.1}};
  for (auto &[key, integer, number] : numbers) {
    const GgufValue *value = file->find(key);
    ASSERT_NE(value, nullptr) << key;
    EXPECT_EQ(value->asInteger(), integer) << key;
    EXPECT_EQ(value->asNumber(), number) << key;
    EXPECT_EQ(value->asBool(), std::nullopt) << key;
    EXPECT_EQ(value->asString(), std::nullopt) << key;
    EXPECT_EQ(value->asNumbers(), std::nullopt) << key;
  }
  EXPECT_EQ(file->find("bool")->asBool(), true);
  EXPECT_EQ(file->find("bool")->asInteger(), 1);
  EXPECT_EQ(file->find("bool")->asNumber(), std::nullopt);
  EXPECT_EQ(file->find("string")->asString(), "text");
  EXPECT_EQ(file->find("string")->asInteger(), std::nullopt);
  EXPECT_EQ(file->find("nothing"), nullptr);
  // A string is a view of the file.
  EXPECT_GE(file->find("string")->asString()->data(), bytes.data());
  EXPECT_LT(file->find("string")->asString()->data(), bytes.data() + bytes.size());
}

TEST(Gguf, ReadsArrays) {
  std::string inner = B::array<uint32_t>(4, {7, 8, 9}), words = B::array<std::string>(8, {B::text("x")});
  std::string bytes = B().key("strings", 9, B::array<std::string>(8, {B::text("a"), B::text(""), B::text("bc")}))
                          .key("i16", 9, B::array<int16_t>(3, {-1, 2}))
                          .key("f32", 9, B::array<float>(6, {0.5f, -2}))
                          .key("bools", 9, B::array<uint8_t>(7, {1, 0}))
                          .key("u64", 9, B::array<uint64_t>(10, {1, UINT64_MAX}))
                          .key("empty", 9, B::array<uint64_t>(10, {}))
                          .key("nested", 9, B::array<std::string>(9, {inner, words, inner}))
                          .build();
  auto file = parsed(bytes);
  using Strings = std::vector<std::string_view>;
  EXPECT_EQ(file->find("strings")->asStrings(), (Strings{"a", "", "bc"}));
  EXPECT_EQ(file->find("strings")->size(), 3u);
  EXPECT_EQ(file->find("strings")->elementType(), GgufType::String);
  EXPECT_EQ(file->find("strings")->asIntegers(), std::nullopt);
  EXPECT_EQ(file->find("i16")->asIntegers(), (std::vector<int64_t>{-1, 2}));
  EXPECT_EQ(file->find("i16")->asNumbers(), (std::vector<double>{-1, 2}));
  EXPECT_EQ(file->find("i16")->asStrings(), std::nullopt);
  EXPECT_EQ(file->find("i16")->asArrays(), std::nullopt);
  EXPECT_EQ(file->find("f32")->asNumbers(), (std::vector<double>{0.5, -2}));
  EXPECT_EQ(file->find("f32")->asIntegers(), std::nullopt);
  EXPECT_EQ(file->find("bools")->asIntegers(), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(file->find("u64")->asIntegers(), std::nullopt);
  EXPECT_EQ(file->find("empty")->asIntegers(), std::vector<int64_t>());
  auto arrays = file->find("nested")->asArrays();
  ASSERT_TRUE(arrays && arrays->size() == 3);
  EXPECT_EQ((*arrays)[0].asIntegers(), (std::vector<int64_t>{7, 8, 9}));
  EXPECT_EQ((*arrays)[1].asStrings(), Strings{"x"});
  EXPECT_EQ((*arrays)[2].asIntegers(), (std::vector<int64_t>{7, 8, 9}));
}

TEST(Gguf, PlacesTensors) {
  B builder;
  builder.key("a", 8, B::text("first"));
  std::string rows(2 * 3 * 4, '\1'), blocks(2 * 18, '\2');
  builder.tensor("m", {3, 2}, 0, rows)
      .tensor("q", {32, 2}, 2, blocks)
      .tensor("deep", {1, 2, 3, 4}, 24, std::string(24, '\3'));
  for (uint32_t version : {2, 3}) {
    builder.version = version;
    std::string bytes = builder.build();
    auto file = parsed(bytes);
    EXPECT_EQ(file->version(), version);
    ASSERT_EQ(file->tensors().size(), 3u);
    const GgufTensor &m = file->tensors()[0], &q = *file->findTensor("q"), &deep = *file->findTensor("deep");
    EXPECT_EQ(m.name, "m");
    EXPECT_EQ(m.shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(m.elements(), 6);
    EXPECT_EQ(m.format->name, "f32");
    EXPECT_EQ(m.data.size(), rows.size());
    EXPECT_EQ(m.offset % 32, 0u);
    EXPECT_EQ(bytes.compare(m.offset, rows.size(), rows), 0);
    EXPECT_EQ(m.data.data(), bytesOf(bytes).data() + m.offset);
    EXPECT_EQ(q.format->name, "q4_0");
    EXPECT_EQ(q.data.size(), 36u);
    EXPECT_EQ(q.data[35], 2);
    EXPECT_EQ(deep.shape, (std::vector<int64_t>{4, 3, 2, 1}));
    EXPECT_EQ(file->findTensor("none"), nullptr);
    EXPECT_EQ(file->headerBytes().size(), builder.header().size());
    EXPECT_EQ(std::string(file->metadataBytes().begin(), file->metadataBytes().end()), builder.keys);
  }
}

TEST(Gguf, RespectsAlignment) {
  B builder;
  builder.alignment = 256;
  builder.key("general.alignment", 4, B::raw(uint32_t(256)));
  builder.tensor("a", {1}, 0, std::string(4, '\1')).tensor("b", {1}, 0, std::string(4, '\2'));
  std::string bytes = builder.build();
  auto file = parsed(bytes);
  EXPECT_EQ(file->alignment(), 256u);
  EXPECT_EQ(file->findTensor("b")->offset, 512u);
  EXPECT_EQ(file->findTensor("b")->data[3], 2);
}

TEST(Gguf, FileWithoutTensorsMayEndRightAfterItsKeys) {
  std::string bytes = B().key("a", 0, B::raw(uint8_t(1))).header();
  EXPECT_EQ(parsed(bytes)->entries().size(), 1u);
  EXPECT_TRUE(GgufFile::parse(bytesOf(bytes), "test", /*metadataOnly=*/true));
  std::string withTensor = B().tensor("a", {1}, 24, "x").build();
  auto file = GgufFile::parse(bytesOf(withTensor), "test", /*metadataOnly=*/true);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("expects metadata alone"), std::string::npos);
}

TEST(Gguf, OpenKeepsTheFileMapped) {
  TemporaryFolder folder;
  writeFile(folder / "m.gguf", B().key("s", 8, B::text("text")).tensor("t", {4}, 24, "abcd").build());
  auto file = GgufFile::open(folder / "m.gguf");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->path(), folder / "m.gguf");
  EXPECT_EQ((*file)->find("s")->asString(), "text");
  EXPECT_EQ((*file)->findTensor("t")->data[3], 'd');
  auto missing = GgufFile::open(folder / "none.gguf");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Failed);
}

TEST(Gguf, NamesTensorAndByteOfANumberThatIsNotFinite) {
  std::string infinity = B::raw(uint32_t(0x7f800000));
  std::string bytes = B().tensor("good", {1}, 0, B::raw(1.0f)).tensor("bad", {2}, 0, B::raw(1.0f) + infinity).build();
  auto file = parsed(bytes);
  EXPECT_FALSE(file->checkFinite(*file->findTensor("good")));
  Status status = file->checkFinite(*file->findTensor("bad"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status.error().code, ErrorCode::BadModel);
  std::string at = std::to_string(file->findTensor("bad")->offset + 4);
  EXPECT_TRUE(status.error().message.starts_with("test: byte " + at + ": tensor 'bad' (F32) has an element"))
      << status.error().message;
}
