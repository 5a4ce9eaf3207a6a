// Machine code of a step for each level of an artifact.
#pragma once
#include "CompileStages.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "powerhouse/Driver/Compile.h"

namespace ph {

/// The code made for one level.
struct LevelCode {
  std::string level;
  std::string symbol; ///< of the step function; empty if there are only programs
  std::string text;   ///< IR or assembly, as the emit kind asks; else a relocatable object
};

/// Turns the optimized xf module (which is consumed) into code for each level; `pipeline` makes functions that call
/// declared kernels of it. `emit` Kernels, LLVM and Assembly give
/// text, the others objects; Kernels of several levels are modules in one module, all in the first
/// entry. Sets the record's arena and cache sizes.
Expected<std::vector<LevelCode>> generateLevels(mlir::ModuleOp module,
                                                llvm::function_ref<void(mlir::OpPassManager &)> pipeline,
                                                const std::vector<std::string> &levels, EmitKind emit,
                                                CompileRecord &record, bool verbose);

/// Links the objects and returns the shared object's bytes.
Expected<std::string> linkLevels(const std::vector<LevelCode> &levels, CompileRecord &record, bool verbose);

/// While it lives MLIR prints nothing: the first error is kept, with the line of the model's description it is about.
class FirstError {
public:
  explicit FirstError(mlir::MLIRContext *context);
  /// BadModel if a line of the description is to blame, else Failed.
  Error error() const;

private:
  std::string place, message;
  mlir::ScopedDiagnosticHandler handler;
};

/// Runs a pipeline with the verifier after each pass. The first diagnostic becomes the error's message.
Status runPasses(mlir::ModuleOp module, llvm::function_ref<void(mlir::OpPassManager &)> build, CompileRecord &record);

} // namespace ph
