#include "tools/ph/VerifyTraining.h"
#include "runtime/base/Json.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/Checkpoint.h"
#include "runtime/session/Model.h"
#include "tools/ph/Checks.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include "tools/ph/TrainedTensors.h"
#include "tools/ph/TrainingOptions.h"
#include <cmath>
#include <cstring>

namespace ph::tool {
namespace {

constexpr double kLossTolerance = 1e-5, kTolerance = 1e-4, kZero = 1e-7;
constexpr int64_t kWarmup = 2;

/// What a program calls a tensor of the file.
struct Alias {
  const char *input, *tensor;
};
constexpr Alias aliases[] = {{"tokens", "input_ids"},
                             {"chosen_mask", "completion_mask"},
                             {"rejected_mask", "completion_mask"},
                             {"ref_logp", "old_logp"}};

class Verifier {
public:
  Verifier(Model &model, const SafetensorsFile &file, const std::string &path, const TrainingCheck &check)
      : model(model), file(file), path(path), check(check), trained(model.manifest(), tensors) {}

  Expected<std::vector<Check>> run(const Checkpoint &checkpoint) {
    for (const char *name : {"gradients", "update"})
      if (!model.program(name))
        return Error{ErrorCode::Usage,
                     model.path() + ": the artifact does not train: it has no program '" + std::string(name) + "'"};
    if (auto e = prepare(checkpoint))
      return e.error();
    if (auto e = firstStep())
      return e.error();
    if (auto e = allSteps())
      return e.error();
    return checks;
  }

private:
  Error bad(const std::string &what) const { return {ErrorCode::BadModel, path + ": " + what}; }
  const Program &program(const char *name) const { return *model.program(name); }

  /// Memory for all that stays, and what the file gives.
  Status prepare(const Checkpoint &checkpoint) {
    for (const char *name : {"gradients", "update"})
      for (const ProgramTensor &input : program(name).info().inputs)
        if (!input.dynamicSizes() && !input.shape.empty())
          tensors[input.name] = zeros(input);
    for (const ProgramTensor &input : program("gradients").info().inputs) {
      if (isWeight(input.name) || input.name.starts_with("grad."))
        continue;
      auto given = inputOf(input);
      if (!given)
        return given.error();
      given_[input.name] = std::move(*given);
    }
    if (auto e = trained.load(checkpoint, check.matrixScale))
      return e;
    return model.program("baseline") ? computeBaseline() : Status();
  }

  /// What the loss of the batch takes of it, in place of what the file says, with which it is compared.
  Status computeBaseline() {
    std::map<std::string, HostTensor> inputs = tensors;
    for (const ProgramTensor &input : program("baseline").info().inputs) {
      if (isWeight(input.name))
        continue;
      auto given = inputOf(input);
      if (!given)
        return given.error();
      inputs[input.name] = std::move(*given);
    }
    auto results = program("baseline").run(model.team(), model.weights(), inputs, &arena);
    if (!results)
      return results.error();
    const auto z0 = float(number(program("baseline"), *results, "z0"));
    given_["z0"] = HostTensor::ofFloats({}, {&z0, 1});
    if (const SafetensorsTensor *expected = file.find("z0"))
      compareValues(*expected, {&z0, 1}, 1);
    return {};
  }

  static HostTensor zeros(const ProgramTensor &like) {
    int64_t bytes = elementBytes(like.element);
    for (int64_t size : like.shape)
      bytes *= size;
    return {like.element, like.shape, std::vector<uint8_t>(size_t(bytes))};
  }

  bool isWeight(const std::string &name) const {
    for (const TrainedWeight &weight : model.manifest().training)
      if (weight.name == name)
        return true;
    return false;
  }

