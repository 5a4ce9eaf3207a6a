// Products, norms, activations, logits: against values worked out by hand.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, LinearAddsBiasAndResidual) {
  auto results =
      run(R"(func.func @f(%x: tensor<1x2x3xf32>, %w: tensor<2x3xf32>, %b: tensor<2xf32>, %r: tensor<1x2x2xf32>)
      -> (tensor<1x2x2xf32>, tensor<1x2x2xf32>) {
    %y = xf.linear %x, %w : (tensor<1x2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x2xf32>
    %z = xf.linear %x, %w bias %b residual %r
      : (tensor<1x2x3xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
    return %y, %z : tensor<1x2x2xf32>, tensor<1x2x2xf32>
  })",
          {Tensor({1, 2, 3}, {1, 2, 3, 4, 5, 6}), Tensor({2, 3}, {1, 0, -1, 2, 1, 0}), Tensor({2}, {10, 20}),
           Tensor({1, 2, 2}, {100, 200, 300, 400})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {-2, 4, -2, 13}, 0);
  expectNear(results[1], {108, 224, 308, 433}, 0);
}

TEST_F(ReferenceTest, LinearActivatesBetweenBiasAndResidual) {
  auto results = run(
      R"(func.func @f(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>, %b: tensor<2xf32>, %r: tensor<1x2xf32>) -> tensor<1x2xf32> {
    %y = xf.linear %x, %w bias %b activation = relu residual %r
      : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  })",
      {Tensor({1, 2}, {1, 2}), Tensor({2, 2}, {1, 1, -1, 0}), Tensor({2}, {-2, -1}), Tensor({1, 2}, {-10, -20})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1 - 10, 0 - 20}, 0);
}

TEST_F(ReferenceTest, ActivationsHaveTheirClosedForms) {
  // Φ(1) = 0.8413447460685429; the tanh form at 1 and at -2 from its definition, computed apart.
  struct Case {
    const char *name;
    double at1, atMinus2, at0 = 0;
  };
  for (Case c :
       {Case{"silu", 0.7310585786300049, -0.2384058440442351}, Case{"gelu", 0.8413447460685429, -0.04550026389635842},
        Case{"gelu_tanh", 0.8411919906082768, -0.04540230591222725}, Case{"relu", 1, 0},
        Case{"quick_gelu", 0.8457957659328212, -0.06434137685579186}, Case{"relu2", 1, 0},
        Case{"tanh", 0.7615941559557649, -0.9640275800758169},
        Case{"sigmoid", 0.7310585786300049, 0.11920292202211755, 0.5}}) {
    auto results = run(std::string(R"(func.func @f(%g: tensor<1x3xf32>, %u: tensor<1x3xf32>) -> tensor<1x3xf32> {
      %y = xf.gated_activation )") +
                           c.name + R"( %g, %u : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
      return %y : tensor<1x3xf32>
    })",
                       {Tensor({1, 3}, {1, -2, 0}), Tensor({1, 3}, {1, 3, 5})});
    ASSERT_EQ(results.size(), 1u);
    SCOPED_TRACE(c.name);
    expectNear(results[0], {c.at1, 3 * c.atMinus2, 5 * c.at0});
    auto plain = run(std::string("func.func @f(%x: tensor<1x3xf32>) -> tensor<1x3xf32> { %y = xf.activation ") +
                         c.name + " %x : (tensor<1x3xf32>) -> tensor<1x3xf32> return %y : tensor<1x3xf32> }",
                     {Tensor({1, 3}, {1, -2, 0})});
    ASSERT_EQ(plain.size(), 1u);
    expectNear(plain[0], {c.at1, c.atMinus2, c.at0});
  }
}

TEST_F(ReferenceTest, GatedLinearIsTwoProductsAndAGate) {
  auto results = run(R"(func.func @f(%x: tensor<1x2xf32>, %g: tensor<2x2xf32>, %u: tensor<2x2xf32>) -> tensor<1x2xf32> {
    %y = xf.gated_linear relu %x, %g, %u : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  })",
                     {Tensor({1, 2}, {2, 3}), Tensor({2, 2}, {1, 1, -1, 0}), Tensor({2, 2}, {4, 0, 1, 1})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {5 * 8, 0}, 0);
}

