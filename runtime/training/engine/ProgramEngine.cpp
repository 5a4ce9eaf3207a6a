#include "runtime/training/engine/ProgramEngine.h"
#include "runtime/base/Quote.h"
#include "runtime/training/engine/BatchInputs.h"
#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <set>

namespace ph::training {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// An input of a call that is no batch's.
struct CallInput {
  std::string_view name;
  TensorElement element;
  std::vector<int64_t> shape;
  bool ofUpdate;
};

constexpr std::string_view teacherLogits = "teacher_logits";
bool isOfRollout(std::string_view name) {
  return name == "old_logp" || name == "old_values" || name == "reference_logp" || name == "scores";
}
constexpr std::string_view referencePrefix = "ref_", policyPrefix = "policy_";
bool isReference(std::string_view name) { return name.starts_with(referencePrefix); }
/// policy_X for ref_X.
std::string policyOf(std::string_view reference) {
  return std::string(policyPrefix) + std::string(reference.substr(referencePrefix.size()));
}
/// ref_X for policy_X; empty for another name.
std::string referenceOf(std::string_view policy) {
  return policy.starts_with(policyPrefix)
             ? std::string(referencePrefix) + std::string(policy.substr(policyPrefix.size()))
             : "";
}

const CallInput *findCallInput(std::string_view name) {
  static const CallInput inputs[] = {{"key", TensorElement::I32, {2}, false},
                                     {"z0", TensorElement::F32, {}, false},
                                     {"tokens_per_pair", TensorElement::F32, {}, false},
                                     {"old_logp", TensorElement::F32, {-1, -1}, false},
                                     {"old_values", TensorElement::F32, {-1, -1}, false},
                                     {"reference_logp", TensorElement::F32, {-1, -1}, false},
                                     {"scores", TensorElement::F32, {-1}, false},
                                     {teacherLogits, TensorElement::F32, {-1, -1, -1}, false},
                                     {"learning_rate", TensorElement::F32, {}, true},
                                     {"count", TensorElement::F32, {}, true},
                                     {"step", TensorElement::I32, {}, true}};
  for (const CallInput &input : inputs)
    if (input.name == name)
      return &input;
  static const CallInput reference = {"", TensorElement::F32, {-1}, false};
  return isReference(name) ? &reference : nullptr;
}

/// The inputs that a program changes in place.
std::set<std::string> updatedBy(const Program &program) {
  std::set<std::string> names;
  for (const ProgramTensor &result : program.info().results)
    if (result.updates >= 0)
      names.insert(program.info().inputs[size_t(result.updates)].name);
  return names;
}

Error unfit(const Program &program, const std::string &what) {
  return {ErrorCode::BadModel, "the training program @" + program.info().name + " " + what};
}

HostTensor scalar(float value) { return HostTensor::ofFloats({}, {&value, 1}); }
HostTensor scalar(int32_t value) { return HostTensor::ofIntegers({}, {&value, 1}); }

/// A result that is one number; NaN if there is none.
double numberOf(const Program &program, const std::vector<HostTensor> &results, std::string_view name) {
  const int index = program.info().findResult(name);
  if (index < 0 || results[size_t(index)].bytes.size() < 4)
    return std::numeric_limits<double>::quiet_NaN();
  return results[size_t(index)].floats()[0];
}

} // namespace

Expected<std::unique_ptr<ProgramEngine>> ProgramEngine::create(ProgramEngineParts parts) {
  std::unique_ptr<ProgramEngine> engine(new ProgramEngine(std::move(parts)));
  if (auto e = engine->sortTensors())
    return e.error();
  if (auto e = engine->store.allocate(engine->parts.pagedFolder))
    return e.error();
  for (const auto *names : {&engine->weights, &engine->state})
    if (auto e = engine->fillTensors(*names, engine->parts.fill))
      return e.error();
  if (engine->parts.rollout.length > 0)
    if (auto e = engine->keepReference())
      return e.error();
  return engine;
}

int64_t ProgramEngine::outputs() const {
  const ProgramInfo &evaluate = parts.programs.evaluate->info();
  const int scores = evaluate.findResult("scores");
  return scores < 0 ? 0 : evaluate.results[size_t(scores)].shape.back();
}

Status ProgramEngine::fillTensors(const std::vector<std::string> &names, const Fill &fill) {
  for (const std::string &name : names)
    if (auto e = fill(name, store.bytes(name)))
      return e;
  return {};
}

