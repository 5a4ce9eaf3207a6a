// Plants each bug and looks whether --verify-values catches it, names the pass, and leaves a module that shows it.
//
// usage: planted-bugs MODULE.mlir FOLDER
//
// FOLDER takes the reproducers. The last line printed is "N of N planted bugs caught"; the exit code is 1 if one was
// not.
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "powerhouse/Proof/VerifyValues.h"
#include "powerhouse/Reference/Interpreter.h"
#include "test/Proof/Planted/Bug.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace ph::planted {
namespace {

class PlantedPass : public PassWrapper<PlantedPass, OperationPass<ModuleOp>>, public ChangesValues {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlantedPass)
  explicit PlantedPass(const Bug &bug) : bug(bug), flag(("planted-" + bug.name).str()) {}
  StringRef getArgument() const override { return flag; }
  StringRef getName() const override { return flag; }
  StringRef getDescription() const override { return "is wrong"; }
  ValueChange getValueChange() const override { return {bug.declared, "is wrong"}; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, xf::XFDialect>();
  }
  void runOnOperation() override {
    try {
      bug.plant(getOperation());
    } catch (const Absent &) {
    }
  }

private:
  Bug bug;
  std::string flag;
};

/// Runs a pass under --verify-values; returns the error that it made, if any.
std::string verify(MLIRContext &context, StringRef file, const std::string &flag, const proof::VerifyOptions &options) {
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    said += diagnostic.str();
    return success();
  });
  auto module = parseSourceFile<ModuleOp>(file, &context);
  PassManager manager(&context);
  proof::ValueVerifier verifier(options);
  if (!module || failed(parsePassPipeline(flag, manager)))
    return "";
  verifier.watch(manager);
  bool failed = mlir::failed(manager.run(*module));
  return failed && verifier.hasFailed() ? said : "";
}

unsigned countOps(MLIRContext &context, StringRef file) {
  unsigned count = 0;
  if (auto module = parseSourceFile<ModuleOp>(file, &context))
    module->walk([&](func::FuncOp function) { function.getBody().walk([&](Operation *) { ++count; }); });
  return count;
}

/// Whether the bug is caught and named, and what is left of the module shows it too.
bool isCaught(MLIRContext &context, StringRef file, const Bug &bug, StringRef folder) {
  std::string flag = ("planted-" + bug.name).str();
  proof::VerifyOptions options;
  options.reproducer = (folder + "/" + bug.name + ".mlir").str();
  std::string said = verify(context, file, flag, options);
  bool named = StringRef(said).contains(flag + " changes the values of @");
  llvm::outs() << (named ? "caught: " : "MISSED: ") << bug.name << ": " << said << "\n";
  auto reproducer = llvm::MemoryBuffer::getFile(options.reproducer);
  if (!named || !reproducer)
    return false;
  unsigned whole = countOps(context, file), left = countOps(context, options.reproducer);
  bool shown = !verify(context, options.reproducer, flag, {}).empty();
  bool flagged = (*reproducer)->getBuffer().split('\n').first.ends_with(" --" + flag);
  llvm::outs() << "  " << left << " of " << whole << " ops left" << (shown ? "" : ", which do NOT show it")
               << (flagged ? "" : ", without the FLAG") << "\n";
  return shown && flagged && left < whole;
}

int run(StringRef file, StringRef folder) {
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect, xf::XFDialect>();
  reference::registerReferenceModels(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  unsigned planted = 0, caught = 0;
  for (ArrayRef<Bug> bugs : {attentionBugs(), declaredBugs(), denseBugs(), expertBugs(), layerBugs(), primitiveBugs()})
    for (const Bug &bug : bugs) {
      registerPass([&]() -> std::unique_ptr<Pass> { return std::make_unique<PlantedPass>(bug); });
      ++planted;
      caught += isCaught(context, file, bug, folder);
    }
  llvm::outs() << caught << " of " << planted << " planted bugs caught\n";
  return planted && caught == planted ? 0 : 1;
}

} // namespace
} // namespace ph::planted

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: planted-bugs MODULE.mlir FOLDER\n";
    return 2;
  }
  return ph::planted::run(argv[1], argv[2]);
}