  Expected<HostTensor> inputOf(const ProgramTensor &input) const {
    const SafetensorsTensor *tensor = file.find(input.name);
    for (const Alias &alias : aliases)
      if (!tensor && input.name == alias.input)
        tensor = file.find(alias.tensor);
    if (!tensor && input.name == "attention_mask")
      if (auto all = allReal())
        return std::move(*all);
    if (!tensor && input.name == "tokens_per_pair")
      if (const SafetensorsTensor *mask = file.find("completion_mask"); mask && mask->shape.size() == 2)
        return tokensPerPair(*mask);
    if (!tensor)
      return bad("has no tensor for the input " + quoteText(input.name) + " of " + quoteText(check.objective));
    std::vector<int64_t> shape = tensor->shape;
    if (input.shape.empty() && tensor->elements() == 1)
      shape = {};
    if (input.element == TensorElement::F32)
      return HostTensor::ofFloats(shape, tensor->toFloats());
    std::vector<int32_t> values;
    for (int64_t value : tensor->toIntegers())
      values.push_back(int32_t(value));
    if (int64_t(values.size()) != tensor->elements())
      return bad("tensor " + quoteText(tensor->name) + " holds no integers");
    return HostTensor::ofIntegers(shape, values);
  }

  /// The mask of sequences without padding.
  std::optional<HostTensor> allReal() const {
    for (auto [name, halves] : {std::pair("input_ids", 1), {"chosen", 2}})
      if (const SafetensorsTensor *ids = file.find(name); ids && ids->shape.size() == 2)
        return HostTensor::ofIntegers({halves * ids->shape[0], ids->shape[1]},
                                      std::vector<int32_t>(size_t(halves * ids->elements()), 1));
    return std::nullopt;
  }

  /// The first token of an answer is predicted by nothing.
  static HostTensor tokensPerPair(const SafetensorsTensor &mask) {
    const auto values = mask.toIntegers();
    int64_t tokens = 0;
    for (size_t i = 0; i < values.size(); ++i)
      tokens += int64_t(i) % mask.shape[1] != 0 && values[i] != 0;
    const auto each = float(double(tokens) / double(mask.shape[0]));
    return HostTensor::ofFloats({}, {&each, 1});
  }

  /// Rows `index` of `parts` of what has rows.
  static HostTensor rowsOf(const HostTensor &tensor, int64_t index, int64_t parts) {
    if (tensor.shape.empty() || parts == 1)
      return tensor;
    HostTensor part = tensor;
    part.shape[0] /= parts;
    const size_t bytes = tensor.bytes.size() / size_t(parts);
    part.bytes.assign(tensor.bytes.begin() + ptrdiff_t(size_t(index) * bytes),
                      tensor.bytes.begin() + ptrdiff_t(size_t(index + 1) * bytes));
    return part;
  }

  /// Adds the gradients of the whole batch to zeros; `loss` and `count` are its sums.
  Status addGradients() {
    for (auto &[name, tensor] : tensors)
      if (name.starts_with("grad."))
        std::fill(tensor.bytes.begin(), tensor.bytes.end(), 0);
    loss = count = 0;
    for (int64_t part = 0; part < check.microBatches; ++part) {
      for (const auto &[name, tensor] : given_)
        tensors[name] = rowsOf(tensor, part, check.microBatches);
      auto results = program("gradients").run(model.team(), model.weights(), tensors, &arena);
      if (!results)
        return results.error();
      loss += number(program("gradients"), *results, "loss");
      count += number(program("gradients"), *results, "count");
      last = std::move(*results);
    }
    return {};
  }

  static double number(const Program &program, const std::vector<HostTensor> &results, const char *name) {
    const int index = program.info().findResult(name);
    return index < 0 ? NAN : double(results[size_t(index)].floats()[0]);
  }

  Status firstStep() {
    if (auto e = addGradients())
      return e;
    if (const SafetensorsTensor *expected = file.find("loss")) {
      const double wanted = expected->toFloats()[0],
                   error = std::abs(loss / count - wanted) / std::max(1.0, std::abs(wanted));
      add("loss", error, kLossTolerance, std::to_string(loss / count));
    }
    for (const SafetensorsTensor &expected : file.tensors())
      if (expected.name.starts_with("grad."))
        for (float value : expected.toFloats())
          largestGradient = std::max(largestGradient, std::abs(double(value)));
    for (const SafetensorsTensor &expected : file.tensors()) {
      if (expected.name.starts_with("grad.")) {
        if (auto e = compareTensor("grad.", expected, 1 / count))
          return e;
      } else if (const int index = program("gradients").info().findResult(expected.name);
                 index >= 0 && expected.name != "loss" && check.microBatches == 1) {
        compareValues(expected, last[size_t(index)].floats(), 1);
      }
    }
    return {};
  }

