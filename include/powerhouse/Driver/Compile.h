// The whole way from a model file to an artifact.
#pragma once
#include "runtime/base/Error.h"
#include <string>
#include <vector>

namespace ph {

/// What to make of a model.
enum class EmitKind {
  Transformer, ///< the xf module after the passes, as text
  Kernels,     ///< the step and its kernels in vector, arith, scf and memref, as text
  LLVM,        ///< LLVM IR as text, optimized
  Assembly,    ///< x86-64 assembly
  Executable,  ///< a program that needs only libc
  Artifact,    ///< a .phx
};

struct CompileOptions {
  std::string source; ///< path of the model
  std::string output; ///< path to write; "-" is standard output for the textual kinds
  EmitKind emit = EmitKind::Artifact;
  std::string activations = "int8"; ///< f32 | int8 (where weights have at most 8 bits)
  std::string cacheType;            ///< f32 | f16; empty: f16 with int8 activations of a quantized model, else f32
  /// auto: a step where each op has a kernel of its own, else programs; programs: those in any case; graph: programs of
  /// an ONNX graph's own inputs and outputs, though it could generate text.
  std::string form = "auto";
  std::string target = "native"; ///< native, or levels separated by commas
  std::string architecture;      ///< path of an architecture file; empty: by the model's own name
  /// Folders of LoRA adapters in PEFT's layout, merged one after another; or one that stays as it is (unmerged); or,
  /// each as NAME=FOLDER, several of which one or none is chosen when the artifact runs.
  std::vector<std::string> adapters;
  /// Keep an adapter beside the weights instead of merging it; one for quantized weights stays so in any case.
  bool unmerged = false;
  /// Quantize matrices of layers that are floats to NF4, as the model is read.
  bool loadIn4bit = false;
  /// What to train, as the JSON of TrainingOptions::parse; empty: the artifact infers.
  std::string training;
  std::string report;   ///< path of an HTML report; empty: none
  bool verbose = false; ///< print each pass and its time on stderr
};

/// Checks what can be known before the model is read, if it is there at all yet: values, that no file is both read and
/// written, that the output and the report can be written. Errors: Usage; Disk or Failed for files.
Status checkCompileOptions(const CompileOptions &options);

/// Compiles. Nothing is left at `output` and `report` after an error. Errors: BadModel for the source, Usage for
/// options, Disk for the output, Failed else.
Status compileModel(const CompileOptions &options);

/// Parses xf|kernels|llvm|asm|exe|phx. Error: Usage.
Expected<EmitKind> parseEmitKind(const std::string &name);

} // namespace ph
