#include "runtime/tokenizer/huggingface/SentencePieceModel.h"
#include "runtime/tokenizer/Vocabulary.h"
#include <cmath>
#include <cstring>

namespace ph {
namespace {

/// One field of a message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding).
struct Field {
  uint64_t number = 0;
  uint64_t value = 0;     ///< of integers
  std::string_view bytes; ///< of strings and messages, and the four or eight bytes of floating-point numbers
};

/// The fields of one message, in order.
class Fields {
public:
  explicit Fields(std::string_view bytes) : rest(bytes) {}
  /// False at the end, or when what follows is no field.
  bool next(Field &field) {
    uint64_t tag = 0;
    if (rest.empty() || !integer(tag))
      return false;
    field = {tag >> 3, 0, {}};
    switch (tag & 7) {
    case 0:
      return integer(field.value);
    case 1:
      return take(8, field.bytes);
    case 2:
      return integer(field.value) && take(field.value, field.bytes);
    case 5:
      return take(4, field.bytes);
    default:
      return bad = true, false;
    }
  }
  bool broken() const { return bad; }

private:
  bool integer(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest[0]);
      rest.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80)
        return true;
    }
    return bad = true, false;
  }
  bool take(uint64_t size, std::string_view &bytes) {
    if (size > rest.size())
      return bad = true, false;
    bytes = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
  }

  std::string_view rest;
  bool bad = false;
};

/// Integers of 32 bits with a sign come with 64.
int64_t asSigned(uint64_t value) { return static_cast<int32_t>(static_cast<uint32_t>(value)); }

/// Calls `take` with each field of a message; whether it was one.
template <class Take> bool forEachField(std::string_view message, Take take) {
  Fields fields(message);
  Field field;
  while (fields.next(field))
    take(field);
  return !fields.broken();
}

} // namespace

Expected<SentencePieceModel> SentencePieceModel::parse(std::string_view bytes, const std::string &what) {
  SentencePieceModel model;
  uint64_t kind = 1;
  bool finite = true, good = true, escapes = true, suffix = false;
  auto piece = [&](std::string_view message) {
    std::string_view text;
    float score = 0;
    int64_t type = static_cast<int64_t>(TokenType::Normal);
    good &= forEachField(message, [&](const Field &field) {
      if (field.number == 1)
        text = field.bytes;
      else if (field.number == 2 && field.bytes.size() == sizeof score)
        std::memcpy(&score, field.bytes.data(), sizeof score);
      else if (field.number == 3)
        type = asSigned(field.value);
    });
    finite &= std::isfinite(score);
    model.pieces.push_back(text);
    model.scores.push_back(score);
    model.types.push_back(static_cast<int32_t>(type));
  };
  auto trainer = [&](const Field &field) {
    switch (field.number) {
    case 3:
      kind = field.value;
      break;
    case 24:
      suffix = field.value;
      break;
    case 40:
      model.unknown = asSigned(field.value);
      break;
    case 41:
      model.bos = asSigned(field.value);
      break;
    case 42:
      model.eos = asSigned(field.value);
      break;
    case 43:
      model.padding = asSigned(field.value);
      break;
    }
  };
  auto normalizer = [&](const Field &field) {
    switch (field.number) {
    case 2:
      model.characterMap = field.bytes;
      break;
    case 3:
      model.addPrefix = field.value;
      break;
    case 4:
      model.removeExtraSpaces = field.value;
      break;
    case 5:
      escapes = field.value;
      break;
    }
  };
  good &= forEachField(bytes, [&](const Field &field) {
    if (field.number == 1)
      piece(field.bytes);
    else if (field.number == 2)
      good &= forEachField(field.bytes, trainer);
    else if (field.number == 3)
      good &= forEachField(field.bytes, normalizer);
  });
  auto bad = [&](const std::string &why) { return Error{ErrorCode::BadModel, what + ": " + why}; };
  if (!good || model.pieces.empty())
    return bad("is no model of SentencePiece, or a damaged one");
  if (model.pieces.size() > Vocabulary::maximumTokens)
    return bad("has " + std::to_string(model.pieces.size()) + " pieces; at most 16777216 are accepted");
  if (!finite)
    return bad("a piece's score is not finite");
  if (kind != 1 && kind != 2)
    return bad("is a model of type " + std::to_string(kind) + "; 1 (unigrams) and 2 (BPE) are supported");
  if (!escapes || suffix)
    return bad("keeps spaces as they are or puts them at the end of words, which is not supported");
  model.pairs = kind == 2;
  return model;
}

} // namespace ph
