#include "HubConfig.h"
#include "runtime/base/Json.h"

namespace ph {

static constexpr size_t kMostNamedEntries = 1024;

static std::optional<ConfigValue> toValue(const nlohmann::json &value) {
  if (value.is_boolean())
    return ConfigValue(value.get<bool>());
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX))
    return ConfigValue(value.get<double>()); // out of every range, but still a number
  if (value.is_number_integer())
    return ConfigValue(value.get<int64_t>());
  if (value.is_number())
    return ConfigValue(value.get<double>());
  if (value.is_string())
    return ConfigValue(value.get<std::string>());
  if (!value.is_array())
    return std::nullopt;
  std::vector<double> numbers;
  std::vector<std::string> strings;
  for (const nlohmann::json &item : value) {
    if (item.is_number())
      numbers.push_back(item.get<double>());
    else if (item.is_boolean())
      numbers.push_back(item.get<bool>());
    else if (item.is_string())
      strings.push_back(item.get<std::string>());
  }
  if (numbers.size() == value.size())
    return ConfigValue(std::move(numbers));
  if (strings.size() == value.size())
    return ConfigValue(std::move(strings));
  return std::nullopt;
}

void HubConfig::flatten(const nlohmann::json &object, const std::string &prefix) {
  for (const auto &[key, value] : object.items())
    add(prefix + key, value);
}

void HubConfig::add(const std::string &key, const nlohmann::json &value) {
  if (value.is_null())
    nulls.insert(key);
  if (value.is_object())
    flatten(value, key + ".");
  if (value.is_array() && value.size() <= kMostNamedEntries)
    for (size_t i = 0; i < value.size(); ++i)
      add(key + "." + std::to_string(i), value[i]);
  if (std::optional<ConfigValue> plain = toValue(value))
    values.emplace(key, std::move(*plain));
}

std::optional<ConfigValue> HubConfig::find(std::string_view key) const {
  auto it = values.find(key);
  return it == values.end() ? std::nullopt : std::optional<ConfigValue>(it->second);
}

std::vector<std::string_view> HubConfig::keys() const {
  std::vector<std::string_view> keys;
  for (const auto &entry : values)
    keys.push_back(entry.first);
  return keys;
}

} // namespace ph
