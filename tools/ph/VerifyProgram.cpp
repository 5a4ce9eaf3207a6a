#include "tools/ph/VerifyProgram.h"
#include "runtime/base/Quote.h"
#include "tools/ph/Continuations.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace ph::tool {
namespace {

using Inputs = std::map<std::string, HostTensor>;

/// The first row of the batch.
HostTensor firstRow(const HostTensor &tensor) {
  HostTensor row{tensor.element, tensor.shape, {}};
  row.shape[0] = 1;
  row.bytes.assign(tensor.bytes.begin(),
                   tensor.bytes.begin() + ptrdiff_t(tensor.bytes.size() / size_t(tensor.shape[0])));
  return row;
}

/// Element `i`, whatever its type.
double numberAt(const HostTensor &tensor, size_t i) {
  if (tensor.element == TensorElement::F32)
    return double(tensor.floats()[i]);
  if (tensor.element == TensorElement::Bool)
    return tensor.bytes[i] != 0;
  int32_t value;
  std::memcpy(&value, tensor.bytes.data() + i * sizeof(value), sizeof(value));
  return value;
}

/// 0 where both are the same infinity or no number.
double distance(double got, double expected) {
  if (got == expected || (std::isnan(got) && std::isnan(expected)))
    return 0;
  return std::abs(got - expected);
}

class ProgramVerifier {
public:
  ProgramVerifier(Model &model, const Program &program, const SafetensorsFile &file, const std::string &path,
                  double tolerance)
      : model(model), program(program), file(file), path(path), tolerance(tolerance) {}

  Expected<std::vector<Check>> run() {
    for (const ProgramTensor &input : program.info().inputs) {
      auto value = inputOf(input);
      if (!value)
        return value.error();
      inputs[input.name] = std::move(*value);
    }
    if (auto e = refuseUnknown())
      return e.error();
    auto results = program.run(model.team(), model.weights(), inputs);
    if (!results)
      return results.error();
    std::vector<Check> checks;
    for (size_t i = 0; i < results->size(); ++i)
      if (const SafetensorsTensor *expected = findResult(program.info().results[i])) {
        auto check = compare(*expected, (*results)[i]);
        if (!check)
          return check.error();
        checks.push_back(*check);
      }
    for (const char *name : {"greedy", "beam4"})
      if (const SafetensorsTensor *expected = file.find(name)) {
        auto check = compareContinuation(*expected);
        if (!check)
          return check.error();
        checks.push_back(*check);
      }
    if (checks.empty())
      return bad("holds no outputs of this model to compare");
    return checks;
  }

private:
  Error bad(const std::string &what) const { return {ErrorCode::BadModel, path + ": " + what}; }

  const SafetensorsTensor *findResult(const ProgramTensor &result) const {
    const SafetensorsTensor *named = file.find(result.name);
    return named ? named : file.find("out." + result.name);
  }

  Status refuseUnknown() const {
    for (const SafetensorsTensor &tensor : file.tensors()) {
      bool known = tensor.name == "greedy" || tensor.name == "beam4" || tensor.name == "attention_mask" ||
                   program.info().findInput(tensor.name) >= 0;
      for (const ProgramTensor &result : program.info().results)
        known |= findResult(result) == &tensor;
      if (!known) {
        std::string names;
        for (const ProgramTensor &result : program.info().results)
          names += (names.empty() ? "" : ", ") + result.name;
        return bad("tensor " + quoteText(tensor.name) + " is nothing that this model gives; it gives " + names);
      }
    }
    return {};
  }

  /// The file's tensor as the program takes it: integers of any width become i32.
  Expected<HostTensor> inputOf(const ProgramTensor &input) const {
    const SafetensorsTensor *tensor = file.find(input.name);
    if (!tensor)
      return bad("has no tensor " + quoteText(input.name) + ", which the model takes");
    if (input.element == TensorElement::F32)
      return HostTensor::ofFloats(tensor->shape, tensor->toFloats());
    std::vector<int32_t> values;
    for (int64_t value : tensor->toIntegers()) {
      // A graph of another framework says nothing of its vocabulary.
      const bool isId = input.name.ends_with("input_ids") && model.sizes().vocabulary > 0;
      if (value != int32_t(value) || (isId && (value < 0 || value >= model.sizes().vocabulary)))
        return bad("tensor " + quoteText(input.name) + " holds " + std::to_string(value) +
                   (isId ? ", outside the vocabulary of " + std::to_string(model.sizes().vocabulary)
                         : ", which is too large"));
      values.push_back(int32_t(value));
    }
    const int64_t limit = model.sizes().positionLimit;
    if (limit && input.name.ends_with("input_ids") && tensor->shape.size() == 2 && tensor->shape[1] > limit)
      return bad("tensor " + quoteText(input.name) + " has sequences of " + std::to_string(tensor->shape[1]) +
                 " tokens, but the model has learned positions for " + std::to_string(limit));
    HostTensor result = HostTensor::ofIntegers(tensor->shape, values);
    if (input.element == TensorElement::Bool) {
      result.element = TensorElement::Bool;
      result.bytes.assign(values.begin(), values.end());
    }
    return result;
  }

