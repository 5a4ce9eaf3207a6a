// Heads that are cut, joined and multiplied, and T5's buckets, in closed form.
#include "test/Unit/Reference/Harness.h"

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, HeadsAreCutAndJoined) {
  auto results = run(
      R"(func.func @f(%x: tensor<1x1x6xf32>) -> (tensor<1x1x4xf32>, tensor<1x1x2xf32>, tensor<1x1x6xf32>, tensor<1x1x8xf32>) {
    %a, %b = xf.split_heads %x heads = 2 : (tensor<1x1x6xf32>) -> (tensor<1x1x4xf32>, tensor<1x1x2xf32>)
    %back = xf.join_heads %a, %b heads = 2 : (tensor<1x1x4xf32>, tensor<1x1x2xf32>) -> tensor<1x1x6xf32>
    %shared = xf.join_heads %b, %a, %b heads = 2 shared = [0]
      : (tensor<1x1x2xf32>, tensor<1x1x4xf32>, tensor<1x1x2xf32>) -> tensor<1x1x10xf32>
    %c, %d = xf.split_heads %shared heads = 2 : (tensor<1x1x10xf32>) -> (tensor<1x1x8xf32>, tensor<1x1x2xf32>)
    return %a, %b, %back, %c : tensor<1x1x4xf32>, tensor<1x1x2xf32>, tensor<1x1x6xf32>, tensor<1x1x8xf32>
  })",
      {Tensor({1, 1, 6}, {1, 2, 3, 4, 5, 6})});
  ASSERT_EQ(results.size(), 4u);
  expectNear(results[0], {1, 2, 4, 5}, 0);
  expectNear(results[1], {3, 6}, 0);
  expectNear(results[2], {1, 2, 3, 4, 5, 6}, 0);
  expectNear(results[3], {3, 6, 1, 2, 3, 6, 4, 5}, 0);
}

TEST_F(ReferenceTest, EachHeadHasItsMatrix) {
  auto results =
      run(R"(func.func @f(%x: tensor<1x1x4xf32>, %w: tensor<2x3x2xf32>) -> (tensor<1x1x6xf32>, tensor<1x1x4xf32>) {
    %y = xf.head_linear %x, %w : (tensor<1x1x4xf32>, tensor<2x3x2xf32>) -> tensor<1x1x6xf32>
    %z = xf.head_linear %y, %w transposed : (tensor<1x1x6xf32>, tensor<2x3x2xf32>) -> tensor<1x1x4xf32>
    return %y, %z : tensor<1x1x6xf32>, tensor<1x1x4xf32>
  })",
          {Tensor({1, 1, 4}, {1, 2, 3, 4}), Tensor({2, 3, 2}, {1, 0, 0, 1, 1, 1, 2, 0, 0, 2, 1, -1})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {1, 2, 3, 6, 8, -1}, 0);
  expectNear(results[1], {4, 5, 11, 17}, 0);
}

/// The buckets of one query at position 0 or `past` and of keys 0 to n - 1, read off a table whose rows are their
/// numbers.
std::string buckets(int64_t count, const std::string &attributes) {
  std::string table = "tensor<" + std::to_string(count) + "x1xf32>";
  return "func.func @f(%t: " + table +
         ", %x: tensor<1x1x2xf32>, %k: tensor<1x?x2xf32>, %past: tensor<1xi32>) -> tensor<1x1x1x?xf32> {\n"
         "%b = xf.relative_position_bias %t query(%x) keys(%k) past(%past) " +
         attributes + " : (" + table +
         ", tensor<1x1x2xf32>, tensor<1x?x2xf32>, tensor<1xi32>) -> tensor<1x1x1x?xf32>\n"
         "return %b : tensor<1x1x1x?xf32>\n}";
}

Tensor numbers(int64_t count) {
  Tensor table({count, 1});
  for (int64_t i = 0; i < count; ++i)
    table.data[i] = double(i);
  return table;
}

TEST_F(ReferenceTest, BucketsOfBothDirectionsAreThoseOfT5) {
  // T5Attention._relative_position_bucket(num_buckets = 32, max_distance = 128), where a distance first has a bucket.
  Tensor keys({1, 301, 2});
  auto results =
      run(buckets(32, "max_distance = 128 bidirectional"), {numbers(32), Tensor({1, 1, 2}), keys, Tensor({1}, {150})});
  ASSERT_EQ(results.size(), 1u);
  const std::vector<double> &got = results[0].tensor().data;
  std::vector<int> starts = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91};
  for (int distance = 0; distance <= 150; ++distance) {
    int bucket = int(std::upper_bound(starts.begin(), starts.end(), distance) - starts.begin()) - 1;
    EXPECT_EQ(got[150 - distance], bucket) << distance << " before";
    EXPECT_EQ(got[150 + distance], distance ? bucket + 16 : 0) << distance << " after";
  }
}

TEST_F(ReferenceTest, BucketsOfThePastAreThoseOfT5) {
  Tensor keys({1, 160, 2});
  auto results = run(buckets(32, "max_distance = 128"), {numbers(32), Tensor({1, 1, 2}), keys, Tensor({1}, {150})});
  ASSERT_EQ(results.size(), 1u);
  const std::vector<double> &got = results[0].tensor().data;
  std::vector<int> starts = {16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
  for (int distance = 0; distance <= 150; ++distance) {
    int large = int(std::upper_bound(starts.begin(), starts.end(), distance) - starts.begin()) + 15;
    EXPECT_EQ(got[150 - distance], distance < 16 ? distance : large) << distance << " before";
  }
  for (int after = 151; after < 160; ++after)
    EXPECT_EQ(got[after], 0) << "what comes after is as near as the query itself";
}

TEST_F(ReferenceTest, BiasesReachToTheFurthestSequence) {
  auto results = run(
      R"(func.func @f(%t: tensor<4x2xf32>, %x: tensor<2x1x2xf32>, %past: tensor<2xi32>) -> (tensor<2x2x1x?xf32>, tensor<1x2x1x1xf32>) {
    %b = xf.relative_position_bias %t query(%x) past(%past) max_distance = 8
      : (tensor<4x2xf32>, tensor<2x1x2xf32>, tensor<2xi32>) -> tensor<2x2x1x?xf32>
    %c = xf.relative_position_bias %t query(%x) max_distance = 8 : (tensor<4x2xf32>, tensor<2x1x2xf32>) -> tensor<1x2x1x1xf32>
    return %b, %c : tensor<2x2x1x?xf32>, tensor<1x2x1x1xf32>
  })",
      {Tensor({4, 2}, {0, 10, 1, 11, 2, 12, 3, 13}), Tensor({2, 1, 2}), Tensor({2}, {1, 2})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].tensor().shape, (llvm::SmallVector<int64_t>{2, 2, 1, 3}));
  // Distances 1 0 -1 of the first sequence and 2 1 0 of the second.
  expectNear(results[0], {1, 0, 0, 11, 10, 10, 2, 1, 0, 12, 11, 10}, 0);
  expectNear(results[1], {0, 10}, 0);
}

} // namespace
