// The compiler's C ABI (powerhouse-c/compiler.h).
#include "powerhouse-c/compiler.h"

#include "WriteArtifact.h"
#include "powerhouse/Driver/Compile.h"
#include "powerhouse/Import/Import.h"
#include "runtime/formats/ModelStore.h"
#include <cstdlib>
#include <cstring>

const char *ph::compilerVersion() { return PH_VERSION " (LLVM " PH_LLVM_VERSION ")"; }

namespace {

/// A string field that the caller's struct may be too short to have.
std::string field(const ph_compile_options *options, const char *const ph_compile_options::*member) {
  const char *const *place = &(options->*member);
  size_t end = reinterpret_cast<const char *>(place + 1) - reinterpret_cast<const char *>(options);
  return end <= options->size && *place ? *place : "";
}

ph::Status compile(const ph_compile_options *options) {
  ph::CompileOptions converted;
  converted.source = field(options, &ph_compile_options::source);
  converted.output = field(options, &ph_compile_options::output);
  if (std::string text = field(options, &ph_compile_options::activations); !text.empty())
    converted.activations = text;
  if (std::string text = field(options, &ph_compile_options::target); !text.empty())
    converted.target = text;
  if (std::string text = field(options, &ph_compile_options::emit); !text.empty()) {
    auto kind = ph::parseEmitKind(text);
    if (!kind)
      return kind.error();
    converted.emit = *kind;
  }
  converted.report = field(options, &ph_compile_options::report);
  converted.architecture = field(options, &ph_compile_options::architecture);
  converted.cacheType = field(options, &ph_compile_options::cache_type);
  converted.training = field(options, &ph_compile_options::training);
  if (std::string text = field(options, &ph_compile_options::form); !text.empty())
    converted.form = text;
  if (auto status = ph::checkCompileOptions(converted))
    return status;
  auto source = ph::resolveModel(converted.source);
  if (!source)
    return source.error();
  converted.source = *source;
  return ph::compileModel(converted);
}

} // namespace

int ph_compile(const ph_compile_options *options, char **error) {
  ph::Status status = compile(options);
  if (!status)
    return 0;
  if (error)
    *error = strdup(status.error().message.c_str());
  return static_cast<int>(status.error().code);
}

static int give(const ph::Expected<std::string> &explained, char **text) {
  *text = strdup((explained ? *explained : explained.error().message).c_str());
  return explained ? 0 : static_cast<int>(explained.error().code);
}

int ph_explain_architecture(const char *nameOrFile, char **text) {
  return give(ph::explainArchitecture(nameOrFile), text);
}

int ph_explain_graph(const char *path, char **text) { return give(ph::explainGraph(path), text); }

void ph_compile_free(char *message) { std::free(message); }

unsigned ph_compiler_abi_version(void) { return PH_COMPILER_ABI_VERSION; }

const char *ph_compiler_version(void) { return ph::compilerVersion(); }
