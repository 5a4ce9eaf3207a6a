// config.json of the Hugging Face hub as keys and values.
#pragma once
#include "powerhouse/Import/SourceModel.h"
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>

namespace ph {

/// An object whose keys of nested objects, and numbers of the entries of lists, are joined by dots
/// ("rope_parameters.rope_theta", "architectures.0"). Entries of lists longer than 1024 have no keys of their own.
class HubConfig {
public:
  HubConfig() = default;
  explicit HubConfig(const nlohmann::json &object) { flatten(object, ""); }

  std::optional<ConfigValue> find(std::string_view key) const;
  /// Whether the key is there and null.
  bool isNull(std::string_view key) const { return nulls.count(key); }
  std::vector<std::string_view> keys() const;

private:
  void flatten(const nlohmann::json &object, const std::string &prefix);
  void add(const std::string &key, const nlohmann::json &value);

  std::map<std::string, ConfigValue, std::less<>> values;
  std::set<std::string, std::less<>> nulls;
};

} // namespace ph
