#include "runtime/training/loop/OutputFolder.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/AtomicFolder.h"
#include "runtime/base/MappedFile.h"
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace ph::training {

namespace fs = std::filesystem;

static constexpr int64_t stateFormat = 1;
static constexpr const char *stateFile = "trainer_state.json";
static constexpr std::string_view prefix = "checkpoint-";

std::string TrainerState::toJson() const {
  nlohmann::ordered_json object;
  object["format"] = stateFormat;
  object["step"] = step;
  object["epoch"] = epoch;
  object["step_in_epoch"] = stepInEpoch;
  object["micro_batches"] = microBatches;
  object["tokens"] = tokens;
  object["started"] = int64_t(started);
  object["random"] = {{"generator", "philox4x32-10"}, {"seed", seed}};
  object["data_sha256"] = data;
  object["config"] = config;
  return object.dump(2) + "\n";
}

Expected<TrainerState> TrainerState::parse(std::string_view text, const std::string &name) {
  auto object = parseJson(text, name);
  if (!object)
    return object.error();
  auto wrong = [&](const std::string &what) { return Error{ErrorCode::BadModel, name + ": " + what}; };
  if (jsonInteger(*object, "format") != stateFormat)
    return wrong("its format is not " + std::to_string(stateFormat) + ", which this program writes");
  TrainerState state;
  int64_t microBatches = 0, tokens = 0, started = 0, seed = 0;
  const nlohmann::json *whole = &*object, *random = jsonMember(*object, "random");
  const struct {
    const char *key;
    int64_t *where;
    const nlohmann::json *from;
  } integers[] = {{"step", &state.step, whole},
                  {"epoch", &state.epoch, whole},
                  {"step_in_epoch", &state.stepInEpoch, whole},
                  {"micro_batches", &microBatches, whole},
                  {"tokens", &tokens, whole},
                  {"started", &started, whole},
                  {"seed", &seed, random}};
  for (auto [key, where, from] : integers) {
    auto value = from ? jsonInteger(*from, key) : std::nullopt;
    if (!value || *value < 0)
      return wrong("has no " + std::string(key) + " that is an integer from 0");
    *where = *value;
  }
  state.microBatches = uint64_t(microBatches);
  state.tokens = uint64_t(tokens);
  state.started = std::time_t(started);
  state.seed = uint64_t(seed);
  const std::string *data = jsonString(*object, "data_sha256");
  const nlohmann::json *config = jsonMember(*object, "config");
  if (!data || !config || !config->is_object())
    return wrong("has no data_sha256 or no config");
  state.data = *data;
  state.config = *config;
  return state;
}

std::vector<Checkpoint> findCheckpoints(const std::string &folder) {
  std::vector<Checkpoint> found;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !entry.is_directory(ignored))
      continue;
    Checkpoint checkpoint{entry.path().string(), 0};
    const char *end = name.data() + name.size();
    auto [stop, failed] = std::from_chars(name.data() + prefix.size(), end, checkpoint.step);
    if (failed == std::errc() && stop == end && checkpoint.step >= 0)
      found.push_back(std::move(checkpoint));
  }
  std::sort(found.begin(), found.end(), [](auto &a, auto &b) { return a.step < b.step; });
  return found;
}

static Expected<ResumePoint> readPoint(const std::string &folder) {
  const std::string path = folder + "/" + stateFile;
  auto file = MappedFile::open(path);
  if (!file)
    return Error{ErrorCode::Usage, path + ": there is no checkpoint to resume: " + file.error().message};
  auto state = TrainerState::parse({reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size()}, path);
  if (!state)
    return state.error();
  return ResumePoint{{folder, state->step}, std::move(*state)};
}

Expected<OutputFolder> OutputFolder::open(const std::string &path, const std::optional<std::string> &resume) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure)
    return Error{ErrorCode::Disk, path + ": could not make this folder: " + failure.message()};
  OutputFolder output;
  output.folder = path;
  output.lock = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (output.lock < 0)
    return Error{ErrorCode::Failed, path + ": cannot open the folder: " + std::strerror(errno)};
  if (flock(output.lock, LOCK_EX | LOCK_NB) != 0)
    return Error{ErrorCode::Usage, path + ": another training writes to this folder; give this one another output_dir"};

  std::vector<fs::path> leftovers;
  for (const auto &entry : fs::directory_iterator(path, failure))
    if (AtomicFolder::isTemporary(entry.path().filename())) // of a checkpoint, or of a file of the result
      leftovers.push_back(entry.path());
  for (const fs::path &leftover : leftovers)
    fs::remove_all(leftover, failure);

  const auto checkpoints = findCheckpoints(path);
  if (!resume) {
    if (!checkpoints.empty())
      return Error{ErrorCode::Usage, checkpoints.back().folder +
                                         ": is of an earlier training; --resume goes on with it; to begin anew, give "
                                         "another output_dir or remove it"};
    return output;
  }
  if (resume->empty() && checkpoints.empty())
    return Error{ErrorCode::Usage, path + ": has no checkpoint to resume"};
  auto point = readPoint(resume->empty() ? checkpoints.back().folder : *resume);
  if (!point)
    return point.error();
  output.point = std::move(*point);
  return output;
}

OutputFolder::OutputFolder(OutputFolder &&other) noexcept
    : folder(std::move(other.folder)), point(std::move(other.point)), lock(std::exchange(other.lock, -1)) {}

OutputFolder::~OutputFolder() {
  if (lock >= 0)
    close(lock);
}

Status OutputFolder::save(const TrainerState &state, TrainingEngine &engine, int64_t keep) {
  auto made = AtomicFolder::create(folder + "/" + std::string(prefix) + std::to_string(state.step));
  if (!made)
    return made.error();
  if (auto e = engine.save(made->path()))
    return e;
  auto file = AtomicFile::create(made->path() + "/" + stateFile);
  if (!file)
    return file.error();
  const std::string text = state.toJson();
  if (auto e = file->write(text.data(), text.size()))
    return e;
  if (auto e = file->commit())
    return e;
  if (auto e = made->commit())
    return e;
  auto checkpoints = findCheckpoints(folder);
  for (size_t i = 0; keep > 0 && i + size_t(keep) < checkpoints.size(); ++i)
    if (auto e = AtomicFolder::remove(checkpoints[i].folder))
      return e;
  return {};
}

} // namespace ph::training
