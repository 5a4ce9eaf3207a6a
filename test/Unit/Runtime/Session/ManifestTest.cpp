#include "runtime/session/Manifest.h"
#include <gtest/gtest.h>

namespace ph {
namespace {

const std::string kGood = R"({"abi":2,"name":"n","architecture":"llama","activations":"int8","vocabulary":10,
"context_length":2048,"layers":30,"kv_heads":3,"head_dim":64,"cache_type":"f32",
"levels":[{"name":"x86-64-v3","symbol":"s"}],
"memory":{"arena_fixed":1,"arena_per_row":2,"cache_per_position":3},
"weights":[{"name":"w","format":"q4_1","shape":[30,576],"offset":64,"bytes":36}],
"cost":{"flop_per_token":2.5e8,"weight_bytes_per_token":9e7},"compiler":"c"})";

TEST(Manifest, ReadsEveryField) {
  auto m = Manifest::parse(kGood, "a.phx", 100);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->name, "n");
  EXPECT_EQ(m->activations, "int8");
  EXPECT_EQ(m->sizes.vocabulary, 10);
  EXPECT_EQ(m->sizes.contextLength, 2048);
  EXPECT_EQ(m->sizes.weights, 100u);
  EXPECT_EQ(m->sizes.arenaFixed, 1u);
  EXPECT_EQ(m->sizes.arenaPerRow, 2u);
  EXPECT_EQ(m->sizes.cachePerPosition, 3u);
  ASSERT_EQ(m->levels.size(), 1u);
  EXPECT_EQ(m->levels[0].symbol, "s");
  ASSERT_EQ(m->weights.size(), 1u);
  EXPECT_EQ(m->weights[0].shape, (std::vector<int64_t>{30, 576}));
  EXPECT_EQ(m->flopPerToken, 2.5e8);
}

// Each change breaks one thing; the error names it.
TEST(Manifest, NamesWhatIsWrong) {
  const struct {
    std::string from, to;
    const char *named;
  } changes[] = {
      {R"("abi":2)", R"("abi":3)", "'abi'"},
      {R"("vocabulary":10)", R"("vocabulary":"10")", "'vocabulary'"},
      {R"("vocabulary":10)", R"("vocabulary":0)", "'vocabulary'"},
      {R"("arena_fixed":1)", R"("arena_fixed":-1)", "'arena_fixed'"},
      {R"("arena_per_row":2)", R"("arena_per_row":1e99)", "'arena_per_row'"},
      {R"("memory":{)", R"("memory_":{)", "'memory'"},
      {R"("levels":[{)", R"("levels":[7,{)", "'levels'"},
      {R"("symbol":"s")", R"("symbol":7)", "'symbol'"},
      {R"("offset":64)", R"("offset":65)", "weight 'w'"},
      {R"("cost":{)", R"("cost":3,"x":{)", "'cost'"},
      {R"({"abi")", R"([{"abi")", "manifest"},
  };
  for (const auto &change : changes) {
    std::string text = kGood;
    text.replace(text.find(change.from), change.from.size(), change.to);
    auto m = Manifest::parse(text, "a.phx", 100);
    ASSERT_FALSE(m) << change.to;
    EXPECT_EQ(m.error().code, ErrorCode::BadModel);
    EXPECT_NE(m.error().message.find(change.named), std::string::npos) << m.error().message;
    EXPECT_NE(m.error().message.find("a.phx"), std::string::npos);
  }
}

// Adapters stand after the weights; one takes all of its places at once.
TEST(Manifest, HasAdaptersToChoose) {
  const std::string adapters = R"("adapters":{"begin":128,"places":[{"offset":0,"bytes":4},{"offset":64,"bytes":2}],
"list":[{"name":"law","rank":2,"offset":128},{"name":"tale","rank":1,"offset":134}]},)";
  const std::string text = "{" + adapters + kGood.substr(1);
  auto m = Manifest::parse(text, "a.phx", 140);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->sizes.weights, 128u);
  auto tale = m->adapters.find("tale", "a.phx");
  ASSERT_TRUE(tale);
  EXPECT_EQ((*tale)->rank, 1);
  auto none = m->adapters.find("poem", "a.phx");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::Usage);
  EXPECT_NE(none.error().message.find("it has law, tale"), std::string::npos) << none.error().message;

  EXPECT_FALSE(Manifest::parse(text, "a.phx", 139)); // the second one ends beyond
  EXPECT_FALSE(Manifest::parse(text, "a.phx", 127)); // they begin beyond
  for (auto [from, to] :
       {std::pair(R"("bytes":2)", R"("bytes":65)"), {R"("rank":1)", R"("rank":0)"}, {R"("law")", "7"}}) {
    std::string changed = text;
    changed.replace(changed.find(from), std::string(from).size(), to);
    EXPECT_FALSE(Manifest::parse(changed, "a.phx", 140)) << to;
  }
}

} // namespace
} // namespace ph
