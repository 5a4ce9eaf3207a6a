#include "runtime/training/data/LabelReader.h"
#include "test/Unit/Runtime/Tokenizer/MetadataBuilder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

/// What a label becomes, or the error.
std::string readAs(const char *loss, const char *label,
                   const char *config = R"({"id2label": {"0": "no", "1": "yes", "2": "perhaps"}})") {
  MetadataBuilder builder;
  builder.string("huggingface.config.json", config);
  const std::vector<uint8_t> bytes = builder.bytes();
  auto metadata = *GgufFile::parse(bytes, "small", true);
  auto reader = LabelReader::create(*metadata, loss);
  if (!reader)
    return reader.error().message;
  auto values = reader->read(nlohmann::ordered_json::parse(label), "f:3");
  if (!values)
    return values.error().message;
  std::string text;
  for (float value : *values)
    text += (text.empty() ? "" : " ") + nlohmann::json(value).dump();
  return text;
}

} // namespace

TEST(LabelReader, ReadsClasses) {
  EXPECT_EQ(readAs("classification", "2"), "2.0");
  EXPECT_EQ(readAs("classification", "\"yes\""), "1.0");
  EXPECT_EQ(readAs("classification", "1", "{}"), "1.0"); // two, where nothing is said
  EXPECT_EQ(readAs("classification", "2", "{}"), "f:3: there is no class 2; the model has 0 to 1");
  EXPECT_EQ(readAs("classification", "4", R"({"num_labels": 5})"), "4.0");
  EXPECT_EQ(readAs("classification", "3"), "f:3: there is no class 3; the model has 0 to 2");
  EXPECT_EQ(readAs("classification", "-1"), "f:3: there is no class -1; the model has 0 to 2");
  EXPECT_EQ(readAs("classification", "18446744073709551615"),
            "f:3: there is no class 18446744073709551615; the model has 0 to 2");
  EXPECT_TRUE(readAs("classification", "\"Yes\"").starts_with("f:3: there is no class 'Yes' among id2label"));
  EXPECT_EQ(readAs("classification", "1.0"), "f:3: label is number, not the number or name of a class");
}

TEST(LabelReader, ReadsSeveralClasses) {
  EXPECT_EQ(readAs("multi_label", "[]"), "0.0 0.0 0.0");
  EXPECT_EQ(readAs("multi_label", "[2, \"no\"]"), "1.0 0.0 1.0");
  EXPECT_EQ(readAs("multi_label", "[0.0, 0.5, 1]"), "0.0 0.5 1.0");
  EXPECT_EQ(readAs("multi_label", "[0.0, 1.0]"), "f:3: label has 2 numbers, but the model gives 3");
  EXPECT_EQ(readAs("multi_label", "[0.0, 1.5, 0.0]"), "f:3: label has a probability that is not from 0 to 1");
  EXPECT_TRUE(readAs("multi_label", "[1, 0, 1]").starts_with("f:3: label names the class 1 twice"));
  EXPECT_EQ(readAs("multi_label", "1"), "f:3: label is number, not a list of classes");
}

TEST(LabelReader, ReadsNumbers) {
  const char *one = R"({"id2label": {"0": "score"}})";
  EXPECT_EQ(readAs("regression", "-2.5", one), "-2.5");
  EXPECT_EQ(readAs("regression", "[3]", one), "3.0");
  EXPECT_EQ(readAs("regression", "1"), "f:3: label has 1 numbers, but the model gives 3");
  EXPECT_EQ(readAs("regression", "\"1\"", one), "f:3: label has \"1\", which is no finite number");
  EXPECT_EQ(readAs("regression", "1e300", one), "f:3: label has 1e+300, which is no finite number");
}