  Status allSteps() {
    const SafetensorsTensor *losses = file.find("losses"), *norms = file.find("grad_norms");
    const int64_t steps = check.steps ? check.steps : losses ? losses->elements() : 0;
    const std::vector<float> wanted = losses ? losses->toFloats() : std::vector<float>();
    const std::vector<float> wantedNorms = norms ? norms->toFloats() : std::vector<float>();
    double worst = 0, worstNorm = 0;
    for (int64_t i = 0; i < steps; ++i) {
      if (i > 0)
        if (auto e = addGradients())
          return e;
      if (size_t(i) < wanted.size())
        worst = larger(worst, std::abs(loss / count - wanted[size_t(i)]));
      const double part = i < kWarmup ? double(i + 1) / double(kWarmup)
                                      : 0.5 * (1 + std::cos(M_PI * double(i + 1 - kWarmup) / double(steps - kWarmup)));
      const auto rate = float(check.learningRate * part), sum = float(count);
      const auto step = int32_t(i + 1);
      tensors["learning_rate"] = HostTensor::ofFloats({}, {&rate, 1});
      tensors["count"] = HostTensor::ofFloats({}, {&sum, 1});
      tensors["step"] = HostTensor::ofIntegers({}, {&step, 1});
      auto results = program("update").run(model.team(), model.weights(), tensors, &arena);
      if (!results)
        return results.error();
      if (size_t(i) < wantedNorms.size())
        worstNorm = larger(
            worstNorm, std::abs(number(program("update"), *results, "gradient_norm") - double(wantedNorms[size_t(i)])));
    }
    if (losses)
      add("losses", worst, kTolerance, std::to_string(steps) + " steps");
    if (norms)
      add("grad_norms", worstNorm, kTolerance, std::to_string(steps) + " steps");
    for (const SafetensorsTensor &expected : file.tensors())
      if (expected.name.starts_with("param."))
        if (auto e = compareTensor("", expected, 1))
          return e;
    return {};
  }

  static double larger(double a, double b) { return std::isnan(b) ? INFINITY : std::max(a, b); }

  Status compareTensor(const std::string &prefix, const SafetensorsTensor &expected, double factor) {
    std::string name = expected.name.substr(expected.name.find('.') + 1);
    // In PEFT's memory an adapter has a name of its own.
    if (const size_t at = name.find(".default."); at != std::string::npos && !check.adapter.empty())
      name.erase(at, 8);
    const auto got = trained.find(prefix, name);
    if (!got)
      return bad(quoteText(expected.name) + " is of a tensor that this model doesn't train");
    compareValues(expected, *got, factor);
    return {};
  }

  /// Relative to the largest element.
  void compareValues(const SafetensorsTensor &expected, std::span<const float> got, double factor) {
    const std::vector<float> wanted = expected.toFloats();
    double largest = 0, error = wanted.size() == got.size() ? 0 : INFINITY;
    for (size_t i = 0; i < std::min(wanted.size(), got.size()); ++i) {
      largest = std::max(largest, std::abs(double(wanted[i])));
      error = larger(error, std::abs(double(got[i]) * factor - double(wanted[i])));
    }
    // A gradient that is 0 (of a bias of keys, which softmax takes out) is rounding in both, of the size that sums of
    // the others' have.
    if (expected.name.starts_with("grad.") && largest < kZero * largestGradient)
      return add(expected.name, (largest + error) / largestGradient, 10 * kZero, "0 but for rounding");
    add(expected.name, largest > 0 ? error / largest : error, kTolerance, std::to_string(wanted.size()) + " values");
  }

