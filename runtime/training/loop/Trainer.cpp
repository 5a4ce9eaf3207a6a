#include "runtime/training/loop/Trainer.h"
#include "runtime/base/Interrupt.h"
#include "runtime/devices/Memory.h"
#include "runtime/training/config/ConfigKeys.h"
#include "runtime/training/data/MakeBatch.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace ph::training {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

int64_t dividedUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// "data.jsonl:3, data.jsonl:17 and 5 more".
std::string describe(const std::vector<Batch::Origin> &origins) {
  constexpr size_t most = 8;
  std::string text;
  for (size_t i = 0; i < std::min(origins.size(), most); ++i)
    text += (i ? ", " : "") + origins[i].file + ":" + std::to_string(origins[i].line);
  return origins.size() > most ? text + " and " + std::to_string(origins.size() - most) + " more" : text;
}

/// Examples of a set, one after the other.
struct Part {
  const ExampleSet *set;
  size_t first, count;
};

/// "1:02:03" or "2:03".
std::string formatTime(double seconds) {
  const auto whole = int64_t(std::min(seconds, 1e9));
  char text[32];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02d:%02d", static_cast<long long>(whole / 3600), int(whole / 60 % 60),
                  int(whole % 60));
  else
    std::snprintf(text, sizeof text, "%d:%02d", int(whole / 60), int(whole % 60));
  return text;
}

/// Labels of chosen answers, over pairs.
LossSum chosenOf(const Batch &batch) {
  const auto half = ptrdiff_t(batch.labels.size() / 2);
  const auto ignored = std::count(batch.labels.begin(), batch.labels.begin() + half, ignoredLabel);
  return {double(half - ignored), double(batch.rows / 2)};
}

} // namespace

EpochOrder Trainer::orderOf(int64_t epoch) const {
  return orderEpoch(data.examples, data.split.training,
                    {config.shuffle, config.samplePacking, config.sequenceLen, uint64_t(config.seed)}, epoch);
}

int64_t Trainer::stepsIn(const EpochOrder &order) const {
  return dividedUp(dividedUp(int64_t(order.rows()), config.microBatchSize), config.gradientAccumulationSteps);
}

StepCounts Trainer::countSteps() const {
  StepCounts steps;
  const bool bySteps = config.maxSteps > 0;
  // Without packing all epochs have the same number.
  int64_t each = 0;
  for (int64_t epoch = 0; bySteps ? steps.total < config.maxSteps : double(epoch) < config.numEpochs; ++epoch) {
    if (epoch == 0 || config.samplePacking)
      each = stepsIn(orderOf(epoch));
    const double part = bySteps ? 1 : std::min(1.0, config.numEpochs - double(epoch));
    steps.perEpoch.push_back(each);
    steps.total += int64_t(std::ceil(part * double(each)));
  }
  if (bySteps)
    steps.total = config.maxSteps;
  return steps;
}

Status Trainer::checkResumed(const TrainerState &saved) const {
  const std::string &folder = output->resumePoint()->checkpoint.folder;
  const nlohmann::json now = configToJson(config), defaults = configToJson({});
  for (auto &[key, value] : now.items()) {
    // What a checkpoint says nothing of, its version did not know: that trained as the default does.
    const nlohmann::json *known = jsonMember(saved.config, key.c_str());
    const nlohmann::json &before = known ? *known : defaults[key];
    if (before != value)
      return Error{ErrorCode::Usage, folder + ": was trained with " + key + ": " + before.dump() + ", and now it is " +
                                         value.dump() + "; resuming needs the same settings"};
  }
  if (saved.data != data.digest())
    return Error{ErrorCode::Usage,
                 folder + ": was trained on other data: a file of the data sets, or the tokenizer, has changed"};
  if (saved.step > counts.total || saved.epoch > int64_t(counts.perEpoch.size()))
    return Error{ErrorCode::BadModel, folder + ": is beyond the last step, " + std::to_string(counts.total)};
  return {};
}

Status Trainer::start() {
  counts = countSteps();
  schedule = scheduleOf(config, counts.total);
  state.config = configToJson(config);
  state.data = data.digest();
  state.seed = uint64_t(config.seed);
  if (const auto &point = output->resumePoint()) {
    if (auto e = checkResumed(point->state))
      return e;
    if (auto e = engine.load(point->checkpoint.folder))
      return e;
    state = point->state;
    savedStep = state.step;
    say("resuming from " + point->checkpoint.folder);
  } else if (auto e = rememberStart()) {
    return e;
  }
  auto opened = TrainingLog::open(output->logPath(), state.step);
  if (!opened)
    return opened.error();
  log.emplace(std::move(*opened));
  return {};
}

