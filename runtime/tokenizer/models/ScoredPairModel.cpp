#include "runtime/tokenizer/models/SubwordModel.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>

namespace ph {
namespace {

class ScoredPairModel final : public SubwordModel {
public:
  ScoredPairModel(const Vocabulary &words, std::vector<float> scores, int32_t unknown)
      : words(words), scores(std::move(scores)), byteTokens(words), unknown(unknown) {}

private:
  class Run;
  std::unique_ptr<PieceSink> start(size_t textBytes, std::vector<int32_t> &out) const override;

  const Vocabulary &words;
  const std::vector<float> scores;
  const ByteTokens byteTokens;
  const int32_t unknown;
};

class ScoredPairModel::Run final : public PieceSink {
public:
  Run(const ScoredPairModel &model, std::vector<int32_t> &out) : model(model), out(out) {}

  Status piece(Piece piece) override {
    text = piece.text;
    symbols.clear();
    queue.clear();
    for (size_t at = 0; at < text.size();) {
      const uint32_t length = firstCodePoint(text.substr(at)).length, index = static_cast<uint32_t>(symbols.size());
      symbols.push_back({static_cast<uint32_t>(at), length, model.words.find(text.substr(at, length)),
                         index ? index - 1 : end, index + 1});
      at += length;
    }
    if (symbols.empty())
      return {};
    symbols.back().next = end;
    for (uint32_t at = 0; at + 1 < symbols.size(); ++at)
      offer(at);
    merge();
    bool afterUnknown = false; // unknown characters in a row are one token, as SentencePiece has it
    for (uint32_t at = 0; at != end; at = symbols[at].next)
      afterUnknown = append(symbols[at], afterUnknown);
    return {};
  }

private:
  static constexpr uint32_t end = ~0u;
  struct Symbol {
    uint32_t begin, length; ///< of its text; length 0 once merged into the one before it
    int32_t id;
    uint32_t previous, next;
  };
  struct Pair {
    float score;
    uint32_t left, length; ///< first symbol; bytes of the text that both had when this was made
    int32_t id;
    bool operator<(const Pair &other) const {
      return score < other.score || (score == other.score && left > other.left);
    }
  };

  void offer(uint32_t left) {
    const uint32_t right = symbols[left].next;
    if (right == end)
      return;
    const uint32_t length = symbols[left].length + symbols[right].length;
    const int32_t id = model.words.find(text.substr(symbols[left].begin, length));
    if (id == Vocabulary::none)
      return;
    queue.push_back({model.scores[id], left, length, id});
    std::push_heap(queue.begin(), queue.end());
  }

  // Pairs that another merge broke stay queued and are skipped: the lengths tell.
  void merge() {
    while (!queue.empty()) {
      std::pop_heap(queue.begin(), queue.end());
      const Pair pair = queue.back();
      queue.pop_back();
      Symbol &left = symbols[pair.left];
      if (!left.length || left.next == end || left.length + symbols[left.next].length != pair.length)
        continue;
      Symbol &right = symbols[left.next];
      left.length = pair.length;
      left.id = pair.id;
      left.next = right.next;
      right.length = 0;
      if (left.next != end)
        symbols[left.next].previous = pair.left;
      if (left.previous != end)
        offer(left.previous);
      offer(pair.left);
    }
  }

  /// Whether the symbol is unknown.
  bool append(const Symbol &symbol, bool afterUnknown) {
    if (symbol.id != Vocabulary::none)
      out.push_back(symbol.id);
    else if (!model.byteTokens.append(text.substr(symbol.begin, symbol.length), out)) {
      if (model.unknown != Vocabulary::none && !afterUnknown)
        out.push_back(model.unknown);
      return true;
    }
    return false;
  }

  const ScoredPairModel &model;
  std::vector<int32_t> &out;
  std::string_view text;
  std::vector<Symbol> symbols;
  std::vector<Pair> queue; ///< a heap
};

std::unique_ptr<PieceSink> ScoredPairModel::start(size_t, std::vector<int32_t> &out) const {
  return std::make_unique<Run>(*this, out);
}

} // namespace

std::unique_ptr<SubwordModel> makeScoredPairModel(const Vocabulary &vocabulary, std::vector<float> scores,
                                                  int32_t unknown) {
  return std::make_unique<ScoredPairModel>(vocabulary, std::move(scores), unknown);
}

} // namespace ph
