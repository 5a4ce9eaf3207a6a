#include "runtime/tokenizer/huggingface/ReadSteps.h"

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

void readTemplate(const JsonFields &fields, Ids &before, Ids &after) {
  bool text = false;
  for (const JsonFields &item : fields.objects("single")) {
    if (item.has("Sequence")) {
      if (text)
        item.fail("Sequence", "comes twice for one text");
      text = true;
      continue;
    }
    const std::string name = item.object("SpecialToken").requiredString("id");
    if (item.failed())
      return;
    const JsonFields token = fields.object("special_tokens").object(name.c_str());
    const nlohmann::json *ids = token.find("ids");
    if (!ids || !ids->is_array()) {
      token.fail("ids", "must be an array of token ids");
      return;
    }
    for (const nlohmann::json &id : *ids) {
      if (!id.is_number_unsigned() || id.get<uint64_t>() > uint64_t(largestId)) {
        token.fail("ids", "must be an array of token ids");
        return;
      }
      (text ? after : before).push_back(id.get<int32_t>());
    }
  }
  if (!text)
    fields.fail("single", "has no place for the text");
}

} // namespace

void readPostProcessor(const JsonFields &fields, Ids &before, Ids &after) {
  if (fields.failed())
    return;
  const std::string type = fields.requiredString("type");
  Ids first, last;
  if (type == "Sequence") {
    for (const JsonFields &each : fields.objects("processors"))
      readPostProcessor(each, before, after);
    return;
  }
  if (type == "TemplateProcessing") {
    readTemplate(fields, first, last);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    readPair(fields, "cls", first);
    readPair(fields, "sep", last);
  } else if (type != "ByteLevel") { // that one is about offsets only
    fields.unknownType(type, "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing and ByteLevel");
  }
  before.insert(before.begin(), first.begin(), first.end());
  after.insert(after.end(), last.begin(), last.end());
}

} // namespace ph
