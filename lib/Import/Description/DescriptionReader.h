// From the JSON of a description to an Architecture; every method returns the first error it meets.
#pragma once
#include "Architecture.h"
#include "LinedJson.h"

namespace ph {

class DescriptionReader {
public:
  explicit DescriptionReader(Architecture &out) : out(out) {}

  Status read(const LinedJson &root);

private:
  using Kind = LinedJson::Kind;

  // ReadConfig.cpp
  Status readConfig(const LinedJson &value);
  Status readConfigEntry(const LinedJson &entry, ConfigEntry &config);
  Status readType(const LinedJson &value, ConfigEntry &config);
  Status readOneOf(const LinedJson &value, ConfigEntry &config);
  Status readFallback(const LinedJson &value, ConfigEntry &config);
  Status checkConfigEntry(const LinedJson &entry, const ConfigEntry &config);
  Status readChecks(const LinedJson &value);

  // ReadWeights.cpp
  Status readWeights(const LinedJson &value);
  Status readWeight(const LinedJson &entry, WeightEntry &weight);
  Status readAlternatives(const LinedJson &value, std::vector<WeightEntry::Parts> &alternatives);
  Status readParts(const LinedJson &value, WeightEntry::Parts &parts);
  Status readSource(const LinedJson &item, WeightSource &source);
  Status checkStacked(const LinedJson &entry, WeightEntry &weight);

  // ReadFunctions.cpp
  Status readBlocks(const LinedJson &value);
  Status readForward(const LinedJson &value);
  Status readFunctions(const LinedJson &value);
  Status readFunction(const LinedJson &value, FunctionEntry &function);
  Status readArguments(const LinedJson &value, FunctionEntry &function);
  Status useBlock(const LinedJson &item, std::string_view name, std::vector<Statement> &into);
  Status readLines(const LinedJson &value, std::vector<Statement> &into);
  Expected<Statement> readRepeat(const LinedJson &item, std::string_view head);

  // Architecture.cpp
  Status at(const LinedJson &where, const std::string &message) { return out.errorAt(where.line, message); }
  Status strings(const LinedJson &value, std::vector<std::string> &into);
  /// A number, true, false, or a string that holds an expression.
  Status expression(const LinedJson &value, Expression &into);
  Status condition(const LinedJson &value, std::optional<Expression> &into) {
    return expression(value, into.emplace());
  }
  Status readMatches(const LinedJson &value);
  Status readPrefixes(const LinedJson &value);
  Status readNames(const LinedJson &value, ByEcosystem<std::vector<std::string>> &into);
  Status readRefused(const LinedJson &value);
  /// Whatever "matches" has: what a description extends may know of more than it does.
  static bool isEcosystem(std::string_view key) { return key == "gguf" || key == "huggingface"; }

  Architecture &out;
  std::map<std::string, const LinedJson *, std::less<>> blocks;
  std::vector<std::string_view> blocksInUse; ///< of which one uses the next
  size_t linesRead = 0;                      ///< also those of blocks, each time
};

/// Whether `text` is a name of small letters, digits and _ that doesn't begin with a digit.
bool isDescriptionName(std::string_view text);

} // namespace ph
