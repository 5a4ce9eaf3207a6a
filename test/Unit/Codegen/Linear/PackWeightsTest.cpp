#include "WeightSamples.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::codegen;
using namespace ph::test;

namespace {

PackedLayout layoutOf(const std::string &format, int64_t columns) {
  return *PackedLayout::choose(*findFormatByName(format), columns);
}

/// Rows [first, first + sample.rows) of packed bytes mean what the sample's rows mean; `order` gives the sample's row.
void expectHolds(const PackedLayout &layout, const std::vector<uint8_t> &packed, const SampleMatrix &sample,
                 int64_t first, std::function<int64_t(int64_t)> order = nullptr) {
  for (int64_t row = 0; row < sample.rows; ++row)
    for (int64_t column = 0; column < sample.columns; ++column) {
      const float value = sample.values[(order ? order(row) : row) * sample.columns + column];
      const double held = packedValue(layout, packed, sample.columns, first + row, column);
      // The decoder may round a product before it adds; the packed numbers themselves are exact.
      ASSERT_NEAR(held, value, std::abs(value) * 1.2e-7 + 4e-7)
          << sample.format->name << " in " << layout.name() << " row " << row << " column " << column;
    }
}

TEST(PackWeights, HoldsEveryFormat) {
  for (const std::string &name : packableFormats()) {
    SampleMatrix sample(name, 40, 768, 1);
    PackedLayout layout = layoutOf(name, 768);
    std::vector<uint8_t> packed = packAll({layout, {sample.part()}, {}, nullptr});
    ASSERT_EQ(int64_t(packed.size()), layout.matrixBytes(40, 768)) << name;
    expectHolds(layout, packed, sample, 0);
    for (int64_t row = 40; row < 48; ++row) // padding is zero
      for (int64_t column = 0; column < 768; column += 5)
        ASSERT_EQ(packedValue(layout, packed, 768, row, column), 0.0) << name;
  }
}

TEST(PackWeights, JoinHoldsEveryPair) {
  for (const std::string &a : packableFormats())
    for (const std::string &b : packableFormats()) {
      SampleMatrix first(a, 9, 256, 2), second(b, 23, 256, 3);
      PackedLayout layout = PackedLayout::join(layoutOf(a, 256), layoutOf(b, 256));
      EXPECT_EQ(layout, PackedLayout::join(layoutOf(b, 256), layoutOf(a, 256))) << a << " " << b;
      std::vector<uint8_t> packed = packAll({layout, {first.part(), second.part()}, {}, nullptr});
      expectHolds(layout, packed, first, 0);
      expectHolds(layout, packed, second, 9);
    }
}

TEST(PackWeights, ScalesAndCodesAreCopiedBitForBit) {
  SampleMatrix sample("q4_1", 16, 64, 4);
  std::vector<uint8_t> packed = packAll({layoutOf("q4_1", 64), {sample.part()}, {}, nullptr});
  for (int64_t row = 0; row < 16; ++row)
    for (int64_t block = 0; block < 2; ++block) {
      const uint8_t *source = sample.bytes.data() + (row * 2 + block) * 20;
      const uint8_t *group = packed.data() + block * 320;
      EXPECT_EQ(std::memcmp(group + 2 * row, source, 2), 0);
      EXPECT_EQ(std::memcmp(group + 32 + 2 * row, source + 2, 2), 0);
      for (int k = 0; k < 32; ++k) {
        const int want = k < 16 ? source[4 + k] & 15 : source[4 + k - 16] >> 4;
        EXPECT_EQ(group[64 + k / 8 * 64 + row * 4 + k % 4] >> (k % 8 >= 4 ? 4 : 0) & 15, want);
      }
    }
}

TEST(PackWeights, GroupsOf16HoldGroupsOf32) {
  SampleMatrix sample("q4_k", 16, 256, 5);
  PackedLayout layout = layoutOf("q4_k", 256).withGroup16();
  expectHolds(layout, packAll({layout, {sample.part()}, {}, nullptr}), sample, 0);
}

TEST(PackWeights, ColumnsThatAreNoGroupsBecomeFloats) {
  EXPECT_EQ(layoutOf("q4_0", 40).kind, PackedLayout::Kind::F32);
  EXPECT_FALSE(PackedLayout::choose(*findFormatByName("i32"), 64));
  EXPECT_FALSE(PackedLayout::choose(*findFormatByName("q8_1"), 256));
}

TEST(PackWeights, RopeHalvesReordersEachHead) {
  SampleMatrix sample("q8_0", 96, 64, 6);
  PackPart part = sample.part();
  part.ropeHeads = 3;
  PackedLayout layout = layoutOf("q8_0", 64);
  expectHolds(layout, packAll({layout, {part}, {}, nullptr}), sample, 0, [](int64_t row) {
    const int64_t i = row % 32;
    return row - i + (i < 16 ? 2 * i : 2 * (i - 16) + 1);
  });
}

TEST(PackWeights, GateAndUpTilesAlternate) {
  SampleMatrix gate("q4_1", 24, 64, 7), up("q4_1", 24, 64, 8);
  PackedLayout layout = layoutOf("q4_1", 64);
  std::vector<uint8_t> packed = packAll({layout, {gate.part()}, {up.part()}, nullptr});
  ASSERT_EQ(int64_t(packed.size()), 4 * layout.tileBytes(64));
  for (int64_t row = 0; row < 24; ++row)
    for (int64_t column = 0; column < 64; ++column) {
      const int64_t tile = row / 16 * 2 * 16 + row % 16;
      ASSERT_NEAR(packedValue(layout, packed, 64, tile, column), gate.values[row * 64 + column], 1e-6);
      ASSERT_NEAR(packedValue(layout, packed, 64, tile + 16, column), up.values[row * 64 + column], 1e-6);
    }
}

TEST(PackWeights, ReleasesEachByteOnceWhenItWasRead) {
  for (int64_t heads : {0, 4}) {
    SampleMatrix sample("q8_0", 4096, 1024, 9);
    PackPart part = sample.part();
    part.ropeHeads = heads;
    size_t released = 0, packed = 0, most = 0;
    PackRequest request{layoutOf("q8_0", 1024), {part}, {}, [&](std::span<const uint8_t> bytes) {
                          EXPECT_EQ(bytes.data(), sample.bytes.data() + released);
                          released += bytes.size();
                        }};
    EXPECT_FALSE(packWeights(request, [&](std::span<const uint8_t> bytes) -> Status {
      most = std::max(most, bytes.size());
      packed += bytes.size();
      EXPECT_LE(released, packed + (2 << 20)); // never what is still to be read
      return {};
    }));
    EXPECT_EQ(released, sample.bytes.size());
    EXPECT_LE(most, size_t(2) << 20);
  }
}

std::string errorOf(const PackRequest &request) {
  Status failed = packWeights(request, [](std::span<const uint8_t>) -> Status { return {}; });
  if (!failed)
    return "";
  EXPECT_EQ(failed.error().code, ErrorCode::BadModel);
  return failed.error().message;
}

TEST(PackWeights, NamesWhatIsWrong) {
  SampleMatrix sample("q4_1", 16, 64, 10), other("q4_1", 32, 64, 11);
  PackedLayout layout = layoutOf("q4_1", 64);
  PackPart part = sample.part("blk.3.attn_q.weight");

  PackPart shorter = part;
  shorter.data = part.data.subspan(20);
  EXPECT_EQ(errorOf({layout, {shorter}, {}, nullptr}),
            "tensor 'blk.3.attn_q.weight' has 620 bytes, but 16 x 64 in Q4_1 are 640");

  PackPart heads = part;
  heads.ropeHeads = 16;
  EXPECT_NE(errorOf({layout, {heads}, {}, nullptr}).find("16 heads"), std::string::npos);

  EXPECT_NE(errorOf({layoutOf("q4_0", 64), {part}, {}, nullptr}).find("does not hold"), std::string::npos);
  EXPECT_NE(errorOf({layout, {part}, {other.part("up")}, nullptr}).find("'up' has 32 rows"), std::string::npos);

  SampleMatrix broken = sample;
  const uint16_t infinity = 0x7c00;
  std::memcpy(broken.bytes.data() + 5 * 40 + 20, &infinity, 2);
  EXPECT_EQ(
      errorOf({layout, {broken.part("blk.0.ffn_up.weight")}, {}, nullptr}),
      "tensor 'blk.0.ffn_up.weight' has a scale or value that is not finite in columns 0 to 63 of the row at byte "
      "200");
  for (std::string name : {"f32", "f16", "bf16"}) {
    SampleMatrix floats(name, 16, 64, 12);
    std::memset(floats.bytes.data() + floats.bytes.size() - 2, name == "f16" ? 0x7c : 0x7f, 2);
    floats.bytes[floats.bytes.size() - 2] = name == "f16" ? 0 : 0x80;
    EXPECT_NE(errorOf({layoutOf(name, 64), {floats.part()}, {}, nullptr}).find("not finite"), std::string::npos);
  }
}

TEST(PackWeights, PassesTheSinksErrorOn) {
  SampleMatrix sample("q8_0", 4096, 512, 13);
  int calls = 0;
  Status failed =
      packWeights({layoutOf("q8_0", 512), {sample.part()}, {}, nullptr}, [&](std::span<const uint8_t>) -> Status {
        ++calls;
        return Error{ErrorCode::Disk, "disk full"};
      });
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Disk);
  EXPECT_EQ(calls, 1);
}

} // namespace
