#include "test/Unit/Reference/Harness.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

namespace ph::reference {

Expected<std::vector<float>> MapWeights::read(xf::WeightOp weight, int64_t layer) {
  return composeSources(weight, layer,
                        [&](const std::string &name, std::span<const int64_t>) -> Expected<std::vector<float>> {
                          auto found = tensors.find(name);
                          if (found == tensors.end())
                            return Error{ErrorCode::BadModel, "no tensor \"" + name + "\""};
                          return found->second;
                        });
}

ReferenceTest::ReferenceTest() {
  mlir::DialectRegistry registry;
  registry.insert<xf::XFDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect, mlir::tensor::TensorDialect,
                  mlir::math::MathDialect, mlir::linalg::LinalgDialect, mlir::scf::SCFDialect>();
  registerReferenceModels(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

void ReferenceTest::parse(const std::string &text) {
  module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text;
}

std::vector<Value> ReferenceTest::call(std::vector<Value> arguments, Precision precision) {
  message.clear();
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    message += diagnostic.str();
    return mlir::success();
  });
  Context interpreter(weights, precision);
  llvm::SmallVector<Value> results;
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  if (failed(interpreter.call(function, arguments, results)))
    return {};
  return {results.begin(), results.end()};
}

std::vector<Value> ReferenceTest::run(const std::string &text, std::vector<Value> arguments, Precision precision) {
  parse(text);
  if (!module)
    return {};
  std::vector<Value> results = call(std::move(arguments), precision);
  EXPECT_EQ(message, "");
  return results;
}

void expectNear(const Value &value, std::vector<double> expected, double tolerance) {
  ASSERT_TRUE(value.isTensor());
  const std::vector<double> &got = value.tensor().data;
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], tolerance) << "at " << i;
}

} // namespace ph::reference
