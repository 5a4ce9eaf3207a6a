#include "runtime/training/engine/ProgramEngine.h"
#include "ToyEngine.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <cmath>
#include <gtest/gtest.h>
#include <sys/mman.h>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

// Programs as a compiler would make them, of the toy engine's model: a table of logits. One thread does all.
constexpr int64_t side = 5;

void computeLoss(const int32_t *tokens, const int32_t *labels, const float *table, float *gradient, float *loss,
                 float *count, const int64_t *sizes) {
  *loss = *count = 0;
  for (int64_t i = 0; i < sizes[0] * sizes[1]; ++i) {
    if (labels[i] < 0 || i % sizes[1] == 0)
      continue;
    const int32_t before = tokens[i - 1];
    const float *logits = table + before * side;
    double total = 0;
    for (int64_t j = 0; j < side; ++j)
      total += std::exp(double(logits[j]));
    *loss += float(std::log(total) - double(logits[labels[i]]));
    *count += 1;
    for (int64_t j = 0; gradient && j < side; ++j)
      gradient[before * side + j] += float(std::exp(double(logits[j])) / total) - float(j == labels[i]);
  }
}

void planGradients(const int64_t *sizes, int64_t *needs) { needs[0] = sizes[0] * sizes[1] * 64; }
void planNothing(const int64_t *, int64_t *needs) { needs[0] = 0; }

// tokens, labels, table, table.gradient -> loss, count, table.gradient
void gradients(const uint8_t *, uint8_t *arena, void *const *t, const int64_t *sizes, int64_t thread, int64_t, NextFn,
               void *) {
  if (thread != 0)
    return;
  std::fill(arena, arena + sizes[0] * sizes[1] * 64, uint8_t(1)); // all that was planned can be written
  computeLoss(static_cast<int32_t *>(t[0]), static_cast<int32_t *>(t[1]), static_cast<float *>(t[2]),
              static_cast<float *>(t[3]), static_cast<float *>(t[4]), static_cast<float *>(t[5]), sizes);
}

// tokens, labels, table -> loss, count
void evaluate(const uint8_t *, uint8_t *, void *const *t, const int64_t *sizes, int64_t thread, int64_t, NextFn,
              void *) {
  if (thread == 0)
    computeLoss(static_cast<int32_t *>(t[0]), static_cast<int32_t *>(t[1]), static_cast<float *>(t[2]), nullptr,
                static_cast<float *>(t[3]), static_cast<float *>(t[4]), sizes);
}

// chosen, rejected, chosen_mask, rejected_mask, ref_chosen_logp, ref_rejected_logp, table ->
// loss, count, policy_chosen_logp, policy_rejected_logp: sums of the answers' tokens, plus the table's first number
void evaluatePairs(const uint8_t *, uint8_t *, void *const *t, const int64_t *sizes, int64_t thread, int64_t, NextFn,
                   void *) {
  if (thread != 0)
    return;
  auto loss = static_cast<float *>(t[7]), count = static_cast<float *>(t[8]);
  *loss = *count = 0;
  for (int64_t pair = 0; pair < sizes[0]; ++pair) {
    float sums[2] = {};
    for (int half = 0; half < 2; ++half) {
      for (int64_t i = pair * sizes[1]; i < (pair + 1) * sizes[1]; ++i)
        sums[half] += static_cast<int32_t *>(t[2 + half])[i] ? float(static_cast<int32_t *>(t[half])[i]) : 0;
      sums[half] += *static_cast<float *>(t[6]);
      static_cast<float *>(t[9 + half])[pair] = sums[half];
    }
    *loss += 100 * (sums[0] - static_cast<float *>(t[4])[pair]) + (sums[1] - static_cast<float *>(t[5])[pair]);
    *count += 1;
  }
}

void planPairs(const int64_t *sizes, int64_t *needs) {
  needs[0] = 0;
  needs[1] = needs[2] = sizes[0];
}

// table, table.gradient, table.momentum, learning_rate, count, step -> table, table.momentum, gradient_norm, finite
void update(const uint8_t *, uint8_t *, void *const *t, const int64_t *, int64_t thread, int64_t, NextFn, void *) {
  if (thread != 0)
    return;
  auto table = static_cast<float *>(t[0]), gradient = static_cast<float *>(t[1]), momentum = static_cast<float *>(t[2]);
  const float rate = *static_cast<float *>(t[3]), scale = 1 / *static_cast<float *>(t[4]);
  double squares = 0;
  for (int64_t i = 0; i < side * side; ++i) {
    momentum[i] = 0.5f * momentum[i] + scale * gradient[i];
    table[i] -= rate * momentum[i];
    squares += double(scale * gradient[i]) * double(scale * gradient[i]);
  }
  *static_cast<float *>(t[8]) = float(std::sqrt(squares));
  *static_cast<uint8_t *>(t[9]) = *static_cast<int32_t *>(t[5]) != 99;
}