  Expected<Check> compare(const SafetensorsTensor &expected, const HostTensor &got) const {
    if (expected.shape != got.shape)
      return bad("tensor " + quoteText(expected.name) + " has another shape than what the model gives");
    // What stands at padding means nothing.
    const SafetensorsTensor *mask = file.find("attention_mask");
    const SafetensorsTensor *ids = file.find("input_ids");
    const bool masked = mask && ids && mask->shape == ids->shape && expected.shape.size() > 2 &&
                        std::equal(mask->shape.begin(), mask->shape.end(), expected.shape.begin());
    const std::vector<int64_t> kept = masked ? mask->toIntegers() : std::vector<int64_t>();
    const bool whole = expected.type > SafetensorsType::F8_E8M0;
    const std::vector<float> floats = whole ? std::vector<float>() : expected.toFloats();
    const std::vector<int64_t> integers = whole ? expected.toIntegers() : std::vector<int64_t>();
    const size_t count = whole ? integers.size() : floats.size(), perRow = masked ? count / kept.size() : 1;
    double largest = 0;
    size_t compared = 0;
    for (size_t i = 0; i < count; ++i) {
      if (masked && !kept[i / perRow])
        continue;
      const double error = distance(numberAt(got, i), whole ? double(integers[i]) : double(floats[i]));
      largest = std::isnan(error) ? INFINITY : std::max(largest, error);
      ++compared;
    }
    return Check{expected.name, largest, tolerance, largest <= tolerance, std::to_string(compared) + " values"};
  }

  Expected<Check> compareContinuation(const SafetensorsTensor &expected) const {
    const bool decodes = inputs.contains("decoder_input_ids");
    const std::string name = decodes ? "decoder_input_ids" : "input_ids";
    const int logits = program.info().findResult("logits");
    if (!inputs.contains(name) || logits < 0)
      return bad(quoteText(expected.name) + " continues tokens, which this model doesn't take");
    std::vector<int32_t> ids;
    for (int64_t id : expected.toIntegers())
      ids.push_back(int32_t(id));
    const HostTensor start = firstRow(inputs.at(name));
    const size_t given = decodes ? 1 : size_t(start.shape[1]);
    std::vector<int32_t> first(given);
    std::memcpy(first.data(), start.bytes.data(), given * sizeof(int32_t));
    if (ids.size() <= given || !std::equal(first.begin(), first.end(), ids.begin()))
      return bad(quoteText(expected.name) + " does not begin with row 0 of " + quoteText(name));
    Inputs row;
    for (const auto &[input, value] : inputs)
      row[input] = firstRow(value);
    const auto next = [&](const std::vector<int32_t> &all) -> Expected<std::vector<float>> {
      const auto length = int64_t(all.size());
      row[name] = HostTensor::ofIntegers({1, length}, all);
      if (!decodes && row.contains("attention_mask"))
        row["attention_mask"] = HostTensor::ofIntegers({1, length}, std::vector<int32_t>(all.size(), 1));
      auto results = program.run(model.team(), model.weights(), row);
      if (!results)
        return results.error();
      std::span<const float> values = (*results)[size_t(logits)].floats();
      const size_t vocabulary = size_t((*results)[size_t(logits)].shape.back());
      return std::vector<float>(values.end() - ptrdiff_t(vocabulary), values.end());
    };
    auto got = expected.name == "greedy" ? continueGreedily(next, first, ids.size())
                                         : continueByBeams(next, first, ids.size());
    if (!got)
      return got.error();
    return compareIds(expected.name == "greedy" ? "greedy ids" : "beam search ids", *got, ids);
  }

  Model &model;
  const Program &program;
  const SafetensorsFile &file;
  const std::string &path;
  double tolerance;
  Inputs inputs;
};

} // namespace

Expected<std::vector<Check>> verifyProgram(Model &model, const SafetensorsFile &file, const std::string &path,
                                           double tolerance) {
  const Program *forward = model.program("forward");
  if (!forward)
    return Error{ErrorCode::Usage, model.path() + ": the model has no program 'forward' to run"};
  if (auto e = model.loadWeights(false))
    return e.error();
  return ProgramVerifier(model, *forward, file, path, tolerance).run();
}

} // namespace ph::tool
