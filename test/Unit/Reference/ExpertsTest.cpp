// Routers, products with experts, and the same sorted by expert: closed forms.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

class ExpertsTest : public ReferenceTest {
protected:
  /// Routes one token after the other; `options` follow the operands.
  void route(const std::string &scoring, int64_t experts, int64_t chosen, const std::string &options, Tensor logits) {
    std::string e = std::to_string(experts), k = std::to_string(chosen);
    auto results = run("func.func @f(%z: tensor<?x" + e + "xf32>) -> (tensor<?x" + k + "xf32>, tensor<?x" + k +
                           "xi32>) {\n  %w, %e = xf.router " + scoring + " %z top_k = " + k + " " + options +
                           " : (tensor<?x" + e + "xf32>) -> (tensor<?x" + k + "xf32>, tensor<?x" + k +
                           "xi32>)\n  return %w, %e : tensor<?x" + k + "xf32>, tensor<?x" + k + "xi32>\n}",
                       {std::move(logits)});
    ASSERT_EQ(results.size(), 2u);
    weightsOf = results[0];
    expertsOf = results[1];
  }

  Value weightsOf, expertsOf;
};

TEST_F(ExpertsTest, SoftmaxCountsAllExperts) {
  // e^z = 1, 4, 2, 1: a sum of 8.
  Tensor logits({1, 4}, {0, std::log(4.0), std::log(2.0), 0});
  route("softmax", 4, 2, "", logits);
  expectNear(expertsOf, {1, 2}, 0);
  expectNear(weightsOf, {0.5, 0.25}, 1e-7);
  route("softmax", 4, 2, "normalize scale = 3.0", logits);
  expectNear(expertsOf, {1, 2}, 0);
  expectNear(weightsOf, {2, 1}, 1e-6);
}

TEST_F(ExpertsTest, AfterTopKTheSoftmaxIsOfTheChosen) {
  route("softmax", 4, 2, "after_top_k", Tensor({1, 4}, {5, std::log(3.0), 0, 5 + std::log(3.0)}));
  expectNear(expertsOf, {3, 0}, 0);
  expectNear(weightsOf, {0.75, 0.25}, 1e-6);
}

TEST_F(ExpertsTest, SigmoidScoresEachAlone) {
  route("sigmoid", 3, 2, "", Tensor({2, 3}, {0, std::log(3.0), -1, 7, 0, -std::log(3.0)}));
  expectNear(expertsOf, {1, 0, 0, 1}, 0);
  expectNear(weightsOf, {0.75, 0.5, 1 / (1 + std::exp(-7.0)), 0.5}, 1e-6);
}

TEST_F(ExpertsTest, OfEqualsTheLowerNumberComesFirst) {
  route("softmax", 5, 3, "", Tensor({2, 5}, {1, 2, 1, 2, 1, 0, 0, 0, 0, 0}));
  expectNear(expertsOf, {1, 3, 0, 0, 1, 2}, 0);
}

TEST_F(ExpertsTest, NothingToNormalizeIsZeroAndNotNan) {
  route("sigmoid", 3, 2, "normalize", Tensor({1, 3}, {-800, -900, -1000}));
  expectNear(weightsOf, {0, 0}, 0);
}

TEST_F(ExpertsTest, TheBiasChoosesButDoesNotCount) {
  auto results = run(R"(func.func @f(%z: tensor<1x3xf32>, %b: tensor<3xf32>) -> (tensor<1x1xf32>, tensor<1x1xi32>) {
    %w, %e = xf.router sigmoid %z bias %b top_k = 1 : (tensor<1x3xf32>, tensor<3xf32>) -> (tensor<1x1xf32>, tensor<1x1xi32>)
    return %w, %e : tensor<1x1xf32>, tensor<1x1xi32>
  })",
                     {Tensor({1, 3}, {4, 0, 2}), Tensor({3}, {0, 0.6, 0})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[1], {1}, 0);
  expectNear(results[0], {0.5}, 0);
}

