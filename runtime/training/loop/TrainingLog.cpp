#include "runtime/training/loop/TrainingLog.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include "runtime/training/data/JsonLines.h"
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace ph::training {

std::string LogLine::toJson() const {
  nlohmann::ordered_json object;
  object["step"] = step;
  object["epoch"] = epoch;
  object["loss"] = loss;
  if (evalLoss)
    object["eval_loss"] = *evalLoss;
  if (reward)
    object["reward"] = *reward;
  object["learning_rate"] = learningRate;
  object["grad_norm"] = gradientNorm;
  if (lossScale)
    object["loss_scale"] = *lossScale;
  if (skipped)
    object["skipped"] = true;
  object["tokens"] = tokens;
  object["seconds"] = std::round(seconds * 1e6) / 1e6;
  object["tokens_per_second"] = std::round(tokensPerSecond * 10) / 10;
  object["memory"] = memoryBytes;
  return object.dump();
}

Expected<std::vector<LogLine>> readTrainingLog(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  const std::string_view text(reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size());
  std::vector<LogLine> result;
  for (Lines lines(text); auto line = lines.next();) {
    const std::string where = path + ":" + std::to_string(line->number);
    const bool cut = line->text.data() + line->text.size() == text.data() + text.size();
    auto object = parseJson(line->text, where);
    if (!object && cut)
      break;
    if (!object)
      return Error{ErrorCode::Failed, object.error().message};
    auto step = jsonInteger(*object, "step");
    auto loss = jsonNumber(*object, "loss");
    if (!step || !loss)
      return Error{ErrorCode::Failed, where + ": is no line of a training's log: an object with step and loss"};
    LogLine entry;
    entry.step = *step;
    entry.loss = *loss;
    entry.evalLoss = jsonNumber(*object, "eval_loss");
    entry.reward = jsonNumber(*object, "reward");
    entry.epoch = jsonNumber(*object, "epoch").value_or(0);
    entry.learningRate = jsonNumber(*object, "learning_rate").value_or(0);
    entry.gradientNorm = jsonNumber(*object, "grad_norm").value_or(0);
    entry.lossScale = jsonNumber(*object, "loss_scale");
    entry.skipped = jsonBool(*object, "skipped").value_or(false);
    entry.tokens = uint64_t(std::max<int64_t>(jsonInteger(*object, "tokens").value_or(0), 0));
    entry.seconds = jsonNumber(*object, "seconds").value_or(0);
    entry.tokensPerSecond = jsonNumber(*object, "tokens_per_second").value_or(0);
    entry.memoryBytes = uint64_t(std::max<int64_t>(jsonInteger(*object, "memory").value_or(0), 0));
    result.push_back(entry);
  }
  return result;
}

/// The beginning of a log, whole lines up to the one of step `keep`.
static std::string_view keptPart(std::string_view text, int64_t keep) {
  size_t end = 0;
  for (Lines lines(text); auto line = lines.next();) {
    const size_t stop = size_t(line->text.data() - text.data()) + line->text.size();
    auto object = parseJson(line->text, "the log");
    auto step = object ? jsonInteger(*object, "step") : std::nullopt;
    if (!step || *step > keep || stop == text.size())
      break;
    end = stop + 1;
  }
  return text.substr(0, end);
}

Expected<TrainingLog> TrainingLog::open(const std::string &path, int64_t keep) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    auto file = MappedFile::open(path);
    if (!file)
      return file.error();
    const std::string_view text(reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size());
    const std::string_view kept = keptPart(text, keep);
    if (kept.size() != text.size()) {
      auto shorter = AtomicFile::create(path);
      if (!shorter)
        return shorter.error();
      if (auto e = shorter->write(kept.data(), kept.size()))
        return e.error();
      if (auto e = shorter->commit())
        return e.error();
    }
  }
  TrainingLog log;
  log.path = path;
  log.descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log.descriptor < 0)
    return Error{ErrorCode::Failed, path + ": cannot open the log: " + std::strerror(errno)};
  return log;
}

TrainingLog::TrainingLog(TrainingLog &&other) noexcept
    : path(std::move(other.path)), descriptor(std::exchange(other.descriptor, -1)) {}

TrainingLog::~TrainingLog() {
  if (descriptor >= 0)
    close(descriptor);
}

Status TrainingLog::write(const LogLine &line) {
  const std::string text = line.toJson() + "\n";
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(descriptor, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return Error{ErrorCode::Disk, path + ": cannot write the log: " + std::strerror(n < 0 ? errno : EIO) +
                                        "; free some space; --resume goes on from the last checkpoint"};
    done += size_t(n);
  }
  return {};
}

} // namespace ph::training