std::vector<const Program *> ProgramEngine::batchPrograms() const {
  std::vector<const Program *> programs = {parts.programs.gradients, parts.programs.evaluate};
  if (parts.programs.baseline)
    programs.push_back(parts.programs.baseline);
  return programs;
}

Status ProgramEngine::sortTensors() {
  const Program *gradientsOf = parts.programs.gradients, *updateOf = parts.programs.update,
                *evaluateOf = parts.programs.evaluate, *baselineOf = parts.programs.baseline;
  for (auto [program, name] : {std::pair(gradientsOf, "gradients"), {updateOf, "update"}, {evaluateOf, "evaluate"}})
    if (!program)
      return Error{ErrorCode::BadModel,
                   std::string("there is no training program @") + name + "; compile the model for training"};
  const auto added = updatedBy(*gradientsOf), changed = updatedBy(*updateOf);
  gradients.assign(added.begin(), added.end());
  for (const std::string &name : changed) {
    if (added.contains(name))
      continue;
    const bool read = gradientsOf->info().findInput(name) >= 0 || evaluateOf->info().findInput(name) >= 0;
    const bool single = updateOf->info().inputs[size_t(updateOf->info().findInput(name))].shape.empty();
    (read && !single ? weights : state).push_back(name);
  }
  auto isPaged = [&](const std::string &name) {
    return !parts.pagedFolder.empty() && std::find(state.begin(), state.end(), name) != state.end();
  };
  for (const Program *program : {gradientsOf, updateOf, evaluateOf, baselineOf}) {
    if (!program)
      continue;
    for (const ProgramTensor &input : program->info().inputs)
      if (added.contains(input.name) || changed.contains(input.name))
        if (auto e = store.add(input, isPaged(input.name)))
          return e;
    if (auto e = checkCall(*program))
      return e;
  }
  for (const std::string &name : weights)
    learning += uint64_t(store.elements(name));
  if (learning == 0)
    return unfit(*updateOf, "changes no weight: nothing would be learned");
  for (const Program *program : {gradientsOf, evaluateOf})
    for (const char *name : {"loss", "count"})
      if (const int index = program->info().findResult(name);
          index < 0 || program->info().results[size_t(index)].element != TensorElement::F32)
        return unfit(*program, "has no result " + std::string(name) + " that is f32");
  if (evaluateOf->info().findInput("z0") >= 0 && (!baselineOf || baselineOf->info().findResult("z0") < 0))
    return unfit(*evaluateOf, "has an input z0, but there is no program @baseline that gives it");
  if (auto e = checkTeacher())
    return e;
  if (auto e = checkRollout())
    return e;
  return findStarts();
}

Status ProgramEngine::checkTeacher() const {
  for (const Program *program : {parts.programs.gradients, parts.programs.evaluate}) {
    const int index = program->info().findInput(teacherLogits);
    if (index < 0)
      continue;
    if (!parts.teacher.program)
      return unfit(*program, "has an input teacher_logits, but there is no teacher");
    const Program &teacher = *parts.teacher.program;
    const int logits = teacher.info().findResult("logits");
    if (logits < 0)
      return unfit(teacher, "gives no logits");
    const int64_t ours = program->info().inputs[size_t(index)].shape.back(),
                  theirs = teacher.info().results[size_t(logits)].shape.back();
    if (ours != theirs)
      return Error{ErrorCode::Usage, "teacher: it knows " + std::to_string(theirs) + " tokens and the model " +
                                         std::to_string(ours) + "; both must have one tokenizer"};
    for (const ProgramTensor &input : teacher.info().inputs)
      if (!findBatchInput(input.name))
        return unfit(teacher, "has an input " + quoteText(input.name) + " that nothing gives");
  }
  return {};
}

const uint8_t *ProgramEngine::weightsOf(const Program &program) const {
  for (const Teacher &other : {parts.teacher, parts.reward})
    if (&program == other.program)
      return other.weights;
  return parts.frozen;
}

Status ProgramEngine::checkRollout() {
  const Program &gradientsOf = *parts.programs.gradients;
  if (gradientsOf.info().findInput("old_logp") < 0)
    return {};
  const Program *act = parts.programs.act, *rollout = parts.programs.rollout, *reward = parts.reward.program;
  if (!act || !rollout || !reward || parts.rollout.length <= 0)
    return unfit(gradientsOf, "learns from rollouts, for which @act, @rollout and a reward_model are needed");
  for (const Program *program : {act, rollout, reward})
    for (const ProgramTensor &input : program->info().inputs)
      if ((program == reward || !store.has(input.name)) && !findBatchInput(input.name))
        return unfit(*program, "has an input " + quoteText(input.name) + " that nothing gives");
  const int logits = reward->info().findResult("logits");
  if (logits < 0 || reward->info().results[size_t(logits)].shape.back() != 1)
    return Error{ErrorCode::Usage, "reward_model: gives no single number of a text"};
  return {};
}