TEST_F(ExpertsTest, GroupsCountTheirTwoBest) {
  // Scores by group: (0.9, 0.1), (0.6, 0.6), (0.8, 0.3): the groups count 1, 1.2 and 1.1, so the best expert is out.
  auto logit = [](double p) { return std::log(p / (1 - p)); };
  Tensor logits({1, 6}, {logit(0.9), logit(0.1), logit(0.6), logit(0.6), logit(0.8), logit(0.3)});
  route("sigmoid", 6, 2, "groups = 3 group_top_k = 1", logits);
  expectNear(expertsOf, {2, 3}, 0);
  route("sigmoid", 6, 2, "groups = 3 group_top_k = 2 normalize", logits);
  expectNear(expertsOf, {4, 2}, 0);
  expectNear(weightsOf, {0.8 / 1.4, 0.6 / 1.4}, 1e-6);
  // Only the two best count: of three members the third does not.
  route("sigmoid", 6, 1, "groups = 2 group_top_k = 1",
        Tensor({1, 6}, {logit(0.5), logit(0.5), logit(0.5), logit(0.7), logit(0.4), logit(0.1)}));
  expectNear(expertsOf, {3}, 0);
}

TEST_F(ExpertsTest, AGroupThatIsOutIsNotChosenWhateverItsScores) {
  // With the bias all scores that are in are negative; those that are out must not come in as zeros.
  auto results = run(R"(func.func @f(%z: tensor<1x4xf32>, %b: tensor<4xf32>) -> tensor<1x2xi32> {
    %w, %e = xf.router sigmoid %z bias %b top_k = 2 groups = 2 group_top_k = 1
      : (tensor<1x4xf32>, tensor<4xf32>) -> (tensor<1x2xf32>, tensor<1x2xi32>)
    return %e : tensor<1x2xi32>
  })",
                     {Tensor({1, 4}, {0, 0, 0, 0}), Tensor({4}, {-9, -9, -2, -1})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {3, 2}, 0);
}

// Two experts: the identity and twice the swap; biases 0 and (10, 20).
const Tensor matrices({2, 2, 2}, {1, 0, 0, 1, 0, 2, 2, 0});
const Tensor biases({2, 2}, {0, 0, 10, 20});

TEST_F(ExpertsTest, EachChoiceMultipliesWithItsMatrix) {
  auto results =
      run(R"(func.func @f(%x: tensor<?x2xf32>, %w: tensor<2x2x2xf32>, %b: tensor<2x2xf32>, %e: tensor<?x2xi32>)
      -> (tensor<?x2x2xf32>, tensor<?x2x2xf32>) {
    %y = xf.expert_linear %x, %w, %e bias %b
      : (tensor<?x2xf32>, tensor<2x2x2xf32>, tensor<?x2xi32>, tensor<2x2xf32>) -> tensor<?x2x2xf32>
    %z = xf.expert_linear %y, %w, %e : (tensor<?x2x2xf32>, tensor<2x2x2xf32>, tensor<?x2xi32>) -> tensor<?x2x2xf32>
    return %y, %z : tensor<?x2x2xf32>, tensor<?x2x2xf32>
  })",
          {Tensor({2, 2}, {1, 2, 3, 4}), matrices, biases, Tensor({2, 2}, {0, 1, 1, 1})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {1, 2, 14, 22, 18, 26, 18, 26}, 0);
  expectNear(results[1], {1, 2, 44, 28, 52, 36, 52, 36}, 0);
}

TEST_F(ExpertsTest, ExpertsBeyondTheMatricesAreAnError) {
  parse(R"(func.func @f(%x: tensor<1x2xf32>, %w: tensor<2x2x2xf32>, %e: tensor<1x1xi32>) -> tensor<1x1x2xf32> {
    %y = xf.expert_linear %x, %w, %e : (tensor<1x2xf32>, tensor<2x2x2xf32>, tensor<1x1xi32>) -> tensor<1x1x2xf32>
    return %y : tensor<1x1x2xf32>
  })");
  EXPECT_TRUE(call({Tensor({1, 2}), matrices, Tensor({1, 1}, {2})}).empty());
  EXPECT_EQ(message, "'xf.expert_linear' op expects experts from 0 to 1 at run time, but got [2]");
}

