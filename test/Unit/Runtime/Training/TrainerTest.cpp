#include "runtime/training/loop/Trainer.h"
#include "SmallTokenizer.h"
#include "ToyEngine.h"
#include "runtime/base/Interrupt.h"
#include "runtime/devices/Memory.h"
#include "runtime/training/data/MakeBatch.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <cmath>
#include <csignal>
#include <gtest/gtest.h>
#include <numeric>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

class TrainerTest : public testing::Test {
protected:
  void SetUp() override {
    std::string lines;
    for (int i = 0; i < 23; ++i)
      lines += R"({"prompt": "q)" + std::string(size_t(i % 5), 'x') + R"(", "completion": ")" +
               std::string(size_t(i % 7 + 1), char('a' + i % 3)) + "\"}\n";
    writeFile(folder / "a.jsonl", lines);
    config.folder = folder.path;
    config.datasets = {{"a.jsonl", "auto", "c.yml:1"}};
    config.learningRate = 0.1;
    config.microBatchSize = 2;
    config.gradientAccumulationSteps = 2;
    config.numEpochs = 2.5;
    config.valSetSize = 3;
    config.saveSteps = 4;
  }
  TrainingData load() {
    auto data = readTrainingData(config, *small.metadata, *small.tokenizer, small.chat, 0);
    EXPECT_TRUE(data) << data.error().message;
    return std::move(*data);
  }
  /// A training into folder `out`; `change` is done to its engine first.
  Expected<TrainingResult> train(const std::string &out, std::optional<std::string> resume = {},
                                 std::function<void(ToyEngine &)> change = {}) {
    const TrainingData data = load();
    auto output = OutputFolder::open(folder / out, resume);
    if (!output)
      return output.error();
    ToyEngine engine(270);
    if (change)
      change(engine);
    return Trainer(config, data, engine, 0).run(*output);
  }
  /// The losses in a log, as they are written.
  std::string losses(const std::string &out) {
    auto lines = readTrainingLog(folder / out + "/training.jsonl");
    EXPECT_TRUE(lines) << lines.error().message;
    std::string text;
    for (const LogLine &line : *lines)
      text += std::to_string(line.step) + " " + nlohmann::json(line.loss).dump() + " " +
              nlohmann::json(line.gradientNorm).dump() + " " + nlohmann::json(line.learningRate).dump() + " " +
              (line.evalLoss ? nlohmann::json(*line.evalLoss).dump() : "") + " " + std::to_string(line.tokens) + "\n";
    return text;
  }
  std::vector<int64_t> checkpoints(const std::string &out) {
    std::vector<int64_t> steps;
    for (const Checkpoint &checkpoint : findCheckpoints(folder / out))
      steps.push_back(checkpoint.step);
    return steps;
  }
  SmallTokenizer small;
  TemporaryFolder folder;
  TrainingConfig config;
};

} // namespace

TEST_F(TrainerTest, TrainsAndSays) {
  auto result = train("out");
  ASSERT_TRUE(result) << result.error().message;
  // 20 examples: 10 micro-batches, 5 steps an epoch; 5 + 5 + 3.
  EXPECT_EQ(result->steps, 13);
  auto log = readTrainingLog(folder / "out/training.jsonl");
  ASSERT_TRUE(log);
  ASSERT_EQ(log->size(), 13u);
  EXPECT_NEAR((*log)[0].loss, std::log(270), 1e-9); // nothing is known yet
  EXPECT_LT(log->back().loss, 5);
  EXPECT_DOUBLE_EQ((*log)[0].epoch, 0.2);
  EXPECT_FALSE((*log)[0].evalLoss);
  EXPECT_TRUE((*log)[4].evalLoss && (*log)[9].evalLoss && (*log)[12].evalLoss); // each epoch, and the end
  EXPECT_EQ(result->evalLoss, (*log)[12].evalLoss);
  EXPECT_EQ(checkpoints("out"), (std::vector<int64_t>{4, 8, 12, 13}));
  EXPECT_TRUE(std::filesystem::exists(folder / "out/model.safetensors"));
}

TEST_F(TrainerTest, ResumesBitForBit) {
  for (bool pack : {false, true}) {
    config.samplePacking = pack;
    config.sequenceLen = pack ? 24 : 512;
    config.saveSteps = pack ? 1 : 4;
    const std::string whole = pack ? "whole-packed" : "whole", part = whole + "-part";
    ASSERT_TRUE(train(whole));
    // Broken off in the middle of a step, at an epoch's end, behind it, and just before the end.
    const std::vector<int64_t> stops = pack ? std::vector<int64_t>{2, 3, 4, 5} : std::vector<int64_t>{9, 19, 20, 23};
    for (int64_t stop : stops) {
      std::filesystem::remove_all(folder / part);
      ASSERT_FALSE(train(part, {}, [&](ToyEngine &engine) { engine.breakAt = stop; }));
      ASSERT_FALSE(checkpoints(part).empty());
      auto resumed = train(part, "");
      ASSERT_TRUE(resumed) << resumed.error().message;
      EXPECT_EQ(losses(part), losses(whole)) << stop;
      EXPECT_EQ(readFile(folder / part + "/model.safetensors"), readFile(folder / whole + "/model.safetensors"));
    }
  }
  // From any checkpoint, not only the last: the log loses what came after it.
  config.samplePacking = false;
  config.sequenceLen = 512;
  config.saveSteps = 4;
  const std::string all = losses("whole");
  ASSERT_TRUE(train("whole", folder / "whole/checkpoint-4"));
  EXPECT_EQ(losses("whole"), all);
}

