#include "runtime/training/data/PassageEncoder.h"
#include <algorithm>
#include <array>

namespace ph::training {

/// How many elements two sequences begin with in common.
template <class A, class B> static size_t commonBeginning(const A &a, const B &b) {
  return size_t(std::mismatch(a.begin(), a.begin() + ptrdiff_t(std::min(a.size(), b.size())), b.begin()).first -
                a.begin());
}

/// What a message says, as far as every template writes it: without spaces around it.
static std::string contentOf(const Passage &passage, size_t message) {
  std::string content = passage.messages[message]["content"];
  content.erase(0, content.find_first_not_of(" \t\r\n"));
  content.erase(content.find_last_not_of(" \t\r\n") + 1);
  return content;
}

Expected<EncodedPassage> PassageEncoder::encode(const Passage &passage) const {
  auto encoded = rules.toAnswer ? encodePrompt(passage) : passage.isChat ? encodeChat(passage) : encodeText(passage);
  if (encoded && rules.learnAll)
    encoded->learned.assign(encoded->ids.size(), true);
  return encoded;
}

Expected<EncodedPassage> PassageEncoder::encodePrompt(const Passage &passage) const {
  if (passage.isChat && !chat.hasTemplate())
    return Error{ErrorCode::BadModel, "the model has no chat template, so that there is no way to write messages"};
  Expected<std::vector<int32_t>> ids = std::vector<int32_t>();
  if (passage.isChat) {
    auto text = chat.render(tokenizer, passage.messages, true, rules.now);
    if (!text)
      return text.error();
    ids = chat.encodeRendered(tokenizer, *text);
  } else {
    ids = tokenizer.encode(passage.given);
    if (ids && tokenizer.addsEos() && !ids->empty() && ids->back() == tokenizer.vocabulary().eos)
      ids->pop_back();
  }
  if (!ids)
    return ids.error();
  const size_t count = ids->size();
  return EncodedPassage{std::move(*ids), std::vector<bool>(count, false)};
}

Expected<EncodedPassage> PassageEncoder::encodeText(const Passage &passage) const {
  auto whole = tokenizer.encode(passage.given + passage.learned);
  if (!whole)
    return whole.error();
  const int32_t eos = tokenizer.vocabulary().eos;
  if (rules.addEnd && eos != Vocabulary::none && (whole->empty() || whole->back() != eos))
    whole->push_back(eos);
  size_t begin = 0;
  if (!passage.given.empty()) {
    auto given = tokenizer.encode(passage.given);
    if (!given)
      return given.error();
    if (tokenizer.addsEos() && !given->empty() && given->back() == eos)
      given->pop_back();
    begin = commonBeginning(*given, *whole);
  }
  EncodedPassage result{std::move(*whole), {}};
  result.learned.assign(result.ids.size(), false);
  std::fill(result.learned.begin() + ptrdiff_t(begin), result.learned.end(), true);
  return result;
}

Expected<EncodedPassage> PassageEncoder::encodeChat(const Passage &passage) const {
  if (!chat.hasTemplate())
    return Error{ErrorCode::BadModel, "the model has no chat template, so that there is no way to write messages"};
  auto whole = chat.render(tokenizer, passage.messages, false, rules.now);
  if (!whole)
    return whole.error();
  auto ids = chat.encodeRendered(tokenizer, *whole);
  if (!ids)
    return ids.error();
  EncodedPassage result{std::move(*ids), {}};
  result.learned.assign(result.ids.size(), false);
  for (size_t i = passage.firstLearned; i < passage.messages.size(); ++i)
    if (passage.messages[i]["role"] == "assistant")
      if (auto e = learnAnswer(passage, i, *whole, result))
        return e.error();
  return result;
}

Expected<PassageEncoder::Place> PassageEncoder::findAnswer(const Passage &passage, size_t message,
                                                           const std::string &whole) const {
  // The answer lies between what the template writes before it and what it writes up to it.
  nlohmann::ordered_json before = passage.messages;
  before.erase(before.begin() + ptrdiff_t(message), before.end());
  auto prompt = chat.render(tokenizer, before, true, rules.now);
  before.push_back(passage.messages[message]);
  auto until = chat.render(tokenizer, before, false, rules.now);
  // Where the content ends: there a conversation differs in which more is said.
  const std::string content = contentOf(passage, message);
  nlohmann::ordered_json longer = passage.messages;
  Place place;
  if (prompt)
    place.begin = commonBeginning(*prompt, whole);
  const size_t found = whole.find(content, place.begin);
  place.content = found + content.size();
  const bool isThere = found != std::string::npos;
  longer[message]["content"] = content + (isThere && whole.substr(place.content, 1) == "~" ? "^" : "~");
  auto more = chat.render(tokenizer, longer, false, rules.now);
  for (auto *text : {&prompt, &until, &more})
    if (!*text)
      return Error{text->error().code,
                   text->error().message + " (with the conversation up to message " + std::to_string(message) + ")"};
  // All that was said before lies in front of it, as far as it is there.
  size_t said = 0;
  for (size_t i = 0; i < message; ++i)
    if (const std::string earlier = contentOf(passage, i); whole.find(earlier, said) != std::string::npos)
      said = whole.find(earlier, said) + earlier.size();
  if (!isThere || place.begin < said || commonBeginning(*more, whole) != place.content)
    return Error{ErrorCode::Failed, "the chat template does not write message " + std::to_string(message) +
                                        " as it is when more follows; end the conversation with it, and make the rest "
                                        "another example"};
  place.end = std::max(commonBeginning(*until, whole), place.content);
  return place;
}

Status PassageEncoder::learnAnswer(const Passage &passage, size_t message, const std::string &whole,
                                   EncodedPassage &out) const {
  auto place = findAnswer(passage, message, whole);
  if (!place)
    return place.error();
  std::array<size_t, 3> at = {};
  for (size_t i = 0; const size_t bytes : {place->begin, place->content, place->end}) {
    auto ids = chat.encodeRendered(tokenizer, std::string_view(whole).substr(0, bytes));
    if (!ids)
      return ids.error();
    at[i++] = commonBeginning(*ids, out.ids);
  }
  auto [first, said, last] = at;
  // It ends with the token that ends answers. What a template writes behind that, mostly the end of a line, is nothing
  // to say; and templates that write earlier answers otherwise than the last have one too.
  const Vocabulary &vocabulary = tokenizer.vocabulary();
  auto isBlank = [&](int32_t id) {
    return tokenizer.decode({&id, 1}).find_first_not_of(" \t\r\n") == std::string::npos;
  };
  for (size_t i = said;
       i < out.ids.size() && (i < last || isBlank(out.ids[i]) || vocabulary.endsGeneration(out.ids[i])); ++i)
    if (vocabulary.endsGeneration(out.ids[i])) {
      last = i + 1;
      break;
    }
  if (first < last)
    std::fill(out.learned.begin() + ptrdiff_t(first), out.learned.begin() + ptrdiff_t(last), true);
  return {};
}

} // namespace ph::training
