#include "runtime/tokenizer/normalizers/Normalizer.h"
#include "runtime/tokenizer/unicode/CodePoints.h"

namespace ph {
namespace {

/// The four steps of BERT's BasicTokenizer (Devlin et al. 2018, arXiv:1810.04805), as tokenizers has them.
class BertNormalizer final : public Normalizer {
public:
  explicit BertNormalizer(BertOptions options) : options(options) {}

  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    for (size_t at = 0; at < text.size();) {
      const size_t end = asciiEnd(text, at);
      for (; at < end; ++at)
        appendAscii(text[at], out);
      // Decomposition joins nothing with ASCII, so that a stretch may begin after it.
      size_t other = at;
      while (other < text.size() && static_cast<unsigned char>(text[other]) >= 0x80)
        ++other;
      if (other > at)
        appendOther(text.substr(at, other - at), out);
      at = other;
    }
    return {};
  }

private:
  static size_t asciiEnd(std::string_view text, size_t at) {
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
      ++at;
    return at;
  }

  void appendAscii(char c, std::string &out) const {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (options.cleanText) {
      if (byte == '\t' || byte == '\n' || byte == '\r')
        c = ' ';
      else if (unicode::isBertOther(byte))
        return;
    }
    out += options.lowercase && byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 32) : c;
  }

  void appendOther(std::string_view text, std::string &out) const {
    std::string cleaned, decomposed;
    for (size_t at = 0; at < text.size();) {
      const CodePoint point = firstCodePoint(text.substr(at));
      at += point.length;
      if (options.cleanText) {
        if (point.value == 0xFFFD || unicode::isBertOther(point.value))
          continue;
        if (unicode::isWhitespace(point.value)) {
          cleaned += ' ';
          continue;
        }
      }
      const bool apart = options.spaceIdeographs && unicode::isBertIdeograph(point.value);
      if (apart)
        cleaned += ' ';
      appendCodePoint(point.value, cleaned);
      if (apart)
        cleaned += ' ';
    }
    if (options.stripAccents) {
      unicode::appendNormalized(cleaned, unicode::NormalForm::D, decomposed);
      cleaned.swap(decomposed);
    }
    for (size_t at = 0; at < cleaned.size();) {
      const CodePoint point = firstCodePoint(std::string_view(cleaned).substr(at));
      at += point.length;
      if (options.stripAccents && unicode::isBertMark(point.value))
        continue;
      options.lowercase ? unicode::appendLowercase(point.value, out) : appendCodePoint(point.value, out);
    }
  }

  const BertOptions options;
};

} // namespace

std::unique_ptr<Normalizer> normalizeAsBert(BertOptions options) { return std::make_unique<BertNormalizer>(options); }

} // namespace ph
