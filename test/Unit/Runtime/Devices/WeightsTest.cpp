#include "runtime/devices/cpu/Weights.h"
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ph {
namespace {

class WeightsTest : public testing::Test {
protected:
  void SetUp() override {
    path = testing::TempDir() + "/weights-" + std::to_string(getpid());
    bytes.resize((size_t(9) << 20) + 77); // several pieces, the last one odd
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = char(i * 2654435761u >> 13);
    std::ofstream file(path, std::ios::binary);
    file << std::string(4096, '#') << bytes;
    file.close();
    auto made = Team::create(3);
    ASSERT_TRUE(made);
    team = std::move(*made);
  }
  void TearDown() override { std::filesystem::remove(path); }
  bool equal(const Weights &weights) {
    return weights.size() == bytes.size() && std::memcmp(weights.data(), bytes.data(), bytes.size()) == 0;
  }
  std::string path, bytes;
  std::unique_ptr<Team> team;
};

TEST_F(WeightsTest, ReadAndMappedAreTheSameBytes) {
  auto read = Weights::load(path, 4096, bytes.size(), WeightsMode::Read, *team);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->mapped());
  EXPECT_TRUE(equal(*read));
  auto mapped = Weights::load(path, 4096, bytes.size(), WeightsMode::Map, *team);
  ASSERT_TRUE(mapped);
  EXPECT_TRUE(mapped->mapped());
  EXPECT_TRUE(equal(*mapped));
}

TEST_F(WeightsTest, MisalignedIsReadNotMapped) {
  auto weights = Weights::load(path, 4095, bytes.size(), WeightsMode::Map, *team);
  ASSERT_TRUE(weights);
  EXPECT_FALSE(weights->mapped());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weights->data()) % 64, 0u);
  EXPECT_EQ(weights->data()[0], '#');
}

TEST_F(WeightsTest, ProgressReachesNoMoreThanTheTotal) {
  uint64_t last = 0, calls = 0;
  auto weights = Weights::load(path, 4096, bytes.size(), WeightsMode::Read, *team, [&](uint64_t done) {
    ++calls;
    last = std::max(last, done);
  });
  ASSERT_TRUE(weights);
  EXPECT_LE(last, bytes.size());
}

TEST_F(WeightsTest, TruncatedFileIsNamed) {
  auto weights = Weights::load(path, 4096, bytes.size() + 1, WeightsMode::Read, *team);
  ASSERT_FALSE(weights);
  EXPECT_EQ(weights.error().code, ErrorCode::BadModel);
  EXPECT_NE(weights.error().message.find(path), std::string::npos);
}

TEST_F(WeightsTest, MissingFileIsNamed) {
  auto weights = Weights::load(path + "-missing", 0, 1, WeightsMode::Read, *team);
  ASSERT_FALSE(weights);
  EXPECT_EQ(weights.error().code, ErrorCode::Failed);
}

} // namespace
} // namespace ph