TEST_F(ExpertsTest, SortedOrNotTheSumIsTheSame) {
  auto results = run(
      R"(func.func @f(%x: tensor<1x3x2xf32>, %w: tensor<2x2x2xf32>, %b: tensor<2x2xf32>, %e: tensor<1x3x2xi32>, %c: tensor<1x3x2xf32>)
      -> (tensor<1x3x2xf32>, tensor<?xi32>, tensor<3xi32>, tensor<?x2xf32>, tensor<1x3x2xf32>) {
    %y = xf.expert_linear %x, %w, %e bias %b
      : (tensor<1x3x2xf32>, tensor<2x2x2xf32>, tensor<1x3x2xi32>, tensor<2x2xf32>) -> tensor<1x3x2x2xf32>
    %sum = xf.combine_experts %y, %c : (tensor<1x3x2x2xf32>, tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
    %order, %offsets = xf.sort_by_expert %e experts = 2 : (tensor<1x3x2xi32>) -> (tensor<?xi32>, tensor<3xi32>)
    %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<1x3x2xf32>, tensor<?xi32>) -> tensor<?x2xf32>
    %g = xf.grouped_linear %rows, %w, %offsets bias %b
      : (tensor<?x2xf32>, tensor<2x2x2xf32>, tensor<3xi32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    %back = xf.scatter_combine %g, %order, %c : (tensor<?x2xf32>, tensor<?xi32>, tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
    return %sum, %order, %offsets, %rows, %back
      : tensor<1x3x2xf32>, tensor<?xi32>, tensor<3xi32>, tensor<?x2xf32>, tensor<1x3x2xf32>
  })",
      {Tensor({1, 3, 2}, {1, 2, 3, 4, 5, 6}), matrices, biases, Tensor({1, 3, 2}, {1, 0, 1, 1, 0, 1}),
       Tensor({1, 3, 2}, {0.5, 2, 1, 1, 3, -1})});
  ASSERT_EQ(results.size(), 5u);
  // Token 0: 0.5 · (14, 22) + 2 · (1, 2); token 1: (18, 26) twice; token 2: 3 · (5, 6) - (22, 30).
  std::vector<double> expected = {9, 15, 36, 52, -7, -12};
  expectNear(results[0], expected, 0);
  expectNear(results[1], {1, 4, 0, 2, 3, 5}, 0);
  expectNear(results[2], {0, 2, 6}, 0);
  expectNear(results[3], {1, 2, 5, 6, 1, 2, 3, 4, 3, 4, 5, 6}, 0);
  expectNear(results[4], expected, 0);
}

TEST_F(ExpertsTest, AnOrderThatIsNoPermutationIsAnError) {
  parse(R"(func.func @f(%y: tensor<2x1xf32>, %order: tensor<2xi32>, %c: tensor<1x2xf32>) -> tensor<1x1xf32> {
    %sum = xf.scatter_combine %y, %order, %c : (tensor<2x1xf32>, tensor<2xi32>, tensor<1x2xf32>) -> tensor<1x1xf32>
    return %sum : tensor<1x1xf32>
  })");
  EXPECT_EQ(call({Tensor({2, 1}), Tensor({2}, {1, 0}), Tensor({1, 2})}).size(), 1u);
  EXPECT_TRUE(call({Tensor({2, 1}), Tensor({2}, {1, 1}), Tensor({1, 2})}).empty());
  EXPECT_EQ(message, "'xf.scatter_combine' op expects an order with each slot once at run time, but got another");
}

