// Any bytes as a tokenizer.model of SentencePiece, read as ph reads one; texts are encoded and decoded.
#include "fuzz/UseTokenizer.h"
#include "runtime/tokenizer/HuggingFaceFiles.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace ph;

/// A file in memory under a name that ends as SentencePiece's do.
static const std::string &modelPath(int &descriptor) {
  static int file = -1;
  static std::string path;
  if (file < 0) {
    file = memfd_create("model", 0);
    const char *folder = std::getenv("TMPDIR");
    path = std::string(folder ? folder : "/tmp") + "/fuzz-" + std::to_string(getpid()) + ".model";
    const std::string target = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
    fuzz::require(file >= 0 && (unlink(path.c_str()), symlink(target.c_str(), path.c_str()) == 0));
    std::atexit([] { unlink(path.c_str()); });
  }
  descriptor = file;
  return path;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int file = -1;
  const std::string &path = modelPath(file);
  fuzz::require(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == ssize_t(size));
  GgufRecords records;
  if (auto e = addHuggingFaceTokenizer(path, records)) {
    fuzz::require(!e.error().message.empty());
    return 0;
  }
  fuzz::useTokenizer(records, " Hello,  w\xC3\xB6rld's 12 <s>\xFF\n \xE2\x96\x81");
  // What is at the end of the file is a text, too.
  fuzz::useTokenizer(records, {reinterpret_cast<const char *>(data) + size - std::min<size_t>(size, 100),
                               std::min<size_t>(size, 100)});
  return 0;
}