Status ProgramEngine::keepReference() {
  for (const std::string &name : weights) {
    auto &copy = reference[name];
    const auto bytes = store.bytes(name);
    if (!parts.fillReference) {
      copy.assign(bytes.begin(), bytes.end());
      continue;
    }
    copy.assign(bytes.size(), 0);
    if (auto e = parts.fillReference(name, copy))
      return e;
  }
  return {};
}

Expected<ProgramEngine::Inputs> ProgramEngine::ask(const Program &program, const Batch &batch, bool compared) {
  Inputs inputs;
  for (const ProgramTensor &input : program.info().inputs)
    if (findBatchInput(input.name))
      inputs[input.name] = makeBatchInput(input.name, batch);
  asReference = compared;
  auto results = call(program, inputs);
  asReference = false;
  if (!results)
    return results.error();
  Inputs named;
  for (size_t i = 0; i < results->size(); ++i)
    named[program.info().results[i].name] = std::move((*results)[i]);
  return named;
}

Expected<Batch> ProgramEngine::play(const Batch &prompts) {
  const RolloutModels models = {[&](const Batch &batch) { return ask(*parts.programs.rollout, batch); },
                                [&](const Batch &batch) { return ask(*parts.programs.act, batch); },
                                [&](const Batch &batch) { return ask(*parts.programs.act, batch, true); },
                                [&](const Batch &batch) { return ask(*parts.reward.program, batch); }};
  auto rolled = rollOut(prompts, parts.rollout, models);
  if (!rolled)
    return rolled.error();
  played = std::move(rolled->inputs);
  score = rolled->meanScore;
  return std::move(rolled->batch);
}

Expected<HostTensor> ProgramEngine::teach(const Batch &batch) {
  const Program &program = *parts.teacher.program;
  Inputs inputs;
  for (const ProgramTensor &input : program.info().inputs)
    inputs[input.name] = makeBatchInput(input.name, batch);
  auto results = call(program, inputs);
  if (!results)
    return results.error();
  HostTensor logits = std::move((*results)[size_t(program.info().findResult("logits"))]);
  logits.shape = {batch.rows, batch.length, logits.shape.back()};
  return logits;
}

Status ProgramEngine::findStarts() {
  for (const Program *program : batchPrograms())
    for (const ProgramTensor &input : program->info().inputs) {
      if (!isReference(input.name) || starts.has(input.name))
        continue;
      starts.addName(input.name);
      const std::string result = policyOf(input.name);
      const Program *giver = giverOf(result);
      if (!giver || giver->info().results[size_t(giver->info().findResult(result))].element != TensorElement::F32)
        return unfit(*parts.programs.evaluate, "has no result " + result + " that is f32, to compare with");
    }
  return {};
}

const Program *ProgramEngine::giverOf(const std::string &result) const {
  for (const Program *program : {parts.programs.evaluate, parts.programs.baseline})
    if (program && program->info().findResult(result) >= 0)
      return program;
  return nullptr;
}

Status ProgramEngine::checkCall(const Program &program) const {
  const bool isUpdate = &program == parts.programs.update;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name))
      continue;
    const CallInput *known = findCallInput(input.name);
    const BatchInput *made = isUpdate ? nullptr : findBatchInput(input.name);
    if (made) {
      if (input.element != made->element || input.shape.size() != made->rank)
        return unfit(program, "has an input " + input.name + " that is not " +
                                  std::string(tensorElementName(made->element)) + " of rank " +
                                  std::to_string(made->rank));
    } else if (known && known->ofUpdate == isUpdate) {
      if (input.element != known->element || input.shape.size() != known->shape.size())
        return unfit(program, "has an input " + input.name + " that is not " +
                                  std::string(tensorElementName(known->element)) + " of rank " +
                                  std::to_string(known->shape.size()));
    } else {
      return unfit(program, "has an input " + quoteText(input.name) + " that nothing gives");
    }
  }
  return {};
}

