// Programs of the train dialect, against the interpreter.
#include "dialects/Training/Training.h"
#include "ProgramHarness.h"
#include <cmath>
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

// A packed matrix has kernels both ways.
TEST_F(ProgramTest, DerivesLogProbabilitiesOfAPackedMatrix) {
  compile(R"(
    xf.weight @w : tensor<320x48xf32>
    func.func @f(%h: tensor<?x?x48xf32>, %l: tensor<?x?xi32>, %g: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?x48xf32>) {
      %w = xf.load_weight @w : tensor<320x48xf32>
      %y = train.token_logp %h, %w, %l ignore_index = -100 scale = 0.5 chunk = 16
        : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %dh = train.token_logp_backward %h, %w, %l, %g ignore_index = -100 scale = 0.5 chunk = 16
        : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>, tensor<?x?xf32>) -> tensor<?x?x48xf32>
      return %y, %dh : tensor<?x?xf32>, tensor<?x?x48xf32>
    }
  )",
          /*model=*/true);
  for (const std::vector<int64_t> &at : {std::vector<int64_t>{3, 17}, {1, 1}})
    compareOn({normal({at[0], at[1], 48}, 1), labels(at, 320), normal(at, 3)});
}

std::string divergences(const std::string &options) {
  return R"(
    func.func @f(%h: tensor<?x?x48xf32>, %w: tensor<320x48xf32>, %t: tensor<?x?x320xf32>, %g: tensor<?x?xf32>)
        -> (tensor<?x?xf32>, tensor<?x?x48xf32>, tensor<320x48xf32>) {
      %y = train.token_kl %h, %w, %t )" +
         options + R"( : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?x320xf32>) -> tensor<?x?xf32>
      %dh, %dw = train.token_kl_backward %h, %w, %t, %g )" +
         options + R"( weight_gradient
        : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?x320xf32>, tensor<?x?xf32>) -> (tensor<?x?x48xf32>, tensor<320x48xf32>)
      return %y, %dh, %dw : tensor<?x?xf32>, tensor<?x?x48xf32>, tensor<320x48xf32>
    })";
}

TEST_F(ProgramTest, MeasuresDivergencesInChunks) {
  compile(divergences("temperature = 2.0 scale = 0.5 soft_cap = 4.0 chunk = 16"), /*model=*/true);
  compareOn({normal({3, 17, 48}, 1), normal({320, 48}, 2), normal({3, 17, 320}, 3, 2), normal({3, 17}, 4)});
}

TEST_F(ProgramTest, MeasuresReversedDivergencesInChunks) {
  compile(divergences("temperature = 0.5 reverse chunk = 16"), /*model=*/true);
  compareOn({normal({3, 17, 48}, 1, 0.25), normal({320, 48}, 2, 0.5), normal({3, 17, 320}, 3), normal({3, 17}, 4)});
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

TEST_F(ProgramTest, StepsWithMomentaInPlace) {
  compile(R"(
    func.func @f(%w: tensor<6x33xf32> {xf.name = "w"}, %g: tensor<6x33xf32>, %m: tensor<6x33xf32> {xf.name = "m"}, %u: tensor<6x33xf32> {xf.name = "u"},
                 %n: tensor<6x33xf32> {xf.name = "n"}, %v: tensor<6x33xf32> {xf.name = "v"}, %lr: tensor<f32>, %scale: tensor<f32>)
        -> (tensor<6x33xf32> {xf.name = "w"}, tensor<6x33xf32> {xf.name = "m"}, tensor<6x33xf32> {xf.name = "u"}, tensor<6x33xf32> {xf.name = "n"},
            tensor<6x33xf32> {xf.name = "v"}) {
      %w1, %m1 = train.sgd %w, %g velocity(%m) lr(%lr) scale(%scale) momentum = 0.9 nesterov weight_decay = 0.1
        : (tensor<6x33xf32>, tensor<6x33xf32>, tensor<6x33xf32>, tensor<f32>, tensor<f32>) -> (tensor<6x33xf32>, tensor<6x33xf32>)
      %u1, %n1 = train.lion %u, %g, %n lr(%lr) beta1 = 0.9 beta2 = 0.99 weight_decay = 0.1
        : (tensor<6x33xf32>, tensor<6x33xf32>, tensor<6x33xf32>, tensor<f32>) -> (tensor<6x33xf32>, tensor<6x33xf32>)
      %v1 = train.sgd %v, %g lr(%lr) weight_decay = 0.0 : (tensor<6x33xf32>, tensor<6x33xf32>, tensor<f32>) -> tensor<6x33xf32>
      return %w1, %m1, %u1, %n1, %v1 : tensor<6x33xf32>, tensor<6x33xf32>, tensor<6x33xf32>, tensor<6x33xf32>, tensor<6x33xf32>
    }
  )",
          /*model=*/true);
  EXPECT_LE(program->plan({})[0], 256);
  auto scalar = [](double value) { return reference::Tensor({}, {value}); };
  compareOn({normal({6, 33}, 1), normal({6, 33}, 2), normal({6, 33}, 3), normal({6, 33}, 4), normal({6, 33}, 5),
             normal({6, 33}, 6), scalar(0.25), scalar(0.5)},
            1e-6);
}

