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

/// An input of a call that is no batch's.
struct CallInput {
  std::string_view name;
  TensorElement element;
  std::vector<int64_t> shape;
  bool ofUpdate;
};

const CallInput *findCallInput(std::string_view name) {
  static const CallInput inputs[] = {{"key", TensorElement::I32, {2}, false},
                                     {"ref_chosen_logp", TensorElement::F32, {-1}, false},
                                     {"ref_rejected_logp", TensorElement::F32, {-1}, false},
                                     {"learning_rate", TensorElement::F32, {}, true},
                                     {"count", TensorElement::F32, {}, true},
                                     {"step", TensorElement::I32, {}, true}};
  for (const CallInput &input : inputs)
    if (input.name == name)
      return &input;
  return nullptr;
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
    for (const std::string &name : *names)
      if (auto e = engine->parts.fill(name, engine->store.bytes(name)))
        return e.error();
  return engine;
}

Status ProgramEngine::sortTensors() {
  const auto &[gradientsOf, updateOf, evaluateOf] = parts.programs;
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
  for (const Program *program : {gradientsOf, updateOf, evaluateOf}) {
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
  for (const Program *program : {gradientsOf, evaluateOf})
    for (const char *name : {"ref_chosen_logp", "ref_rejected_logp"})
      withStart |= program->info().findInput(name) >= 0;
  for (const char *name : {"policy_chosen_logp", "policy_rejected_logp"})
    if (const int index = evaluateOf->info().findResult(name);
        withStart && (index < 0 || evaluateOf->info().results[size_t(index)].element != TensorElement::F32))
      return unfit(*evaluateOf, "has no result " + std::string(name) + " that is f32, to compare with");
  return {};
}

Status ProgramEngine::checkCall(const Program &program) const {
  const bool isUpdate = &program == parts.programs.update;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name))
      continue;
    const CallInput *known = findCallInput(input.name);
    if (!isUpdate && isBatchInput(input.name)) {
      if (input.element != TensorElement::I32 || input.shape.size() != 2)
        return unfit(program, "has an input " + input.name + " that is not [rows, length] of i32");
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

Expected<ProgramEngine::Inputs> ProgramEngine::inputsOf(const Program &program, const Batch &batch,
                                                        bool compared) const {
  Inputs inputs;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name))
      continue;
    if (isBatchInput(input.name)) {
      inputs[input.name] = makeBatchInput(input.name, batch);
    } else if (input.name == "key") {
      const int32_t key[] = {int32_t(parts.seed), int32_t(batch.number)};
      inputs[input.name] = HostTensor::ofIntegers({2}, key);
    } else {
      std::vector<float> values;
      for (uint64_t example : batch.examples) {
        auto start = starts.find(example);
        if (compared && start == starts.end())
          return Error{ErrorCode::Failed, "example " + std::to_string(example) + " was not seen before training began"};
        const Start found = compared ? start->second : Start{0, 0};
        values.push_back(input.name == "ref_chosen_logp" ? found.chosen : found.rejected);
      }
      values.resize(size_t(batch.rows / 2)); // a batch to measure has no examples
      inputs[input.name] = HostTensor::ofFloats({batch.rows / 2}, values);
    }
  }
  return inputs;
}

Status ProgramEngine::rememberStart(const Batch &batch) {
  const Program &program = *parts.programs.evaluate;
  auto inputs = inputsOf(program, batch, false);
  if (!inputs)
    return inputs.error();
  auto results = call(program, *inputs);
  if (!results)
    return results.error();
  auto chosen = (*results)[size_t(program.info().findResult("policy_chosen_logp"))].floats();
  auto rejected = (*results)[size_t(program.info().findResult("policy_rejected_logp"))].floats();
  if (chosen.size() != batch.examples.size() || rejected.size() != batch.examples.size())
    return unfit(program, "gives another number of log-probabilities than there are pairs");
  for (size_t i = 0; i < batch.examples.size(); ++i)
    starts[batch.examples[i]] = {chosen[i], rejected[i]};
  return {};
}

Expected<std::vector<HostTensor>> ProgramEngine::call(const Program &program, const Inputs &inputs) {
  std::vector<int64_t> sizes;
  std::vector<void *> tensors;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name)) {
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
  program.call(*parts.team, parts.frozen, arena.data(), tensors, sizes);
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
  return loss(*parts.programs.gradients, batch);
}
Expected<LossSum> ProgramEngine::evaluate(const Batch &batch) { return loss(*parts.programs.evaluate, batch); }

Expected<UpdateResult> ProgramEngine::update(double learningRate, int64_t step, double count) {
  const Program &program = *parts.programs.update;
  const Inputs inputs = {
      {"learning_rate", scalar(float(learningRate))}, {"count", scalar(float(count))}, {"step", scalar(int32_t(step))}};
  auto results = call(program, inputs);
  if (!results)
    return results.error();
  dropGradients();
  UpdateResult result;
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
  return store.save(folder + "/optimizer.safetensors", state);
}

Status ProgramEngine::load(const std::string &folder) {
  if (auto e = store.load(folder + "/model.safetensors", weights))
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
  for (const Program *program : {parts.programs.gradients, parts.programs.update}) {
    std::vector<int64_t> sizes;
    for (const ProgramTensor &input : program->info().inputs)
      for (size_t i = 0; i < input.shape.size(); ++i)
        if (input.shape[i] < 0)
          sizes.push_back(isBatchInput(input.name) ? batchInputSize(input.name, i, rows, length) : rows / 2);
    estimate.memoryBytes = std::max(estimate.memoryBytes, uint64_t(std::max<int64_t>(program->plan(sizes)[0], 0)));
  }
  estimate.memoryBytes += store.totalBytes() + parts.frozenBytes;
  if (!measure)
    return estimate;
  Batch batch;
  batch.rows = rows;
  batch.length = length;
  const auto places = size_t(rows * length);
  batch.tokens.assign(places, 0);
  batch.labels.assign(places, 0);
  batch.documents.assign(places, 1);
  for (size_t i = 0; i < places; ++i)
    batch.positions.push_back(int32_t(int64_t(i) % length));
  // The second time memory has been touched and caches are warm.
  for (int time = 0; time < 2; ++time) {
    const auto begin = std::chrono::steady_clock::now();
    auto done = addGradients(batch);
    if (!done)
      return done.error();
    estimate.secondsPerBatch = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  dropGradients();
  return estimate;
}

} // namespace ph::training
