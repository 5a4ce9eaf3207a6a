// Which reader a file or folder is for.
#include "powerhouse/Import/SourceModel.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace ph {

Expected<std::unique_ptr<SourceModel>> openSource(const std::string &path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return openHuggingFace(path);
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(errno)};
  char magic[4] = {};
  size_t got = std::fread(magic, 1, sizeof(magic), file);
  int failure = std::ferror(file) ? errno : 0;
  std::fclose(file);
  if (failure)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(failure)};
  if (got == sizeof(magic) && std::memcmp(magic, "GGUF", 4) == 0)
    return openGGUF(path);
  // An ONNX file has no magic; it begins with the version of its IR, field 1 of the message.
  if (path.ends_with(".onnx") || (got > 1 && magic[0] == 0x08 && magic[1] < 0x40))
    return openONNX(path);
  return Error{ErrorCode::BadModel,
               path + ": not a model file that is known here: " +
                   (got == 0 ? "the file is empty" : "its first bytes are not 'GGUF'") +
                   "; give a GGUF or ONNX file, or a folder with config.json and model.safetensors"};
}

} // namespace ph
