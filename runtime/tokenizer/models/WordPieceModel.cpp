#include "runtime/tokenizer/models/SubwordModel.h"
#include "runtime/tokenizer/models/TokenTrie.h"
#include "runtime/tokenizer/models/WordCache.h"

namespace ph {
namespace {

class WordPieceModel final : public SubwordModel {
public:
  WordPieceModel(WordPieceOptions options, TokenTrie starting, TokenTrie continuing)
      : options(std::move(options)), starting(std::move(starting)), continuing(std::move(continuing)) {}

private:
  class Run;
  std::unique_ptr<PieceSink> start(size_t textBytes, std::vector<int32_t> &out) const override;

  const WordPieceOptions options;
  const TokenTrie starting, continuing;
};

class WordPieceModel::Run final : public PieceSink {
public:
  Run(const WordPieceModel &model, size_t textBytes, std::vector<int32_t> &out)
      : model(model), out(out), cache(textBytes) {}

  Status piece(Piece piece) override {
    return cache.append(piece.text, out, [&] {
      encode(piece.text);
      return Status();
    });
  }

private:
  void encode(std::string_view word) {
    const size_t before = out.size();
    size_t characters = 0;
    for (char c : word)
      characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    bool known = characters <= model.options.mostCharacters;
    for (size_t at = 0; known && at < word.size();) {
      const TokenTrie &trie = at ? model.continuing : model.starting;
      int32_t best = Vocabulary::none;
      size_t end = at;
      uint32_t node = TokenTrie::root;
      for (size_t i = at; i < word.size(); ++i) {
        node = trie.step(node, word[i]);
        if (node == TokenTrie::nothing)
          break;
        if (trie.id(node) != Vocabulary::none) {
          best = trie.id(node);
          end = i + 1;
        }
      }
      known = best != Vocabulary::none;
      if (known)
        out.push_back(best);
      at = end;
    }
    if (known)
      return;
    out.resize(before);
    if (model.options.unknown != Vocabulary::none)
      out.push_back(model.options.unknown);
  }

  const WordPieceModel &model;
  std::vector<int32_t> &out;
  WordCache cache;
};

std::unique_ptr<PieceSink> WordPieceModel::start(size_t textBytes, std::vector<int32_t> &out) const {
  return std::make_unique<Run>(*this, textBytes, out);
}

} // namespace

Expected<std::unique_ptr<SubwordModel>> makeWordPieceModel(const Vocabulary &vocabulary, WordPieceOptions options) {
  // A word of W characters costs up to W times the longest token.
  constexpr size_t mostCharacters = 1 << 16;
  if (options.mostCharacters > mostCharacters)
    return Error{ErrorCode::BadModel, "words of " + std::to_string(options.mostCharacters) +
                                          " characters are too long for WordPiece; at most 65536 are accepted"};
  std::vector<std::pair<std::string_view, int32_t>> starting, continuing;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    std::string_view text = vocabulary.text(id);
    if (text.empty() || !vocabulary.isOfModel(id))
      continue;
    if (text.size() > 1024)
      return Error{ErrorCode::BadModel, "token " + std::to_string(id) + " is longer than 1024 bytes"};
    if (text.starts_with(options.starting))
      starting.emplace_back(text.substr(options.starting.size()), id);
    const bool alsoStarting =
        options.continuing.empty() && !options.starting.empty() && text.starts_with(options.starting);
    if (text.starts_with(options.continuing) && !alsoStarting)
      continuing.emplace_back(text.substr(options.continuing.size()), id);
  }
  auto first = TokenTrie::create(starting), rest = TokenTrie::create(continuing);
  if (!first || !rest)
    return first ? rest.error() : first.error();
  return std::unique_ptr<SubwordModel>(new WordPieceModel(std::move(options), std::move(*first), std::move(*rest)));
}

} // namespace ph
