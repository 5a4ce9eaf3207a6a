#include "runtime/training/engine/ProgramEngine.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <set>

namespace ph::training {
namespace {

constexpr std::string_view batchInputs[] = {"tokens", "labels", "targets", "positions", "documents"};
constexpr std::string_view callInputs[] = {"micro_batch", "learning_rate", "count", "scale", "step"};

bool isOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
  if (auto e = engine->store.allocate())
    return e.error();
  for (const auto *names : {&engine->weights, &engine->state})
    for (const std::string &name : *names)
      if (auto e = engine->parts.fill(name, engine->store.bytes(name)))
        return e.error();
  return engine;
}

Status ProgramEngine::sortTensors() {
  const auto &[gradientsOf, updateOf, evaluateOf, referenceOf] = parts.programs;
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
  for (const Program *program : {gradientsOf, updateOf, evaluateOf, referenceOf}) {
    if (!program)
      continue;
    for (const ProgramTensor &input : program->info().inputs)
      if (added.contains(input.name) || changed.contains(input.name))
        if (auto e = store.add(input))
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
  return {};
}

Status ProgramEngine::checkCall(const Program &program) const {
  for (const ProgramTensor &input : program.info().inputs) {
    const bool ofReference = parts.programs.reference && parts.programs.reference->info().findResult(input.name) >= 0;
    if (store.has(input.name) || ofReference)
      continue;
    if (isOneOf(input.name, batchInputs)) {
      if (input.element != TensorElement::I32 || input.shape.size() != 2 || &program == parts.programs.update)
        return unfit(program, "has an input " + input.name + " that is not [rows, length] of i32");
    } else if (isOneOf(input.name, callInputs)) {
      const bool integer = input.name == "step" || input.name == "micro_batch";
      if (!input.shape.empty() || input.element != (integer ? TensorElement::I32 : TensorElement::F32))
        return unfit(program, "has an input " + input.name + " that is not one number of " + (integer ? "i32" : "f32"));
    } else {
      return unfit(program, "has an input " + quoteText(input.name) + " that nothing gives");
    }
  }
  return {};
}

Expected<HostTensor> ProgramEngine::inputOf(const ProgramTensor &input, const Batch &batch) const {
  const std::vector<int64_t> shape = {batch.rows, batch.length};
  if (input.name == "micro_batch")
    return scalar(int32_t(batch.number & INT32_MAX));
  if (input.name == "targets") {
    std::vector<int32_t> targets(batch.labels.size(), ignoredLabel);
    for (int64_t row = 0; row < batch.rows; ++row)
      std::copy(batch.labels.begin() + row * batch.length + 1, batch.labels.begin() + (row + 1) * batch.length,
                targets.begin() + row * batch.length);
    return HostTensor::ofIntegers(shape, targets);
  }
  return HostTensor::ofIntegers(shape, input.name == "tokens"      ? batch.tokens
                                       : input.name == "labels"    ? batch.labels
                                       : input.name == "positions" ? batch.positions
                                                                   : batch.documents);
}

Expected<ProgramEngine::Inputs> ProgramEngine::inputsOf(const Program &program, const Batch &batch) {
  Inputs inputs;
  const Program *reference = parts.programs.reference;
  bool wantsReference = false;
  for (const ProgramTensor &input : program.info().inputs) {
    if (store.has(input.name))
      continue;
    if (reference && &program != reference && reference->info().findResult(input.name) >= 0) {
      wantsReference = true;
      continue;
    }
    auto made = inputOf(input, batch);
    if (!made)
      return made.error();
    inputs[input.name] = std::move(*made);
  }
  if (!wantsReference)
    return inputs;
  auto given = inputsOf(*reference, batch);
  if (!given)
    return given.error();
  auto results = call(*reference, *given);
  if (!results)
    return results.error();
  for (size_t i = 0; i < results->size(); ++i)
    inputs[reference->info().results[i].name] = std::move((*results)[i]);
  return inputs;
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
  auto inputs = inputsOf(program, batch);
  if (!inputs)
    return inputs.error();
  auto results = call(program, *inputs);
  if (!results)
    return results.error();
  return LossSum{numberOf(program, *results, "loss"), numberOf(program, *results, "count")};
}

Expected<LossSum> ProgramEngine::addGradients(const Batch &batch) { return loss(*parts.programs.gradients, batch); }
Expected<LossSum> ProgramEngine::evaluate(const Batch &batch) { return loss(*parts.programs.evaluate, batch); }

Expected<UpdateResult> ProgramEngine::update(double learningRate, int64_t step, double count) {
  const Program &program = *parts.programs.update;
  const Inputs inputs = {{"learning_rate", scalar(float(learningRate))},
                         {"count", scalar(float(count))},
                         {"scale", scalar(float(1 / count))},
                         {"step", scalar(int32_t(step))},
                         {"micro_batch", scalar(int32_t(0))}};
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
  return parts.exportResult(folder, views);
}

Expected<TrainingEstimate> ProgramEngine::estimate(int64_t rows, int64_t length, bool measure) {
  TrainingEstimate estimate;
  for (const Program *program : {parts.programs.gradients, parts.programs.update}) {
    std::vector<int64_t> sizes;
    for (const ProgramTensor &input : program->info().inputs)
      for (size_t i = 0; i < input.shape.size(); ++i)
        if (input.shape[i] < 0)
          sizes.push_back(i == 0 ? rows : length);
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