TEST_F(ReferenceTest, GatesHaveALimitAndAnOffset) {
  auto results = run(R"(func.func @f(%g: tensor<1x4xf32>, %u: tensor<1x4xf32>) -> tensor<1x4xf32> {
    %y = xf.gated_activation relu %g, %u limit = 2.0 up_offset = 1.0 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
    return %y : tensor<1x4xf32>
  })",
                     {Tensor({1, 4}, {1, 5, 1, -5}), Tensor({1, 4}, {0.5, 3, -3, 1})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1.5, 2 * 3, -1, 0}, 0);
}

TEST_F(ReferenceTest, GatedLinearAddsBiases) {
  auto results = run(R"(func.func @f(%x: tensor<1x2xf32>, %g: tensor<2x2xf32>, %u: tensor<2x2xf32>, %bg: tensor<2xf32>,
                                     %bu: tensor<2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
    %y = xf.gated_linear relu %x, %g, %u gate_bias %bg up_bias %bu
      : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    %z = xf.gated_linear relu %x, %g, %u up_bias %bu
      : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
  })",
                     {Tensor({1, 2}, {2, 3}), Tensor({2, 2}, {1, 1, -1, 0}), Tensor({2, 2}, {4, 0, 1, 1}),
                      Tensor({2}, {-1, 4}), Tensor({2}, {2, -6})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {4 * 10, 2 * -1}, 0);
  expectNear(results[1], {5 * 10, 0}, 0);
}

TEST_F(ReferenceTest, RmsNormDividesByTheRoot) {
  auto results = run(R"(func.func @f(%x: tensor<2x2xf32>, %w: tensor<2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
    %y = xf.rms_norm %x, %w eps = 0.0 : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
    %z = xf.rms_norm %x, %w eps = 3.0 : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
    return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
  })",
                     {Tensor({2, 2}, {3, 4, 1, -1}), Tensor({2}, {1, 10})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {3 / std::sqrt(12.5), 40 / std::sqrt(12.5), 1, -10}, 1e-6);
  expectNear(results[1], {3 / std::sqrt(15.5), 40 / std::sqrt(15.5), 0.5, -5}, 1e-6);
}

TEST_F(ReferenceTest, LogitsAreScaledThenCapped) {
  auto results = run(
      R"(func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
    %a = xf.logits %x, %w : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
    %b = xf.logits %x, %w scale = 0.5 : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
    %c = xf.logits %x, %w scale = 0.5 soft_cap = 2.0 : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
    return %a, %b, %c : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
  })",
      {Tensor({1, 2}, {2, 4}), Tensor({3, 2}, {1, 0, 0, 1, -1, -1})});
  ASSERT_EQ(results.size(), 3u);
  expectNear(results[0], {2, 4, -6}, 0);
  expectNear(results[1], {1, 2, -3}, 0);
  expectNear(results[2], {2 * std::tanh(0.5), 2 * std::tanh(1.0), -2 * std::tanh(1.5)});
}

TEST_F(ReferenceTest, LogitsArgmaxTakesFiniteScoresOnly) {
  const char *text = R"(func.func @f(%x: tensor<1x1xf32>, %w: tensor<3x1xf32>) -> tensor<1xi32> {
    %a = xf.logits_argmax %x, %w : (tensor<1x1xf32>, tensor<3x1xf32>) -> tensor<1xi32>
    return %a : tensor<1xi32>
  })";
  auto results = run(text, {Tensor({1, 1}, {1}), Tensor({3, 1}, {INFINITY, NAN, -5})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {2}, 0);
  EXPECT_TRUE(call({Tensor({1, 1}, {1}), Tensor({3, 1}, {INFINITY, NAN, -INFINITY})}).empty());
  EXPECT_EQ(message, "'xf.logits_argmax' op expects a finite score in each row at run time, but got [0]");
}

