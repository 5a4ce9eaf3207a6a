#include "runtime/tokenizer/ByteLevelBPE.h"
#include <algorithm>
#include <array>
#include <bit>
#include <functional>

namespace ph {
namespace {

/// The printable alphabet of bytes.
struct Alphabet {
  uint16_t codePoint[256];
  int16_t byteOf[512]; ///< by code point; -1 where none
  constexpr Alphabet() : codePoint(), byteOf() {
    for (int16_t &b : byteOf)
      b = -1;
    uint16_t next = 256;
    for (int b = 0; b < 256; ++b) {
      const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
      codePoint[b] = printable ? static_cast<uint16_t>(b) : next++;
      byteOf[codePoint[b]] = static_cast<int16_t>(b);
    }
  }
};
constexpr Alphabet alphabet;

void appendSpelling(unsigned char byte, std::string &out) {
  const unsigned code = alphabet.codePoint[byte];
  if (code < 0x80)
    out += static_cast<char>(code);
  else {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

uint64_t hashPair(int32_t left, int32_t right) {
  uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  key *= 0x9E3779B97F4A7C15ull;
  return key ^ key >> 32;
}

} // namespace

/// Merges the words of one call; holds the buffers, and remembers the short words of a long text.
class Merger final : public PieceSink {
public:
  Merger(const ByteLevelBPE &bpe, size_t textBytes, std::vector<int32_t> &out) : bpe(bpe), out(out) {
    if (textBytes >= 1024)
      cache.resize(1024);
  }

  Status piece(std::string_view word) override {
    Cached *slot = nullptr;
    if (!cache.empty() && word.size() <= sizeof slot->word) {
      slot = &cache[std::hash<std::string_view>()(word) % cache.size()];
      if (slot->length == word.size() && word == std::string_view(slot->word, slot->length)) {
        out.insert(out.end(), slot->ids, slot->ids + slot->count);
        return {};
      }
    }
    const size_t before = out.size();
    if (auto e = encode(word))
      return e;
    const size_t count = out.size() - before;
    if (slot && count <= std::size(slot->ids)) {
      slot->length = static_cast<uint8_t>(word.size());
      slot->count = static_cast<uint8_t>(count);
      std::copy(word.begin(), word.end(), slot->word);
      std::copy(out.begin() + before, out.end(), slot->ids);
    }
    return {};
  }

private:
  struct Cached {
    uint8_t length = 0, count = 0;
    char word[22];
    int32_t ids[6];
  };
  static constexpr uint32_t end = ~0u;
  struct Symbol {
    int32_t id; ///< of no token once merged into the one before it
    uint32_t previous, next;
  };

  Status encode(std::string_view word) {
    if (bpe.wholeWordsFirst && word.size() <= bpe.words.longestText()) {
      spelled.clear();
      for (unsigned char byte : word)
        appendSpelling(byte, spelled);
      if (int32_t id = bpe.words.find(spelled); id != Vocabulary::none && !bpe.words.isVerbatim(id)) {
        out.push_back(id);
        return {};
      }
    }
    symbols.clear();
    for (size_t i = 0; i < word.size(); ++i) {
      const int32_t id = bpe.byteTokens[static_cast<unsigned char>(word[i])];
      // As in llama.cpp, a byte that the vocabulary lacks is left out: the unknown token is often a control token,
      // which text must never become.
      if (id == Vocabulary::none)
        continue;
      const auto at = static_cast<uint32_t>(symbols.size());
      symbols.push_back({id, at ? at - 1 : end, at + 1});
    }
    if (symbols.empty())
      return {};
    symbols.back().next = end;
    merge();
    for (uint32_t at = 0; at != end; at = symbols[at].next)
      out.push_back(symbols[at].id);
    return {};
  }

  // The lowest rank first, the leftmost among equals. Pairs that another merge broke stay queued and are skipped.
  void merge() {
    queue.clear();
    for (uint32_t at = 0; at + 1 < symbols.size(); ++at)
      offer(at);
    while (!queue.empty()) {
      std::pop_heap(queue.begin(), queue.end(), std::greater<>());
      const uint64_t entry = queue.back();
      queue.pop_back();
      const ByteLevelBPE::Merge &merge = bpe.merges[entry >> 32];
      const uint32_t left = static_cast<uint32_t>(entry), right = symbols[left].next;
      if (symbols[left].id != merge.left || right == end || symbols[right].id != merge.right)
        continue;
      symbols[left].id = merge.result;
      symbols[left].next = symbols[right].next;
      symbols[right].id = Vocabulary::none;
      if (symbols[left].next != end)
        symbols[symbols[left].next].previous = left;
      if (symbols[left].previous != end)
        offer(symbols[left].previous);
      offer(left);
    }
  }

  void offer(uint32_t left) {
    const uint32_t right = symbols[left].next;
    if (right == end)
      return;
    const uint32_t rank = bpe.rank(symbols[left].id, symbols[right].id);
    if (rank == ByteLevelBPE::noRank)
      return;
    queue.push_back(static_cast<uint64_t>(rank) << 32 | left);
    std::push_heap(queue.begin(), queue.end(), std::greater<>());
  }

  const ByteLevelBPE &bpe;
  std::vector<int32_t> &out;
  std::vector<Cached> cache;
  std::vector<Symbol> symbols;
  std::vector<uint64_t> queue; ///< a heap of rank << 32 | left
  std::string spelled;
};

Expected<std::unique_ptr<Tokenizer>> ByteLevelBPE::create(const GgufFile &file, const PreTokenizerSpec &spec,
                                                          Vocabulary vocabulary, SpecialTokens special) {
  auto splitter = PreTokenizer::create(spec);
  if (!splitter)
    return splitter.error();
  std::unique_ptr<ByteLevelBPE> bpe(new ByteLevelBPE(std::move(vocabulary), std::move(special), std::move(*splitter)));
  bpe->wholeWordsFirst = spec.wholeWordsFirst;
  for (int b = 0; b < 256; ++b) {
    std::string spelled;
    appendSpelling(static_cast<unsigned char>(b), spelled);
    bpe->byteTokens[b] = bpe->words.find(spelled);
  }
  if (auto e = bpe->readMerges(file))
    return e.error();
  return std::unique_ptr<Tokenizer>(std::move(bpe));
}

Status ByteLevelBPE::readMerges(const GgufFile &file) {
  auto bad = [&](std::string what) {
    return Error{ErrorCode::BadModel, file.path() + ": key 'tokenizer.ggml.merges'" + std::move(what)};
  };
  const GgufValue *value = file.find("tokenizer.ggml.merges");
  if (!value)
    return bad(" is missing; byte-pair encoding needs it");
  auto lines = value->isArray() ? value->asStrings() : std::nullopt;
  if (!lines)
    return bad(" must be an array of strings");
  if (lines->size() > size_t(1) << 24)
    return bad(" has " + std::to_string(lines->size()) + " entries; at most 16777216 are accepted");
  merges.reserve(lines->size());
  slots.assign(std::bit_ceil(lines->size() * 2 + 1), noRank);
  const size_t wrap = slots.size() - 1;
  for (size_t i = 0; i < lines->size(); ++i) {
    std::string_view line = (*lines)[i];
    const size_t space = line.find(' ', 1);
    if (line.empty() || space == std::string_view::npos || space + 1 == line.size())
      return bad(": entry " + std::to_string(i) + " is not two parts with a space between");
    std::string_view left = line.substr(0, space), right = line.substr(space + 1);
    const Merge merge{words.find(left), words.find(right), words.find(left, right)};
    if (merge.left == Vocabulary::none || merge.right == Vocabulary::none || merge.result == Vocabulary::none)
      return bad(": entry " + std::to_string(i) + ": a part or the result is not in 'tokenizer.ggml.tokens'");
    size_t slot = hashPair(merge.left, merge.right) & wrap;
    while (slots[slot] != noRank &&
           !(merges[slots[slot]].left == merge.left && merges[slots[slot]].right == merge.right))
      slot = (slot + 1) & wrap;
    if (slots[slot] == noRank)
      slots[slot] = static_cast<uint32_t>(i);
    merges.push_back(merge);
  }
  return {};
}

uint32_t ByteLevelBPE::rank(int32_t left, int32_t right) const {
  const size_t wrap = slots.size() - 1;
  for (size_t slot = hashPair(left, right) & wrap; slots[slot] != noRank; slot = (slot + 1) & wrap)
    if (const Merge &merge = merges[slots[slot]]; merge.left == left && merge.right == right)
      return slots[slot];
  return noRank;
}

Status ByteLevelBPE::encodeText(std::string_view text, bool first, std::vector<int32_t> &out) const {
  Merger merger(*this, text.size(), out);
  return splitter.split(text, merger);
}

void ByteLevelBPE::appendText(int32_t id, std::string &out) const {
  std::string_view text = words.text(id);
  for (size_t i = 0; i < text.size();) {
    const unsigned char lead = static_cast<unsigned char>(text[i]);
    const unsigned char trail = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool two = (lead & 0xE0) == 0xC0 && (trail & 0xC0) == 0x80;
    const unsigned code = two ? (lead & 0x1Fu) << 6 | (trail & 0x3Fu) : lead;
    if ((two || lead < 0x80) && code < 512 && alphabet.byteOf[code] >= 0) {
      out += static_cast<char>(alphabet.byteOf[code]);
      i += two ? 2 : 1;
    } else { // not of the alphabet: a token that the converter wrote as it is
      out += text[i++];
    }
  }
}

} // namespace ph
