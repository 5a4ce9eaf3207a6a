#include "runtime/tokenizer/normalizers/Normalizer.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>
#include <cstring>

namespace ph {

Expected<CharacterMap> CharacterMap::parse(std::string bytes) {
  uint32_t size = 0;
  if (bytes.size() >= sizeof size)
    std::memcpy(&size, bytes.data(), sizeof size);
  if (bytes.size() < sizeof size || size % 4 || size == 0 || size > bytes.size() - sizeof size)
    return Error{ErrorCode::BadModel, "the map of characters doesn't have the size that it states"};
  CharacterMap map;
  map.units = size / 4;
  map.bytes = bytes.substr(sizeof size);
  return map;
}

uint32_t CharacterMap::unit(size_t index) const {
  uint32_t value = 0;
  if (index < units)
    std::memcpy(&value, bytes.data() + index * 4, 4);
  return value;
}

CharacterMap::Found CharacterMap::find(std::string_view text, bool longest) const {
  // A unit of the double array (Aoe 1989, in the layout of Darts-clone): label in bits 0 to 7 and 31, whether it has a
  // value in bit 8, offset of the children in bits 10 to 30, times 256 if bit 9 is set.
  auto offset = [](uint32_t u) { return static_cast<size_t>(u >> 10) << ((u & (1u << 9)) >> 6); };
  Found found;
  size_t node = offset(unit(0));
  for (size_t i = 0; i < text.size() && text[i]; ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    node ^= byte;
    if (node >= units)
      break;
    const uint32_t now = unit(node);
    if ((now & (1u << 31 | 0xFF)) != byte)
      break;
    node ^= offset(now);
    if (!(now & 1u << 8))
      continue;
    const size_t at = units * 4 + (unit(node) & 0x7FFFFFFF);
    if (at < bytes.size()) {
      found.length = i + 1;
      found.replacement =
          std::string_view(bytes.data() + at, strnlen(bytes.data() + at, std::min<size_t>(bytes.size() - at, 1024)));
      if (!longest)
        break;
    }
  }
  return found;
}

namespace {

class Precompiled final : public Normalizer {
public:
  explicit Precompiled(CharacterMap map) : map(std::move(map)) {}
  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    forEachStretch(
        text, [&](std::string_view stretch) { rewrite(stretch, out); },
        [&](std::string_view stretch) { out += stretch; });
    return {};
  }

private:
  void rewrite(std::string_view text, std::string &out) const {
    while (!text.empty()) {
      const std::string_view cluster = text.substr(0, unicode::graphemeLength(text));
      text.remove_prefix(cluster.size());
      // A short cluster is replaced by what its shortest known beginning becomes, whatever else it has: so tokenizers.
      if (cluster.size() < 6)
        if (auto found = map.find(cluster, /*longest=*/false); found.length) {
          out += found.replacement;
          continue;
        }
      for (size_t at = 0; at < cluster.size();) {
        const std::string_view one = cluster.substr(at, firstCodePoint(cluster.substr(at)).length);
        const auto found = map.find(one, /*longest=*/false);
        out += found.length ? found.replacement : one;
        at += one.size();
      }
    }
  }

  const CharacterMap map;
};

class SentencePieceNormalizer final : public Normalizer {
public:
  SentencePieceNormalizer(std::unique_ptr<CharacterMap> map, SentencePieceOptions options)
      : map(std::move(map)), options(options) {}

  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    const size_t begin = out.size();
    if (options.addPrefix && !text.empty())
      out += space;
    bool afterSpace = options.removeExtraSpaces;
    auto append = [&](std::string_view part) {
      for (char c : part) {
        if (c != ' ') {
          out += c;
          afterSpace = false;
        } else if (!afterSpace) {
          out += space;
          afterSpace = options.removeExtraSpaces;
        }
      }
    };
    while (!text.empty()) {
      const auto found = map ? map->find(text, /*longest=*/true) : CharacterMap::Found();
      if (found.length) {
        append(found.replacement);
        text.remove_prefix(found.length);
      } else {
        const size_t length = firstCodePoint(text).length;
        append(text.substr(0, length));
        text.remove_prefix(length);
      }
    }
    if (options.removeExtraSpaces)
      while (out.size() > begin && std::string_view(out).substr(begin).ends_with(space))
        out.resize(out.size() - space.size());
    return {};
  }

private:
  static constexpr std::string_view space = "\xE2\x96\x81";
  const std::unique_ptr<CharacterMap> map;
  const SentencePieceOptions options;
};

} // namespace

std::unique_ptr<Normalizer> mapCharacters(CharacterMap map) { return std::make_unique<Precompiled>(std::move(map)); }

std::unique_ptr<Normalizer> normalizeAsSentencePiece(std::unique_ptr<CharacterMap> map, SentencePieceOptions options) {
  return std::make_unique<SentencePieceNormalizer>(std::move(map), options);
}

} // namespace ph
