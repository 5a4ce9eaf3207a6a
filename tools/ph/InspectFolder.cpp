#include "tools/ph/InspectFolder.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/Safetensors.h"
#include <algorithm>
#include <filesystem>

namespace ph::tool {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

static Expected<Json> readConfig(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return Error{ErrorCode::BadModel, "no model folder: " + file.error().message};
  auto bytes = file->bytes();
  auto parsed = parseJson({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, path);
  if (!parsed)
    return parsed.error();
  return Json(*parsed);
}

Expected<Json> inspectFolder(const std::string &folder) {
  auto config = readConfig((fs::path(folder) / "config.json").string());
  if (!config)
    return config.error();
  std::vector<std::string> files;
  std::error_code failure;
  for (const auto &entry : fs::directory_iterator(folder, failure))
    files.push_back(entry.path().filename().string());
  if (failure)
    return Error{ErrorCode::Failed, folder + ": " + failure.message()};
  std::sort(files.begin(), files.end());
  Json tensors = Json::array();
  uint64_t bytes = 0;
  for (const std::string &name : files) {
    // Shards, or the one file: model.safetensors, model-00001-of-00002.safetensors.
    if (!name.starts_with("model") || !name.ends_with(".safetensors"))
      continue;
    auto opened = SafetensorsFile::open((fs::path(folder) / name).string());
    if (!opened)
      return Error{ErrorCode::BadModel, opened.error().message};
    for (const SafetensorsTensor &tensor : (*opened)->tensors()) {
      bytes += tensor.data.size();
      tensors.push_back({{"name", tensor.name},
                         {"format", std::string(safetensorsTypeName(tensor.type))},
                         {"shape", tensor.shape},
                         {"bytes", tensor.data.size()}});
    }
  }
  return Json{{"kind", "folder"},      {"path", folder},      {"files", files},
              {"tensor_bytes", bytes}, {"metadata", *config}, {"tensors", std::move(tensors)}};
}

} // namespace ph::tool
