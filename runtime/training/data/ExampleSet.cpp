#include "runtime/training/data/ExampleSet.h"
#include "runtime/training/data/MismatchAnswers.h"
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace ph::training {

uint32_t ExampleSet::length(size_t i) const {
  return pairs ? std::max(sequences[2 * i].length, sequences[2 * i + 1].length) : sequences[i].length;
}

std::string ExampleSet::digest() const {
  Sha256 hash;
  std::array<uint32_t, 1024> block;
  size_t used = 0;
  auto put = [&](uint32_t word) {
    block[used++] = word;
    if (used == block.size()) {
      hash.update({reinterpret_cast<const uint8_t *>(block.data()), sizeof block});
      used = 0;
    }
  };
  put(pairs);
  for (const Sequence &sequence : sequences) {
    put(sequence.length);
    for (uint64_t i = sequence.begin; i < sequence.begin + sequence.length; ++i)
      put(uint32_t(ids[i]) << 1 | uint32_t(marks[i]));
  }
  for (float number : numbers)
    put(std::bit_cast<uint32_t>(number));
  hash.update({reinterpret_cast<const uint8_t *>(block.data()), used * 4});
  return Sha256::toHex(hash.finish());
}

uint32_t ExampleSet::addFile(const std::string &name) {
  files.push_back(name);
  return uint32_t(files.size() - 1);
}

void ExampleSet::add(const EncodedPassage &passage, size_t begin, size_t length, uint32_t file, uint32_t line) {
  sequences.push_back({ids.size(), uint32_t(length), file, line});
  ids.insert(ids.end(), passage.ids.begin() + ptrdiff_t(begin), passage.ids.begin() + ptrdiff_t(begin + length));
  marks.insert(marks.end(), passage.learned.begin() + ptrdiff_t(begin),
               passage.learned.begin() + ptrdiff_t(begin + length));
}

std::string DataReport::describe(size_t examples) const {
  std::string text = std::to_string(examples) + " examples of " + std::to_string(lines) + " lines";
  auto say = [&](uint64_t count, const char *what) {
    if (count)
      text += "; " + std::to_string(count) + " " + what;
  };
  say(truncated, "cut at sequence_len");
  say(tooLong, "dropped, longer than sequence_len");
  say(unlearnable, "dropped, with nothing to learn within sequence_len");
  say(bad, "bad");
  return bad ? text + " (the first: " + firstBad + ")" : text;
}

namespace {

/// Reads one file into a set.
class FileReader {
public:
  FileReader(const TrainingConfig &config, const PassageEncoder &encoder, const LabelReader &labels, ExampleSet &set,
             DataReport &report)
      : config(config), kind(config.exampleKind()), encoder(encoder), labels(labels), set(set), report(report) {}

  Status read(const DatasetConfig &dataset) {
    path = config.resolve(dataset.path);
    auto mapped = MappedFile::open(path);
    if (!mapped)
      return Error{mapped.error().code, mapped.error().message + " (data set at " + dataset.origin + ")"};
    file = set.addFile(path);
    const std::string_view text(reinterpret_cast<const char *>(mapped->bytes().data()), mapped->bytes().size());
    std::string type = dataset.type;
    if (path.ends_with(".txt") && (type == "auto" || type == "completion"))
      return checkType("completion", dataset, [&] { return plainText(text); });
    for (Lines lines(text); auto line = lines.next();) {
      const std::string where = path + ":" + std::to_string(line->number);
      ++report.lines;
      if (type == "auto") {
        auto recognized = recognizeType(line->text, kind, where);
        if (!recognized) {
          if (auto e = bad(recognized.error()))
            return e;
          continue;
        }
        type = *recognized;
      }
      if (auto e = checkType(type, dataset, [&] { return example(line->text, type, where, line->number); }))
        return e;
    }
    return {};
  }

private:
  template <class Then> Status checkType(const std::string &type, const DatasetConfig &dataset, Then then) {
    const bool pairs = type == "preference", judged = type == "unpaired_preference", labelled = type == "text_label";
    const char *wrong = nullptr;
    if (kind == ExampleKind::Pair && !pairs)
      wrong = "no pairs (chosen and rejected), which rl and reward_model learn from";
    else if (kind == ExampleKind::Judged && !pairs && !judged)
      wrong = "no answers with a label (true or false), which kto learns from";
    else if (kind == ExampleKind::Prompt && type != "prompt")
      wrong = "no prompts, which ppo answers";
    else if (kind != ExampleKind::Prompt && type == "prompt")
      wrong = "prompts alone, which only ppo answers";
    else if (kind == ExampleKind::Labelled && !labelled)
      wrong = "no texts with a label, which the loss learns from";
    else if (kind == ExampleKind::Text && pairs)
      wrong = "pairs, which only rl and reward_model learn from";
    else if (kind == ExampleKind::Text && (judged || labelled))
      wrong = "labels, which only rl: kto and losses of texts (classification, multi_label, regression) learn from";
    if (wrong)
      return Error{ErrorCode::Usage, dataset.origin + ": " + path + " has " + wrong};
    return then();
  }

  Status bad(const Error &error) {
    if (!config.skipBadLines)
      return Error{error.code, error.message + " (skip_bad_lines: true goes on without such lines)"};
    if (report.bad++ == 0)
      report.firstBad = error.message;
    return {};
  }

  Status plainText(std::string_view text) {
    ++report.lines;
    Passage passage;
    passage.learned = std::string(text);
    auto encoded = encoder.encode(passage);
    if (!encoded)
      return Error{encoded.error().code, path + ": " + encoded.error().message};
    addPieces(*encoded, 1);
    return {};
  }

  /// A text in pieces of sequence_len; one token alone predicts nothing.
  void addPieces(const EncodedPassage &text, uint32_t line) {
    for (size_t begin = 0; begin + 1 < text.ids.size(); begin += size_t(config.sequenceLen))
      set.add(text, begin, std::min(text.ids.size() - begin, size_t(config.sequenceLen)), file, line);
  }

  Status example(std::string_view text, const std::string &type, const std::string &where, uint32_t line) {
    auto record = parseRecord(text, type, where);
    if (!record)
      return bad(record.error());
    std::vector<EncodedPassage> passages;
    for (const Passage *passage : {&record->first, record->second ? &*record->second : nullptr}) {
      if (!passage)
        continue;
      auto encoded = encoder.encode(*passage);
      if (!encoded && encoded.error().code == ErrorCode::BadModel)
        return Error{ErrorCode::BadModel, where + ": " + encoded.error().message};
      if (!encoded)
        return bad({encoded.error().code, where + ": " + encoded.error().message});
      passages.push_back(std::move(*encoded));
    }
    if (type == "completion") {
      addPieces(passages[0], line);
      return {};
    }
    if (kind == ExampleKind::Judged) {
      // A pair is an answer that is good and one that is not.
      for (size_t i = 0; i < passages.size(); ++i) {
        const float good = record->label ? float(record->label->get<bool>()) : float(i == 0);
        if (auto e = fit(std::span(passages).subspan(i, 1), {&good, 1}, where, line))
          return e;
      }
      return {};
    }
    std::vector<float> targets;
    if (record->label) {
      auto read = labels.read(*record->label, where);
      if (!read)
        return bad(read.error());
      targets = std::move(*read);
    }
    return fit(passages, targets, where, line);
  }

  /// Adds an example if it has no more than sequence_len tokens, or once it has been made so.
  Status fit(std::span<EncodedPassage> passages, std::span<const float> targets, const std::string &where,
             uint32_t line) {
    const size_t most = size_t(config.sequenceLen);
    const auto longest = std::max_element(passages.begin(), passages.end(),
                                          [](auto &a, auto &b) { return a.ids.size() < b.ids.size(); });
    if (longest->ids.size() > most) {
      if (config.excessLengthStrategy == "raise")
        return Error{ErrorCode::Failed, where + ": has " + std::to_string(longest->ids.size()) +
                                            " tokens, more than sequence_len, " + std::to_string(most) +
                                            " (excess_length_strategy: drop or truncate go on)"};
      if (config.excessLengthStrategy == "drop") {
        ++report.tooLong;
        return {};
      }
      ++report.truncated;
      for (EncodedPassage &passage : passages)
        if (passage.ids.size() > most) {
          passage.ids.resize(most);
          passage.learned.resize(most);
        }
    }
    for (const EncodedPassage &passage : passages)
      if (passage.ids.empty() ||
          (kind != ExampleKind::Labelled && kind != ExampleKind::Prompt &&
           std::find(passage.learned.begin() + 1, passage.learned.end(), true) == passage.learned.end())) {
        ++report.unlearnable;
        return {};
      }
    for (const EncodedPassage &passage : passages)
      set.add(passage, 0, passage.ids.size(), file, line);
    set.addTargets(targets);
    return {};
  }

  const TrainingConfig &config;
  const ExampleKind kind;
  const PassageEncoder &encoder;
  const LabelReader &labels;
  ExampleSet &set;
  DataReport &report;
  std::string path;
  uint32_t file = 0;
};

} // namespace

Expected<ExampleSet> ExampleSet::read(const TrainingConfig &config, const std::vector<DatasetConfig> &datasets,
                                      const PassageEncoder &encoder, const LabelReader &labels, DataReport &report) {
  const ExampleKind kind = config.exampleKind();
  ExampleSet set(kind == ExampleKind::Pair, kind == ExampleKind::Judged       ? 1
                                            : kind != ExampleKind::Labelled   ? 0
                                            : config.loss == "classification" ? 1
                                                                              : labels.outputs());
  for (const DatasetConfig &dataset : datasets)
    if (auto e = FileReader(config, encoder, labels, set, report).read(dataset))
      return e.error();
  if (set.size() == 0)
    return Error{ErrorCode::Failed,
                 config.resolve(datasets.front().path) + ": there is no usable example: " + report.describe(0)};
  if (set.size() > UINT32_MAX)
    return Error{ErrorCode::Failed,
                 "there are " + std::to_string(set.size()) + " examples; at most 2^32 - 1 are accepted"};
  return kind == ExampleKind::Judged ? mismatchAnswers(set, config.sequenceLen) : std::move(set);
}

} // namespace ph::training
