// Programs compiled for this machine, beside the interpreter on the functions that they are made of.
#pragma once
#include "mlir/IR/OwningOpRef.h"
#include "powerhouse/Reference/Interpreter.h"
#include "runtime/session/Program.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <gtest/gtest.h>

namespace ph {

class ProgramTest : public testing::Test {
protected:
  ProgramTest();

  /// Compiles the function @f of `text`: of linalg, or, with `model`, of xf and train. Weights are f32 and hold numbers
  /// around 0.
  void compile(const std::string &text, bool model = false);
  /// Compiles, as @f, the function that gives the gradients of the result called "loss" of the function @f of `text` by
  /// arguments of these names.
  void compileGradient(const std::string &text, std::vector<std::string> wrt);
  /// Runs both on random inputs of these shapes: numbers around 0, integers from 0 to 3.
  void compare(std::vector<std::vector<int64_t>> shapes, double tolerance = 1e-5);
  /// Runs both on these inputs. Results may differ by `tolerance` times the largest of a tensor's elements, or times 1
  /// where that is less; the number of threads makes no difference.
  void compareOn(llvm::ArrayRef<reference::Tensor> arguments, double tolerance = 1e-5);

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> source;
  ProgramInfo info;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::optional<Program> program;
  std::vector<uint8_t> weights; ///< packed

private:
  void packWeights(mlir::ModuleOp module);
  void describe(mlir::ModuleOp module);
};

} // namespace ph
