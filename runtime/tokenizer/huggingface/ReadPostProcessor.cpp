#include "runtime/tokenizer/huggingface/ReadSteps.h"
#include <utility>

namespace ph {
namespace {

using Ids = std::vector<int32_t>;

constexpr int64_t largestId = static_cast<int64_t>(Vocabulary::maximumTokens) - 1;

/// The id of ["[CLS]", 101].
void readPair(const JsonFields &fields, const char *key, Ids &ids) {
  const nlohmann::json *pair = fields.find(key);
  const bool good = pair && pair->is_array() && pair->size() == 2 && (*pair)[1].is_number_unsigned() &&
                    (*pair)[1].get<uint64_t>() <= uint64_t(largestId);
  if (good)
    ids.push_back((*pair)[1].get<int32_t>());
  else
    fields.fail(key, "must be a pair of a token's text and id");
}

/// The ids of a token of a template, which is named there and numbered elsewhere.
void readToken(const JsonFields &fields, const JsonFields &named, int32_t type, std::vector<PairPiece> &pieces) {
  const std::string name = named.requiredString("id");
  if (named.failed())
    return;
  const JsonFields token = fields.object("special_tokens").object(name.c_str());
  const nlohmann::json *ids = token.find("ids");
  if (!ids || !ids->is_array())
    return token.fail("ids", "must be an array of token ids");
  for (const nlohmann::json &id : *ids) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() > uint64_t(largestId))
      return token.fail("ids", "must be an array of token ids");
    pieces.push_back({-1, id.get<int32_t>(), type});
  }
}

/// The template of one text, "single", or of two, "pair".
std::vector<PairPiece> readTemplate(const JsonFields &fields, const char *key, int texts) {
  std::vector<PairPiece> pieces;
  bool seen[2] = {};
  for (const JsonFields &item : fields.objects(key)) {
    const bool isText = item.has("Sequence");
    const JsonFields what = item.object(isText ? "Sequence" : "SpecialToken");
    const auto type = int32_t(what.integer("type_id", 0, 0, largestId));
    if (item.failed())
      return {};
    if (!isText) {
      readToken(fields, what, type, pieces);
      continue;
    }
    // One text is that, whatever it is called.
    const int text = texts == 2 && what.requiredString("id") == "B";
    if (std::exchange(seen[text], true)) {
      item.fail("Sequence", "comes twice for one text");
      return {};
    }
    pieces.push_back({text, -1, type});
  }
  for (int text = 0; text < texts; ++text)
    if (!seen[text])
      fields.fail(key, texts == 1 ? "has no place for the text" : "has no place for one of the texts");
  return pieces;
}

} // namespace

void readPostProcessor(const JsonFields &fields, TokenizerParts &parts) {
  if (fields.failed())
    return;
  const std::string type = fields.requiredString("type");
  Ids first, last;
  std::vector<PairPiece> pair;
  if (type == "Sequence") {
    for (const JsonFields &each : fields.objects("processors"))
      readPostProcessor(each, parts);
    return;
  }
  if (type == "TemplateProcessing") {
    bool behind = false;
    for (const PairPiece &piece : readTemplate(fields, "single", 1))
      if (piece.text == 0)
        behind = true;
      else
        (behind ? last : first).push_back(piece.id);
    if (const nlohmann::json *two = fields.find("pair"); two && !two->empty())
      pair = readTemplate(fields, "pair", 2);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    readPair(fields, "cls", first);
    readPair(fields, "sep", last);
    if (fields.failed())
      return;
    const PairPiece cls{-1, first[0], 0}, sep{-1, last[0], 0};
    if (type == "BertProcessing")
      pair = {cls, {0}, sep, {1, -1, 1}, {-1, last[0], 1}};
    else
      pair = {cls, {0}, sep, sep, {1}, sep};
  } else if (type != "ByteLevel") { // that one is about offsets only
    fields.unknownType(type, "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing and ByteLevel");
  }
  // Templates around templates are of one text only.
  const bool several = first.size() + last.size() > 0 && parts.before.size() + parts.after.size() > 0;
  if (!pair.empty())
    parts.pair = std::move(pair);
  if (several)
    parts.pair.clear();
  parts.before.insert(parts.before.begin(), first.begin(), first.end());
  parts.after.insert(parts.after.end(), last.begin(), last.end());
}

} // namespace ph
