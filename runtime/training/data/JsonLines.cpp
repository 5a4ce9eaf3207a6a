#include "runtime/training/data/JsonLines.h"
#include "runtime/base/Json.h"
#include <algorithm>

namespace ph::training {

using Json = nlohmann::ordered_json;

std::optional<Lines::Line> Lines::next() {
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    while (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos)
      return Line{line, number};
  }
  return std::nullopt;
}

namespace {

bool isBlank(const std::string &text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// Reads one object, with errors that begin with file and line.
class RecordReader {
public:
  RecordReader(const Json &object, const std::string &where) : object(object), where(where) {}

  Expected<Record> text() {
    auto words = string("text");
    if (!words)
      return words.error();
    if (isBlank(*words))
      return wrong("text is empty");
    Record record;
    record.first.learned = std::move(*words);
    return record;
  }

  Expected<Record> completion() {
    auto passage = join("prompt", "completion");
    if (!passage)
      return passage.error();
    return Record{std::move(*passage), {}, {}};
  }

  /// An answer, of a prompt or a conversation, and whether it is good.
  Expected<Record> judged() {
    auto record = object.contains("messages") ? chat() : completion();
    if (!record)
      return record.error();
    auto label = member("label");
    if (!label)
      return label.error();
    if (!(*label)->is_boolean())
      return wrong(std::string("label is ") + (*label)->type_name() + "; of an answer it is true or false");
    if (object.contains("messages")) {
      const size_t last = record->first.messages.size() - 1;
      if (record->first.messages[last]["role"] != "assistant")
        return wrong("the last of messages is no answer (role assistant), which label could be of");
      record->first.firstLearned = last;
    }
    record->label = **label;
    return record;
  }

  Expected<Record> prompt() {
    auto value = member("prompt");
    if (!value)
      return value.error();
    Record record;
    if ((*value)->is_array()) {
      auto list = messages("prompt");
      if (!list)
        return list.error();
      record.first.isChat = true;
      record.first.messages = std::move(*list);
      record.first.firstLearned = record.first.messages.size();
      return record;
    }
    auto words = string("prompt");
    if (!words)
      return words.error();
    if (isBlank(*words))
      return wrong("prompt is empty");
    record.first.given = std::move(*words);
    return record;
  }

  Expected<Record> labelled() {
    auto record = text();
    if (!record)
      return record.error();
    if (object.contains("text_pair"))
      return wrong("text_pair is given, but pairs of texts can't be trained on");
    auto label = member("label");
    if (!label)
      return label.error();
    record->label = **label;
    return record;
  }

  Expected<Record> chat() {
    auto list = messages("messages");
    if (!list)
      return list.error();
    Record record;
    record.first.isChat = true;
    record.first.messages = std::move(*list);
    if (auto e = hasAnswer(record.first, "messages"))
      return e.error();
    return record;
  }

  Expected<Record> pair() {
    const bool whole = !object.contains("prompt");
    auto better = whole ? conversation("chosen") : join("prompt", "chosen");
    if (!better)
      return better.error();
    auto worse = whole ? conversation("rejected") : join("prompt", "rejected");
    if (!worse)
      return worse.error();
    if (better->isChat != worse->isChat)
      return wrong("chosen and rejected are not both texts or both messages");
    if (better->isChat ? better->messages == worse->messages : better->learned == worse->learned)
      return wrong("chosen and rejected are the same");
    if (whole) {
      const size_t most = std::min(better->messages.size(), worse->messages.size());
      size_t same = 0;
      while (same < most && better->messages[same] == worse->messages[same])
        ++same;
      better->firstLearned = worse->firstLearned = same;
      for (auto [passage, key] : {std::pair(&*better, "chosen"), {&*worse, "rejected"}})
        if (auto e = hasAnswer(*passage, key))
          return e.error();
    }
    return Record{std::move(*better), std::move(*worse), {}};
  }

private:
  Error wrong(const std::string &what) const { return {ErrorCode::Failed, where + ": " + what}; }

  Expected<const Json *> member(const char *key) const {
    auto it = object.find(key);
    if (it == object.end()) {
      std::string keys;
      for (auto &[name, value] : object.items())
        if (keys.size() < 100)
          keys +=
              (keys.empty() ? "" : ", ") + Json(name.substr(0, 40)).dump(-1, ' ', true, Json::error_handler_t::replace);
      return wrong("the key \"" + std::string(key) + "\" is missing; the line has " + (keys.empty() ? "none" : keys));
    }
    return &*it;
  }

  Expected<std::string> string(const char *key) const {
    auto value = member(key);
    if (!value)
      return value.error();
    if (!(*value)->is_string())
      return wrong(std::string(key) + " is " + (*value)->type_name() + ", not a text");
    return (*value)->get<std::string>();
  }

  Expected<Json> messages(const char *key) const {
    auto value = member(key);
    if (!value)
      return value.error();
    const Json &list = **value;
    if (!list.is_array() || list.empty())
      return wrong(std::string(key) + " is no list of messages");
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string name = std::string(key) + "[" + std::to_string(i) + "]";
      if (!list[i].is_object())
        return wrong(name + " is " + list[i].type_name() + ", not a message: an object with role and content");
      for (const char *part : {"role", "content"})
        if (auto it = list[i].find(part); it == list[i].end() || !it->is_string())
          return wrong(name + " has no " + part + " that is a text");
    }
    return list;
  }

  Expected<Passage> conversation(const char *key) const {
    auto list = messages(key);
    if (!list)
      return list.error();
    Passage passage;
    passage.isChat = true;
    passage.messages = std::move(*list);
    return passage;
  }

  /// What is given under one key and what is learned under another, both texts or both messages.
  Expected<Passage> join(const char *givenKey, const char *learnedKey) const {
    auto given = member(givenKey), learned = member(learnedKey);
    if (!given || !learned)
      return given ? learned.error() : given.error();
    if ((*given)->is_array() != (*learned)->is_array())
      return wrong(std::string(givenKey) + " and " + learnedKey + " are not both texts or both messages");
    Passage passage;
    if (!(*given)->is_array()) {
      auto before = string(givenKey), after = string(learnedKey);
      if (!before || !after)
        return before ? after.error() : before.error();
      if (isBlank(*after))
        return wrong(std::string(learnedKey) + " is empty");
      passage.given = std::move(*before);
      passage.learned = std::move(*after);
      return passage;
    }
    auto before = messages(givenKey), after = messages(learnedKey);
    if (!before || !after)
      return before ? after.error() : before.error();
    passage.isChat = true;
    passage.messages = std::move(*before);
    passage.firstLearned = passage.messages.size();
    passage.messages.insert(passage.messages.end(), after->begin(), after->end());
    if (auto e = hasAnswer(passage, learnedKey))
      return e.error();
    return passage;
  }

  /// That there is an answer to learn, and none that is empty.
  Status hasAnswer(const Passage &passage, const char *key) const {
    bool any = false;
    for (size_t i = passage.firstLearned; i < passage.messages.size(); ++i) {
      const Json &message = passage.messages[i];
      if (message["role"] != "assistant")
        continue;
      any = true;
      if (isBlank(message["content"].get_ref<const std::string &>()))
        return wrong(std::string(key) + " has an answer (role assistant) that is empty");
    }
    return any ? Status() : Status(wrong(std::string(key) + " has no answer: no message with the role assistant"));
  }

  const Json &object;
  const std::string &where;
};

/// Checked first; then again with the members of objects in their order, which templates see.
Expected<Json> parseObject(std::string_view line, const std::string &where) {
  auto checked = parseJson(line, where);
  if (!checked)
    return Error{ErrorCode::Failed, checked.error().message};
  if (!checked->is_object())
    return Error{ErrorCode::Failed, where + ": is no JSON object"};
  return Json::parse(line, nullptr, /*allow_exceptions=*/false);
}

} // namespace

