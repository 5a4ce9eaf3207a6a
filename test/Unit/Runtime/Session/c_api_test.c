/* The C ABI as a C11 program uses it. Run with the path of the toy model's artifact (see ../ToyModel). */
#include "powerhouse-c/powerhouse.h"
#include <stdio.h>
#include <string.h>

#include "powerhouse-c/compiler.h"

static int failures = 0;

#define EXPECT(condition)                                                                                              \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                         \
      ++failures;                                                                                                      \
    }                                                                                                                  \
  } while (0)

static int collect(const char *text, size_t length, void *user) {
  char *all = user;
  strncat(all, text, length);
  return strlen(all) >= 10; /* stops after ten letters */
}

static void testErrors(void) {
  ph_model *model = NULL;
  ph_error *error = NULL;
  EXPECT(ph_model_open("no-such-file.phx", NULL, &model, &error) == PH_FAILED);
  EXPECT(model == NULL && ph_error_code(error) == PH_FAILED);
  EXPECT(strstr(ph_error_message(error), "no-such-file.phx") != NULL);
  ph_error_free(error);
  EXPECT(ph_model_open("no-such-file.phx", NULL, &model, NULL) == PH_FAILED);
  error = NULL;
  ph_model_options unset = {0}; /* its size isn't set */
  EXPECT(ph_model_open("no-such-file.phx", &unset, &model, &error) == PH_USAGE);
  ph_error_free(error);
  ph_error_free(NULL);
  ph_memory_free(NULL);
  ph_model_free(NULL);
  ph_session_free(NULL);
}

static void testText(ph_model *model) {
  int32_t *tokens = NULL;
  size_t count = 0, length = 0;
  EXPECT(ph_tokenize(model, "abz<|im_end|>", 13, PH_NO_SPECIAL, &tokens, &count, NULL) == PH_OK);
  EXPECT(count == 4 && tokens[0] == 0 && tokens[1] == 1 && tokens[2] == 25 && tokens[3] == 26);
  char *text = NULL;
  EXPECT(ph_detokenize(model, tokens, count, 0, &text, &length, NULL) == PH_OK);
  EXPECT(length == 13 && strcmp(text, "abz<|im_end|>") == 0);
  ph_memory_free(text);
  EXPECT(ph_detokenize(model, tokens, count, PH_NO_SPECIAL, &text, &length, NULL) == PH_OK);
  EXPECT(length == 3 && strcmp(text, "abz") == 0);
  ph_memory_free(text);
  ph_memory_free(tokens);
  EXPECT(ph_tokenize(model, "<|im_end|>", 10, PH_NO_SPECIAL | PH_NO_PARSE_SPECIAL, &tokens, &count, NULL) == PH_OK);
  EXPECT(count == 10);
  ph_memory_free(tokens);
  const ph_message messages[] = {{"user", "hi"}, {"assistant", "a"}};
  EXPECT(ph_chat_tokenize(model, messages, 2, &tokens, &count, NULL) == PH_OK);
  EXPECT(count == 5 && tokens[0] == 27 && tokens[1] == 7 && tokens[3] == 27 && tokens[4] == 0);
  ph_memory_free(tokens);
}

static void testSession(ph_model *model) {
  ph_session_options options = {.size = sizeof options, .context = 100, .slots = 2};
  ph_session *session = NULL;
  ph_error *error = NULL;
  EXPECT(ph_session_create(model, &options, &session, &error) == PH_OK);
  EXPECT(ph_session_context(session) == 128);
  const int32_t tokens[] = {3, 4, 5};
  const int32_t vocabulary = ph_model_vocabulary(model);
  EXPECT(ph_session_eval(session, 0, tokens, 3, NULL) == PH_OK);
  EXPECT(ph_session_length(session, 0) == 3 && ph_session_length(session, 1) == 0);
  EXPECT(ph_session_length(session, 2) == -1);
  const float *logits = ph_session_logits(session, 0);
  int32_t best = 0;
  for (int32_t i = 1; i < vocabulary; ++i)
    if (logits[i] > logits[best])
      best = i;
  EXPECT(best == 6);
  EXPECT(ph_session_eval_each(session, tokens, 2, NULL) == PH_OK);
  EXPECT(ph_session_length(session, 0) == 4 && ph_session_length(session, 1) == 1);
  EXPECT(ph_session_logits(session, 1) != NULL && ph_session_logits(session, 2) == NULL);
  EXPECT(ph_session_eval(session, 5, tokens, 3, &error) == PH_USAGE);
  ph_error_free(error);
  EXPECT(ph_session_truncate(session, 0, 1, NULL) == PH_OK && ph_session_length(session, 0) == 1);
  EXPECT(ph_session_truncate(session, 7, 1, NULL) == PH_USAGE);

  char text[64] = "";
  ph_stop stop = PH_STOP_LENGTH;
  EXPECT(ph_session_truncate(session, 0, 0, NULL) == PH_OK);
  EXPECT(ph_generate(session, tokens, 3, NULL, collect, text, &stop, NULL) == PH_OK);
  EXPECT(strcmp(text, "ghijklmnop") == 0 && stop == PH_STOP_CALLBACK);
  ph_generate_options generation = {.size = sizeof generation, .max_tokens = 4};
  text[0] = 0;
  EXPECT(ph_generate(session, tokens, 1, &generation, collect, text, &stop, NULL) == PH_OK);
  EXPECT(strcmp(text, "efgh") == 0 && stop == PH_STOP_LENGTH);
  ph_session_free(session);

  options.context = (int64_t)1 << 30;
  options.slots = 60000;
  error = NULL;
  EXPECT(ph_session_create(model, &options, &session, &error) == PH_WONT_FIT);
  EXPECT(strstr(ph_error_message(error), "bytes") != NULL);
  ph_error_free(error);
}

int main(int argc, char **argv) {
  EXPECT(ph_abi_version() == PH_ABI_VERSION);
  EXPECT(strlen(ph_version()) >= 5);
  testErrors();
  if (argc < 2)
    return 2;
  ph_model *model = NULL;
  ph_error *error = NULL;
  ph_model_options options = {.size = sizeof options, .threads = 2};
  if (ph_model_open(argv[1], &options, &model, &error) != PH_OK) {
    fprintf(stderr, "%s\n", ph_error_message(error));
    return 1;
  }
  EXPECT(ph_model_context_length(model) == 256);
  EXPECT(strstr(ph_model_manifest(model), "\"toy\"") != NULL);
  testText(model);
  testSession(model);
  ph_model_free(model);
  return failures != 0;
}
