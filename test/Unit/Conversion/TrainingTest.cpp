// Programs of the train dialect, against the interpreter.
#include "ProgramHarness.h"
#include <random>

using namespace mlir;
using namespace ph;

namespace {

reference::Tensor normal(llvm::ArrayRef<int64_t> shape, unsigned seed, double scale = 1) {
  reference::Tensor tensor(shape);
  std::mt19937 random(seed);
  std::normal_distribution<float> draw;
  for (double &x : tensor.data)
    x = float(draw(random) * scale);
  return tensor;
}

reference::Tensor squared(reference::Tensor tensor) {
  for (double &x : tensor.data)
    x = float(x * x);
  return tensor;
}

/// Labels below `bound`, every fifth of them -100.
reference::Tensor labels(llvm::ArrayRef<int64_t> shape, int64_t bound) {
  reference::Tensor tensor(shape);
  std::mt19937 random(5);
  for (auto [i, x] : llvm::enumerate(tensor.data))
    x = i % 5 == 3 ? -100 : double(int64_t(random()) % bound);
  return tensor;
}

TEST_F(ProgramTest, MakesLogProbabilitiesInChunks) {
  compile(R"(
    func.func @f(%h: tensor<?x?x48xf32>, %w: tensor<320x48xf32>, %l: tensor<?x?xi32>) -> tensor<?x?xf32> {
      %y = train.token_logp %h, %w, %l ignore_index = -100 scale = 0.5 soft_cap = 4.0 chunk = 16
        : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
  )",
          /*model=*/true);
  for (const std::vector<int64_t> &at : {std::vector<int64_t>{3, 17}, {1, 1}, {2, 16}})
    compareOn({normal({at[0], at[1], 48}, 1), normal({320, 48}, 2), labels(at, 320)});
}

// The gradient of the matrix is added to what is there, in its place.
TEST_F(ProgramTest, DerivesLogProbabilitiesInChunks) {
  compile(R"(
    func.func @f(%h: tensor<?x?x48xf32>, %w: tensor<320x48xf32>, %l: tensor<?x?xi32>, %g: tensor<?x?xf32>,
                 %sum: tensor<320x48xf32> {xf.name = "sum"})
        -> (tensor<?x?x48xf32>, tensor<320x48xf32> {xf.name = "sum"}, tensor<?x?xf32>) {
      %dh, %dw, %y = train.token_logp_backward %h, %w, %l, %g into(%sum) ignore_index = -100 scale = 0.5 soft_cap = 4.0 chunk = 16
        weight_gradient logp
        : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>, tensor<?x?xf32>, tensor<320x48xf32>)
        -> (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xf32>)
      return %dh, %dw, %y : tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xf32>
    }
  )",
          /*model=*/true);
  EXPECT_EQ(info.results[1].updates, 4);
  for (const std::vector<int64_t> &at : {std::vector<int64_t>{3, 17}, {1, 1}, {2, 16}})
    compareOn(
        {normal({at[0], at[1], 48}, 1), normal({320, 48}, 2), labels(at, 320), normal(at, 3), normal({320, 48}, 4)});
}

TEST_F(ProgramTest, DerivesLogProbabilitiesOfAFrozenMatrix) {
  compile(R"(
    func.func @f(%h: tensor<?x48xf32>, %w: tensor<320x48xf32>, %l: tensor<?xi32>, %g: tensor<?xf32>) -> tensor<?x48xf32> {
      %dh = train.token_logp_backward %h, %w, %l, %g ignore_index = -100
        : (tensor<?x48xf32>, tensor<320x48xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x48xf32>
      return %dh : tensor<?x48xf32>
    }
  )",
          /*model=*/true);
  compareOn({normal({300, 48}, 1), normal({320, 48}, 2), labels({300}, 320), normal({300}, 3)});
}

TEST_F(ProgramTest, StepsWithAdamWInPlace) {
  compile(R"(
    func.func @f(%w: tensor<2x5x33xf32> {xf.name = "w"}, %g: tensor<2x5x33xf32>, %m: tensor<2x5x33xf32> {xf.name = "m"},
                 %v: tensor<2x5x33xf32> {xf.name = "v"}, %lr: tensor<f32>, %step: tensor<i32>, %scale: tensor<f32>, %finite: tensor<i1>)
        -> (tensor<2x5x33xf32> {xf.name = "w"}, tensor<2x5x33xf32> {xf.name = "m"}, tensor<2x5x33xf32> {xf.name = "v"}) {
      %w1, %m1, %v1 = train.adamw %w, %g, %m, %v lr(%lr) step(%step) scale(%scale) finite(%finite)
        beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
        : (tensor<2x5x33xf32>, tensor<2x5x33xf32>, tensor<2x5x33xf32>, tensor<2x5x33xf32>, tensor<f32>, tensor<i32>, tensor<f32>, tensor<i1>)
        -> (tensor<2x5x33xf32>, tensor<2x5x33xf32>, tensor<2x5x33xf32>)
      return %w1, %m1, %v1 : tensor<2x5x33xf32>, tensor<2x5x33xf32>, tensor<2x5x33xf32>
    }
  )",
          /*model=*/true);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(info.results[i].updates, i == 0 ? 0 : i + 1);
  // No memory but what is updated.
  EXPECT_LE(program->plan({})[0], 256);
  auto scalar = [](double value) { return reference::Tensor({}, {value}); };
  for (double finite : {1, 0})
    for (double step : {1, 2, 1000})
      compareOn({normal({2, 5, 33}, 1), normal({2, 5, 33}, 2), normal({2, 5, 33}, 3, 0.1),
                 squared(normal({2, 5, 33}, 4, 0.1)), scalar(0.25f), scalar(step), scalar(0.5), scalar(finite)},
                1e-6);
}

} // namespace
