// Runs functions written in the tests on the interpreter.
#pragma once
#include "mlir/IR/OwningOpRef.h"
#include "powerhouse/Reference/Interpreter.h"
#include "powerhouse/Reference/Run.h"
#include <gtest/gtest.h>

namespace ph::reference {

/// Weights by the name of their source tensor.
class MapWeights : public WeightProvider {
public:
  std::map<std::string, std::vector<float>> tensors;
  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override;
};

class ReferenceTest : public testing::Test {
protected:
  ReferenceTest();

  /// Parses a module; the test fails if it isn't valid.
  void parse(const std::string &text);
  /// Runs the only function of the parsed module. Empty if that failed; `message` is then why.
  std::vector<Value> call(std::vector<Value> arguments, Precision precision = Precision::F32);
  /// Parses and runs.
  std::vector<Value> run(const std::string &text, std::vector<Value> arguments, Precision precision = Precision::F32);

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  MapWeights weights;
  std::string message;
};

/// Each element of the tensor is within `tolerance` of the expected one.
void expectNear(const Value &value, std::vector<double> expected, double tolerance = 1e-7);

} // namespace ph::reference