ProgramTensor tensor(const char *name, std::vector<int64_t> shape, TensorElement element = TensorElement::F32,
                     int updates = -1) {
  return {name, std::move(shape), element, updates};
}

/// Shows an engine one batch before training.
Status remember(ProgramEngine &engine, const Batch &batch) {
  bool shown = false;
  return engine.rememberStart([&]() -> Expected<std::optional<Batch>> {
    return std::exchange(shown, true) ? std::optional<Batch>() : std::optional(batch);
  });
}

class ProgramEngineTest : public testing::Test {
protected:
  void SetUp() override {
    constexpr auto i32 = TensorElement::I32;
    const std::vector<int64_t> square = {side, side}, rows = {-1, -1};
    gradientsInfo.name = "gradients";
    gradientsInfo.inputs = {tensor("tokens", rows, i32), tensor("labels", rows, i32), tensor("table", square),
                            tensor("table.gradient", square)};
    gradientsInfo.results = {tensor("loss", {}), tensor("count", {}),
                             tensor("table.gradient", square, TensorElement::F32, 3)};
    evaluateInfo.name = "evaluate";
    evaluateInfo.inputs = {tensor("tokens", rows, i32), tensor("labels", rows, i32), tensor("table", square)};
    evaluateInfo.results = {tensor("loss", {}), tensor("count", {})};
    updateInfo.name = "update";
    updateInfo.inputs = {tensor("table", square),
                         tensor("table.gradient", square),
                         tensor("table.momentum", square),
                         tensor("learning_rate", {}),
                         tensor("count", {}),
                         tensor("step", {}, i32)};
    updateInfo.results = {tensor("table", square, TensorElement::F32, 0),
                          tensor("table.momentum", square, TensorElement::F32, 2), tensor("gradient_norm", {}),
                          tensor("finite", {}, TensorElement::Bool)};
    team = std::move(*Team::create(2));
  }
  Expected<std::unique_ptr<ProgramEngine>> make() {
    programs.clear();
    programs.reserve(3); // they are pointed to
    programs.emplace_back(gradientsInfo, gradients, planGradients);
    programs.emplace_back(updateInfo, update, planNothing);
    programs.emplace_back(evaluateInfo, evaluate, planNothing);
    ProgramEngineParts parts;
    parts.programs = {&programs[0], &programs[1], &programs[2]};
    if (pairs)
      programs[2] = Program(evaluateInfo, evaluatePairs, planPairs);
    parts.team = team.get();
    parts.pagedFolder = pagedFolder;
    parts.frozenBytes = 1000;
    parts.frozenParameters = 7;
    parts.fill = [](const std::string &name, std::span<uint8_t> bytes) -> Status {
      auto values = reinterpret_cast<float *>(bytes.data());
      for (size_t i = 0; name == "table" && i < bytes.size() / 4; ++i)
        values[i] = std::sin(float(i));
      return {};
    };
    if (reference != 0)
      parts.fillReference = [this](const std::string &name, std::span<uint8_t> bytes) -> Status {
        if (name == "table")
          *reinterpret_cast<float *>(bytes.data()) = reference;
        return {};
      };
    parts.exportResult = [](const std::string &folder, std::span<const SafetensorsTensor> weights) {
      return writeSafetensors(folder + "/model.safetensors", weights);
    };
    return ProgramEngine::create(std::move(parts));
  }
  std::string errorOf() {
    auto engine = make();
    EXPECT_FALSE(engine);
    if (!engine)
      EXPECT_EQ(engine.error().code, ErrorCode::BadModel);
    return engine ? "" : engine.error().message;
  }
  static Batch batch() {
    Batch batch;
    batch.rows = 2;
    batch.length = 3;
    batch.tokens = {0, 1, 2, 3, 4, 0};
    batch.labels = {-100, 1, 2, -100, 4, -100};
    return batch;
  }
  static std::vector<float> floats(ProgramEngine &engine, const std::string &name) {
    auto bytes = engine.tensors().bytes(name);
    auto values = reinterpret_cast<const float *>(bytes.data());
    return {values, values + bytes.size() / 4};
  }
  ProgramInfo gradientsInfo, updateInfo, evaluateInfo;
  bool pairs = false;
  std::string pagedFolder;
  float reference = 0; ///< the first number of the table to compare with; 0: as it begins
  std::vector<Program> programs;
  std::unique_ptr<Team> team;
};

} // namespace

