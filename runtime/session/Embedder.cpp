#include "runtime/session/Embedder.h"
#include "runtime/base/Json.h"
#include "runtime/session/PixelValues.h"
#include <algorithm>
#include <numeric>

namespace ph {
namespace {

/// The program that makes vectors, and the number of the result that has them.
struct VectorProgram {
  const Program *program;
  int result;
};

std::optional<VectorProgram> findTextProgram(const Model &model) {
  for (const char *name : {"text", "forward"}) {
    const Program *program = model.program(name);
    if (!program || program->info().findInput("input_ids") < 0)
      continue;
    const auto &inputs = program->info().inputs;
    const bool textOnly = std::all_of(inputs.begin(), inputs.end(), [](const ProgramTensor &input) {
      return input.name == "input_ids" || input.name == "attention_mask" || input.name == "token_type_ids";
    });
    for (const char *wanted : {"text_embeds", "last_hidden_state"})
      if (int result = program->info().findResult(wanted); textOnly && result >= 0)
        return VectorProgram{program, result};
  }
  return std::nullopt;
}

std::optional<VectorProgram> findImageProgram(const Model &model) {
  for (const char *name : {"image", "forward"}) {
    const Program *program = model.program(name);
    if (!program || program->info().inputs.size() != 1 || program->info().inputs[0].name != "pixel_values")
      continue;
    for (const char *wanted : {"image_embeds", "pooler_output", "last_hidden_state"})
      if (int result = program->info().findResult(wanted); result >= 0)
        return VectorProgram{program, result};
  }
  return std::nullopt;
}

/// Shares of a batch that may be padding: a text joins one whose longest text is at most this much longer.
bool mayJoin(size_t length, size_t longest) { return longest * 3 <= length * 4 + 24; }

} // namespace

int64_t mostTokens(const Model &model) {
  int64_t most = model.sizes().contextLength;
  // Positions that count what is no padding begin behind the padding's own (RoBERTa).
  auto manifest = parseJson(model.manifestText(), model.path());
  if (manifest)
    if (auto padding = jsonInteger(*manifest, "padding_token"))
      most -= *padding + 1;
  return std::max<int64_t>(most, 1);
}

Expected<Embedder> Embedder::create(Model &model, const EmbeddingRules &rules) {
  auto found = findTextProgram(model);
  if (!found)
    return Error{ErrorCode::Usage, model.path() + ": gives no vectors of texts (its results are neither "
                                                  "'last_hidden_state' nor 'text_embeds')"};
  if (auto e = model.loadWeights(model.placement() == WeightsPlacement::Map))
    return e.error();
  return Embedder(model, *found->program, rules, found->result);
}

Expected<std::vector<int32_t>> Embedder::tokenize(std::string_view text, bool &cut) const {
  auto ids = model.tokenizer().encode(text);
  if (!ids)
    return ids;
  size_t most = size_t(mostTokens(model));
  if (rules.mostTokens)
    most = std::min(most, size_t(rules.mostTokens));
  cut = ids->size() > most;
  if (!cut)
    return ids;
  // What the tokenizer puts behind a text stays behind what is left of it.
  auto bare = model.tokenizer().encode(text, {.addSpecial = false});
  if (!bare)
    return bare;
  auto begin = std::search(ids->begin(), ids->end(), bare->begin(), bare->end());
  const size_t before = size_t(begin - ids->begin()), after = ids->size() - before - bare->size();
  const size_t kept = most > after ? most - after : 0;
  ids->erase(ids->begin() + ptrdiff_t(kept), ids->end() - ptrdiff_t(std::min(after, most)));
  return ids;
}

Expected<std::vector<Embedding>> Embedder::embed(std::span<const std::string> texts) {
  std::vector<Embedding> results(texts.size());
  std::vector<std::vector<int32_t>> ids;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto tokens = tokenize(texts[i], results[i].cut);
    if (!tokens)
      return tokens.error();
    if (tokens->empty())
      return Error{ErrorCode::Usage, "text " + std::to_string(i + 1) + " has no token; leave it out"};
    results[i].tokens = int64_t(tokens->size());
    ids.push_back(std::move(*tokens));
  }
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return std::pair(ids[b].size(), a) < std::pair(ids[a].size(), b); });
  for (size_t begin = 0; begin < order.size();) {
    const size_t longest = ids[order[begin]].size();
    const size_t most = std::max<size_t>(size_t(kBatchTokens) / longest, 1);
    size_t end = begin + 1;
    while (end < order.size() && end - begin < most && mayJoin(ids[order[end]].size(), longest))
      ++end;
    if (auto e = runBatch(ids, std::span(order).subspan(begin, end - begin), results))
      return e.error();
    begin = end;
  }
  return results;
}

Status Embedder::runBatch(std::span<const std::vector<int32_t>> ids, std::span<const size_t> batch,
                          std::vector<Embedding> &into) {
  const size_t length = ids[batch[0]].size();
  const int32_t padding = std::max(model.tokenizer().vocabulary().padding, 0);
  std::vector<int32_t> tokens(batch.size() * length, padding), mask(tokens.size(), 0);
  for (size_t row = 0; row < batch.size(); ++row) {
    const std::vector<int32_t> &text = ids[batch[row]];
    std::copy(text.begin(), text.end(), tokens.begin() + ptrdiff_t(row * length));
    std::fill_n(mask.begin() + ptrdiff_t(row * length), text.size(), 1);
  }
  const std::vector<int64_t> shape = {int64_t(batch.size()), int64_t(length)};
  auto results =
      program.run(model.team(), model.weights(),
                  {{"input_ids", HostTensor::ofIntegers(shape, tokens)},
                   {"attention_mask", HostTensor::ofIntegers(shape, mask)},
                   {"token_type_ids", HostTensor::ofIntegers(shape, std::vector<int32_t>(tokens.size(), 0))}},
                  &arena);
  if (!results)
    return results.error();
  const HostTensor &made = (*results)[size_t(result)];
  const size_t width = size_t(made.shape.back()), perRow = size_t(made.elements()) / batch.size();
  for (size_t row = 0; row < batch.size(); ++row) {
    std::vector<float> &vector = into[batch[row]].values;
    vector.resize(width);
    const size_t used = made.shape.size() == 3 ? ids[batch[row]].size() * width : width;
    poolTokens(made.shape.size() == 3 ? rules.pooling : PoolingKind::Cls, made.floats().subspan(row * perRow, used),
               vector);
    if (rules.normalize)
      normalizeLength(vector);
  }
  return {};
}

Expected<std::vector<Embedding>> embedImages(Model &model, std::span<const std::string> paths, bool normalize) {
  auto found = findImageProgram(model);
  if (!found)
    return Error{ErrorCode::Usage, model.path() + ": gives no vectors of images"};
  if (auto e = model.loadWeights(model.placement() == WeightsPlacement::Map))
    return e.error();
  std::vector<Embedding> embeddings;
  Region arena;
  for (const std::string &path : paths) {
    auto pixels = pixelValues(model, *found->program, {&path, 1});
    if (!pixels)
      return pixels.error();
    auto results = found->program->run(model.team(), model.weights(), {{"pixel_values", std::move(*pixels)}}, &arena);
    if (!results)
      return results.error();
    const HostTensor &made = (*results)[size_t(found->result)];
    auto first = made.floats().first(size_t(made.shape.back()));
    Embedding &embedding = embeddings.emplace_back();
    embedding.values.assign(first.begin(), first.end());
    if (normalize)
      normalizeLength(embedding.values);
  }
  return embeddings;
}

} // namespace ph