Expected<ProgramEngine::Inputs> ProgramEngine::inputsOf(const Program &program, const Batch &batch, bool compare) {
  Inputs inputs;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name))
      continue;
    if (findBatchInput(input.name)) {
      inputs[input.name] = makeBatchInput(input.name, batch);
    } else if (const auto of = played.find(input.name); of != played.end()) {
      inputs[input.name] = of->second;
    } else if (input.name == "key") {
      const int32_t key[] = {int32_t(parts.seed), int32_t(batch.number)};
      inputs[input.name] = HostTensor::ofIntegers({2}, key);
    } else if (input.name == teacherLogits) {
      auto logits = teach(batch);
      if (!logits)
        return logits.error();
      inputs[input.name] = std::move(*logits);
    } else if (input.name == "z0") {
      auto value = compare ? baselineOf(batch) : Expected<float>(0.0f);
      if (!value)
        return value.error();
      inputs[input.name] = scalar(*value);
    } else if (input.name == "tokens_per_pair") {
      inputs[input.name] = scalar(float(batch.tokensPerPair));
    } else {
      auto values =
          compare ? starts.get(input.name, batch.examples) : Expected<std::vector<float>>(std::vector<float>());
      if (!values)
        return values.error();
      values->resize(size_t(batch.rows / 2)); // a batch to measure has no examples
      inputs[input.name] = HostTensor::ofFloats({batch.rows / 2}, *values);
    }
  }
  return inputs;
}

Expected<float> ProgramEngine::baselineOf(const Batch &batch) {
  const Program &program = *parts.programs.baseline;
  auto inputs = inputsOf(program, batch, !batch.examples.empty());
  if (!inputs)
    return inputs.error();
  auto results = call(program, *inputs);
  if (!results)
    return results.error();
  return float(numberOf(program, *results, "z0"));
}

Status ProgramEngine::rememberStart(const NextBatch &next) {
  auto begin = [&](const auto &fill) {
    for (const std::string &name : weights)
      std::memset(store.bytes(name).data(), 0, store.bytes(name).size());
    return fillTensors(weights, fill);
  };
  if (parts.fillReference)
    if (auto e = begin(parts.fillReference))
      return e;
  while (true) {
    auto batch = next();
    if (!batch)
      return batch.error();
    if (!*batch)
      break;
    if (auto e = rememberStart(**batch))
      return e;
  }
  return parts.fillReference ? begin(parts.fill) : Status();
}

Status ProgramEngine::rememberStart(const Batch &batch) {
  for (const Program *program : {parts.programs.evaluate, parts.programs.baseline}) {
    if (!program)
      continue;
    auto inputs = inputsOf(*program, batch, false);
    if (!inputs)
      return inputs.error();
    auto results = call(*program, *inputs);
    if (!results)
      return results.error();
    for (size_t i = 0; i < results->size(); ++i) {
      const std::string &result = program->info().results[i].name;
      const std::string name = referenceOf(result);
      if (name.empty() || !starts.has(name))
        continue;
      const auto values = (*results)[i].floats();
      if (values.size() != batch.examples.size())
        return unfit(*program, "gives " + std::to_string(values.size()) + " numbers as " + result + " for " +
                                   std::to_string(batch.examples.size()) + " examples");
      starts.set(name, batch.examples, values);
    }
  }
  return {};
}