TEST_F(ReferenceTest, LogitsArgmaxIsTheFirstOfTheLargestScores) {
  // The scores are 2, 4, -6 and 4; with a negative scale the third is the largest.
  auto results =
      run(R"(func.func @f(%x: tensor<1x2xf32>, %w: tensor<4x2xf32>) -> (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) {
    %a = xf.logits_argmax %x, %w : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1xi32>
    %b = xf.logits_argmax %x, %w scale = -1.0 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1xi32>
    %c = xf.logits_argmax %x, %w soft_cap = 0.01 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1xi32>
    return %a, %b, %c : tensor<1xi32>, tensor<1xi32>, tensor<1xi32>
  })",
          {Tensor({1, 2}, {2, 4}), Tensor({4, 2}, {1, 0, 0, 1, -1, -1, 0, 1})});
  ASSERT_EQ(results.size(), 3u);
  expectNear(results[0], {1}, 0);
  expectNear(results[1], {2}, 0);
  expectNear(results[2], {0}, 0); // scores that the cap makes equal
}

TEST_F(ReferenceTest, ResultsAreRoundedToF32UnlessAskedNotTo) {
  const char *text = R"(func.func @f(%x: tensor<1x1xf32>, %w: tensor<1x1xf32>) -> tensor<1x1xf32> {
    %y = xf.linear %x, %w : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    return %y : tensor<1x1xf32>
  })";
  std::vector<Value> arguments = {Tensor({1, 1}, {1 + 0x1p-23}), Tensor({1, 1}, {1 + 0x1p-23})};
  expectNear(run(text, arguments)[0], {1 + 0x1p-22}, 0);
  expectNear(run(text, arguments, Precision::F64)[0], {1 + 0x1p-22 + 0x1p-46}, 0);
}

TEST_F(ReferenceTest, RepeatCarriesValuesAndCountsLayers) {
  weights.tensors["stack"] = {1, 10, 100};
  auto results = run(R"(xf.weight @stack : tensor<3x1xf32> stacked
  func.func @f(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
    %y = xf.repeat %layer = 3 iter(%h = %x) : tensor<1x1xf32> {
      %w = xf.load_weight @stack[%layer] : tensor<1xf32>
      %n = xf.rms_norm %x, %w eps = 0.0 : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
      %s = xf.add %h, %n : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
      xf.yield %s : tensor<1x1xf32>
    }
    return %y : tensor<1x1xf32>
  })",
                     {Tensor({1, 1}, {5})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {5 + 111}, 0);
}

TEST_F(ReferenceTest, OpsWithoutSemanticsAreNamed) {
  parse(R"(func.func @f(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
    %y = math.cbrt %x : tensor<1x1xf32>
    return %y : tensor<1x1xf32>
  })");
  EXPECT_TRUE(call({Tensor({1, 1}, {5})}).empty());
  EXPECT_EQ(message, "'math.cbrt' op expects an op with reference semantics, but this one has none");
}

TEST_F(ReferenceTest, ShapesThatDifferAtRunTimeAreAnError) {
  parse(R"(func.func @f(%a: tensor<?x2xf32>, %b: tensor<?x2xf32>) -> tensor<?x2xf32> {
    %y = xf.add %a, %b : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  })");
  EXPECT_EQ(call({Tensor({1, 2}, {1, 2}), Tensor({1, 2}, {3, 4})}).size(), 1u);
  EXPECT_TRUE(call({Tensor({1, 2}, {1, 2}), Tensor({2, 2}, {1, 2, 3, 4})}).empty());
  EXPECT_EQ(message, "'xf.add' op expects addends of one shape at run time, but got [2, 2]");
  EXPECT_TRUE(call({Tensor({1, 2}, {1, 2}), Tensor({1, 3}, {1, 2, 3})}).empty());
  EXPECT_EQ(message, "expects argument 1 of type 'tensor<?x2xf32>', but got shape [1, 3]");
}

TEST_F(ReferenceTest, EndlessRecursionIsAnError) {
  parse("func.func @f() { call @f() : () -> () return }");
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "expects calls at most 64 deep");
}

} // namespace