  void add(const std::string &name, double error, double tolerance, const std::string &detail) {
    checks.push_back({name, error, tolerance, error <= tolerance, detail});
  }

  Model &model;
  const SafetensorsFile &file;
  const std::string &path;
  const TrainingCheck &check;
  std::map<std::string, HostTensor> tensors, given_;
  TrainedTensors trained;
  Region arena;
  double loss = 0, count = 0, largestGradient = 0;
  std::vector<HostTensor> last;
  std::vector<Check> checks;
};

/// What the compiler is told of an adapter. Errors: Failed, BadModel.
Status addAdapter(const std::string &folder, nlohmann::json &options) {
  const std::string path = folder + "/adapter_config.json";
  auto text = readFile(path);
  if (!text)
    return text.error();
  auto config = parseJson(*text, path);
  if (!config)
    return config.error();
  auto bad = [&](const std::string &what) { return Error{ErrorCode::BadModel, path + ": " + what}; };
  const auto rank = jsonInteger(*config, "r");
  const auto alpha = jsonNumber(*config, "lora_alpha");
  const nlohmann::json *modules = jsonMember(*config, "target_modules");
  if (!rank || *rank < 1 || !alpha)
    return bad("'r' or 'lora_alpha' is missing or no number");
  if (jsonBool(*config, "use_dora").value_or(false))
    return bad("'use_dora' is not there yet for what is trained");
  if (!modules || !modules->is_array() || modules->empty() ||
      !std::all_of(modules->begin(), modules->end(), [](const auto &each) { return each.is_string(); }))
    return bad("'target_modules' is no list of names");
  options["lora_rank"] = *rank;
  options["lora_scale"] =
      *alpha / (jsonBool(*config, "use_rslora").value_or(false) ? std::sqrt(double(*rank)) : double(*rank));
  options["lora_targets"] = moduleExpression(modules->get<std::vector<std::string>>());
  // As PEFT's users do without saying otherwise.
  options["weight_decay"] = 0;
  options["max_norm"] = 0;
  return {};
}

/// The options of the compiler, as JSON.
Expected<std::string> wishesOf(const TrainingCheck &check) {
  nlohmann::json options;
  options["objective"] = check.objective;
  options["recompute_budget"] = "all"; // as ph train has it
  if (check.objective == "simpo")
    options["beta"] = 2;
  if (!check.adapter.empty())
    if (auto e = addAdapter(check.adapter, options))
      return e.error();
  for (const auto &[name, value] : check.numbers)
    options[name] = value;
  return options.dump();
}

} // namespace

Status verifyTraining(const std::string &source, const std::string &file, const TrainingCheck &check,
                      const RunFlags &flags, bool json) {
  auto opened = SafetensorsFile::open(file);
  if (!opened)
    return opened.error();
  auto found = findSource(source);
  if (!found)
    return found.error();
  if (found->kind == SourceKind::Artifact)
    return Error{ErrorCode::Usage, found->path + ": is compiled already; give the model that is to be trained"};
  auto checkpoint = Checkpoint::open(check.adapter.empty() ? found->path : check.adapter);
  if (!checkpoint)
    return checkpoint.error();
  auto wishes = wishesOf(check);
  if (!wishes)
    return wishes.error();
  auto artifact = CompiledArtifact::of(source, {"f32", "", *wishes});
  if (!artifact)
    return artifact.error();
  ModelOptions wanted = flags.model();
  wanted.text = false;
  auto model = Model::open(artifact->path(), wanted);
  if (!model)
    return model.error();
  if (auto e = (*model)->loadWeights(false))
    return e;
  auto checks = Verifier(**model, **opened, file, check).run(**checkpoint);
  if (!checks)
    return checks.error();
  printChecks(*checks, check.objective + ": losses within 1e-05, gradients within 1e-04 of their largest element",
              json);
  if (auto e = finishOutput())
    return e;
  return allPassed(*checks) ? Status() : Status(Error{ErrorCode::Failed, ""});
}

} // namespace ph::tool
