#include "Importing.h"
#include <gtest/gtest.h>

using namespace ph;
using testing::TempDir;

/// Each of `lines` must come after the one before it.
static void expectInOrder(const std::string &text, std::initializer_list<const char *> lines) {
  size_t at = 0;
  for (const char *line : lines) {
    size_t found = text.find(line, at);
    ASSERT_NE(found, std::string::npos) << "missing or out of order: " << line << "\nin:\n" << text;
    at = found + 1;
  }
}

#define EXPECT_SAYS(message, part)                                                                                     \
  do {                                                                                                                 \
    std::string said = message;                                                                                        \
    EXPECT_NE(said.find(part), std::string::npos) << said;                                                             \
  } while (false)

TEST(Import, MakesTheModuleOfALlama) {
  ImportContext context;
  auto imported = importFile(context, TinyGguf::llama().write("tiny.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_TRUE(imported->warnings.empty()) << imported->warnings[0];
  expectInOrder(
      print(*imported->module),
      {"module @tiny_llama attributes {xf.model = {architecture = \"llama\"",
       "context_length = 128 : i64",
       "head_dim = 16 : i64",
       "kv_heads = 2 : i64",
       "layers = 2 : i64",
       "name = \"Tiny Llama\"",
       "rope_base = 5.000000e+04 : f64",
       "vocabulary = 40 : i64",
       "xf.weight @token_embedding : tensor<40x64xf32, #xf.format<q8_0>> sources [#xf.source<\"token_embd.weight\">]",
       "xf.weight @attn_norm : tensor<2x64xf32> stacked sources [#xf.source<\"blk.{layer}.attn_norm.weight\">]",
       "xf.weight @attn_q : tensor<2x64x64xf32, #xf.format<q4_1>> stacked sources "
       "[#xf.source<\"blk.{layer}.attn_q.weight\", rope_halves<4>>]",
       "xf.weight @attn_k : tensor<2x32x64xf32, #xf.format<q4_1>> stacked sources "
       "[#xf.source<\"blk.{layer}.attn_k.weight\", rope_halves<2>>]",
       "xf.weight @output_norm : tensor<64xf32>",
       "func.func @forward(",
       "!xf.cache<2 x 2 x 16, f32>",
       "xf.positions",
       "xf.load_weight @token_embedding",
       "xf.embedding",
       "xf.repeat",
       "= 2 iter",
       "xf.load_weight @attn_norm[",
       "xf.rms_norm",
       "xf.linear",
       "xf.rope",
       "heads = 4",
       "#xf.rope<dim = 16, base = 5.000000e+04, style = half>",
       "xf.rope",
       "heads = 2",
       "xf.cache_append",
       "xf.attention",
       "heads = 4 scale = 2.500000e-01 mask = causal",
       "xf.add",
       "xf.gated_activation silu",
       "xf.add",
       "xf.yield",
       "xf.select_rows",
       "xf.rms_norm",
       "xf.logits",
       "tensor<?x40xf32>",
       "return"});
}

TEST(Import, TakesAHalfCacheAndAnUntiedOutput) {
  TinyGguf file = TinyGguf::llama();
  file.tensors.push_back({"output.weight", {40, 64}, "q4_0", {}});
  ImportContext context;
  ImportOptions options;
  options.halfCache = true;
  auto imported = importFile(context, file.write("untied.gguf"), options);
  ASSERT_TRUE(imported) << imported.error().message;
  expectInOrder(print(*imported->module), {"xf.weight @output : tensor<40x64xf32, #xf.format<q4_0>>",
                                           "!xf.cache<2 x 2 x 16, f16>", "xf.load_weight @output :", "xf.logits"});
}

TEST(Import, NamesTheModelByItsFileWhereItHasNoName) {
  TinyGguf file = TinyGguf::llama();
  file.removeKey("general.name");
  ImportContext context;
  auto imported = importFile(context, file.write("My Model.Q4_1.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->module->getSymName()->str(), "my_model_q4_1");
}

TEST(Import, JoinsTheFormatsOfAStack) {
  TinyGguf file = TinyGguf::llama();
  file.tensor("blk.1.attn_v.weight").format = "q8_0";
  ImportContext context;
  auto imported = importFile(context, file.write("mixed.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  std::string text = print(*imported->module);
  EXPECT_SAYS(text, "xf.weight @attn_v : tensor<2x32x64xf32, #xf.format<q8_0>> stacked");
  EXPECT_SAYS(text, "attn_v.weight\">] formats [#xf.format<q4_1>, #xf.format<q8_0>]");
}

TEST(Import, ScalesRotationsLinearly) {
  TinyGguf file = TinyGguf::llama();
  file.set("llama.rope.scaling.type", std::string("linear"));
  file.set("llama.rope.scaling.factor", 4.0f);
  ImportContext context;
  auto imported = importFile(context, file.write("linear.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_SAYS(print(*imported->module), "style = half, scaling = linear, factor = 4.000000e+00");
  file.set("llama.rope.scaling.type", std::string("longrope"));
  EXPECT_SAYS(importError(file), "rotary positions of type longrope need the tensor 'rope_factors_long.weight'");
  file.set("llama.rope.scaling.type", std::string("spiral"));
  EXPECT_SAYS(importError(file), "key 'llama.rope.scaling.type' is 'spiral', but rotary positions know only none, "
                                 "default, linear, dynamic, yarn, llama3, longrope, su");
}

TEST(Import, ReadsFactorsOfRotations) {
  auto bytes = [](std::vector<float> values) {
    auto *begin = reinterpret_cast<const uint8_t *>(values.data());
    return std::vector<uint8_t>(begin, begin + values.size() * sizeof(float));
  };
  TinyGguf file = TinyGguf::llama();
  file.tensors.push_back({"rope_freqs.weight", {8}, "f32", bytes({1, 1, 1, 1, 2, 4, 8, 8})});
  ImportContext context;
  auto imported = importFile(context, file.write("freqs.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_SAYS(print(*imported->module), "scaling = longrope");
  EXPECT_SAYS(print(*imported->module), "long_factor = [1.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00, "
                                        "2.000000e+00, 4.000000e+00, 8.000000e+00, 8.000000e+00]");
  EXPECT_SAYS(print(*imported->module), "attention_factor = 1.000000e+00");
  file.tensors.back().shape = {7};
  file.tensors.back().bytes = bytes({1, 1, 1, 1, 2, 4, 8});
  EXPECT_SAYS(importError(file), "tensor 'rope_freqs.weight' must be 8 numbers of F32, one for each pair");
  file.removeTensor("rope_freqs.weight");
  file.set("llama.rope.scaling.type", std::string("longrope"));
  file.set("llama.rope.scaling.original_context_length", 64u);
  EXPECT_SAYS(importError(file), "need the tensor 'rope_factors_long.weight'");
  file.tensors.push_back({"rope_factors_long.weight", {8}, "f32", bytes({2, 2, 2, 2, 2, 4, 8, 8})});
  file.tensors.push_back({"rope_factors_short.weight", {8}, "f32", bytes({1, 1, 1, 1, 1, 1, 1, 3})});
  imported = importFile(context, file.write("long.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_SAYS(print(*imported->module), "original = 64");
}

TEST(Import, LeavesOutWindowsThatAreNeverReached) {
  TinyGguf file = TinyGguf::llama();
  ImportContext context;
  for (auto [window, isThere] : {std::pair(64u, true), std::pair(4096u, false)}) {
    file.set("llama.attention.sliding_window", window);
    auto imported = importFile(context, file.write("window.gguf"));
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(print(*imported->module).find("mask = causal window = ") != std::string::npos, isThere);
  }
}

TEST(Import, WarnsOfKeysThatItDoesNotKnow) {
  TinyGguf file = TinyGguf::llama();
  file.set("llama.some.option", 3u);
  ImportContext context;
  auto imported = importFile(context, file.write("warn.gguf"));
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_EQ(imported->warnings.size(), 1u);
  EXPECT_SAYS(imported->warnings[0], "key 'llama.some.option' is not known to the family llama");
}

TEST(Import, RefusesUnknownArchitectures) {
  TinyGguf file = TinyGguf::llama();
  file.set("general.architecture", std::string("mamba"));
  EXPECT_SAYS(importError(file), "unknown architecture 'mamba'; known are ");
  EXPECT_SAYS(importError(file), ", llama, ");
  EXPECT_SAYS(importError(file), "--architecture FILE");
  file.removeKey("general.architecture");
  EXPECT_SAYS(importError(file), "key 'general.architecture' is missing");
}

TEST(Import, RefusesMissingKeysAndKeysOutOfRange) {
  auto with = [](const char *key, TinyGguf::Value value) {
    TinyGguf file = TinyGguf::llama();
    file.set(key, value);
    return importError(file);
  };
  TinyGguf file = TinyGguf::llama();
  file.removeKey("llama.block_count");
  EXPECT_SAYS(importError(file), "key 'llama.block_count' is missing (layers of the family llama)");
  EXPECT_SAYS(with("llama.block_count", 0u), "key 'llama.block_count' is 0, but the family llama allows 1 to 1024");
  EXPECT_SAYS(with("llama.block_count", 4294967295u), "allows 1 to 1024");
  EXPECT_SAYS(with("llama.block_count", std::string("two")), "key 'llama.block_count' must be an integer");
  EXPECT_SAYS(with("llama.block_count", 3u),
              "tensor 'blk.2.attn_norm.weight' is missing (attn_norm of the family llama)");
  EXPECT_SAYS(with("llama.attention.head_count", 3u), "head_dim = width / heads: 64 is not a multiple of 3");
  EXPECT_SAYS(with("llama.attention.head_count_kv", 3u),
              "the number of heads must be a multiple of the number of key-value heads (heads = 4, kv_heads = 3)");
  EXPECT_SAYS(with("llama.attention.layer_norm_rms_epsilon", 2.0f), "is 2, but the family llama allows 0 to 1");
  EXPECT_SAYS(with("llama.rope.freq_base", 0.0f), "is 0, but the family llama allows 1 to");
  EXPECT_SAYS(with("llama.attention.key_length", 24u), "has the shape 64x64, but 96x64 (heads * head_dim x width)");
  EXPECT_SAYS(with("llama.attention.value_length", 8u),
              "different head size are not supported by this family (head_dim = 16, value_dim = 8)");
  EXPECT_SAYS(with("llama.expert_count", 8u), "tensor 'blk.0.ffn_gate_inp.weight' is missing");
  EXPECT_EQ(with("llama.rope.dimension_count", 8u), "imported");        // a part of each head
  EXPECT_EQ(with("llama.attention.sliding_window", 4096u), "imported"); // never reached within the context
}

TEST(Import, RefusesMissingExtraAndMisshapenTensors) {
  TinyGguf file = TinyGguf::llama();
  file.removeTensor("blk.1.ffn_up.weight");
  EXPECT_SAYS(importError(file), "tensor 'blk.1.ffn_up.weight' is missing (ffn_up of the family llama)");

  file = TinyGguf::llama();
  file.removeTensor("token_embd.weight");
  EXPECT_SAYS(importError(file), "tensor 'token_embd.weight' is missing");

  file = TinyGguf::llama();
  file.tensors.push_back({"blk.0.attn_q_norm.weight", {16}, "f32", {}});
  EXPECT_SAYS(importError(file), "tensor 'blk.0.attn_q_norm.weight': the family llama has no use for it");

  // A bias is optional, but one layer can't have it alone.
  file = TinyGguf::llama();
  file.tensors.push_back({"blk.0.attn_q.bias", {64}, "f32", {}});
  EXPECT_SAYS(importError(file), "tensor 'blk.1.attn_q.bias' is missing (attn_q_bias of the family llama)");

  file = TinyGguf::llama();
  file.tensor("blk.0.ffn_down.weight").shape = {64, 64};
  EXPECT_SAYS(importError(file),
              "tensor 'blk.0.ffn_down.weight' has the shape 64x64, but 64x96 (width x feed_forward) is expected");

  file = TinyGguf::llama();
  file.tensor("blk.0.attn_norm.weight").shape = {8, 8};
  EXPECT_SAYS(importError(file), "tensor 'blk.0.attn_norm.weight' has the shape 8x8, but 64 (width) is expected");
}

TEST(Import, RefusesWhatItWouldGetWrong) {
  TinyGguf file = TinyGguf::llama();
  file.tensors.push_back({"blk.0.attn_rot_embd", {8}, "f32", {}});
  EXPECT_EQ(importError(file), "imported");

  file = TinyGguf::llama();
  file.tensor("token_embd.weight") = {"token_embd.weight", {40, 256}, "q8_1", {}};
  file.set("llama.embedding_length", 256u);
  EXPECT_SAYS(importError(file), "tensor 'token_embd.weight' has the type Q8_1, which is for activations; requantize");

  file = TinyGguf::llama();
  file.tensor("blk.1.ffn_up.weight").format = "f64";
  EXPECT_SAYS(importError(file),
              "tensor 'blk.1.ffn_up.weight' has the type F64, which no kernel multiplies by; requantize the model");
}
