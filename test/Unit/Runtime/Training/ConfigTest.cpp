#include "runtime/training/config/ConfigKeys.h"
#include <gtest/gtest.h>
#include <regex>
#include <set>

using namespace ph;
using namespace ph::training;

static const std::string least = "base_model: m\nlearning_rate: 1e-4\ndatasets:\n  - path: a.jsonl\n";

static std::string errorOf(const std::string &text) {
  auto config = parseTrainingConfig(text, "dir/c.yml");
  if (config)
    return "";
  EXPECT_EQ(config.error().code, ErrorCode::Usage);
  return config.error().message;
}

TEST(TrainingConfig, ReadsKeysOfEachType) {
  auto config = parseTrainingConfig(least + "sample_packing: yes\nsequence_len: 2048\nlora_r: +16\nadapter: lora\n"
                                            "lora_target_modules: [q_proj, v_proj]\noptimizer: adamw_bnb_8bit\n"
                                            "rl:\nval_set_size: 0.05\n",
                                    "dir/c.yml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->samplePacking);
  EXPECT_EQ(config->sequenceLen, 2048);
  EXPECT_EQ(config->loraR, 16);
  EXPECT_EQ(config->learningRate, 1e-4);
  EXPECT_EQ(config->valSetSize, 0.05);
  EXPECT_EQ(config->optimizer, "adamw_8bit"); // another name of it
  EXPECT_EQ(config->rl, "");                  // no value is as if it weren't there
  EXPECT_EQ(config->loraTargetModules, (std::vector<std::string>{"q_proj", "v_proj"}));
  EXPECT_EQ(config->datasets[0].type, "auto");
  EXPECT_EQ(config->datasets[0].origin, "dir/c.yml:4");
  EXPECT_EQ(config->resolve("a.jsonl"), "dir/a.jsonl");
  EXPECT_EQ(config->resolve("/a.jsonl"), "/a.jsonl");
}

TEST(TrainingConfig, NamesTheNearestKeyWithItsLine) {
  const std::string error = errorOf(least + "\nlerning_rate: 1\n");
  EXPECT_TRUE(error.starts_with("dir/c.yml:6: there is no key 'lerning_rate'; the nearest is learning_rate")) << error;
  EXPECT_NE(errorOf(least + "[a]: 1\n"), "");
  EXPECT_NE(errorOf(least + "optimizer: adamv\n").find("c.yml:5: there is no optimizer 'adamv'; the nearest is adamw;"),
            std::string::npos);
}

TEST(TrainingConfig, RefusesWrongValues) {
  static const struct {
    std::string text;
    const char *expected;
  } cases[] = {
      {"sequence_len: x", ":5: sequence_len wants an integer, but is 'x'"},
      {"sequence_len: 1.5", ":5: sequence_len wants an integer, but is '1.5'"},
      {"sequence_len: 1", ":5: sequence_len wants a number from 2 to 16777216, but is '1'"},
      {"sequence_len: 99999999999999999999", ":5: sequence_len wants an integer"},
      {"seed: [1]", ":5: seed wants an integer, but is a list"},
      {"weight_decay: nan", ":5: weight_decay wants a number from 0 to 1000, but is 'nan'"},
      {"weight_decay: -1", ":5: weight_decay wants a number from 0 to 1000, but is '-1'"},
      {"num_epochs: 0", ":5: num_epochs wants a number above 0"},
      {"bf16: 3", ":5: bf16 wants true or false, but is '3'"},
      {"seed: 1\nseed: 2", ":6: the key seed is given twice"},
      {"lora_target_modules: {a: b}", ":5: lora_target_modules wants a list of texts, but is a map"},
      {"test_datasets: []", ":5: test_datasets wants a list of data sets"},
      {"test_datasets:\n  - x", ":6: test_datasets wants a list of data sets"},
      {"test_datasets:\n  - type: completion", ":6: a data set has no path"},
      {"test_datasets:\n  - {path: a, typ: b}", ":6: there is no key of a data set 'typ'; the nearest is type"},
      {"test_datasets:\n  - {path: a, type: complete}",
       ":6: there is no type of data sets 'complete'; the nearest is completion"},
      {"a: [1", ": is no YAML: "},
      {"warmup_steps: 1\nwarmup_ratio: 0.1", "warmup_steps and warmup_ratio are both given"},
      {"bf16: true\nfp16: true", "bf16 and fp16 are both true"},
      {"gradient_checkpointing: true\nrecompute_budget: 1GB", "gradient_checkpointing: true keeps nothing"},
      {"recompute_budget: a lot", "recompute_budget wants a number of bytes"},
      {"momentum: 0.9", "momentum and nesterov are of the optimizer sgd"},
      {"optimizer: sgd\nnesterov: true", "nesterov needs a momentum"},
      {"adapter: lora", "an adapter needs lora_target_modules"},
      {"rl: ppo", "rl: ppo needs reward_model"},
      {"rl: ppo\nreward_model: yes", "reward_model and rl are both given"},
      {"reward_model: judge", "reward_model is a model only for rl: ppo"},
      {"rl: ppo\nreward_model: judge\nval_set_size: 0.1", "rl: ppo has no evaluation"},
      {"loss: mlm\nrl: dpo", "loss and rl or reward_model are both given"},
      {"teacher: big\nloss: mlm", "teacher is given, and loss, rl or reward_model"},
      {"loss: clmm", "loss is clm, mlm, classification"},
      {"rl: dpo\nsample_packing: true", "sample_packing does not go with pairs"},
  };
  for (const auto &c : cases)
    EXPECT_NE(errorOf(least + c.text).find(c.expected), std::string::npos) << c.text << "\n" << errorOf(least + c.text);
  EXPECT_NE(errorOf("base_model: m\nlearning_rate: 1\n").find("the key datasets is missing"), std::string::npos);
  EXPECT_NE(errorOf("").find("has no keys"), std::string::npos);
  EXPECT_NE(errorOf(std::string(5000, '[')), "");
}

TEST(TrainingConfig, TableDescribesEveryKeyOnce) {
  const std::string table = describeConfigKeys();
  std::set<std::string_view> names;
  for (const ConfigSection &section : configSections())
    for (const ConfigKey &key : section.keys) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
      EXPECT_NE(table.find("\n  " + std::string(key.name) + " "), std::string::npos) << key.name;
      EXPECT_EQ(findConfigKey(key.name), &key);
    }
  for (size_t begin = 0; begin < table.size(); begin = table.find('\n', begin) + 1)
    EXPECT_LE(table.find('\n', begin) - begin, 100u) << table.substr(begin, 120);
  const std::string flat = std::regex_replace(table, std::regex("\\s+"), " ");
  EXPECT_NE(flat.find("sequence_len tokens of a row, at most [integer, from 2 to 16777216; default 512]"),
            std::string::npos);
  EXPECT_NE(flat.find("adamw (or adamw_torch, adamw_torch_fused, adamw_hf), sgd"), std::string::npos) << flat;
}

TEST(TrainingConfig, SaysWhatResumingNeeds) {
  auto a = parseTrainingConfig(least, "c"), b = parseTrainingConfig(least + "output_dir: x\nsave_steps: 3\n", "d"),
       c = parseTrainingConfig(least + "seed: 3\n", "c");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(configToJson(*a), configToJson(*b));
  EXPECT_NE(configToJson(*a), configToJson(*c));
}
