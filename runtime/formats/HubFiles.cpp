#include "runtime/formats/HubFiles.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Quote.h"
#include <filesystem>
#include <set>

namespace ph {
namespace {

namespace fs = std::filesystem;

constexpr const char *kPrefix = "huggingface.";
constexpr size_t kMostBytes = size_t(16) << 20, kMostModules = 64;

Error bad(const std::string &path, const std::string &what) { return {ErrorCode::BadModel, path + ": " + what}; }

/// The file as JSON, after adding it; null if there is none.
Expected<nlohmann::json> addFile(const std::string &folder, const std::string &name, GgufRecords &records) {
  const std::string path = folder + "/" + name;
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return nlohmann::json();
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  const std::string_view text(reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size());
  auto json = parseJson(text, path, 64, kMostBytes);
  if (json)
    records.string(kPrefix + name, text);
  return json;
}

} // namespace

Status addHubFiles(const std::string &folder, GgufRecords &records) {
  for (const char *name : {"config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
                           "sentence_bert_config.json"})
    if (auto json = addFile(folder, name, records); !json)
      return json.error();
  auto modules = addFile(folder, "modules.json", records);
  if (!modules)
    return modules.error();
  if (modules->is_null())
    return {};
  const std::string path = folder + "/modules.json";
  if (!modules->is_array() || modules->size() > kMostModules)
    return bad(path, "is no array of up to " + std::to_string(kMostModules) + " modules");
  std::set<std::string> added;
  for (const nlohmann::json &module : *modules) {
    const std::string *place = jsonString(module, "path");
    if (!place)
      return bad(path, "a module has no 'path'");
    // A module is a folder below this one: a path could lead elsewhere.
    if (place->find('/') != std::string::npos || *place == "..")
      return bad(path, "the module's path " + quoteText(*place) + " is no folder beside it");
    if (place->empty() || *place == "." || !added.insert(*place).second)
      continue;
    if (auto json = addFile(folder, *place + "/config.json", records); !json)
      return json.error();
  }
  return {};
}

Expected<nlohmann::json> hubFile(const GgufFile &metadata, const std::string &path) {
  const GgufValue *value = metadata.find(kPrefix + path);
  if (!value)
    return nlohmann::json();
  auto text = value->asString();
  if (!text)
    return bad(metadata.path(), "key '" + (kPrefix + path) + "' is no string");
  return parseJson(*text, metadata.path() + ": " + path, 64, kMostBytes);
}

} // namespace ph