Status Trainer::rememberStart() {
  if (!engine.comparesWithStart())
    return {};
  const auto rows = size_t(config.evalBatchSize ? config.evalBatchSize : config.microBatchSize);
  std::vector<Part> parts;
  for (const ExampleSet *set : {&data.examples, data.test ? &*data.test : nullptr})
    for (size_t first = 0; set && first < set->size(); first += rows)
      parts.push_back({set, first, std::min(rows, set->size() - first)});
  size_t next = 0;
  return engine.rememberStart([&]() -> Expected<std::optional<Batch>> {
    if (interrupted())
      return Error{ErrorCode::Interrupted, "interrupted before the first step"};
    if (next == parts.size())
      return std::optional<Batch>();
    status.show("reference", " " + std::to_string(next) + "/" + std::to_string(parts.size()));
    const auto &[set, first, count] = parts[next++];
    std::vector<uint32_t> members(count);
    std::iota(members.begin(), members.end(), uint32_t(first));
    return std::optional(makeBatch(*set, orderEpoch(*set, members, {.shuffle = false}, 0), 0, rows, 0, data.padding));
  });
}

Expected<TrainingResult> Trainer::run(OutputFolder &into) {
  output = &into;
  const auto begin = Clock::now();
  if (auto e = start())
    return e.error();
  while (state.step < counts.total)
    if (auto e = runEpoch())
      return e.error();
  if (savedStep != state.step)
    if (auto e = save())
      return e.error();
  if (auto e = engine.exportResult(output->path()))
    return e.error();
  status.erase();
  result.steps = state.step;
  result.seconds = secondsSince(begin);
  return result;
}

Status Trainer::runEpoch() {
  const EpochOrder order = orderOf(state.epoch);
  const int64_t steps = stepsIn(order);
  while (state.stepInEpoch < steps && state.step < counts.total)
    if (auto e = runStep(order, state.stepInEpoch + 1 == steps))
      return e;
  if (state.stepInEpoch == steps) {
    ++state.epoch;
    state.stepInEpoch = 0;
  }
  return {};
}

Expected<LossSum> Trainer::accumulate(const EpochOrder &order, TrainerState &next) {
  LossSum loss, chosen;
  std::vector<Batch> batches;
  scores = LossSum();
  const int64_t first = state.stepInEpoch * config.gradientAccumulationSteps;
  for (int64_t i = first; i < first + config.gradientAccumulationSteps; ++i) {
    const int64_t row = i * config.microBatchSize;
    if (row >= int64_t(order.rows()))
      break;
    batches.push_back(makeBatch(data.examples, order, size_t(row), size_t(config.microBatchSize),
                                config.padToSequenceLen ? config.sequenceLen : 0, data.padding));
    if (data.masker)
      data.masker->apply(batches.back(), uint32_t(state.epoch));
    if (batches.back().pairs)
      chosen += chosenOf(batches.back());
  }
  for (Batch &batch : batches) {
    if (batch.pairs)
      batch.tokensPerPair = chosen.mean();
    batch.number = next.microBatches++;
    next.tokens += uint64_t(batch.real);
    auto part = engine.addGradients(batch);
    if (!part)
      return part.error();
    if (!std::isfinite(part->sum) || !(part->count > 0))
      return Error{ErrorCode::Failed, "step " + std::to_string(state.step + 1) + ": the loss is " +
                                          (std::isnan(part->sum) ? "NaN"
                                           : part->count > 0     ? "infinite"
                                                                 : "of no tokens") +
                                          "; its examples are " + describe(batch.origins) +
                                          "; a lower learning_rate, warmup_steps or max_grad_norm may help"};
    loss += *part;
    if (auto score = engine.meanScore()) {
      scores.sum += *score * double(batch.rows);
      scores.count += double(batch.rows);
    }
    if (interrupted())
      return Error{ErrorCode::Interrupted, ""};
  }
  return loss;
}

Status Trainer::runStep(const EpochOrder &order, bool lastOfEpoch) {
  const auto begin = Clock::now();
  TrainerState next = state;
  auto loss = accumulate(order, next);
  if (!loss) {
    engine.dropGradients();
    if (loss.error().code != ErrorCode::Interrupted)
      return loss.error();
    // The step is done again when training goes on; what there is is the state after the last one.
    if (savedStep != state.step)
      if (auto e = save())
        return e;
    return Error{ErrorCode::Interrupted, "interrupted; " + output->path() + " has a checkpoint of step " +
                                             std::to_string(state.step) + ", and --resume goes on from there"};
  }
  LogLine line;
  line.learningRate = schedule.rate(state.step);
  auto updated = engine.update(line.learningRate, state.step + 1, loss->count);
  if (!updated)
    return updated.error();
  if (!updated->skipped && !std::isfinite(updated->gradientNorm))
    return Error{ErrorCode::Failed, "step " + std::to_string(state.step + 1) +
                                        ": the gradient is not finite, though the loss, " +
                                        std::to_string(loss->mean()) + ", is; a lower learning_rate may help"};
  ++next.step;
  ++next.stepInEpoch;
  line.step = next.step;
  line.epoch = double(next.epoch) + double(next.stepInEpoch) / double(stepsIn(order));
  line.loss = result.loss = loss->mean();
  if (scores.count > 0)
    line.reward = scores.mean();
  line.gradientNorm = updated->gradientNorm;
  line.skipped = updated->skipped;
  line.lossScale = updated->lossScale;
  line.tokens = next.tokens;
  line.seconds = secondsSince(begin);
  line.tokensPerSecond = double(next.tokens - state.tokens) / std::max(line.seconds, 1e-9);
  line.memoryBytes = residentBytes();
  state = std::move(next);
  secondsOfSteps += line.seconds;
  ++stepsOfRun;

  const bool last = state.step == counts.total;
  auto due = [&](int64_t every) { return last || (every ? state.step % every == 0 : lastOfEpoch); };
  if (!data.split.validation.empty() && due(config.evalSteps)) {
    auto mean = evaluate();
    if (!mean)
      return mean.error();
    line.evalLoss = result.evalLoss = *mean;
  }
  if (auto e = log->write(line))
    return e;
  showStatus(line);
  return due(config.saveSteps) ? save() : Status();
}

