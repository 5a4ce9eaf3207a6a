// What is said of a text, as the numbers that a loss compares with.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/Gguf.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ph::training {

/// Reads labels for a loss: classification, multi_label or regression.
class LabelReader {
public:
  LabelReader() = default;
  /// Classes have the numbers and names that config.json of the model's folder gives them (id2label; its size, or
  /// num_labels, is how many numbers the model gives, or else 2, as transformers take it). Errors: BadModel for a model
  /// without config.json.
  static Expected<LabelReader> create(const GgufFile &metadata, const std::string &loss);

  /// How many numbers the model gives of a text.
  int64_t outputs() const { return int64_t(names.size()); }
  /// The number of a class; for multi_label a number from 0 to 1 for each class, of which a label lists those that
  /// apply (numbers or names), or all probabilities (numbers with a fraction, as 1.0); for regression outputs()
  /// numbers. Errors: Failed, beginning with `where`: another type, no such class, one given twice, another count of
  /// numbers.
  Expected<std::vector<float>> read(const nlohmann::ordered_json &label, const std::string &where) const;

private:
  Expected<size_t> classOf(const nlohmann::ordered_json &label, const std::string &where) const;
  Expected<std::vector<float>> numbers(const nlohmann::ordered_json &label, const std::string &where) const;

  std::string loss;
  std::vector<std::string> names; ///< of classes
};

} // namespace ph::training
