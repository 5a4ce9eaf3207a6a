// The compiler, loaded when a command needs it, in a process of its own.
#pragma once
#include "powerhouse-c/compiler.h"
#include "runtime/base/Error.h"
#include <string>

namespace ph::tool {

/// How a model is to be compiled; what is empty is the compiler's choice (powerhouse-c/compiler.h says what there is).
struct CompileWishes {
  std::string activations, form, training;
};

/// libPowerhouseCompiler.so, which stays loaded to the end of the process.
class CompilerLibrary {
public:
  /// The library's file, without loading it. Errors: as load.
  static Expected<std::string> locate();
  /// Looks in ../lib of the folder of this program, then in this folder. Errors: Failed, naming where it was looked
  /// for; or a library of another ABI version.
  static Expected<CompilerLibrary> load();

  const std::string &path() const { return file; }
  std::string version() const { return versionFunction(); }
  /// Errors: the compiler's own, with its exit code.
  Status compile(const std::string &source, const std::string &output, const CompileWishes &wishes) const;

  /// The description of a family, a file or a built-in one's name, in words. Errors: the compiler's own.
  Expected<std::string> explain(const std::string &nameOrFile) const;

  /// What an ONNX file has, as JSON. Errors: the compiler's own.
  Expected<std::string> explainGraph(const std::string &path) const;

  /// Loads the compiler and compiles in a child process, so that this one never holds it. There must be no threads
  /// yet. Errors: as load and compile; Interrupted after Ctrl-C, when nothing is left behind.
  static Status compileApart(const std::string &source, const std::string &output, const CompileWishes &wishes);

private:
  std::string file;
  decltype(&ph_compile) compileFunction = nullptr;
  Expected<std::string> explainBy(decltype(&ph_explain_architecture) function, const std::string &what) const;

  decltype(&ph_explain_architecture) explainFunction = nullptr;
  decltype(&ph_explain_graph) explainGraphFunction = nullptr;
  decltype(&ph_compile_free) freeFunction = nullptr;
  decltype(&ph_compiler_version) versionFunction = nullptr;
};

} // namespace ph::tool