TEST_F(TrainerTest, AccumulatesByTokens) {
  // Unequal lengths: one batch of four and four of one are the same step, which a mean of means is not.
  config.valSetSize = 0;
  config.maxSteps = 3;
  config.microBatchSize = 4;
  config.gradientAccumulationSteps = 1;
  ASSERT_TRUE(train("one"));
  config.microBatchSize = 1;
  config.gradientAccumulationSteps = 4;
  ASSERT_TRUE(train("four"));
  auto one = readTrainingLog(folder / "one/training.jsonl"), four = readTrainingLog(folder / "four/training.jsonl");
  ASSERT_TRUE(one && four);
  const TrainingData data = load();
  const auto order = orderEpoch(data.examples, data.split.training, {.seed = 42}, 0);
  double meanOfMeans = 0, mean = 0, count = 0;
  ToyEngine engine(270);
  for (size_t i = 0; i < engine.weights.size(); ++i)
    engine.weights[i] = std::sin(double(i));
  for (size_t row = 0; row < 4; ++row) {
    auto loss = engine.evaluate(makeBatch(data.examples, order, row, 1, 0, 0));
    ASSERT_TRUE(loss);
    meanOfMeans += loss->mean() / 4;
    mean += loss->sum;
    count += loss->count;
  }
  EXPECT_GT(std::abs(meanOfMeans - mean / count), 1e-2); // the mistake would show
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR((*one)[i].loss, (*four)[i].loss, 1e-12);
    EXPECT_NEAR((*one)[i].gradientNorm, (*four)[i].gradientNorm, 1e-12);
  }
}

TEST_F(TrainerTest, PackingChangesNothingForWhatSeesOneDocument) {
  config.valSetSize = 0;
  config.maxSteps = 4;
  config.shuffle = false;
  config.microBatchSize = 23;
  config.gradientAccumulationSteps = 1;
  ASSERT_TRUE(train("rows"));
  config.samplePacking = true;
  config.sequenceLen = 512; // all in one row
  ASSERT_TRUE(train("packed"));
  auto rows = readTrainingLog(folder / "rows/training.jsonl"),
       packed = readTrainingLog(folder / "packed/training.jsonl");
  ASSERT_TRUE(rows && packed);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR((*rows)[i].loss, (*packed)[i].loss, 1e-12);
}

TEST_F(TrainerTest, LearnsFromPairs) {
  writeFile(folder / "a.jsonl", "{\"prompt\": \"q\", \"chosen\": \"ab\", \"rejected\": \"cd\"}\n"
                                "{\"prompt\": \"q\", \"chosen\": \"ae\", \"rejected\": \"cfgh\"}\n");
  config.rl = "dpo";
  config.valSetSize = 0;
  config.maxSteps = 10;
  auto result = train("out");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_LT(result->loss, 0.5);
}

TEST_F(TrainerTest, ShowsTheStartAllExamples) {
  writeFile(folder / "b.jsonl",
            "{\"prompt\": \"q\", \"completion\": \"ab\"}\n{\"prompt\": \"q\", \"completion\": \"ac\"}\n");
  config.testDatasets = {{"b.jsonl", "auto", "c.yml:2"}};
  config.valSetSize = 0;
  config.maxSteps = 3;
  for (std::optional<std::string> resume : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const TrainingData data = load();
    auto output = OutputFolder::open(folder / "out", resume);
    ASSERT_TRUE(output);
    ToyEngine engine(270);
    engine.compares = true;
    ASSERT_TRUE(Trainer(config, data, engine, 0).run(*output));
    std::vector<uint64_t> all(resume ? 0 : 25); // 23 and 2; a checkpoint has what was kept of them
    std::iota(all.begin(), all.end(), uint64_t(0));
    EXPECT_EQ(engine.remembered, all);
  }
}