Expected<std::string> recognizeType(std::string_view line, ExampleKind wanted, const std::string &where) {
  auto object = parseObject(line, where);
  if (!object)
    return object.error();
  auto has = [&](const char *key) { return object->contains(key); };
  if (has("chosen") && has("rejected"))
    return std::string("preference");
  if (wanted == ExampleKind::Judged && has("label") && (has("messages") || has("completion")))
    return std::string("unpaired_preference");
  if (wanted == ExampleKind::Prompt && has("prompt"))
    return std::string("prompt");
  if (wanted == ExampleKind::Labelled && has("label") && has("text"))
    return std::string("text_label");
  if (has("messages"))
    return std::string("chat_template");
  if (has("prompt") && has("completion"))
    return std::string("prompt_completion");
  if (has("text"))
    return std::string("completion");
  return Error{ErrorCode::Failed, where +
                                      ": its keys are of no type of data set: text; prompt and completion; messages; "
                                      "chosen and rejected; for kto completion and label; for labels text and label"};
}

Expected<Record> parseRecord(std::string_view line, const std::string &type, const std::string &where) {
  auto object = parseObject(line, where);
  if (!object)
    return object.error();
  RecordReader reader(*object, where);
  if (type == "preference")
    return reader.pair();
  if (type == "unpaired_preference")
    return reader.judged();
  if (type == "text_label")
    return reader.labelled();
  if (type == "prompt")
    return reader.prompt();
  if (type == "chat_template")
    return reader.chat();
  if (type == "prompt_completion")
    return reader.completion();
  return reader.text();
}

} // namespace ph::training
