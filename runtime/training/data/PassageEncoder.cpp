#include "runtime/training/data/PassageEncoder.h"
#include <algorithm>

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
  auto encoded = passage.isChat ? encodeChat(passage) : encodeText(passage);
  if (encoded && rules.learnAll)
    encoded->learned.assign(encoded->ids.size(), true);
  return encoded;
}

Expected<EncodedPassage> PassageEncoder::encodeText(const Passage &passage) const {
  auto whole = tokenizer.encode(passage.given + passage.learned);
  if (!whole)
    return whole.error();
  const int32_t eos = tokenizer.vocabulary().eos;
  if (eos != Vocabulary::none && (whole->empty() || whole->back() != eos))
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

Status PassageEncoder::learnAnswer(const Passage &passage, size_t message, const std::string &whole,
                                   EncodedPassage &out) const {
  // The answer lies between what the template writes before it and what it writes up to it.
  nlohmann::ordered_json before = passage.messages;
  before.erase(before.begin() + ptrdiff_t(message), before.end());
  auto prompt = chat.render(tokenizer, before, true, rules.now);
  before.push_back(passage.messages[message]);
  auto until = chat.render(tokenizer, before, false, rules.now);
  for (auto *text : {&prompt, &until})
    if (!*text)
      return Error{text->error().code, text->error().message + " (rendering the conversation up to message " +
                                           std::to_string(message) + ")"};
  const size_t begin = commonBeginning(*prompt, whole), end = commonBeginning(*until, whole);
  // All that was said before lies in front of it, as far as it is there.
  size_t said = 0;
  for (size_t i = 0; i < message; ++i)
    if (const std::string content = contentOf(passage, i); whole.find(content, said) != std::string::npos)
      said = whole.find(content, said) + content.size();
  const std::string content = contentOf(passage, message);
  const size_t found = whole.find(content, begin);
  if (begin < said || found == std::string::npos || found + content.size() > end)
    return Error{ErrorCode::Failed, "the chat template writes message " + std::to_string(message) +
                                        " otherwise when more follows; end the conversation with it, and make the rest "
                                        "another example"};

  auto beginIds = chat.encodeRendered(tokenizer, std::string_view(whole).substr(0, begin));
  auto endIds = chat.encodeRendered(tokenizer, std::string_view(whole).substr(0, end));
  if (!beginIds || !endIds)
    return beginIds ? endIds.error() : beginIds.error();
  size_t first = commonBeginning(*beginIds, out.ids), last = commonBeginning(*endIds, out.ids);
  // What a template writes behind the token that ends an answer, mostly the end of a line, is nothing to say.
  const Vocabulary &vocabulary = tokenizer.vocabulary();
  size_t stop = last;
  while (stop > first && !vocabulary.endsGeneration(out.ids[stop - 1]) &&
         tokenizer.decode({&out.ids[stop - 1], 1}).find_first_not_of(" \t\r\n") == std::string::npos)
    --stop;
  if (stop > first && vocabulary.endsGeneration(out.ids[stop - 1]))
    last = stop;
  if (first < last)
    std::fill(out.learned.begin() + ptrdiff_t(first), out.learned.begin() + ptrdiff_t(last), true);
  return {};
}

} // namespace ph::training
