// The C ABI of include/powerhouse-c/powerhouse.h.
#include "powerhouse-c/powerhouse.h"
#include "runtime/session/Conversation.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <optional>

struct ph_error {
  ph::Error error;
};

struct ph_model {
  std::shared_ptr<ph::Model> model;
  mutable std::optional<ph::ChatFormat> chat; ///< parsed when first needed
  std::string manifest;
};

struct ph_session {
  std::unique_ptr<ph::Session> session;
};

namespace {

ph_status fail(const ph::Error &failure, ph_error **error) {
  if (error)
    *error = new (std::nothrow) ph_error{failure};
  return ph_status(int(failure.code));
}

/// What a function gives for the exception that is being handled: none may leave C.
ph_status caught(ph_error **error) noexcept {
  if (error)
    *error = nullptr;
  auto code = ph::ErrorCode::Failed;
  try {
    try {
      throw;
    } catch (const std::bad_alloc &) {
      code = ph::ErrorCode::WontFit;
      return fail({code, "out of memory"}, error);
    } catch (const std::exception &failure) {
      return fail({code, failure.what()}, error);
    } catch (...) {
      return fail({code, "an exception of a callback"}, error);
    }
  } catch (...) { // no memory for the message either
    return ph_status(int(code));
  }
}

ph_status usage(const char *message, ph_error **error) { return fail({ph::ErrorCode::Usage, message}, error); }

/// Reads a caller's struct, which may be shorter or longer than ours. What it lacks is zero.
template <class T> bool readOptions(const T *given, T &options) {
  options = {};
  if (!given)
    return true;
  if (given->size < sizeof(size_t))
    return false;
  std::memcpy(&options, given, std::min(given->size, sizeof(T)));
  return true;
}

static_assert(int(ph::StopReason::EndOfTurn) == PH_STOP_END && int(ph::StopReason::MaxTokens) == PH_STOP_LENGTH &&
              int(ph::StopReason::ContextFull) == PH_STOP_CONTEXT &&
              int(ph::StopReason::Interrupted) == PH_STOP_INTERRUPTED &&
              int(ph::StopReason::Stopped) == PH_STOP_CALLBACK);

constexpr const char *kBadOptions = "the options' size isn't set; set it to the size of the struct";

/// Copies to memory that ph_memory_free frees; `extra` bytes more, zero.
template <class T> T *copyOut(const T *values, size_t count, size_t extra = 0) {
  auto *copy = static_cast<T *>(std::calloc(count + extra + 1, sizeof(T)));
  if (copy && count)
    std::memcpy(copy, values, count * sizeof(T));
  return copy;
}

ph_status giveTokens(const ph::Expected<std::vector<int32_t>> &ids, int32_t **tokens, size_t *count, ph_error **error) {
  if (!ids)
    return fail(ids.error(), error);
  *tokens = copyOut(ids->data(), ids->size());
  *count = ids->size();
  return *tokens ? PH_OK : fail({ph::ErrorCode::WontFit, "no memory for the tokens"}, error);
}

} // namespace

uint32_t ph_abi_version(void) { return PH_ABI_VERSION; }
const char *ph_version(void) { return PH_VERSION; }

ph_status ph_error_code(const ph_error *error) { return error ? ph_status(int(error->error.code)) : PH_OK; }
const char *ph_error_message(const ph_error *error) { return error ? error->error.message.c_str() : ""; }
void ph_error_free(ph_error *error) { delete error; }
void ph_memory_free(void *memory) { std::free(memory); }

ph_status ph_model_open(const char *path, const ph_model_options *given, ph_model **model, ph_error **error) try {
  ph_model_options options;
  if (!path || !model || !readOptions(given, options) || options.weights < PH_WEIGHTS_AUTO ||
      options.weights > PH_WEIGHTS_MAP)
    return usage(path && model ? kBadOptions : "path or model is NULL", error);
  constexpr ph::WeightsPlacement placements[] = {ph::WeightsPlacement::Auto, ph::WeightsPlacement::Read,
                                                 ph::WeightsPlacement::Map};
  auto opened = ph::Model::open(path, {options.threads, placements[options.weights]});
  if (!opened)
    return fail(opened.error(), error);
  std::string manifest((*opened)->manifestText());
  *model = new ph_model{std::move(*opened), std::nullopt, std::move(manifest)};
  return PH_OK;
} catch (...) {
  return caught(error);
}

void ph_model_free(ph_model *model) { delete model; }
int32_t ph_model_vocabulary(const ph_model *model) { return int32_t(model->model->sizes().vocabulary); }
int64_t ph_model_context_length(const ph_model *model) { return model->model->sizes().contextLength; }
const char *ph_model_manifest(const ph_model *model) { return model->manifest.c_str(); }

ph_status ph_tokenize(const ph_model *model, const char *text, size_t length, uint32_t flags, int32_t **tokens,
                      size_t *count, ph_error **error) try {
  if (!model || (!text && length) || !tokens || !count)
    return usage("an argument is NULL", error);
  return giveTokens(model->model->tokenizer().encode({text, length}, {.addSpecial = !(flags & PH_NO_SPECIAL),
                                                                      .parseSpecial = !(flags & PH_NO_PARSE_SPECIAL)}),
                    tokens, count, error);
} catch (...) {
  return caught(error);
}