TEST_F(ProgramTest, StepsWithAdafactor) {
  compile(R"(
    func.func @f(%w: tensor<3x20x33xf32> {xf.name = "w"}, %g: tensor<3x20x33xf32>, %r: tensor<3x20xf32> {xf.name = "r"},
                 %c: tensor<3x33xf32> {xf.name = "c"}, %u: tensor<3x33xf32> {xf.name = "u"}, %h: tensor<3x33xf32>, %v: tensor<3x33xf32> {xf.name = "v"},
                 %lr: tensor<f32>, %step: tensor<i32>, %scale: tensor<f32>, %finite: tensor<i1>)
        -> (tensor<3x20x33xf32> {xf.name = "w"}, tensor<3x20xf32> {xf.name = "r"}, tensor<3x33xf32> {xf.name = "c"}, tensor<3x33xf32> {xf.name = "u"},
            tensor<3x33xf32> {xf.name = "v"}) {
      %w1, %r1, %c1 = train.adafactor %w, %g states(%r, %c) lr(%lr) step(%step) scale(%scale) finite(%finite) stacked
        beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
        : (tensor<3x20x33xf32>, tensor<3x20x33xf32>, tensor<3x20xf32>, tensor<3x33xf32>, tensor<f32>, tensor<i32>, tensor<f32>, tensor<i1>)
        -> (tensor<3x20x33xf32>, tensor<3x20xf32>, tensor<3x33xf32>)
      %u1, %v1 = train.adafactor %u, %h states(%v) lr(%lr) step(%step) stacked
        beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0
        : (tensor<3x33xf32>, tensor<3x33xf32>, tensor<3x33xf32>, tensor<f32>, tensor<i32>) -> (tensor<3x33xf32>, tensor<3x33xf32>)
      return %w1, %r1, %c1, %u1, %v1 : tensor<3x20x33xf32>, tensor<3x20xf32>, tensor<3x33xf32>, tensor<3x33xf32>, tensor<3x33xf32>
    }
  )",
          /*model=*/true);
  auto scalar = [](double value) { return reference::Tensor({}, {value}); };
  for (double finite : {1, 0})
    compareOn({normal({3, 20, 33}, 1), normal({3, 20, 33}, 2), squared(normal({3, 20}, 3)), squared(normal({3, 33}, 4)),
               normal({3, 33}, 5), normal({3, 33}, 6), squared(normal({3, 33}, 7)), scalar(0.25), scalar(5),
               scalar(0.5), scalar(finite)});
}

