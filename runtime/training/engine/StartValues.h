// What a training keeps of the model that it began with: numbers of each example.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace ph::training {

/// Numbers by name and example (DPO's log-probabilities of the reference).
class StartValues {
public:
  /// All names before any value.
  void addName(const std::string &name) { columns.push_back({name, {}}); }
  bool has(std::string_view name) const { return find(name) < columns.size(); }
  bool empty() const { return columns.empty(); }

  /// Of examples, one value each; `name` is there.
  void set(std::string_view name, std::span<const uint64_t> examples, std::span<const float> values);
  /// Errors: Failed for an example without a value.
  Expected<std::vector<float>> get(std::string_view name, std::span<const uint64_t> examples) const;

  /// A tensor `example` (U64, ascending) and one (F32) for each name. Errors: those of writeSafetensors.
  Status save(const std::string &path) const;
  /// Errors: BadModel, naming file and tensor.
  Status load(const std::string &path);

private:
  size_t find(std::string_view name) const;
  struct Column {
    std::string name;
    std::unordered_map<uint64_t, float> values;
  };
  std::vector<Column> columns;
};

} // namespace ph::training
