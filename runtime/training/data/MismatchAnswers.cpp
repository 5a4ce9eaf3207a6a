#include "runtime/training/data/MismatchAnswers.h"
#include <algorithm>

namespace ph::training {

namespace {
/// Where the answer of a sequence begins.
uint32_t answerOf(const ExampleSet &set, const ExampleSet::Sequence &sequence) {
  uint32_t at = 0;
  while (at < sequence.length && !set.learned(sequence.begin + at))
    ++at;
  return at;
}

EncodedPassage passageOf(const ExampleSet &set, size_t prompt, size_t answer) {
  EncodedPassage passage;
  auto append = [&](const ExampleSet::Sequence &from, uint32_t begin, uint32_t end) {
    for (uint64_t i = from.begin + begin; i < from.begin + end; ++i) {
      passage.ids.push_back(set.token(i));
      passage.learned.push_back(set.learned(i));
    }
  };
  const auto &given = set.sequence(prompt), &said = set.sequence(answer);
  append(given, 0, answerOf(set, given));
  append(said, answerOf(set, said), said.length);
  return passage;
}
} // namespace

ExampleSet mismatchAnswers(const ExampleSet &answers, int64_t sequenceLen) {
  const size_t count = answers.size();
  auto samePrompt = [&](size_t a, size_t b) {
    const auto &x = answers.sequence(a), &y = answers.sequence(b);
    return std::ranges::equal(answers.tokensOf(x).first(answerOf(answers, x)),
                              answers.tokensOf(y).first(answerOf(answers, y)));
  };
  // The nearest earlier one with another prompt, the order being a ring.
  std::vector<size_t> others(count);
  size_t last = count - 1;
  while (last > 0 && samePrompt(0, last))
    --last;
  const bool allSame = last == 0;
  for (size_t i = 0; i < count; ++i)
    others[i] = allSame ? (i + count - 1) % count : i == 0 ? last : samePrompt(i - 1, i) ? others[i - 1] : i - 1;
  ExampleSet result(true, answers.targetsEach());
  result.shareFiles(answers);
  for (size_t i = 0; i < count; ++i) {
    const auto &place = answers.sequence(i);
    for (size_t other : {i, others[i]}) {
      const EncodedPassage passage = passageOf(answers, i, other);
      result.add(passage, 0, std::min(passage.ids.size(), size_t(sequenceLen)), place.file, place.line);
    }
    result.addTargets(answers.targets(i));
  }
  return result;
}

} // namespace ph::training
