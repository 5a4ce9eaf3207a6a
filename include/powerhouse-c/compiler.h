/* The compiler's C ABI: libPowerhouseCompiler.so. Programs that only run artifacts never need it; tools load it when a
 * command compiles. C11 and C++. */
#ifndef POWERHOUSE_C_COMPILER_H
#define POWERHOUSE_C_COMPILER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(PH_API)
#define PH_API __attribute__((visibility("default")))
#endif

/* Grows when a function's meaning or the layout of a field below changes. New fields at the end don't change it: `size`
 * tells them apart. */
#define PH_COMPILER_ABI_VERSION 1

/* What to compile and how. Strings are UTF-8; NULL is the default. Zero the struct, then set `size` first. */
typedef struct ph_compile_options {
  size_t size;              /* sizeof(ph_compile_options) of the caller */
  const char *source;       /* required: path of a model, or a known name ("smollm2") */
  const char *output;       /* required: path of what is made */
  const char *activations;  /* "f32", "int8"; default: int8 for weights of at most 8 bits */
  const char *target;       /* "native" (default), or levels with commas: "x86-64-v3,x86-64-v4" */
  const char *emit;         /* "phx" (default), "xf", "kernels", "llvm", "asm", "exe" */
  const char *report;       /* path of an HTML report; default: none */
  const char *architecture; /* path of a family's description; default: by the model's own name */
  const char *cache_type;   /* element of the KV cache: "f32", "f16"; default: the compiler's choice */
  const char *form;         /* "auto" (default), "programs", "graph" (an ONNX file's own inputs and outputs) */
  const char *training;     /* a JSON object that says what to train; default: the artifact infers */
} ph_compile_options;

/* Compiles. Returns 0, or the exit code that a tool should end with (1 failed, 2 usage, 3 bad model, 4 won't fit,
 * 5 disk, 130 interrupted); then *error (if `error` isn't NULL) is one message without a newline, to be freed with
 * ph_compile_free, and no output file is left. Progress goes to stderr if that is a terminal. While it runs, SIGINT and
 * SIGTERM remove what is unfinished and end the process; the caller's handlers are restored before it returns. */
PH_API int ph_compile(const ph_compile_options *options, char **error);

/* Explains the description of a family of models, a file or the name of a built-in one: *text is what it says, in
 * words. Otherwise the result is an exit code as ph_compile's, and *text one message. Free it with ph_compile_free. */
PH_API int ph_explain_architecture(const char *name_or_file, char **text);

/* Says what an ONNX file has: *text is a JSON object. Otherwise as ph_explain_architecture. */
PH_API int ph_explain_graph(const char *path, char **text);

/* Frees a text of these functions; NULL is allowed. */
PH_API void ph_compile_free(char *message);

/* PH_COMPILER_ABI_VERSION of the library. */
PH_API unsigned ph_compiler_abi_version(void);

/* A text that differs whenever the same source and options could give another artifact; for the keys of caches. */
PH_API const char *ph_compiler_version(void);

#ifdef __cplusplus
}
#endif

#endif
