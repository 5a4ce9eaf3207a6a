// Plants each bug and looks whether the check of derivatives catches it, in the function that shows it.
//
// usage: planted-derivatives MODULE.mlir
//
// Without a bug the module must be right. The last line printed is "N of N wrong derivatives caught"; the exit code is
// 1 if one was not.
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Reference/Interpreter.h"
#include "test/Autodiff/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {
namespace {

/// What the check says of the module, or nothing.
std::string check(StringRef file, const Bug *bug) {
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect, train::TrainDialect, xf::XFDialect>();
  reference::registerReferenceModels(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  if (bug && bug->attach)
    bug->attach(&context);
  DialectRegistry rules;
  autodiff::registerDerivativeRules(rules);
  context.appendDialectRegistry(rules);

  std::string said;
  bool spoiled = false;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    said += diagnostic.str() + "\n";
    return success();
  });
  autodiff::CheckOptions options;
  options.points = 1;
  if (bug)
    options.run.function = bug->function.str();
  if (bug && bug->spoil)
    options.spoil = [&](func::FuncOp function) { spoiled |= bug->spoil(function); };
  auto module = parseSourceFile<ModuleOp>(file, &context);
  PassManager manager(&context);
  std::string lines;
  llvm::raw_string_ostream out(lines);
  manager.addPass(autodiff::createCheckDerivativesPass(options, out));
  bool passed = module && succeeded(manager.run(*module));
  if (bug && bug->spoil && !spoiled)
    return "";
  return passed ? "" : said.empty() ? "nothing" : said;
}

int run(StringRef file) {
  if (std::string said = check(file, nullptr); !said.empty()) {
    llvm::outs() << "without a bug: " << said << "\n";
    return 1;
  }
  unsigned planted = 0, caught = 0;
  for (ArrayRef<Bug> bugs : {ruleBugs(), loopBugs()})
    for (const Bug &bug : bugs) {
      std::string said = check(file, &bug);
      bool found = StringRef(said).contains("has a wrong derivative of");
      llvm::outs() << (found ? "caught: " : "MISSED: ") << bug.name << ": " << StringRef(said).split('\n').first
                   << "\n";
      ++planted;
      caught += found;
    }
  llvm::outs() << caught << " of " << planted << " wrong derivatives caught\n";
  return planted && caught == planted ? 0 : 1;
}

} // namespace
} // namespace ph::planted

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: planted-derivatives MODULE.mlir\n";
    return 2;
  }
  return ph::planted::run(argv[1]);
}