TEST_F(ExpertsTest, OffsetsThatLeaveRowsOutAreAnError) {
  parse(R"(func.func @f(%x: tensor<2x2xf32>, %w: tensor<2x2x2xf32>, %o: tensor<3xi32>) -> tensor<2x2xf32> {
    %y = xf.grouped_linear %x, %w, %o : (tensor<2x2xf32>, tensor<2x2x2xf32>, tensor<3xi32>) -> tensor<2x2xf32>
    return %y : tensor<2x2xf32>
  })");
  EXPECT_EQ(call({Tensor({2, 2}), matrices, Tensor({3}, {0, 2, 2})}).size(), 1u);
  EXPECT_TRUE(call({Tensor({2, 2}), matrices, Tensor({3}, {0, 1, 1})}).empty());
  EXPECT_EQ(message, "'xf.grouped_linear' op expects offsets that rise from 0 to 2 at run time, but got others");
}

//===-- Where experts' weights come from ----------------------------------------------------------------------===//

class ExpertSourcesTest : public ReferenceTest {
protected:
  void expectLoaded(const std::string &declaration, const std::string &type, std::vector<double> expected) {
    auto results = run("xf.weight @w : tensor<" + type + "xf32> " + declaration + "\nfunc.func @f() -> tensor<" + type +
                           "xf32> {\n  %w = xf.load_weight @w : tensor<" + type + "xf32>\n  return %w : tensor<" +
                           type + "xf32>\n}",
                       {});
    ASSERT_EQ(results.size(), 1u);
    expectNear(results[0], std::move(expected), 0);
  }
};

TEST_F(ExpertSourcesTest, EachExpertIsATensor) {
  weights.tensors = {{"e.0", {1, 2}}, {"e.1", {3, 4}}, {"e.2", {5, 6}}};
  expectLoaded("sources [#xf.source<\"e.{expert}\">]", "3x1x2", {1, 2, 3, 4, 5, 6});
  expectLoaded("sources [#xf.source<\"e.{expert}\", from = 1>]", "2x2x1", {3, 4, 5, 6});
  expectLoaded("sources [#xf.source<\"e.{expert}\", rows = 1, from = 2>, #xf.source<\"e.{expert}\", rows = 1>]", "2x2",
               {5, 6, 1, 2});
  expectLoaded("sources [#xf.source<\"e.1\", copied>]", "3x1x2", {3, 4, 3, 4, 3, 4});
}

TEST_F(ExpertSourcesTest, SomeRowsOfATensor) {
  weights.tensors = {{"w", {1, 2, 3, 4, 5, 6}}};
  expectLoaded("sources [#xf.source<\"w\", from = 1, of = 3>]", "2x2", {3, 4, 5, 6});
  expectLoaded("sources [#xf.source<\"w\", rows = 1, from = 5, of = 6>, #xf.source<\"w\", rows = 1, of = 6>]", "2",
               {6, 1});
}

TEST_F(ExpertSourcesTest, TransposedAndInParts) {
  // Two experts, each stored as [K = 2, 2 N = 4].
  weights.tensors = {{"w", {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18}}};
  expectLoaded("sources [#xf.source<\"w\", transposed>]", "2x4x2",
               {1, 5, 2, 6, 3, 7, 4, 8, 11, 15, 12, 16, 13, 17, 14, 18});
  expectLoaded("sources [#xf.source<\"w\", transposed, interleaved<1, 2>>]", "2x2x2", {2, 6, 4, 8, 12, 16, 14, 18});
  expectLoaded("sources [#xf.source<\"w\", transposed, part<1, 2>>]", "2x2x2", {3, 7, 4, 8, 13, 17, 14, 18});
  expectLoaded("sources [#xf.source<\"w\", from = 1, of = 2, transposed, part<0, 2>>]", "1x2x2", {11, 15, 12, 16});
  expectLoaded("sources [#xf.source<\"w\", interleaved<0, 2>>]", "2x4", {1, 3, 5, 7, 11, 13, 15, 17});
  // A matrix that is stored the other way round, whole and some rows of it.
  expectLoaded("sources [#xf.source<\"w\", transposed>]", "2x8",
               {1, 3, 5, 7, 11, 13, 15, 17, 2, 4, 6, 8, 12, 14, 16, 18});
  expectLoaded("sources [#xf.source<\"w\", from = 1, of = 2, transposed>]", "1x8", {2, 4, 6, 8, 12, 14, 16, 18});
}

} // namespace