TEST_F(TrainerTest, NamesTheExamplesOfALossThatIsNoNumber) {
  auto result = train("out", {}, [](ToyEngine &engine) { engine.breakAt = 2; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Failed);
  EXPECT_TRUE(result.error().message.starts_with("step 2: the loss is NaN; its examples are " + folder / "a.jsonl:"))
      << result.error().message;
}

TEST_F(TrainerTest, KeepsAsManyCheckpointsAsItShould) {
  config.saveTotalLimit = 2;
  ASSERT_TRUE(train("out"));
  EXPECT_EQ(checkpoints("out"), (std::vector<int64_t>{12, 13}));
}

TEST_F(TrainerTest, SavesWhenInterrupted) {
  handleInterrupts(OnInterrupt::Flag);
  auto result = train("out", {}, [](ToyEngine &engine) {
    engine.gradients[0] = 0;
    std::raise(SIGINT);
  });
  clearInterrupt();
  handleInterrupts(OnInterrupt::Exit);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
  EXPECT_EQ(checkpoints("out"), (std::vector<int64_t>{0}));
  ASSERT_TRUE(train("whole"));
  ASSERT_TRUE(train("out", ""));
  EXPECT_EQ(losses("out"), losses("whole"));
}

TEST_F(TrainerTest, RefusesToResumeSomethingElse) {
  config.maxSteps = 4;
  ASSERT_TRUE(train("out"));
  auto errorOf = [&](std::optional<std::string> resume) {
    auto result = train("out", resume);
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  };
  EXPECT_NE(errorOf({}).find("checkpoint-4: is of an earlier training; --resume goes on"), std::string::npos);
  EXPECT_NE(errorOf(folder / "nowhere").find("there is no checkpoint to resume"), std::string::npos);
  config.learningRate = 0.2;
  EXPECT_NE(errorOf("").find("was trained with learning_rate: 0.1, and now it is 0.2"), std::string::npos);
  config.learningRate = 0.1;
  writeFile(folder / "a.jsonl", readFile(folder / "a.jsonl") + "{\"prompt\": \"new\", \"completion\": \"line\"}\n");
  EXPECT_NE(errorOf("").find("was trained on other data"), std::string::npos);
  writeFile(folder / "out/checkpoint-4/trainer_state.json", "{\"format\": 1}");
  EXPECT_NE(errorOf("").find("has no step that is an integer"), std::string::npos);
  writeFile(folder / "out/checkpoint-4/trainer_state.json", "{\"format\": 2}");
  EXPECT_NE(errorOf("").find("its format is not 1"), std::string::npos);
}

TEST_F(TrainerTest, OneTrainingHasAFolder) {
  auto first = OutputFolder::open(folder / "out", {});
  ASSERT_TRUE(first);
  auto second = OutputFolder::open(folder / "out", {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Usage);
  EXPECT_NE(second.error().message.find("another training writes to this folder"), std::string::npos);
}

TEST_F(TrainerTest, CleansUpAfterAKilledOne) {
  std::filesystem::create_directories(folder / "out/checkpoint-7.tmp.1.0");
  writeFile(folder / "out/checkpoint-7.tmp.1.0/model.safetensors", "half");
  writeFile(folder / "out/model.safetensors.tmp.6459.3", "half");
  writeFile(folder / "out/notes.tmp.txt", "the user's");
  std::filesystem::create_directories(folder / "out/checkpoint-x");
  auto output = OutputFolder::open(folder / "out", {});
  ASSERT_TRUE(output);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/checkpoint-7.tmp.1.0"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/model.safetensors.tmp.6459.3"));
  EXPECT_TRUE(std::filesystem::exists(folder / "out/notes.tmp.txt"));
  EXPECT_TRUE(findCheckpoints(folder / "out").empty());
}

TEST_F(TrainerTest, EstimatesBeforeTraining) {
  const TrainingData data = load();
  ToyEngine engine(270);
  auto text = Trainer(config, data, engine, 0).estimate(true);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("72900 of 72900 parameters are trained\n20 examples, ")) << *text;
  // What the engine plans, and what this process has besides.
  const size_t memory = text->find("13 steps\nmemory ");
  ASSERT_NE(memory, std::string::npos) << *text;
  EXPECT_NEAR(std::atof(text->c_str() + memory + 16), 2.33 + double(residentBytes()) / 1e6, 1) << *text;
  EXPECT_NE(text->find(" MB, for micro-batches of 2 x"), std::string::npos) << *text;
  EXPECT_NE(text->find("time 0:13 at most"), std::string::npos) << *text;
}

TEST(TrainingLog, DropsWhatIsCutOff) {
  TemporaryFolder folder;
  const std::string path = folder / "log";
  writeFile(path, "{\"step\":1,\"loss\":0.1}\n{\"step\":2,\"loss\":0.30000000000000004}\n{\"step\":3,\"lo");
  auto lines = readTrainingLog(path);
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[1].loss, 0.1 + 0.2);
  {
    auto log = TrainingLog::open(path, 1);
    ASSERT_TRUE(log);
    LogLine line;
    line.step = 2;
    line.loss = 1.0 / 3;
    ASSERT_FALSE(log->write(line));
  }
  lines = readTrainingLog(path);
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[1].loss, 1.0 / 3);
  writeFile(path, "{\"step\":1,\"loss\":0.1}\n{\"a\":1}\n");
  auto broken = readTrainingLog(path);
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.starts_with(path + ":2: is no line of a training's log"));
}
