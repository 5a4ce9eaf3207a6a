#include "powerhouse/Import/WeightReader.h"
#include "Importing.h"
#include "mlir/AsmParser/AsmParser.h"
#include "runtime/quant/Format.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace mlir;

namespace {

std::vector<float> decoded(const SourceModel &model, const std::string &name) {
  const SourceTensor &tensor = *model.findTensor(name);
  int64_t count = 1;
  for (int64_t size : tensor.shape)
    count *= size;
  std::vector<float> values(count);
  dequantize(*tensor.format, tensor.data.data(), values.data(), values.size());
  return values;
}

} // namespace

TEST(WeightReader, PermutesRotaryRowsAndKeepsOthers) {
  ImportContext context;
  auto source = openSource(TinyGguf::llama().write("weights.gguf"));
  ASSERT_TRUE(source) << source.error().message;
  auto imported = importModel(context, **source);
  ASSERT_TRUE(imported) << imported.error().message;
  auto weight = [&](StringRef name) { return imported->module->lookupSymbol<xf::WeightOp>(name); };

  auto value = readWeight(**source, weight("attn_v"), 1);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(*value, decoded(**source, "blk.1.attn_v.weight"));

  auto query = readWeight(**source, weight("attn_q"), 1);
  ASSERT_TRUE(query) << query.error().message;
  std::vector<float> raw = decoded(**source, "blk.1.attn_q.weight");
  for (int64_t head = 0; head < 4; ++head)
    for (int64_t i = 0; i < 16; ++i) {
      int64_t old = head * 16 + (i < 8 ? 2 * i : 2 * (i - 8) + 1);
      for (int64_t k = 0; k < 64; ++k)
        ASSERT_EQ((*query)[(head * 16 + i) * 64 + k], raw[old * 64 + k]) << head << " " << i << " " << k;
    }

  auto norm = readWeight(**source, weight("output_norm"), 0);
  ASSERT_TRUE(norm) << norm.error().message;
  EXPECT_EQ(*norm, decoded(**source, "output_norm.weight"));
  EXPECT_FALSE(readWeight(**source, weight("attn_v"), 2));
}

TEST(WeightReader, ConcatenatesSourcesInOrder) {
  ImportContext context;
  auto source = openSource(TinyGguf::llama().write("weights.gguf"));
  ASSERT_TRUE(source) << source.error().message;
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto make = [&](ArrayRef<Attribute> sources, int64_t rows) {
    auto type = RankedTensorType::get({2, rows, 64}, builder.getF32Type());
    return xf::WeightOp::create(builder, builder.getUnknownLoc(), builder.getStringAttr("w"), TypeAttr::get(type),
                                builder.getUnitAttr(), builder.getArrayAttr(sources));
  };
  Attribute keys = xf::SourceAttr::get(&context, "blk.{layer}.attn_k.weight", 2, 32);
  Attribute values = xf::SourceAttr::get(&context, "blk.{layer}.attn_v.weight", 0, 32);
  auto both = readWeight(**source, make({values, keys}, 64), 0);
  ASSERT_TRUE(both) << both.error().message;
  std::vector<float> v = decoded(**source, "blk.0.attn_v.weight"), k = decoded(**source, "blk.0.attn_k.weight");
  EXPECT_TRUE(std::equal(v.begin(), v.end(), both->begin()));
  EXPECT_TRUE(std::equal(k.begin() + 2 * 64, k.begin() + 3 * 64, both->begin() + 33 * 64)); // row 1 of keys was row 2

  auto wrong = readWeight(**source, make({xf::SourceAttr::get(&context, "blk.{layer}.attn_q.weight")}, 32), 0);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("has the shape 64x64, but 32x64 is expected"), std::string::npos);
  auto missing = readWeight(**source, make({xf::SourceAttr::get(&context, "blk.{layer}.nothing")}, 32), 0);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("tensor 'blk.0.nothing' of the weight @w is missing"), std::string::npos);

  auto scaled = [&](StringRef columns) -> Attribute {
    return xf::SourceAttr::get(&context, "blk.{layer}.attn_v.weight").withColumns(columns, 1.0);
  };
  auto product = readWeight(**source, make({scaled("blk.{layer}.attn_norm.weight")}, 32), 1);
  ASSERT_TRUE(product) << product.error().message;
  std::vector<float> second = decoded(**source, "blk.1.attn_v.weight"), n = decoded(**source, "blk.1.attn_norm.weight");
  for (size_t i = 0; i < second.size(); ++i)
    ASSERT_EQ((*product)[i], float(double(second[i]) * (double(n[i % 64]) + 1.0))) << i;
  auto unscaled = readWeight(**source, make({scaled("blk.{layer}.nothing")}, 32), 0);
  ASSERT_FALSE(unscaled);
  EXPECT_NE(unscaled.error().message.find("tensor 'blk.0.nothing' of the weight @w is missing"), std::string::npos);
}

TEST(WeightReader, TakesTensorsApartThatAreStoredOtherwise) {
  ImportContext context;
  auto source = openSource(TinyGguf::llama().write("weights.gguf"));
  ASSERT_TRUE(source) << source.error().message;
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto make = [&](StringRef origin, ArrayRef<int64_t> shape) {
    auto attribute = cast<xf::SourceAttr>(mlir::parseAttribute(origin, &context));
    return xf::WeightOp::create(builder, builder.getUnknownLoc(), builder.getStringAttr("w"),
                                TypeAttr::get(RankedTensorType::get(shape, builder.getF32Type())), UnitAttr(),
                                builder.getArrayAttr({attribute}));
  };
  // The layers of the file stand for experts.
  auto experts = readWeight(**source, make("#xf.source<\"blk.{expert}.attn_v.weight\">", {2, 32, 64}), 0);
  ASSERT_TRUE(experts) << experts.error().message;
  std::vector<float> expected = decoded(**source, "blk.0.attn_v.weight");
  for (float x : decoded(**source, "blk.1.attn_v.weight"))
    expected.push_back(x);
  EXPECT_EQ(*experts, expected);

  auto turned =
      readWeight(**source, make("#xf.source<\"blk.0.attn_v.weight\", from = 3, of = 64, transposed>", {2, 32}), 0);
  ASSERT_TRUE(turned) << turned.error().message;
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t i = 0; i < 32; ++i)
      ASSERT_EQ((*turned)[row * 32 + i], expected[i * 64 + 3 + row]) << row << " " << i;

  auto missing = readWeight(**source, make("#xf.source<\"blk.{expert}.attn_v.weight\", from = 7>", {2, 32, 64}), 0);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("tensor 'blk.7.attn_v.weight' of the weight @w is missing"),
            std::string::npos);
  auto parts = findWeightParts(**source, make("#xf.source<\"blk.{expert}.attn_v.weight\">", {2, 32, 64}), 0);
  ASSERT_FALSE(parts);
  EXPECT_NE(parts.error().message.find("is stored in another arrangement than it is wanted in, which can't be packed"),
            std::string::npos);
}