TEST_F(ProgramEngineTest, ComputesWhatTheProgramsSay) {
  auto made = make();
  ASSERT_TRUE(made) << made.error().message;
  ProgramEngine &engine = **made;
  EXPECT_EQ(engine.trainableParameters(), 25u);
  EXPECT_EQ(engine.parameters(), 32u);
  EXPECT_EQ(engine.weightNames(), std::vector<std::string>{"table"});
  EXPECT_EQ(engine.gradientNames(), std::vector<std::string>{"table.gradient"});
  // Beside the toy engine, whose losses are by hand.
  ToyEngine toy(side);
  for (size_t i = 0; i < toy.weights.size(); ++i)
    toy.weights[i] = std::sin(float(i));
  for (int i = 0; i < 2; ++i) {
    auto ours = engine.addGradients(batch()), theirs = toy.addGradients(batch());
    ASSERT_TRUE(ours && theirs);
    EXPECT_NEAR(ours->sum, theirs->sum, 1e-5);
    EXPECT_EQ(ours->count, 3);
  }
  const auto sums = floats(engine, "table.gradient"), before = floats(engine, "table");
  for (size_t i = 0; i < sums.size(); ++i)
    EXPECT_NEAR(sums[i], toy.gradients[i], 1e-5);
  auto updated = engine.update(0.5, 1, 6);
  ASSERT_TRUE(updated);
  EXPECT_FALSE(updated->skipped);
  double squares = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    EXPECT_NEAR(floats(engine, "table")[i], before[i] - 0.5f * sums[i] / 6, 1e-6);
    squares += double(sums[i] / 6) * double(sums[i] / 6);
  }
  EXPECT_NEAR(updated->gradientNorm, std::sqrt(squares), 1e-6);
  EXPECT_EQ(floats(engine, "table.gradient"), std::vector<float>(25, 0));
  auto evaluated = engine.evaluate(batch());
  ASSERT_TRUE(evaluated);
  EXPECT_LT(evaluated->mean(), toy.evaluate(batch())->mean());
  EXPECT_TRUE(engine.update(0.5, 99, 1)->skipped); // the program says that it is not finite
}

TEST_F(ProgramEngineTest, ComparesPairsWithTheStart) {
  pairs = true;
  constexpr auto i32 = TensorElement::I32;
  evaluateInfo.inputs = {tensor("chosen", {-1, -1}, i32),      tensor("rejected", {-1, -1}, i32),
                         tensor("chosen_mask", {-1, -1}, i32), tensor("rejected_mask", {-1, -1}, i32),
                         tensor("ref_chosen_logp", {-1}),      tensor("ref_rejected_logp", {-1}),
                         tensor("table", {side, side})};
  evaluateInfo.results.push_back(tensor("policy_chosen_logp", {-1}));
  EXPECT_NE(errorOf().find("@evaluate has no result policy_rejected_logp that is f32, to compare with"),
            std::string::npos);
  evaluateInfo.results.push_back(tensor("policy_rejected_logp", {-1}));
  auto engine = make();
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_TRUE((*engine)->comparesWithStart());
  Batch two;
  two.pairs = true;
  two.rows = 4;
  two.length = 2;
  two.tokens = {1, 2, 3, 4, 0, 1, 2, 3};
  two.labels = {-100, 2, -100, 4, -100, 1, 2, 3};
  two.examples = {7, 9};
  EXPECT_FALSE((*engine)->evaluate(two)); // not seen before
  ASSERT_FALSE(remember(**engine, two));
  auto same = (*engine)->evaluate(two);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->sum, 0);
  EXPECT_EQ(same->count, 2);
  // The order of a batch is another; the table's first number is 1 more.
  Batch turned = two;
  turned.tokens = {3, 4, 1, 2, 2, 3, 0, 1};
  turned.labels = {-100, 4, -100, 2, 2, 3, -100, 1};
  turned.examples = {9, 7};
  reinterpret_cast<float *>((*engine)->tensors().bytes("table").data())[0] += 1;
  auto later = (*engine)->evaluate(turned);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->sum, 202);
  // A checkpoint has what was remembered.
  TemporaryFolder saved;
  ASSERT_FALSE((*engine)->save(saved.path));
  auto resumed = make();
  ASSERT_TRUE(resumed);
  ASSERT_FALSE((*resumed)->load(saved.path));
  auto again = (*resumed)->evaluate(turned);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->sum, 202);
  // The model to compare with may be another than that training begins with.
  reference = 3;
  auto other = make();
  ASSERT_TRUE(other);
  ASSERT_FALSE(remember(**other, two));
  auto compared = (*other)->evaluate(two);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->sum, 2 * -303);
  EXPECT_EQ((*engine)->estimate(4, 2, false)->memoryBytes, 4u * 2 * 64 + 3 * 128 + 1000);
}

