/* The C ABI of the runtime: libpowerhouse.so. Opens artifacts that phc made, evaluates tokens, generates text. It needs
 * neither the compiler nor Python. C11 and C++.
 *
 * Rules. Names are ph_<noun>_<verb>. Functions that can fail return a ph_status and, through their last argument if
 * that isn't NULL, a ph_error to be freed with ph_error_free; results are written only on PH_OK. Structs of options
 * begin with their own size, so that they can grow at the end: zero them, then set `size`; NULL stands for all
 * defaults. Strings are UTF-8. Objects aren't locked: use a model, with its sessions, from one thread at a time. */
#ifndef POWERHOUSE_C_POWERHOUSE_H
#define POWERHOUSE_C_POWERHOUSE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(PH_API)
#define PH_API __attribute__((visibility("default")))
#endif

/* Grows when something here changes its meaning or layout; additions don't change it. */
#define PH_ABI_VERSION 1

/* PH_ABI_VERSION of the library: compare it with the header's before anything else. */
PH_API uint32_t ph_abi_version(void);
/* "0.1.0" */
PH_API const char *ph_version(void);

/* Errors. The numbers are the exit codes of the tools. */
typedef enum ph_status {
  PH_OK = 0,
  PH_FAILED = 1,    /* the system refused, or a computation went wrong */
  PH_USAGE = 2,     /* an argument is out of range */
  PH_BAD_MODEL = 3, /* the file is damaged, of another version, or for another CPU */
  PH_WONT_FIT = 4,  /* not enough memory, or the context is full */
  PH_DISK = 5,
  PH_INTERRUPTED = 130
} ph_status;

typedef struct ph_error ph_error;
PH_API ph_status ph_error_code(const ph_error *error);
/* What, where, and what to do; lives as long as the error. */
PH_API const char *ph_error_message(const ph_error *error);
PH_API void ph_error_free(ph_error *error); /* NULL is allowed */

/* Memory that a function below gave to the caller; NULL is allowed. */
PH_API void ph_memory_free(void *memory);

/* Models. */
typedef struct ph_model ph_model;

typedef enum ph_weights {
  PH_WEIGHTS_AUTO = 0, /* read, or mapped when memory is short */
  PH_WEIGHTS_READ = 1, /* into memory of the process */
  PH_WEIGHTS_MAP = 2   /* pages of the file */
} ph_weights;

typedef struct ph_model_options {
  size_t size;
  int32_t threads; /* 0: one per CPU */
  int32_t weights; /* a ph_weights */
} ph_model_options;

/* Opens the artifact at `path` (.phx, or a program that phc --emit=exe made). The weights are loaded with the first
 * session. */
PH_API ph_status ph_model_open(const char *path, const ph_model_options *options, ph_model **model, ph_error **error);
/* Sessions keep what they need of it. NULL is allowed. */
PH_API void ph_model_free(ph_model *model);
PH_API int32_t ph_model_vocabulary(const ph_model *model);
/* Positions that it was trained for. */
PH_API int64_t ph_model_context_length(const ph_model *model);
/* The manifest, JSON; lives as long as the model. */
PH_API const char *ph_model_manifest(const ph_model *model);

/* Text. */
enum {
  PH_NO_SPECIAL = 1,      /* ph_tokenize: add no BOS or EOS. ph_detokenize: leave control tokens out */
  PH_NO_PARSE_SPECIAL = 2 /* ph_tokenize: control tokens written in the text are just text */
};
/* Ids of `text` (`length` bytes, taken verbatim), freed by the caller with ph_memory_free. */
PH_API ph_status ph_tokenize(const ph_model *model, const char *text, size_t length, uint32_t flags, int32_t **tokens,
                             size_t *count, ph_error **error);
/* Bytes of `tokens`, possibly not UTF-8, with a 0 after them that `length` doesn't count. */
PH_API ph_status ph_detokenize(const ph_model *model, const int32_t *tokens, size_t count, uint32_t flags, char **text,
                               size_t *length, ph_error **error);

typedef struct ph_message {
  const char *role; /* "system", "user", "assistant" */
  const char *content;
} ph_message;
/* Ids of a conversation in the form of the model's chat template, with the beginning of an answer. */
PH_API ph_status ph_chat_tokenize(const ph_model *model, const ph_message *messages, size_t count, int32_t **tokens,
                                  size_t *token_count, ph_error **error);

/* Sessions: sequences in evaluation. */
typedef struct ph_session ph_session;

typedef struct ph_session_options {
  size_t size;
  int64_t context; /* positions per slot; 0: the model's, at most 4096 */
  int64_t slots;   /* independent sequences; 0: 1 */
  int64_t chunk;   /* most tokens of a step; 0: 256 */
} ph_session_options;

/* Plans all memory; PH_WONT_FIT, before any is taken, says how much is needed and which context would fit. */
PH_API ph_status ph_session_create(ph_model *model, const ph_session_options *options, ph_session **session,
                                   ph_error **error);
PH_API void ph_session_free(ph_session *session); /* NULL is allowed */
PH_API int64_t ph_session_context(const ph_session *session);
/* Tokens in `slot`; -1 if there is no such slot. */
PH_API int64_t ph_session_length(const ph_session *session, int64_t slot);
/* Keeps the first `length` tokens of `slot`. */
PH_API ph_status ph_session_truncate(ph_session *session, int64_t slot, int64_t length, ph_error **error);
/* Appends `tokens` to `slot`; ph_session_logits(session, 0) are then those after the last one. */
PH_API ph_status ph_session_eval(ph_session *session, int64_t slot, const int32_t *tokens, size_t count,
                                 ph_error **error);
/* Appends tokens[i] to slot i, for `count` slots in one step; ph_session_logits(session, i) are then those of slot i.
 */
PH_API ph_status ph_session_eval_each(ph_session *session, const int32_t *tokens, size_t count, ph_error **error);
/* [vocabulary] f32, until the next evaluation; NULL if `row` is out of range. */
PH_API const float *ph_session_logits(const ph_session *session, int64_t row);

/* Generation. */
typedef struct ph_generate_options {
  size_t size;
  int64_t max_tokens;   /* 0: until the model ends or the context is full */
  float temperature;    /* 0: the likeliest token */
  int32_t top_k;        /* 0: off */
  float top_p;          /* 0 or 1: off */
  float min_p;          /* 0: off */
  float repeat_penalty; /* 0 or 1: off */
  uint64_t seed;
} ph_generate_options;

typedef enum ph_stop {
  PH_STOP_END = 0,         /* the model ended its turn */
  PH_STOP_LENGTH = 1,      /* max_tokens */
  PH_STOP_CONTEXT = 2,     /* the context is full */
  PH_STOP_INTERRUPTED = 3, /* SIGINT, in programs that have the runtime handle it */
  PH_STOP_CALLBACK = 4     /* the callback said so */
} ph_stop;

/* Takes `length` bytes of whole UTF-8 characters as they come to be; nonzero stops. */
typedef int (*ph_text_callback)(const char *text, size_t length, void *user);

/* Appends `prompt` to slot 0, then generates. `stop` may be NULL. */
PH_API ph_status ph_generate(ph_session *session, const int32_t *prompt, size_t count,
                             const ph_generate_options *options, ph_text_callback callback, void *user, ph_stop *stop,
                             ph_error **error);

#ifdef __cplusplus
}
#endif

#endif
