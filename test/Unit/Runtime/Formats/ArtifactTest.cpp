#include "runtime/formats/Artifact.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include "test/Unit/Runtime/Formats/GgufBuilder.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;

static const std::string manifest = R"({"abi":1,"name":"tiny"})";
static const std::string elf = "\177ELF" + std::string(5000, 'e');

static Status writeArtifact(const std::string &path, const std::string &image, const GgufBuilder &keys) {
  auto writer = ArtifactWriter::create(path, bytesOf(image));
  if (!writer)
    return writer.error();
  if (auto e = writer->writeMetadata(bytesOf(keys.keys), keys.keyCount, manifest))
    return e;
  EXPECT_EQ(writer->weightsBytes(), 0u);
  if (auto e = writer->write(bytesOf("weights")))
    return e;
  if (auto e = writer->pad(64))
    return e;
  EXPECT_EQ(writer->weightsBytes(), 64u);
  if (auto e = writer->write(bytesOf("more")))
    return e;
  return writer->finish();
}

static std::string sample(const TemporaryFolder &folder) {
  GgufBuilder keys;
  keys.key("general.name", 8, GgufBuilder::text("tiny")).key("n", 4, GgufBuilder::raw(uint32_t(7)));
  Status status = writeArtifact(folder / "a.phx", elf, keys);
  EXPECT_FALSE(status);
  return readFile(folder / "a.phx");
}

TEST(Artifact, WritesAndReads) {
  TemporaryFolder folder;
  sample(folder);
  EXPECT_TRUE(Artifact::isArtifact(folder / "a.phx"));
  auto artifact = Artifact::open(folder / "a.phx");
  ASSERT_TRUE(artifact) << artifact.error().message;
  auto text = [](std::span<const uint8_t> bytes) { return std::string(bytes.begin(), bytes.end()); };
  EXPECT_EQ(text((*artifact)->elf()), elf);
  EXPECT_EQ((*artifact)->manifest(), manifest);
  EXPECT_EQ((*artifact)->metadata().find("general.name")->asString(), "tiny");
  EXPECT_EQ((*artifact)->metadata().find("n")->asInteger(), 7);
  EXPECT_EQ((*artifact)->weights().size(), 68u);
  EXPECT_EQ(text((*artifact)->weights().subspan(64)), "more");
  EXPECT_EQ((*artifact)->weightsOffset() % 4096, 0u);
  EXPECT_EQ((*artifact)->path(), folder / "a.phx");
}

TEST(Artifact, WeightsMayBeEmpty) {
  TemporaryFolder folder;
  auto writer = ArtifactWriter::create(folder / "a.phx", bytesOf(elf), 0777);
  ASSERT_TRUE(writer);
  ASSERT_FALSE(writer->writeMetadata({}, 0, "{}"));
  ASSERT_FALSE(writer->finish());
  auto artifact = Artifact::open(folder / "a.phx");
  ASSERT_TRUE(artifact) << artifact.error().message;
  EXPECT_TRUE((*artifact)->weights().empty());
}

TEST(Artifact, IsNotWhatDoesNotEndWithTheTrailer) {
  TemporaryFolder folder;
  writeFile(folder / "short", "x");
  writeFile(folder / "model", GgufBuilder().key("a", 0, "x").build() + std::string(200, '\0'));
  for (const char *name : {"short", "model", "missing"}) {
    EXPECT_FALSE(Artifact::isArtifact(folder / name));
    EXPECT_FALSE(Artifact::open(folder / name));
  }
  EXPECT_FALSE(Artifact::isArtifact(folder.path));
}

/// The error of the sample with `change` made to its trailer.
template <class Change> static std::string errorAfter(const std::string &good, Change &&change) {
  std::string bytes = good;
  ArtifactTrailer trailer;
  std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
  change(trailer);
  std::memcpy(bytes.data() + bytes.size() - sizeof(trailer), &trailer, sizeof(trailer));
  auto artifact = Artifact::parse(bytesOf(bytes), "t");
  if (artifact)
    return "";
  EXPECT_EQ(artifact.error().code, ErrorCode::BadModel);
  return artifact.error().message;
}

TEST(Artifact, RefusesDamage) {
  TemporaryFolder folder;
  std::string good = sample(folder);
  EXPECT_EQ(errorAfter(good, [](auto &) {}), "");
  EXPECT_NE(errorAfter(good, [](auto &t) { t.magic[7] = '2'; }).find("not an artifact"), std::string::npos);
  EXPECT_NE(errorAfter(good, [](auto &t) { t.version = 1; }).find("version 1"), std::string::npos);
  EXPECT_NE(errorAfter(good, [](auto &t) { t.metadataCrc ^= 1; }).find("checksum"), std::string::npos);
  EXPECT_NE(errorAfter(good, [](auto &t) { t.elfCrc ^= 1; }).find("checksum of its kernels"), std::string::npos);
  EXPECT_NE(errorAfter(good, [](auto &t) { t.elfBytes -= 4096; }).find("do not fit"), std::string::npos);
  uint64_t ArtifactTrailer::*fields[] = {&ArtifactTrailer::elfBytes, &ArtifactTrailer::metadataOffset,
                                         &ArtifactTrailer::metadataBytes, &ArtifactTrailer::weightsOffset,
                                         &ArtifactTrailer::weightsBytes};
  for (auto field : fields)
    for (uint64_t value : {uint64_t(0), uint64_t(1), uint64_t(1) << 40, UINT64_MAX - 4095, UINT64_MAX})
      EXPECT_NE(errorAfter(good, [&](auto &t) { t.*field = value; }), "") << value;
  // Cut anywhere, the trailer is gone.
  for (size_t length : {size_t(0), size_t(63), good.size() / 2, good.size() - 1})
    EXPECT_FALSE(Artifact::parse(bytesOf(good).subspan(0, length), "t"));
  // And every byte of the kernels and of the metadata counts.
  for (size_t i = 0; i < elf.size(); ++i) {
    std::string bytes = good;
    bytes[i] ^= 1;
    ASSERT_FALSE(Artifact::parse(bytesOf(bytes), "t")) << i;
  }
  ArtifactTrailer trailer;
  std::memcpy(&trailer, good.data() + good.size() - sizeof(trailer), sizeof(trailer));
  for (uint64_t i = 0; i < trailer.metadataBytes; ++i) {
    std::string bytes = good;
    bytes[trailer.metadataOffset + i] ^= 1;
    ASSERT_FALSE(Artifact::parse(bytesOf(bytes), "t")) << i;
  }
  std::string other = good;
  other[1] = 'X';
  EXPECT_FALSE(Artifact::parse(bytesOf(other), "t"));
}

TEST(Artifact, WriterRefusesASecondManifestAndLeavesNothing) {
  TemporaryFolder folder;
  GgufBuilder keys;
  keys.key(std::string(manifestKey), 8, GgufBuilder::text("{}"));
  Status status = writeArtifact(folder / "a.phx", elf, keys);
  ASSERT_TRUE(status);
  EXPECT_NE(status.error().message.find("stands in the file twice"), std::string::npos);
  EXPECT_EQ(folder.files(), 0u);
}