TEST_F(ProgramEngineTest, SavesAndLoads) {
  TemporaryFolder folder;
  auto a = make();
  ASSERT_TRUE(a);
  auto step = [](ProgramEngine &engine) {
    EXPECT_TRUE(engine.addGradients(batch()));
    EXPECT_TRUE(engine.update(0.1, 1, 3));
  };
  step(**a);
  ASSERT_FALSE((*a)->save(folder.path));
  step(**a);
  auto b = make();
  ASSERT_TRUE(b);
  EXPECT_TRUE((*b)->addGradients(batch())); // forgotten by load
  ASSERT_FALSE((*b)->load(folder.path));
  step(**b);
  for (const char *name : {"table", "table.momentum", "table.gradient"})
    EXPECT_EQ(floats(**a, name), floats(**b, name)) << name;
  ASSERT_FALSE((*a)->exportResult(folder.path));
  // A file of something else.
  std::vector<float> few(3);
  const SafetensorsTensor other[] = {
      {"table", SafetensorsType::F32, {3}, {reinterpret_cast<uint8_t *>(few.data()), 12}}};
  ASSERT_FALSE(writeSafetensors(folder / "model.safetensors", other));
  Status failed = (*b)->load(folder.path);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::BadModel);
  EXPECT_NE(failed.error().message.find("'table' has another type or shape"), std::string::npos);
}

TEST_F(ProgramEngineTest, PagesTheStateOnly) {
  TemporaryFolder folder;
  pagedFolder = folder.path;
  auto paged = make();
  pagedFolder.clear();
  auto plain = make();
  ASSERT_TRUE(paged && plain);
  auto discard = [](ProgramEngine &engine, const char *name) {
    const auto bytes = engine.tensors().bytes(name);
    const auto page = uintptr_t(bytes.data()) / 4096 * 4096;
    madvise(reinterpret_cast<void *>(page), 4096, MADV_DONTNEED);
  };
  for (ProgramEngine *engine : {paged->get(), plain->get()}) {
    EXPECT_TRUE(engine->addGradients(batch()));
    EXPECT_TRUE(engine->update(0.1, 1, 3));
  }
  const auto momentum = floats(**paged, "table.momentum");
  EXPECT_EQ(momentum, floats(**plain, "table.momentum"));
  // Pages of a file come back, those of memory do not.
  discard(**paged, "table.momentum");
  EXPECT_EQ(floats(**paged, "table.momentum"), momentum);
  discard(**paged, "table");
  EXPECT_EQ(floats(**paged, "table"), std::vector<float>(25, 0));
}

TEST_F(ProgramEngineTest, EstimatesMemory) {
  auto engine = make();
  ASSERT_TRUE(engine);
  auto estimate = (*engine)->estimate(2, 10, true);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->memoryBytes, 2u * 10 * 64 + 3 * 128 + 1000); // arena, three tensors of 100 bytes, frozen weights
  EXPECT_GT(estimate->secondsPerBatch, 0);
  EXPECT_EQ(floats(**engine, "table.gradient"), std::vector<float>(25, 0));
}

TEST_F(ProgramEngineTest, RefusesProgramsThatDoNotFit) {
  updateInfo.inputs[3].name = "rate";
  EXPECT_NE(errorOf().find("@update has an input 'rate' that nothing gives"), std::string::npos);
  updateInfo.inputs[3] = tensor("learning_rate", {1});
  EXPECT_NE(errorOf().find("input learning_rate that is not f32 of rank 0"), std::string::npos);
  updateInfo.inputs[3] = tensor("learning_rate", {});
  updateInfo.inputs[0].shape = {side, side + 1};
  EXPECT_NE(errorOf().find("'table' has not the same type in all programs"), std::string::npos);
  updateInfo.inputs[0].shape = gradientsInfo.inputs[2].shape = evaluateInfo.inputs[2].shape = {side, -1};
  EXPECT_NE(errorOf().find("'table' is kept between calls, but has a dynamic size"), std::string::npos);
  updateInfo.inputs[0].shape = gradientsInfo.inputs[2].shape = evaluateInfo.inputs[2].shape = {side, side};
  evaluateInfo.results[1].name = "number";
  EXPECT_NE(errorOf().find("@evaluate has no result count that is f32"), std::string::npos);
  evaluateInfo.results[1].name = "count";
  updateInfo.results[0].updates = -1;
  // Then the table is an input that nothing gives.
  EXPECT_NE(errorOf().find("has an input 'table' that nothing gives"), std::string::npos);
}
