// The derivatives of attention, at once and by tiles, against central differences in f64.
#include "lib/Reference/Seeded.h"
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include "test/Unit/Reference/Harness.h"

using namespace ph::reference;

namespace {

/// A case: shapes, and what both ops have beyond query, keys and values.
struct Case {
  int64_t heads, headDim, keyHeads, valueDim, sequence, positions;
  std::string arguments, operands, types, attributes;
  std::vector<Value> values;
};

class AttentionBackwardTest : public ReferenceTest {
protected:
  static Tensor random(const char *name, std::vector<int64_t> shape) {
    Tensor tensor(shape);
    Generator generator(3, name);
    for (double &x : tensor.data)
      x = generator.bell();
    return tensor;
  }

  void check(const Case &c) {
    auto type = [](int64_t rows, int64_t features) {
      return "tensor<2x" + std::to_string(rows) + "x" + std::to_string(features) + "xf32>";
    };
    std::string q = type(c.sequence, c.heads * c.headDim), k = type(c.positions, c.keyHeads * c.headDim),
                v = type(c.positions, c.keyHeads * c.valueDim), y = type(c.sequence, c.heads * c.valueDim);
    std::string options = c.operands + " heads = " + std::to_string(c.heads) + " scale = 0.75 mask = " + c.attributes;
    std::string forward = "func.func @f(%q: " + q + ", %k: " + k + ", %v: " + v + c.arguments + ") -> " + y +
                          " {\n %y = xf.attention %q keys(%k) values(%v) " + options + " : (" + q + ", " + k + ", " +
                          v + c.types + ") -> " + y + "\n return %y : " + y + "\n}";
    std::string backward = "func.func @f(%q: " + q + ", %k: " + k + ", %v: " + v + ", %dy: " + y + c.arguments +
                           ") -> (" + q + ", " + k + ", " + v +
                           ") {\n %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy " + options + " : (" + q +
                           ", " + k + ", " + v + ", " + y + c.types + ") -> (" + q + ", " + k + ", " + v +
                           ")\n return %dq, %dk, %dv : " + q + ", " + k + ", " + v + "\n}";
    std::vector<Tensor> inputs = {random("q", {2, c.sequence, c.heads * c.headDim}),
                                  random("k", {2, c.positions, c.keyHeads * c.headDim}),
                                  random("v", {2, c.positions, c.keyHeads * c.valueDim})};
    Tensor gradient = random("dy", {2, c.sequence, c.heads * c.valueDim});
    std::vector<Value> arguments = {inputs[0], inputs[1], inputs[2], gradient};
    arguments.insert(arguments.end(), c.values.begin(), c.values.end());
    auto got = run(backward, arguments, Precision::F64);
    ASSERT_EQ(got.size(), 3u) << message;
    mlir::PassManager manager(&context);
    manager.addPass(ph::createFlashAttentionPass({/*tileQueries=*/2, /*tileKeys=*/3}));
    ASSERT_TRUE(succeeded(manager.run(*module)));
    bool left = false;
    module->walk([&](ph::xf::AttentionBackwardOp) { left = true; });
    EXPECT_FALSE(left);
    auto tiled = call(arguments, Precision::F64);
    ASSERT_EQ(tiled.size(), 3u) << message;

    parse(forward);
    auto loss = [&] {
      std::vector<Value> arguments = {inputs[0], inputs[1], inputs[2]};
      arguments.insert(arguments.end(), c.values.begin(), c.values.end());
      auto results = call(arguments, Precision::F64);
      EXPECT_EQ(results.size(), 1u) << message;
      double sum = 0;
      for (auto [x, dx] : llvm::zip_equal(results.at(0).tensor().data, gradient.data))
        sum += x * dx;
      return sum;
    };
    for (size_t input = 0; input < inputs.size(); ++input)
      for (size_t i = 0; i < inputs[input].data.size(); ++i) {
        double &x = inputs[input].data[i], kept = x, step = 1e-5;
        x = kept + step;
        double above = loss();
        x = kept - step;
        double below = loss();
        x = kept;
        double slope = (above - below) / (2 * step);
        EXPECT_NEAR(got[input].tensor().data[i], slope, 1e-8)
            << "input " << input << " at " << i << " of " << c.attributes;
        EXPECT_NEAR(tiled[input].tensor().data[i], slope, 1e-8)
            << "by tiles, input " << input << " at " << i << " of " << c.attributes;
      }
  }
};

TEST_F(AttentionBackwardTest, Causal) { check({2, 3, 2, 3, 4, 4, "", "", "", "causal", {}}); }

TEST_F(AttentionBackwardTest, GroupsCrossAttentionAndWiderValues) { check({4, 2, 2, 3, 3, 5, "", "", "", "none", {}}); }

TEST_F(AttentionBackwardTest, SoftCap) { check({2, 3, 1, 2, 4, 4, "", "", "", "causal soft_cap = 1.5", {}}); }

TEST_F(AttentionBackwardTest, SinksWindowAndLinearBiases) {
  check({3,
         2,
         1,
         2,
         5,
         5,
         ", %s: tensor<3xf32>",
         "sinks(%s) alibi = #xf.alibi<max_bias = 4.0>",
         ", tensor<3xf32>",
         "causal window = 2",
         {Tensor({3}, {0.5, -1, 2})}});
}

TEST_F(AttentionBackwardTest, BiasAndPadding) {
  check({2,
         2,
         2,
         2,
         3,
         4,
         ", %b: tensor<1x2x3x4xf32>, %m: tensor<2x4xi32>",
         "bias(%b) valid(%m)",
         ", tensor<1x2x3x4xf32>, tensor<2x4xi32>",
         "none",
         {random("b", {1, 2, 3, 4}), Tensor({2, 4}, {1, 0, 1, 1, 0, 0, 0, 0})}});
}

TEST_F(AttentionBackwardTest, PrefixAndDocuments) {
  check({2,
         2,
         1,
         2,
         4,
         4,
         ", %p: tensor<2xi32>, %d: tensor<2x4xi32>",
         "prefix(%p) documents(%d)",
         ", tensor<2xi32>, tensor<2x4xi32>",
         "causal",
         {Tensor({2}, {3, 0}), Tensor({2, 4}, {0, 0, 1, 0, 1, 1, 2, 2})}});
}

} // namespace
