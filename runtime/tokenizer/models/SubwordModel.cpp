#include "runtime/tokenizer/models/SubwordModel.h"
#include <cstdio>

namespace ph {

ByteTokens::ByteTokens(const Vocabulary &vocabulary) {
  for (unsigned b = 0; b < 256; ++b) {
    char text[8];
    std::snprintf(text, sizeof text, "<0x%02X>", b);
    ids[b] = vocabulary.find(text);
  }
}

bool ByteTokens::append(std::string_view text, std::vector<int32_t> &out) const {
  const size_t before = out.size();
  for (char byte : text) {
    if ((*this)[byte] == Vocabulary::none) {
      out.resize(before);
      return false;
    }
    out.push_back((*this)[byte]);
  }
  return true;
}

namespace {

class WordLevelModel final : public SubwordModel {
public:
  WordLevelModel(const Vocabulary &words, int32_t unknown) : words(words), unknown(unknown) {}

private:
  struct Run final : PieceSink {
    Run(const WordLevelModel &model, std::vector<int32_t> &out) : model(model), out(out) {}
    Status piece(Piece piece) override {
      int32_t id = model.words.find(piece.text);
      if (id == Vocabulary::none)
        id = model.unknown;
      if (id != Vocabulary::none)
        out.push_back(id);
      return {};
    }
    const WordLevelModel &model;
    std::vector<int32_t> &out;
  };
  std::unique_ptr<PieceSink> start(size_t, std::vector<int32_t> &out) const override {
    return std::make_unique<Run>(*this, out);
  }

  const Vocabulary &words;
  const int32_t unknown;
};

} // namespace

std::unique_ptr<SubwordModel> makeWordLevelModel(const Vocabulary &vocabulary, int32_t unknown) {
  return std::make_unique<WordLevelModel>(vocabulary, unknown);
}

} // namespace ph