// What a step leaves is what the next one starts with: no memory but for the new magnitudes.
TEST_F(ProgramTest, StepsWithStatesOf8Bits) {
  compile(R"(
    func.func @f(%w: tensor<6x128xf32> {xf.name = "w"}, %g: tensor<6x128xf32>, %m: tensor<3x256xi8> {xf.name = "m"}, %v: tensor<3x256xi8> {xf.name = "v"},
                 %a: tensor<3xf32> {xf.name = "a"}, %b: tensor<3xf32> {xf.name = "b"}, %lr: tensor<f32>, %step: tensor<i32>, %finite: tensor<i1>)
        -> (tensor<6x128xf32> {xf.name = "w"}, tensor<3x256xi8> {xf.name = "m"}, tensor<3x256xi8> {xf.name = "v"}, tensor<3xf32> {xf.name = "a"},
            tensor<3xf32> {xf.name = "b"}) {
      %w1, %m1, %v1, %a1, %b1 = train.adamw8 %w, %g, %m, %v, %a, %b lr(%lr) step(%step) finite(%finite)
        beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
        : (tensor<6x128xf32>, tensor<6x128xf32>, tensor<3x256xi8>, tensor<3x256xi8>, tensor<3xf32>, tensor<3xf32>, tensor<f32>, tensor<i32>, tensor<i1>)
        -> (tensor<6x128xf32>, tensor<3x256xi8>, tensor<3x256xi8>, tensor<3xf32>, tensor<3xf32>)
      return %w1, %m1, %v1, %a1, %b1 : tensor<6x128xf32>, tensor<3x256xi8>, tensor<3x256xi8>, tensor<3xf32>, tensor<3xf32>
    }
  )",
          /*model=*/true);
  EXPECT_LE(program->plan({})[0], 512);
  auto scalar = [](double value) { return reference::Tensor({}, {value}); };
  // Every code there is.
  reference::Tensor codes({3, 256});
  for (auto [i, code] : llvm::enumerate(codes.data))
    code = double(i % 256) - 128;
  for (double finite : {1, 0})
    compareOn({normal({6, 128}, 1), normal({6, 128}, 2), codes, codes, squared(normal({3}, 3)), squared(normal({3}, 4)),
               scalar(0.25), scalar(3), scalar(finite)},
              1e-6);
}

TEST_F(ProgramTest, ScalesGradients) {
  compile(R"(
    func.func @f(%a: tensor<20x7x33xf32>, %b: tensor<40xf32>, %c: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<i1>) {
      %norm = train.global_norm %a, %b, %c : (tensor<20x7x33xf32>, tensor<40xf32>, tensor<f32>) -> tensor<f32>
      %factor = train.clip_factor %norm max_norm = 1.0 : (tensor<f32>) -> tensor<f32>
      %finite = train.all_finite %a, %b, %c : (tensor<20x7x33xf32>, tensor<40xf32>, tensor<f32>) -> tensor<i1>
      return %norm, %factor, %finite : tensor<f32>, tensor<f32>, tensor<i1>
    }
  )",
          /*model=*/true);
  reference::Tensor large = normal({20, 7, 33}, 1), small = normal({40}, 2, 1e-3), one({}, {0.5});
  compareOn({large, small, one}, 1e-6);
  large.data[1234] = INFINITY;
  compareOn({large, small, one}, 1e-6);
}

TEST_F(ProgramTest, DropsTheSameElementsOnEveryThread) {
  compile(R"(
    func.func @f(%x: tensor<?x?x33xf32>, %key: tensor<2xi32>) -> tensor<?x?x33xf32> {
      %layer = arith.constant 5 : index
      %y = train.dropout %x, %key layer(%layer) stream = 3 probability = 0.25 : (tensor<?x?x33xf32>, tensor<2xi32>, index) -> tensor<?x?x33xf32>
      return %y : tensor<?x?x33xf32>
    }
  )",
          /*model=*/true);
  compareOn({normal({2, 17, 33}, 1), reference::Tensor({2}, {-7, 1234567})}, 1e-6);
}

TEST_F(ProgramTest, RoundsToSixteenBits) {
  compile(R"(
    func.func @f(%x: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
      %a = train.round bf16 %x : tensor<?x16xf32>
      %b = train.round f16 %x : tensor<?x16xf32>
      %c = train.round_gradient bf16 %x : tensor<?x16xf32>
      return %a, %b, %c : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
    }
  )",
          /*model=*/true);
  // Ties, what is too small and what is too large, beside ordinary numbers.
  reference::Tensor x = normal({3, 16}, 1, 100);
  const float special[] = {1.00390625f, 1.01171875f, 1.00048828125f, 1.00146484375f, 65519, 65520,
                           -65520,      3.4e38f,     1e-40f,         -1e-8f,         -0.0f, INFINITY};
  for (auto [i, value] : llvm::enumerate(special))
    x.data[i] = value;
  compareOn({x}, 0);
}

