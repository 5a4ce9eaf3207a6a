// All examples of a training, as token ids in memory.
#pragma once
#include "runtime/base/Sha256.h"
#include "runtime/training/config/TrainingConfig.h"
#include "runtime/training/data/LabelReader.h"
#include "runtime/training/data/PassageEncoder.h"

namespace ph::training {

/// Lines that gave no example, and why.
struct DataReport {
  uint64_t lines = 0, tooLong = 0, truncated = 0, bad = 0;
  uint64_t unlearnable = 0; ///< nothing to learn was left within sequence_len
  std::string firstBad;     ///< the error of the first bad line
  /// "812 examples of 820 lines; 5 too long, 3 bad (first: ...)".
  std::string describe(size_t examples) const;
};

/// Sequences, one after the other in two arrays: ids and which of them are learned. Where an example has two, example i
/// is the sequences 2 i and 2 i + 1: chosen and rejected, or an answer and that of another prompt (MismatchAnswers.h).
/// Besides, examples may have numbers, as many each: labels of texts (LabelReader.h), or 1 for a good answer and 0 for
/// another.
class ExampleSet {
public:
  struct Sequence {
    uint64_t begin;
    uint32_t length, file, line;
  };

  explicit ExampleSet(bool pairs, int64_t targetCount = 0) : pairs(pairs), targetCount(targetCount) {}

  /// Reads the files of `datasets`. Errors: Failed for files that can't be read, for a line that is no example (with
  /// file and line; unless config.skipBadLines) or too long (with excess_length_strategy: raise), and if there is no
  /// example at all; Usage for a type that doesn't fit the objective.
  static Expected<ExampleSet> read(const TrainingConfig &config, const std::vector<DatasetConfig> &datasets,
                                   const PassageEncoder &encoder, const LabelReader &labels, DataReport &report);

  bool hasPairs() const { return pairs; }
  /// Numbers of examples in a training that has several sets; those of the first begin at 0.
  uint64_t id(size_t i) const { return firstId + i; }
  void setFirstId(uint64_t id) { firstId = id; }
  size_t size() const { return sequences.size() / (pairs ? 2 : 1); }
  /// Tokens of the longest sequence of example `i`.
  uint32_t length(size_t i) const;
  const Sequence &sequence(size_t i) const { return sequences[i]; }
  int32_t token(uint64_t at) const { return ids[at]; }
  bool learned(uint64_t at) const { return marks[at]; }
  const std::string &file(uint32_t number) const { return files[number]; }
  uint64_t tokens() const { return ids.size(); }
  std::span<const int32_t> tokensOf(const Sequence &sequence) const {
    return std::span(ids).subspan(sequence.begin, sequence.length);
  }
  int64_t targetsEach() const { return targetCount; }
  /// The numbers of example `i`.
  std::span<const float> targets(size_t i) const {
    return std::span(numbers).subspan(i * size_t(targetCount), size_t(targetCount));
  }
  /// Of ids, marks and numbers: tells data apart.
  std::string digest() const;

  /// `name` is a number of files in which the next sequences are; returns it.
  uint32_t addFile(const std::string &name);
  void add(const EncodedPassage &passage, size_t begin, size_t length, uint32_t file, uint32_t line);
  void addTargets(std::span<const float> values) { numbers.insert(numbers.end(), values.begin(), values.end()); }
  /// Takes over the names of another set's files.
  void shareFiles(const ExampleSet &other) { files = other.files; }

private:
  bool pairs;
  int64_t targetCount;
  uint64_t firstId = 0;
  std::vector<std::string> files;
  std::vector<int32_t> ids;
  std::vector<bool> marks;
  std::vector<float> numbers;
  std::vector<Sequence> sequences;
};

} // namespace ph::training
