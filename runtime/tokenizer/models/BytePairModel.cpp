#include "runtime/base/Quote.h"
#include "runtime/tokenizer/models/ByteAlphabet.h"
#include "runtime/tokenizer/models/SubwordModel.h"
#include "runtime/tokenizer/models/WordCache.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>
#include <bit>

namespace ph {
namespace {

uint64_t hashPair(int32_t left, int32_t right) {
  uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  key *= 0x9E3779B97F4A7C15ull;
  return key ^ key >> 32;
}

class BytePairModel final : public SubwordModel {
public:
  BytePairModel(const Vocabulary &words, BytePairOptions options)
      : words(words), options(std::move(options)), byteTokens(words) {
    for (unsigned b = 0; b < 256; ++b) {
      std::string spelled;
      appendSpelling(static_cast<unsigned char>(b), spelled);
      spelledBytes[b] = words.find(spelled);
      endingBytes[b] = words.find(spelled, this->options.ending);
    }
  }

  Status readMerges(std::span<const MergePair> pairs, const std::string &where) {
    auto bad = [&](size_t entry, const std::string &what) {
      return Error{ErrorCode::BadModel, where + ": entry " + std::to_string(entry) + ": " + what};
    };
    merges.reserve(pairs.size());
    slots.assign(std::bit_ceil(pairs.size() * 2 + 1), noRank);
    const size_t wrap = slots.size() - 1;
    for (size_t i = 0; i < pairs.size(); ++i) {
      auto [left, right] = pairs[i];
      if (!right.starts_with(options.continuing))
        return bad(i, quoteText(right) + " doesn't begin with " + quoteText(options.continuing));
      const Merge merge{words.find(left), words.find(right), words.find(left, right.substr(options.continuing.size()))};
      if (merge.left == Vocabulary::none || merge.right == Vocabulary::none || merge.result == Vocabulary::none)
        return bad(i, "a part or the result of " + quoteText(left) + " and " + quoteText(right) +
                          " is not in the vocabulary");
      size_t slot = hashPair(merge.left, merge.right) & wrap;
      while (slots[slot] != noRank &&
             !(merges[slots[slot]].left == merge.left && merges[slots[slot]].right == merge.right))
        slot = (slot + 1) & wrap;
      if (slots[slot] == noRank || options.lastOfEqual)
        slots[slot] = static_cast<uint32_t>(i);
      merges.push_back(merge);
    }
    return {};
  }

private:
  struct Merge {
    int32_t left, right, result;
  };
  class Run;
  static constexpr uint32_t noRank = ~0u;

  std::unique_ptr<PieceSink> start(size_t textBytes, std::vector<int32_t> &out) const override;

  /// Rank of the pair, or noRank.
  uint32_t rank(int32_t left, int32_t right) const {
    const size_t wrap = slots.size() - 1;
    for (size_t slot = hashPair(left, right) & wrap; slots[slot] != noRank; slot = (slot + 1) & wrap)
      if (const Merge &merge = merges[slots[slot]]; merge.left == left && merge.right == right)
        return slots[slot];
    return noRank;
  }

  const Vocabulary &words;
  const BytePairOptions options;
  const ByteTokens byteTokens;
  int32_t spelledBytes[256], endingBytes[256];
  std::vector<Merge> merges;   ///< by rank
  std::vector<uint32_t> slots; ///< pair → rank; open addressing, a power of two, at most half full
};

/// Merges the words of one text; holds the buffers.
class BytePairModel::Run final : public PieceSink {
public:
  Run(const BytePairModel &model, size_t textBytes, std::vector<int32_t> &out)
      : model(model), out(out), cache(textBytes) {}

  Status piece(Piece piece) override {
    return cache.append(piece.text, out, [&] { return encode(piece.text); });
  }

private:
  static constexpr uint32_t end = ~0u;
  struct Symbol {
    int32_t id; ///< of no token once merged into the one before it
    uint32_t previous, next;
  };

  Status encode(std::string_view word) {
    if (model.options.wholeWordsFirst && word.size() <= model.words.longestText()) {
      spelled.clear();
      if (model.options.rawBytes)
        appendSpelling(word, spelled);
      const int32_t id = model.words.find(model.options.rawBytes ? spelled : word);
      if (id != Vocabulary::none && !model.words.isVerbatim(id)) {
        out.push_back(id);
        return {};
      }
    }
    symbols.clear();
    if (model.options.rawBytes && model.options.continuing.empty())
      addBytes(word);
    else
      addCharacters(word);
    if (symbols.empty())
      return {};
    symbols.back().next = end;
    if (symbols.size() <= fewSymbols)
      mergeFew();
    else
      mergeMany();
    for (uint32_t at = 0; at != end; at = symbols[at].next)
      out.push_back(symbols[at].id);
    return {};
  }

  void add(int32_t id) {
    const auto at = static_cast<uint32_t>(symbols.size());
    symbols.push_back({id, at ? at - 1 : end, at + 1});
  }