TEST_F(ProgramTest, EstimatesAdvantages) {
  compile(R"(
    func.func @f(%s: tensor<?xf32>, %p: tensor<?x?xf32>, %r: tensor<?x?xf32>, %v: tensor<?x?xf32>, %m: tensor<?x?xi32>)
        -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<f32>, tensor<f32>) {
      %rewards = train.kl_rewards %s, %p, %r, %m beta = 0.05 : (tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %a, %t = train.gae %rewards, %v, %m gamma = 0.99 lambda = 0.95
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
      %w = train.whiten %a, %m eps = 1.0e-8 : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %sum, %count = train.ppo_loss %p, %r, %w, %m clip = 0.2
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %rewards, %t, %w, %sum, %count : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<f32>, tensor<f32>
    }
  )",
          /*model=*/true);
  reference::Tensor mask({3, 12});
  for (int i : {2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23})
    mask.data[i] = 1;
  compareOn({normal({3}, 1), normal({3, 12}, 2), normal({3, 12}, 3), normal({3, 12}, 4), mask});
}

// A row of the returns, which nothing reads, is not scratch of each thread, which would have no bound.
TEST_F(ProgramTest, EstimatesAdvantagesWithoutReturns) {
  compile(R"(
    func.func @f(%s: tensor<?xf32>, %p: tensor<?x?xf32>, %r: tensor<?x?xf32>, %v: tensor<?x?xf32>, %m: tensor<?x?xi32>)
        -> (tensor<f32>, tensor<f32>, tensor<?x?xf32>) {
      %rewards = train.kl_rewards %s, %p, %r, %m beta = 0.05 : (tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %a, %t = train.gae %rewards, %v, %m gamma = 0.99 lambda = 0.95
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
      %w = train.whiten %a, %m eps = 1.0e-8 : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %sum, %count = train.ppo_loss %p, %r, %w, %m clip = 0.2
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count, %a : tensor<f32>, tensor<f32>, tensor<?x?xf32>
    }
  )",
          /*model=*/true);
  reference::Tensor mask({3, 12});
  for (int i : {2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23})
    mask.data[i] = 1;
  compareOn({normal({3}, 1), normal({3, 12}, 2), normal({3, 12}, 3), normal({3, 12}, 4), mask});
}

// From hidden activations to a loss and back.
TEST_F(ProgramTest, DerivesTheLossOfALanguageModel) {
  compileGradient(R"(
    func.func @f(%h: tensor<?x?x48xf32> {xf.name = "h"}, %w: tensor<320x48xf32> {xf.name = "w"}, %l: tensor<?x?xi32>)
        -> (tensor<f32> {xf.name = "loss"}, tensor<f32>) {
      %logp = train.token_logp %h, %w, %l ignore_index = -100 chunk = 16 : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %sum, %count = train.lm_loss %logp, %l ignore_index = -100 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
  )",
                  {"h", "w"});
  bool forward = false;
  source->walk([&](train::TokenLogpOp) { forward = true; });
  EXPECT_FALSE(forward) << "the derivatives give the log-probabilities";
  compareOn({normal({3, 17, 48}, 1), normal({320, 48}, 2, 0.25), labels({3, 17}, 320)});
}

TEST_F(ProgramTest, DerivesTheLossOfPreferences) {
  compileGradient(R"(
    func.func @f(%c: tensor<?x?x48xf32> {xf.name = "c"}, %r: tensor<?x?x48xf32> {xf.name = "r"}, %w: tensor<320x48xf32> {xf.name = "w"},
                 %cl: tensor<?x?xi32>, %rl: tensor<?x?xi32>, %rc: tensor<?xf32>, %rr: tensor<?xf32>) -> (tensor<f32> {xf.name = "loss"}, tensor<f32>) {
      %cy = train.token_logp %c, %w, %cl ignore_index = 0 : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %ry = train.token_logp %r, %w, %rl ignore_index = 0 : (tensor<?x?x48xf32>, tensor<320x48xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %cs, %cn = train.sequence_logp %cy, %cl : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>)
      %rs, %rn = train.sequence_logp %ry, %rl : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>)
      %sum, %count = train.dpo_loss %cs, %rs, %rc, %rr beta = 0.1 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
  )",
                  {"c", "r", "w"});
  auto tokens = [](unsigned seed) {
    reference::Tensor tensor({2, 9});
    for (auto [i, x] : llvm::enumerate(tensor.data))
      x = i % 9 < 3 ? 0 : double((i * 37 + seed) % 320);
    return tensor;
  };
  compareOn({normal({2, 9, 48}, 1), normal({2, 9, 48}, 2), normal({320, 48}, 3, 0.25), tokens(1), tokens(100),
             normal({2}, 4, 9), normal({2}, 5, 9)});
}

} // namespace
