// The angles and factors of #xf.rope against what transformers' own functions gave (test/Data/rope).
#include "mlir/AsmParser/AsmParser.h"
#include "runtime/base/Json.h"
#include "test/Unit/Reference/Harness.h"
#include <cmath>
#include <fstream>
#include <sstream>

using namespace ph::reference;

namespace {

class RopeFrequenciesTest : public ReferenceTest {
protected:
  ph::xf::RopeAttr rope(const std::string &text) {
    auto attribute = mlir::dyn_cast_or_null<ph::xf::RopeAttr>(mlir::parseAttribute(text, &context));
    EXPECT_TRUE(attribute) << text;
    return attribute;
  }
};

TEST_F(RopeFrequenciesTest, AreThoseOfTransformers) {
  std::ifstream file(PH_SOURCE_DIR "/test/Data/rope/transformers.json");
  std::stringstream text;
  text << file.rdbuf();
  auto cases = ph::parseJson(text.str(), "transformers.json");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_GE(cases->size(), 28u);
  for (const nlohmann::json &each : *cases) {
    const std::string &name = *ph::jsonString(each, "rope");
    int64_t length = *ph::jsonInteger(each, "length");
    SCOPED_TRACE(name + " at " + std::to_string(length));
    ph::xf::RopeAttr attribute = rope(name);
    ASSERT_TRUE(attribute);
    llvm::SmallVector<double> got = attribute.getFrequencies(length);
    const nlohmann::json &expected = *ph::jsonMember(each, "inv_freq");
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      double want = expected[i].get<double>();
      // transformers rounds exponents, powers and quotients to f32: the exponent's error times ln base, 4e-7 for 5e5,
      // and some roundings of 6e-8 each.
      EXPECT_NEAR(got[i], want, std::fmin(1e-6, 1.5e-6 * want)) << "pair " << i;
    }
    EXPECT_NEAR(attribute.getAttentionFactor(), *ph::jsonNumber(each, "attention_factor"), 1e-12);
  }
}

// The static NTK method is the dynamic one at the length where its factor is `factor`, and stretches the longest wave
// by exactly that while the shortest stays.
TEST_F(RopeFrequenciesTest, NtkStretchesTheLongestWaveByTheFactor) {
  ph::xf::RopeAttr ntk = rope("#xf.rope<dim = 32, base = 1.0e4, style = half, scaling = ntk, factor = 4.0>");
  llvm::SmallVector<double> scaled = ntk.getFrequencies(0), plain = ntk.getUnscaledFrequencies();
  EXPECT_EQ(scaled.front(), plain.front());
  EXPECT_NEAR(scaled.back(), plain.back() / 4, 1e-12);
  for (size_t i = 0; i < plain.size(); ++i)
    EXPECT_NEAR(scaled[i], std::pow(1e4 * std::pow(4.0, 32.0 / 30.0), -2.0 * double(i) / 32), 1e-14);
  llvm::SmallVector<double> dynamic =
      rope("#xf.rope<dim = 32, base = 1.0e4, scaling = dynamic, factor = 4.0, original = 256>").getFrequencies(448);
  for (size_t i = 0; i < plain.size(); ++i)
    EXPECT_NEAR(scaled[i], dynamic[i], 1e-14);
}

TEST_F(RopeFrequenciesTest, OnlyDynamicAndLongRopeDependOnTheLength) {
  EXPECT_FALSE(rope("#xf.rope<dim = 4, base = 1.0e4>").dependsOnLength());
  EXPECT_FALSE(rope("#xf.rope<dim = 4, base = 1.0e4, scaling = ntk, factor = 2.0>").dependsOnLength());
  EXPECT_FALSE(rope("#xf.rope<dim = 4, base = 1.0e4, scaling = yarn, factor = 2.0, original = 8>").dependsOnLength());
  EXPECT_TRUE(rope("#xf.rope<dim = 4, base = 1.0e4, scaling = dynamic, factor = 2.0, original = 8>").dependsOnLength());
}

std::string rotation(const std::string &rope) {
  return "func.func @f(%x: tensor<1x?x4xf32>, %p: tensor<1x?xi32>) -> tensor<1x?x4xf32> {\n  %y = xf.rope %x, %p rope "
         "= " +
         rope +
         " heads = 1 : (tensor<1x?x4xf32>, tensor<1x?xi32>) -> tensor<1x?x4xf32>\n  return %y : tensor<1x?x4xf32>\n}";
}

// The largest position of all tokens decides for every token; elements beyond dim have no attention factor.
TEST_F(RopeFrequenciesTest, TheInterpreterTakesTheLengthFromThePositions) {
  std::string longrope = "#xf.rope<dim = 2, base = 1.0e4, scaling = longrope, factor = 4.0, original = 8, "
                         "attention_factor = 2.0, short_factor = [2.0], long_factor = [4.0]>";
  for (auto [last, divisor] : {std::pair(7.0, 2.0), {8.0, 4.0}}) {
    auto results = run(rotation(longrope), {Tensor({1, 2, 4}, {1, 0, 5, 6, 1, 0, 7, 8}), Tensor({1, 2}, {3, last})});
    ASSERT_EQ(results.size(), 1u);
    double a = 3 / divisor, b = last / divisor;
    expectNear(results[0], {2 * std::cos(a), 2 * std::sin(a), 5, 6, 2 * std::cos(b), 2 * std::sin(b), 7, 8}, 1e-6);
  }
}

TEST_F(RopeFrequenciesTest, TheInterpreterMultipliesWithTheAttentionFactor) {
  auto results = run(rotation("#xf.rope<dim = 4, base = 1.0e4, scaling = yarn, factor = 2.0, original = 4096>"),
                     {Tensor({1, 1, 4}, {1, 2, 3, 4}), Tensor({1, 1}, {0})});
  ASSERT_EQ(results.size(), 1u);
  double factor = 0.1 * std::log(2.0) + 1;
  expectNear(results[0], {factor, 2 * factor, 3 * factor, 4 * factor}, 1e-6);
}

} // namespace
