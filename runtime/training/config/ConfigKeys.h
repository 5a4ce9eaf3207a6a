// The one table of the keys of a training's configuration.
#pragma once
#include "runtime/base/Json.h"
#include "runtime/training/config/TrainingConfig.h"
#include <limits>
#include <span>
#include <variant>

namespace ph::training {

/// Whether a key may have another value when a training is resumed.
enum class OnResume { Same, Free };

/// One key.
struct ConfigKey {
  using Member = std::variant<bool TrainingConfig::*, int64_t TrainingConfig::*, double TrainingConfig::*,
                              std::string TrainingConfig::*, std::vector<std::string> TrainingConfig::*,
                              std::vector<DatasetConfig> TrainingConfig::*>;
  std::string_view name;
  Member member;
  std::string_view doc;
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  /// Texts that are accepted, between spaces; "a=b" is another name of b. Empty: any text.
  std::string_view choices = {};
  bool required = false;
  OnResume onResume = OnResume::Same;
};

/// Keys under a heading.
struct ConfigSection {
  std::string_view title;
  std::span<const ConfigKey> keys;
};

std::span<const ConfigSection> configSections();
/// The key of that name; null if there is none.
const ConfigKey *findConfigKey(std::string_view name);

/// What a data set may be: the `type` of an entry of `datasets`, and which keys its lines have.
struct DatasetType {
  std::string_view name, doc;
};
std::span<const DatasetType> datasetTypes();

/// The table as text: name, type, default, range and meaning of each key, at most 100 columns wide.
std::string describeConfigKeys();
/// The values of all keys that must stay the same when a training is resumed.
nlohmann::json configToJson(const TrainingConfig &config);

} // namespace ph::training
