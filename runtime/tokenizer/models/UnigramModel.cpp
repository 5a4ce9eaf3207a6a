#include "runtime/tokenizer/models/SubwordModel.h"
#include "runtime/tokenizer/models/TokenTrie.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>
#include <limits>

namespace ph {
namespace {

class UnigramModel final : public SubwordModel {
public:
  UnigramModel(const Vocabulary &words, std::vector<double> scores, UnigramOptions options, TokenTrie trie)
      : scores(std::move(scores)), options(options), trie(std::move(trie)), byteTokens(words) {
    double lowest = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < this->scores.size(); ++i)
      if (words.isOfModel(static_cast<int32_t>(i)))
        lowest = std::min(lowest, this->scores[i]);
    unknownScore = sum(lowest, -10); // SentencePiece's kUnkPenalty
  }

private:
  class Run;
  std::unique_ptr<PieceSink> start(size_t textBytes, std::vector<int32_t> &out) const override;
  /// Which of two ways is better may depend on how their sums are rounded.
  double sum(double a, double b) const { return options.singlePrecision ? static_cast<float>(a + b) : a + b; }

  const std::vector<double> scores;
  const UnigramOptions options;
  const TokenTrie trie;
  const ByteTokens byteTokens;
  double unknownScore = 0;
};

class UnigramModel::Run final : public PieceSink {
public:
  Run(const UnigramModel &model, std::vector<int32_t> &out) : model(model), out(out) {}

  Status piece(Piece piece) override {
    const std::string_view text = piece.text;
    best.assign(text.size() + 1, Node());
    for (size_t begin = 0; begin < text.size();) {
      const double before = best[begin].score;
      const size_t character = firstCodePoint(text.substr(begin)).length;
      bool single = false;
      uint32_t node = TokenTrie::root;
      for (size_t end = begin; end < text.size();) {
        node = model.trie.step(node, text[end++]);
        if (node == TokenTrie::nothing)
          break;
        const int32_t id = model.trie.id(node);
        if (id == Vocabulary::none)
          continue;
        offer(begin, end, id, model.sum(before, model.scores[id]));
        single |= end - begin == character;
      }
      if (!single)
        offer(begin, begin + character, unknownCharacter, model.sum(before, model.unknownScore));
      begin += character;
    }
    // From the end back; unknown characters in a row are one stretch if so wished.
    steps.clear();
    for (size_t end = text.size(); end;) {
      const Node &node = best[end];
      if (node.id == unknownCharacter && model.options.fuseUnknown && !steps.empty() &&
          steps.back().id == unknownCharacter)
        steps.back().begin = node.begin;
      else
        steps.push_back({node.begin, static_cast<uint32_t>(end), node.id});
      end = node.begin;
    }
    for (size_t i = steps.size(); i-- > 0;)
      append(text.substr(steps[i].begin, steps[i].end - steps[i].begin), steps[i].id);
    return {};
  }

private:
  static constexpr int32_t unknownCharacter = -2;
  struct Node { ///< the best way to a place in the text
    double score = 0;
    uint32_t begin = ~0u;
    int32_t id = Vocabulary::none;
  };
  struct Step {
    uint32_t begin, end;
    int32_t id;
  };

  void offer(size_t begin, size_t end, int32_t id, double score) {
    Node &node = best[end];
    if (node.id == Vocabulary::none || score > node.score)
      node = {score, static_cast<uint32_t>(begin), id};
  }

  void append(std::string_view text, int32_t id) {
    if (id != unknownCharacter)
      out.push_back(id);
    else if (!(model.options.byteFallback && model.byteTokens.append(text, out)) &&
             model.options.unknown != Vocabulary::none)
      out.push_back(model.options.unknown);
  }

  const UnigramModel &model;
  std::vector<int32_t> &out;
  std::vector<Node> best; ///< by place in the text
  std::vector<Step> steps;
};

std::unique_ptr<PieceSink> UnigramModel::start(size_t, std::vector<int32_t> &out) const {
  return std::make_unique<Run>(*this, out);
}

} // namespace

Expected<std::unique_ptr<SubwordModel>> makeUnigramModel(const Vocabulary &vocabulary, std::vector<double> scores,
                                                         UnigramOptions options) {
  std::vector<std::pair<std::string_view, int32_t>> texts;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    std::string_view text = vocabulary.text(id);
    // Each place of a text costs as many steps as the longest token has bytes.
    if (text.size() > 1024)
      return Error{ErrorCode::BadModel, "token " + std::to_string(id) + " is longer than 1024 bytes"};
    if (!text.empty() && vocabulary.isOfModel(id) && vocabulary.type(id) != TokenType::Unused)
      texts.emplace_back(text, id);
  }
  auto trie = TokenTrie::create(texts);
  if (!trie)
    return trie.error();
  return std::unique_ptr<SubwordModel>(new UnigramModel(vocabulary, std::move(scores), options, std::move(*trie)));
}

} // namespace ph