Expected<std::vector<HostTensor>> ProgramEngine::call(const Program &program, const Inputs &inputs) {
  std::vector<int64_t> sizes;
  std::vector<void *> tensors;
  for (const ProgramTensor &input : program.info().inputs) {
    const bool ours = &program != parts.reward.program && &program != parts.teacher.program;
    if (const auto copy = reference.find(input.name); ours && asReference && copy != reference.end()) {
      tensors.push_back(copy->second.data());
      continue;
    }
    if (ours && store.has(input.name)) {
      tensors.push_back(store.bytes(input.name).data());
      continue;
    }
    const HostTensor &given = inputs.at(input.name);
    for (size_t i = 0; i < input.shape.size(); ++i) {
      if (input.shape[i] < 0)
        sizes.push_back(given.shape[i]);
      else if (input.shape[i] != given.shape[i])
        return unfit(program, "wants " + std::to_string(input.shape[i]) + " and not " + std::to_string(given.shape[i]) +
                                  " in dimension " + std::to_string(i) + " of " + quoteText(input.name));
    }
    tensors.push_back(const_cast<uint8_t *>(given.bytes.data()));
  }
  const std::vector<int64_t> needs = program.plan(sizes);
  std::vector<HostTensor> results;
  size_t next = 1;
  for (const ProgramTensor &result : program.info().results) {
    HostTensor &made = results.emplace_back();
    made.element = result.element;
    int64_t bytes = elementBytes(result.element);
    for (int64_t size : result.shape) {
      made.shape.push_back(size < 0 ? needs[next++] : size);
      if (made.shape.back() < 0 || __builtin_mul_overflow(bytes, made.shape.back(), &bytes))
        return unfit(program, "has a result " + quoteText(result.name) + " that is too large");
    }
    if (result.updates < 0)
      made.bytes.resize(size_t(bytes));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const int updates = program.info().results[i].updates;
    tensors.push_back(updates < 0 ? results[i].bytes.data() : tensors[size_t(updates)]);
  }
  if (const auto bytes = uint64_t(std::max<int64_t>(needs[0], 1)); arena.size() < bytes) {
    arena = Region(); // before there is another
    auto made = Region::allocate(bytes, Region::Pages::Huge, "the activations");
    if (!made)
      return made.error();
    arena = std::move(*made);
  }
  program.call(*parts.team, weightsOf(program), arena.data(), tensors, sizes);
  return results;
}

Expected<LossSum> ProgramEngine::loss(const Program &program, const Batch &batch) {
  auto inputs = inputsOf(program, batch, !batch.examples.empty());
  if (!inputs)
    return inputs.error();
  auto results = call(program, *inputs);
  if (!results)
    return results.error();
  return LossSum{numberOf(program, *results, "loss"), numberOf(program, *results, "count")};
}

Expected<LossSum> ProgramEngine::addGradients(const Batch &batch) {
  if (parts.programs.gradients->info().findResult("logits") >= 0)
    last = batch;
  if (parts.rollout.length == 0)
    return loss(*parts.programs.gradients, batch);
  auto answered = play(batch);
  return answered ? loss(*parts.programs.gradients, *answered) : answered.error();
}
Expected<LossSum> ProgramEngine::evaluate(const Batch &batch) { return loss(*parts.programs.evaluate, batch); }

Expected<UpdateResult> ProgramEngine::update(double learningRate, int64_t step, double count) {
  const Program &program = *parts.programs.update;
  UpdateResult result;
  if (store.has("loss_scale"))
    result.lossScale = reinterpret_cast<const float *>(store.bytes("loss_scale").data())[0];
  const Inputs inputs = {
      {"learning_rate", scalar(float(learningRate))}, {"count", scalar(float(count))}, {"step", scalar(int32_t(step))}};
  auto results = call(program, inputs);
  if (!results)
    return results.error();
  dropGradients();
  if (program.info().findResult("gradient_norm") >= 0)
    result.gradientNorm = numberOf(program, *results, "gradient_norm");
  if (const int finite = program.info().findResult("finite"); finite >= 0)
    result.skipped = !(*results)[size_t(finite)].bytes.empty() && (*results)[size_t(finite)].bytes[0] == 0;
  return result;
}

void ProgramEngine::dropGradients() {
  for (const std::string &name : gradients)
    std::memset(store.bytes(name).data(), 0, store.bytes(name).size());
}

Status ProgramEngine::save(const std::string &folder) {
  if (auto e = store.save(folder + "/model.safetensors", weights))
    return e;
  if (auto e = starts.empty() ? Status() : starts.save(folder + "/reference.safetensors"))
    return e;
  return store.save(folder + "/optimizer.safetensors", state);
}

Status ProgramEngine::load(const std::string &folder) {
  if (auto e = store.load(folder + "/model.safetensors", weights))
    return e;
  if (auto e = starts.empty() ? Status() : starts.load(folder + "/reference.safetensors"))
    return e;
  dropGradients();
  return store.load(folder + "/optimizer.safetensors", state);
}

Status ProgramEngine::exportResult(const std::string &folder) {
  std::vector<SafetensorsTensor> views;
  for (const std::string &name : weights)
    views.push_back(store.view(name));
  if (last)
    if (auto e = recordLogits(folder))
      return e;
  return parts.exportResult(folder, views);
}