  void addBytes(std::string_view word) {
    for (size_t i = 0; i < word.size(); ++i) {
      const auto byte = static_cast<unsigned char>(word[i]);
      int32_t id = (i + 1 == word.size() ? model.endingBytes : model.spelledBytes)[byte];
      if (id == Vocabulary::none)
        id = model.options.unknown;
      // As in llama.cpp, a byte that the vocabulary lacks is left out unless the model names an unknown token.
      if (id != Vocabulary::none)
        add(id);
    }
  }

  void addCharacters(std::string_view word) {
    int32_t unknown = Vocabulary::none; // held back, so that those in a row may become one
    auto flush = [&] {
      if (unknown != Vocabulary::none)
        add(unknown);
      unknown = Vocabulary::none;
    };
    if (model.options.rawBytes) {
      spelled.clear();
      appendSpelling(word, spelled);
      word = spelled;
    }
    std::string affixed;
    for (size_t at = 0; at < word.size();) {
      const size_t length = firstCodePoint(word.substr(at)).length;
      std::string_view text = word.substr(at, length);
      const bool inside = at != 0 && !model.options.continuing.empty();
      const bool last = at + length == word.size() && !model.options.ending.empty();
      if (inside || last) {
        affixed.assign(inside ? model.options.continuing : "").append(text);
        if (last)
          affixed += model.options.ending;
        text = affixed;
      }
      at += length;
      if (const int32_t id = model.words.find(text); id != Vocabulary::none) {
        flush();
        add(id);
        continue;
      }
      bytes.clear();
      if (model.options.byteFallback && model.byteTokens.append(text, bytes)) {
        for (int32_t id : bytes)
          add(id);
        continue;
      }
      if (!model.options.fuseUnknown)
        flush();
      unknown = model.options.unknown;
    }
    flush();
  }

  /// Joins `left` with the symbol after it.
  void join(uint32_t left, int32_t result) {
    const uint32_t right = symbols[left].next;
    symbols[left].id = result;
    symbols[left].next = symbols[right].next;
    symbols[right].id = Vocabulary::none;
    if (symbols[left].next != end)
      symbols[symbols[left].next].previous = left;
  }

  // The lowest rank first, the leftmost among equals. In a short word, finding it by looking at all pairs costs less
  // than keeping a queue.
  static constexpr size_t fewSymbols = 24;
  void mergeFew() {
    uint32_t ranks[fewSymbols]; // of the pair that begins there
    for (uint32_t at = 0; at + 1 < symbols.size(); ++at)
      ranks[at] = model.rank(symbols[at].id, symbols[at + 1].id);
    ranks[symbols.size() - 1] = noRank;
    auto rankAt = [&](uint32_t at) {
      const uint32_t next = symbols[at].next;
      return next == end ? noRank : model.rank(symbols[at].id, symbols[next].id);
    };
    for (;;) {
      uint32_t best = 0;
      for (uint32_t at = 1; at < symbols.size(); ++at)
        best = ranks[at] < ranks[best] ? at : best;
      if (ranks[best] == noRank)
        return;
      ranks[symbols[best].next] = noRank;
      join(best, model.merges[ranks[best]].result);
      ranks[best] = rankAt(best);
      if (const uint32_t previous = symbols[best].previous; previous != end)
        ranks[previous] = rankAt(previous);
    }
  }

  // The same with a queue. Pairs that another merge broke stay in it and are skipped.
  void mergeMany() {
    queue.clear();
    for (uint32_t at = 0; at + 1 < symbols.size(); ++at)
      offer(at);
    while (!queue.empty()) {
      std::pop_heap(queue.begin(), queue.end(), std::greater<>());
      const uint64_t entry = queue.back();
      queue.pop_back();
      const Merge &merge = model.merges[entry >> 32];
      const uint32_t left = static_cast<uint32_t>(entry), right = symbols[left].next;
      if (symbols[left].id != merge.left || right == end || symbols[right].id != merge.right)
        continue;
      join(left, merge.result);
      if (symbols[left].previous != end)
        offer(symbols[left].previous);
      offer(left);
    }
  }

  void offer(uint32_t left) {
    const uint32_t right = symbols[left].next;
    if (right == end)
      return;
    const uint32_t rank = model.rank(symbols[left].id, symbols[right].id);
    if (rank == noRank)
      return;
    queue.push_back(static_cast<uint64_t>(rank) << 32 | left);
    std::push_heap(queue.begin(), queue.end(), std::greater<>());
  }

  const BytePairModel &model;
  std::vector<int32_t> &out;
  WordCache cache;
  std::vector<Symbol> symbols;
  std::vector<uint64_t> queue; ///< a heap of rank << 32 | left
  std::vector<int32_t> bytes;
  std::string spelled;
};

std::unique_ptr<PieceSink> BytePairModel::start(size_t textBytes, std::vector<int32_t> &out) const {
  return std::make_unique<Run>(*this, textBytes, out);
}

} // namespace

Expected<std::unique_ptr<SubwordModel>> makeBytePairModel(const Vocabulary &vocabulary,
                                                          std::span<const MergePair> merges, BytePairOptions options,
                                                          const std::string &where) {
  auto model = std::make_unique<BytePairModel>(vocabulary, std::move(options));
  if (auto e = model->readMerges(merges, where))
    return e.error();
  return std::unique_ptr<SubwordModel>(std::move(model));
}

} // namespace ph
