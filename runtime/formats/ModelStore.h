// Models that have a name: fetched once, then kept in a cache.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ph {

/// A file of a known model.
struct KnownFile {
  std::string_view member; ///< path inside the wheel
  std::string_view file;   ///< path inside the cache folder
  uint64_t bytes;
  std::string_view sha256; ///< of the file, 64 hexadecimal digits
};

/// One row of the table of known models: files inside a wheel of a PyPI package.
struct KnownModel {
  std::string_view name;    ///< what a user types
  std::string_view package; ///< pip requirement: "name==version"
  std::string_view path;    ///< what the model is, inside the cache folder: a file, or a folder with all of its files
  std::span<const KnownFile> files;
};

std::span<const KnownModel> knownModels();

/// $POWERHOUSE_CACHE, else $XDG_CACHE_HOME/powerhouse, else ~/.cache/powerhouse. Fails (Usage) if none is set.
Expected<std::string> cacheFolder();

/// The path of a model: `nameOrPath` itself if it exists, else the cached file or folder of the known model of that
/// name, fetched with pip and checked (size, SHA-256) first if it is not there. Offline once cached; safe against other
/// processes that do the same. Errors: Failed (no such file or name; pip is missing or fails; wrong checksum), Disk.
Expected<std::string> resolveModel(const std::string &nameOrPath);

/// As resolveModel, with the files of `model` in `folder`.
Expected<std::string> fetchModel(const KnownModel &model, const std::string &folder);

} // namespace ph