Status ProgramEngine::recordLogits(const std::string &folder) {
  // Of the forward pass that was trained; but for one that leaves out at random what is deployed whole.
  const bool random = parts.programs.gradients->info().findInput("key") >= 0;
  const Program &program = random ? *parts.programs.evaluate : *parts.programs.gradients;
  auto inputs = inputsOf(program, *last, !last->examples.empty());
  if (!inputs)
    return inputs.error();
  auto results = call(program, *inputs);
  dropGradients();
  if (!results)
    return results.error();
  const HostTensor &logits = (*results)[size_t(program.info().findResult("logits"))];
  auto bytesOf = [](const auto &values) {
    return std::span(reinterpret_cast<const uint8_t *>(values.data()), values.size() * sizeof(values[0]));
  };
  const SafetensorsTensor tensors[] = {
      {"input_ids", SafetensorsType::I32, {last->rows, last->length}, bytesOf(last->tokens)},
      {"logits", SafetensorsType::F32, {last->rows, last->length, logits.shape.back()}, logits.bytes}};
  return writeSafetensors(folder + "/last_logits.safetensors", tensors);
}

Expected<TrainingEstimate> ProgramEngine::estimate(int64_t rows, int64_t length, bool measure) {
  TrainingEstimate estimate;
  std::vector<const Program *> programs = batchPrograms();
  uint64_t given = 0; // by a teacher, or the rollout
  length += parts.rollout.length;
  if (parts.reward.program) {
    const ProgramInfo &info = parts.programs.rollout->info();
    given = uint64_t(rows * length * info.results[size_t(info.findResult("logits"))].shape.back()) * 4;
    programs.insert(programs.end(), {parts.programs.act, parts.programs.rollout, parts.reward.program});
  }
  programs.push_back(parts.programs.update);
  if (parts.teacher.program) {
    const ProgramInfo &info = parts.teacher.program->info();
    programs.push_back(parts.teacher.program);
    given = uint64_t(rows * length * info.results[size_t(info.findResult("logits"))].shape.back()) * 4;
  }
  for (const Program *program : programs) {
    std::vector<int64_t> sizes;
    for (const ProgramTensor &input : program->info().inputs)
      for (size_t i = 0; i < input.shape.size(); ++i)
        if (input.shape[i] < 0)
          sizes.push_back(input.name == teacherLogits || isOfRollout(input.name) ? (i == 0 ? rows : length)
                          : findBatchInput(input.name) ? batchInputSize(input.name, i, rows, length)
                                                       : rows / 2);
    estimate.memoryBytes = std::max(estimate.memoryBytes, uint64_t(std::max<int64_t>(program->plan(sizes)[0], 0)));
  }
  estimate.memoryBytes += store.totalBytes() + parts.frozenBytes + parts.teacher.bytes + parts.reward.bytes + given;
  for (const auto &[name, bytes] : reference)
    estimate.memoryBytes += bytes.size();
  estimate.residentBytes = parts.frozenBytes + parts.teacher.bytes + parts.reward.bytes;
  for (const auto &[name, bytes] : reference)
    estimate.residentBytes += bytes.size();
  for (const std::string &name : weights)
    estimate.residentBytes += store.bytes(name).size();
  if (!measure)
    return estimate;
  Batch batch;
  batch.rows = rows;
  batch.length = length -= parts.rollout.length;
  if (parts.rollout.length > 0) // it is rolled out
    batch.examples.assign(size_t(rows), 0);
  const auto places = size_t(rows * length);
  batch.tokens.assign(places, 0);
  batch.labels.assign(places, 0);
  batch.documents.assign(places, 1);
  // Numbers of examples, as many as the programs take.
  batch.targetsEach = 1;
  if (const int targets = parts.programs.gradients->info().findInput("targets"); targets >= 0)
    batch.targetsEach = std::max<int64_t>(parts.programs.gradients->info().inputs[size_t(targets)].shape.back(), 1);
  const bool halves = parts.programs.gradients->info().findInput("answers") >= 0;
  batch.targets.assign(size_t(rows / (halves ? 2 : 1) * batch.targetsEach), 0);
  for (size_t i = 0; i < places; ++i)
    batch.positions.push_back(int32_t(int64_t(i) % length));
  // The second time memory has been touched and caches are warm.
  for (int time = 0; time < 2; ++time) {
    const auto begin = Clock::now();
    auto done = addGradients(batch);
    if (!done)
      return done.error();
    estimate.secondsPerBatch = secondsSince(begin);
  }
  for (int time = 0; time < 2; ++time) {
    const auto begin = Clock::now();
    auto done = update(0, 1, 1);
    if (!done)
      return done.error();
    estimate.secondsPerUpdate = secondsSince(begin);
  }
  return estimate;
}

} // namespace ph::training
