// Arguments from seeds and files, names, comparison.
#include "test/Unit/Reference/Harness.h"
#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace ph::reference;

namespace {

const char *model = R"(
  xf.weight @table : tensor<10x2xf32>
  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "tokens"}, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<1 x 1 x 2, f16>) -> (tensor<?x2xf32> {xf.name = "picked"}, !xf.cache<1 x 1 x 2, f16>, tensor<?x?xi32>) {
    %layer = arith.constant 0 : index
    %w = xf.load_weight @table : tensor<10x2xf32>
    %x = xf.embedding %tokens, %w : (tensor<?x?xi32>, tensor<10x2xf32>) -> tensor<?x?x2xf32>
    %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %c = xf.cache_append %cache[%layer], %x, %x, %past
      : (!xf.cache<1 x 1 x 2, f16>, index, tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?xi32>) -> !xf.cache<1 x 1 x 2, f16>
    %y = xf.select_rows %x, %rows : (tensor<?x?x2xf32>, tensor<?xi32>) -> tensor<?x2xf32>
    return %y, %c, %p : tensor<?x2xf32>, !xf.cache<1 x 1 x 2, f16>, tensor<?x?xi32>
  })";

class InputsTest : public ReferenceTest {
protected:
  mlir::FailureOr<llvm::SmallVector<Value>> make(const RunOptions &options) {
    message.clear();
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      message += diagnostic.str();
      return mlir::success();
    });
    return makeInputs(*module->getOps<mlir::func::FuncOp>().begin(), options);
  }
};

TEST_F(InputsTest, SeededArgumentsAreValidForTheirUse) {
  parse(model);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.dims = {"tokens=4x5"};
    auto inputs = make(options);
    ASSERT_TRUE(succeeded(inputs));
    const Tensor &tokens = (*inputs)[0].tensor(), &past = (*inputs)[1].tensor(), &rows = (*inputs)[2].tensor();
    EXPECT_EQ(tokens.shape, (llvm::SmallVector<int64_t>{4, 5}));
    EXPECT_EQ(past.shape, (llvm::SmallVector<int64_t>{4}));
    for (double token : tokens.data)
      EXPECT_TRUE(token >= 0 && token < 10) << token;
    for (double row : rows.data)
      EXPECT_TRUE(row >= 0 && row < 20) << row;
    const CacheLayer &layer = *(*inputs)[3].cache().layers[0];
    ASSERT_EQ(layer.sequences.size(), 4u);
    for (size_t b = 0; b < 4; ++b) {
      EXPECT_TRUE(past.data[b] >= 0 && past.data[b] < 4) << past.data[b];
      EXPECT_EQ(layer.sequences[b].keys.size(), 2 * size_t(past.data[b]));
    }
    auto again = make(options);
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ((*again)[0].tensor().data, tokens.data);
    weights.tensors["table"] = std::vector<float>(20, 1);
    EXPECT_EQ(call({inputs->begin(), inputs->end()}).size(), 3u) << message;
  }
}

TEST_F(InputsTest, DimsThatDoNotFitAreAnError) {
  parse(model);
  RunOptions options;
  options.dims = {"tokens=4"};
  EXPECT_TRUE(failed(make(options)));
  EXPECT_EQ(message, "expects dims of 'tokens' that fit 'tensor<?x?xi32>', but got [4]");
  options.dims = {"words=4x4"};
  EXPECT_TRUE(failed(make(options)));
  EXPECT_EQ(message, "expects dims of an argument of the function, but got 'words'");
  options.dims = {"tokens=4xmany"};
  EXPECT_TRUE(failed(make(options)));
  EXPECT_EQ(message, "expects dims as name=2x5, but got 'tokens=4xmany'");
}

TEST_F(InputsTest, ResultsGoToAFileAndComeBackAsArguments) {
  parse(model);
  std::string directory = std::string(testing::TempDir()) + "ph-inputs-test";
  std::filesystem::create_directories(directory);
  RunOptions options;
  options.outputs = directory + "/out.safetensors";
  options.seed = 3;
  std::string text;
  llvm::raw_string_ostream out(text);
  ASSERT_TRUE(succeeded(runModule(*module, options, out)));
  EXPECT_NE(text.find("picked: [2, 2] = "), std::string::npos) << text;
  // The same run agrees with the file exactly; another seed does not.
  options.outputs.clear();
  options.expect = directory + "/out.safetensors";
  options.absolute = options.relative = 0;
  text.clear();
  EXPECT_TRUE(succeeded(runModule(*module, options, out)));
  EXPECT_NE(text.find("picked: largest error 0.00e+00 of 4 values"), std::string::npos) << text;
  EXPECT_NE(text.find("out1.keys: largest error 0.00e+00"), std::string::npos) << text;
  options.seed = 4;
  options.dims = {"tokens=2x3"};
  {
    mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) { return mlir::success(); });
    EXPECT_TRUE(failed(runModule(*module, options, out)));
  }

  // A cache of a file is an argument of another run.
  parse(
      R"(func.func @f(%cache: !xf.cache<1 x 1 x 2, f16> {xf.name = "out1"}) -> !xf.cache<1 x 1 x 2, f16> { return %cache : !xf.cache<1 x 1 x 2, f16> })");
  RunOptions second;
  second.inputs = directory + "/out.safetensors";
  auto inputs = make(second);
  ASSERT_TRUE(succeeded(inputs)) << message;
  auto results = nameResults(*module->getOps<mlir::func::FuncOp>().begin(), *inputs);
  EXPECT_EQ(results["out0.keys"].shape[1], 2);
  EXPECT_GE(results["out0.keys"].shape[2], 3);
  std::filesystem::remove_all(directory);
}

TEST(Compare, FindsTheLargestExcess) {
  Difference d = compare({1, 2.5, 100}, {1, 2, 101}, 0.25, 0.01);
  EXPECT_EQ(d.error, 1);
  EXPECT_EQ(d.index, 1u);
  EXPECT_NEAR(d.excess, 0.5 / 0.27, 1e-12);
  EXPECT_EQ(compare({1, 2}, {1, 2}, 0, 0).excess, 0);
  EXPECT_EQ(compare({1 + 1e-12}, {1}, 0, 0).excess, INFINITY);
}

TEST(Compare, KnowsWhatIsNoNumber) {
  double nan = NAN, infinity = INFINITY;
  EXPECT_EQ(compare({nan}, {nan}, 0, 0).excess, 0);
  EXPECT_EQ(compare({infinity}, {infinity}, 0, 0).excess, 0);
  EXPECT_EQ(compare({nan}, {1}, 1, 1).excess, INFINITY);
  EXPECT_EQ(compare({1}, {nan}, 1, 1).excess, INFINITY);
  EXPECT_EQ(compare({1}, {infinity}, 1, 1).excess, INFINITY);
  EXPECT_EQ(compare({infinity}, {-infinity}, 1, 1).excess, INFINITY);
}

} // namespace