Expected<double> Trainer::evaluate() {
  const ExampleSet &set = data.validationSet();
  const EpochOrder order =
      orderEpoch(set, data.split.validation, {false, config.samplePacking, config.sequenceLen, 0}, 0);
  const auto rows = size_t(config.evalBatchSize ? config.evalBatchSize : config.microBatchSize);
  auto batchFrom = [&](size_t first) {
    return makeBatch(set, order, first, rows, config.padToSequenceLen ? config.sequenceLen : 0, data.padding);
  };
  LossSum loss, chosen;
  for (size_t first = 0; set.hasPairs() && first < order.rows(); first += rows)
    chosen += chosenOf(batchFrom(first));
  for (size_t first = 0; first < order.rows(); first += rows) {
    Batch batch = batchFrom(first);
    if (batch.pairs)
      batch.tokensPerPair = chosen.mean();
    if (data.masker)
      data.masker->apply(batch, TokenMasker::ofEvaluation);
    auto part = engine.evaluate(batch);
    if (!part)
      return part.error();
    loss += *part;
  }
  return loss.mean();
}

Status Trainer::save() {
  // The position at the end of an epoch is the beginning of the next.
  TrainerState saved = state;
  if (saved.epoch < int64_t(counts.perEpoch.size()) && saved.stepInEpoch == counts.perEpoch[size_t(saved.epoch)]) {
    ++saved.epoch;
    saved.stepInEpoch = 0;
  }
  if (auto e = output->save(saved, engine, config.saveTotalLimit)) {
    status.erase();
    return Error{e.error().code, e.error().message + "; earlier checkpoints are as they were"};
  }
  savedStep = state.step;
  return {};
}

void Trainer::showStatus(const LogLine &line) {
  if (!status.visible())
    return;
  char text[160];
  const double left = secondsOfSteps / double(stepsOfRun) * double(counts.total - line.step);
  std::snprintf(text, sizeof text, "  loss %.4f%s  lr %.2e  %.0f tok/s  %s  %s left", line.loss,
                result.evalLoss ? ("  eval " + std::to_string(*result.evalLoss).substr(0, 6)).c_str() : "",
                line.learningRate, line.tokensPerSecond, formatBytes(line.memoryBytes).c_str(),
                formatTime(left).c_str());
  status.show("step " + std::to_string(line.step) + "/" + std::to_string(counts.total), text);
}

Expected<std::string> Trainer::estimate(bool measure) {
  const StepCounts steps = countSteps();
  const EpochOrder order = orderOf(0);
  // The largest micro-batch of the first epoch decides about memory, the mean number of them about time.
  int64_t longest = config.padToSequenceLen ? config.sequenceLen : 0;
  for (size_t row = 0; row < order.rows(); ++row) {
    int64_t tokens = 0;
    for (uint32_t example : order.row(row))
      tokens += data.examples.length(example);
    longest = std::max(longest, tokens);
  }
  const int64_t rows =
      std::min<int64_t>(config.microBatchSize, int64_t(order.rows())) * (data.examples.hasPairs() ? 2 : 1);
  auto needed = engine.estimate(rows, longest, false);
  if (!needed)
    return needed.error();
  // What there is already besides what the engine has filled stays: data, tokenizer, code.
  const uint64_t resident = residentBytes(), besides = resident - std::min(resident, needed->residentBytes);
  needed->memoryBytes += besides;
  if (measure) {
    auto measured = engine.estimate(rows, longest, true);
    if (!measured)
      return measured.error();
    needed->secondsPerBatch = measured->secondsPerBatch;
    needed->secondsPerUpdate = measured->secondsPerUpdate;
  }
  std::string text = std::to_string(engine.trainableParameters()) + " of " + std::to_string(engine.parameters()) +
                     " parameters are trained\n" + std::to_string(data.split.training.size()) + " examples, " +
                     std::to_string(data.examples.tokens()) + " tokens, " + std::to_string(steps.total) + " steps\n" +
                     "memory " + formatBytes(needed->memoryBytes) + ", for micro-batches of " + std::to_string(rows) +
                     " x " + std::to_string(longest) + " tokens\n";
  if (needed->secondsPerBatch > 0) {
    const double batches = double(dividedUp(int64_t(order.rows()), config.microBatchSize)) / double(stepsIn(order));
    text += "time " + formatTime((needed->secondsPerBatch * batches + needed->secondsPerUpdate) * double(steps.total)) +
            " at most\n";
  }
  text.pop_back();
  return text;
}

} // namespace ph::training
