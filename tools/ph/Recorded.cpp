#include "tools/ph/Recorded.h"
#include "runtime/base/Json.h"
#include "tools/ph/Flags.h"
#include <algorithm>
#include <cstdint>

namespace ph::tool {
namespace {

using nlohmann::json;

bool readIds(const json &object, const char *key, std::vector<int32_t> &ids) {
  const json *list = jsonMember(object, key);
  if (!list || !list->is_array())
    return false;
  for (const json &entry : *list) {
    const int64_t id = entry.is_number_integer() ? entry.get<int64_t>() : -1;
    if (id < 0 || id > INT32_MAX)
      return false;
    ids.push_back(int32_t(id));
  }
  return true;
}

bool readNumbers(const json &object, const char *key, std::vector<double> &numbers) {
  const json *list = jsonMember(object, key);
  if (!list || !list->is_array())
    return false;
  for (const json &entry : *list) {
    if (!entry.is_number())
      return false;
    numbers.push_back(entry.get<double>());
  }
  return true;
}

bool readPrompt(const json &object, RecordedPrompt &prompt) {
  const std::string *text = jsonString(object, "prompt");
  if (text)
    prompt.text = *text;
  return text && readIds(object, "input_ids", prompt.ids) && readIds(object, "top_ids", prompt.topIds) &&
         readIds(object, "greedy_ids", prompt.greedyIds) && readNumbers(object, "top_logits", prompt.topLogits) &&
         !prompt.ids.empty() && prompt.topIds.size() == prompt.topLogits.size();
}

} // namespace

Expected<Recorded> Recorded::read(const std::string &path) {
  auto text = readFile(path);
  if (!text)
    return text.error();
  auto root = parseJson(*text, path);
  if (!root)
    return root.error();
  auto broken = [&](const char *key) {
    return Error{ErrorCode::BadModel, path + ": '" + key + "' is missing or not as make_smollm2.py writes it"};
  };
  Recorded recorded;
  const json *prompts = jsonMember(*root, "prompts");
  if (!prompts || !prompts->is_array() || prompts->empty())
    return broken("prompts");
  for (const json &entry : *prompts)
    if (!readPrompt(entry, recorded.prompts.emplace_back()))
      return broken("prompts");
  if (const json *t = jsonMember(*root, "text")) {
    recorded.window = jsonInteger(*t, "window").value_or(0);
    if (recorded.window < 4 || recorded.window > 1 << 24 || !readIds(*t, "tokens_first_10", recorded.firstTokens) ||
        !readNumbers(*t, "mean_nll_per_window", recorded.windowMeans))
      return broken("text");
  }
  if (const json *p = jsonMember(*root, "perplexity16")) {
    recorded.perplexity = jsonNumber(*p, "perplexity").value_or(0);
    if (!(recorded.perplexity > 0) || !readNumbers(*p, "nll_sum_per_window", recorded.halfSums))
      return broken("perplexity16");
  }
  return recorded;
}

Status Recorded::check(int64_t vocabulary) const {
  for (const RecordedPrompt &prompt : prompts)
    for (const auto *ids : {&prompt.ids, &prompt.topIds, &prompt.greedyIds})
      if (std::any_of(ids->begin(), ids->end(), [&](int32_t id) { return id < 0 || id >= vocabulary; }))
        return Error{ErrorCode::BadModel, "the recorded ids are of another model: one is outside the vocabulary of " +
                                              std::to_string(vocabulary)};
  return {};
}

int64_t Recorded::longestPrompt() const {
  size_t longest = 1;
  for (const RecordedPrompt &prompt : prompts)
    longest = std::max(longest, prompt.ids.size() + prompt.greedyIds.size());
  return int64_t(longest);
}

} // namespace ph::tool