ph_status ph_detokenize(const ph_model *model, const int32_t *tokens, size_t count, uint32_t flags, char **text,
                        size_t *length, ph_error **error) try {
  if (!model || (!tokens && count) || !text || !length)
    return usage("an argument is NULL", error);
  const std::string bytes = model->model->tokenizer().decode({tokens, count}, !(flags & PH_NO_SPECIAL));
  *text = copyOut(bytes.data(), bytes.size(), 1);
  *length = bytes.size();
  return *text ? PH_OK : fail({ph::ErrorCode::WontFit, "no memory for the text"}, error);
} catch (...) {
  return caught(error);
}

ph_status ph_chat_tokenize(const ph_model *model, const ph_message *messages, size_t count, int32_t **tokens,
                           size_t *token_count, ph_error **error) try {
  if (!model || (!messages && count) || !tokens || !token_count)
    return usage("an argument is NULL", error);
  std::vector<ph::ChatMessage> list;
  for (size_t i = 0; i < count; ++i) {
    if (!messages[i].role || !messages[i].content)
      return usage("a message's role or content is NULL", error);
    list.push_back({messages[i].role, messages[i].content});
  }
  if (!model->chat) {
    auto chat = ph::ChatFormat::of(model->model->metadata());
    if (!chat)
      return fail(chat.error(), error);
    model->chat = std::move(*chat);
  }
  return giveTokens(model->chat->encode(model->model->tokenizer(), list), tokens, token_count, error);
} catch (...) {
  return caught(error);
}

ph_status ph_session_create(ph_model *model, const ph_session_options *given, ph_session **session,
                            ph_error **error) try {
  ph_session_options options;
  if (!model || !session || !readOptions(given, options))
    return usage(model && session ? kBadOptions : "model or session is NULL", error);
  ph::SessionOptions plan;
  plan.context = options.context;
  if (options.slots)
    plan.slots = options.slots;
  if (options.chunk)
    plan.chunk = options.chunk;
  auto created = ph::Session::create(model->model, plan);
  if (!created)
    return fail(created.error(), error);
  *session = new ph_session{std::move(*created)};
  return PH_OK;
} catch (...) {
  return caught(error);
}

void ph_session_free(ph_session *session) { delete session; }
int64_t ph_session_context(const ph_session *session) { return session->session->context(); }

int64_t ph_session_length(const ph_session *session, int64_t slot) {
  return slot >= 0 && slot < session->session->slots() ? session->session->length(slot) : -1;
}

ph_status ph_session_truncate(ph_session *session, int64_t slot, int64_t length, ph_error **error) try {
  if (!session || slot < 0 || slot >= session->session->slots() || length < 0)
    return usage("there is no such slot, or the length is negative", error);
  session->session->truncate(slot, length);
  return PH_OK;
} catch (...) {
  return caught(error);
}

ph_status ph_session_eval(ph_session *session, int64_t slot, const int32_t *tokens, size_t count,
                          ph_error **error) try {
  if (!session || (!tokens && count))
    return usage("an argument is NULL", error);
  auto e = session->session->append({tokens, count}, slot);
  return e ? fail(e.error(), error) : PH_OK;
} catch (...) {
  return caught(error);
}

ph_status ph_session_eval_each(ph_session *session, const int32_t *tokens, size_t count, ph_error **error) try {
  if (!session || (!tokens && count))
    return usage("an argument is NULL", error);
  auto e = session->session->appendEach({tokens, count});
  return e ? fail(e.error(), error) : PH_OK;
} catch (...) {
  return caught(error);
}

const float *ph_session_logits(const ph_session *session, int64_t row) {
  return row >= 0 && row < session->session->memory().logitRows ? session->session->logits(row).data() : nullptr;
}

ph_status ph_generate(ph_session *session, const int32_t *prompt, size_t count, const ph_generate_options *given,
                      ph_text_callback callback, void *user, ph_stop *stop, ph_error **error) try {
  ph_generate_options options;
  if (!session || (!prompt && count) || !readOptions(given, options) || options.max_tokens < 0)
    return usage(session ? "the options' size isn't set, or max_tokens is negative" : "session is NULL", error);
  ph::SamplerOptions sampling;
  sampling.temperature = options.temperature;
  sampling.topK = options.top_k;
  sampling.topP = options.top_p == 0 ? 1 : options.top_p;
  sampling.minP = options.min_p;
  sampling.repeatPenalty = options.repeat_penalty == 0 ? 1 : options.repeat_penalty;
  sampling.seed = options.seed;
  auto sampler = ph::Sampler::create(sampling, size_t(session->session->model().sizes().vocabulary));
  if (!sampler)
    return fail(sampler.error(), error);
  ph::GenerateOptions generation;
  generation.maxTokens = options.max_tokens == 0 ? -1 : options.max_tokens;
  auto result = ph::generate(*session->session, *sampler, {prompt, count}, generation, [&](std::string_view text) {
    return !callback || callback(text.data(), text.size(), user) == 0;
  });
  if (!result)
    return fail(result.error(), error);
  if (stop)
    *stop = ph_stop(int(result->reason));
  return PH_OK;
} catch (...) {
  return caught(error);
}
