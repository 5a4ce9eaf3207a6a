// What the expressions of architecture files compute with: numbers, texts, lists, and rotary embeddings.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ph {

struct ScalarList;
struct RopeSettings;

/// A value of the configuration.
using Scalar = std::variant<bool, int64_t, double, std::string, std::shared_ptr<const ScalarList>,
                            std::shared_ptr<const RopeSettings>>;

struct ScalarList {
  std::vector<Scalar> items;
};

/// A rotary embedding as a checkpoint states it. The options are those of #xf.rope that it gives, by their names.
struct RopeSettings {
  using Option = std::variant<bool, int64_t, double, std::vector<double>>;
  int64_t dim = 0;
  double base = 0;
  std::string style, scaling;
  double factor = 1;
  std::map<std::string, Option> options;
};

inline Scalar makeList(std::vector<Scalar> items) {
  return std::make_shared<const ScalarList>(ScalarList{std::move(items)});
}

/// As a number, whether it is an integer or real; empty otherwise.
std::optional<double> asReal(const Scalar &value);
std::string toString(const Scalar &value);

} // namespace ph
