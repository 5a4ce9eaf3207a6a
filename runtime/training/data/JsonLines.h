// Files of JSON lines (https://jsonlines.org), one example a line.
#pragma once
#include "runtime/base/MappedFile.h"
#include "runtime/training/config/TrainingConfig.h"
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ph::training {

/// The lines of a text that have something in them, with their numbers from 1 on. A byte order mark in front and
/// carriage returns at the ends are no part of them.
class Lines {
public:
  explicit Lines(std::string_view text) : rest(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text) {}
  struct Line {
    std::string_view text;
    uint32_t number;
  };
  std::optional<Line> next();

private:
  std::string_view rest;
  uint32_t number = 0;
};

/// What is given and what is to be learned: two texts, or a conversation.
struct Passage {
  bool isChat = false;
  std::string given, learned;      ///< texts: `given` is empty where all is learned
  nlohmann::ordered_json messages; ///< conversation: answers from message `firstLearned` on are learned
  size_t firstLearned = 0;
};

/// One line: a passage, or a pair of them, the better one first.
struct Record {
  Passage first;
  std::optional<Passage> second;
  std::optional<nlohmann::ordered_json> label; ///< what is said of `first`
};

/// The type of data set (datasetTypes()) that the keys of this line say; what `label` is depends on the examples that
/// are wanted. Errors: Failed, naming `where`.
Expected<std::string> recognizeType(std::string_view line, ExampleKind wanted, const std::string &where);

/// Reads a line of a data set of that type, which isn't "auto". Errors (Failed) begin with `where`, "file:line", and
/// say what is wrong: no JSON, a missing key, a value of another type, an empty answer, two answers that are the same.
Expected<Record> parseRecord(std::string_view line, const std::string &type, const std::string &where);

} // namespace ph::training
