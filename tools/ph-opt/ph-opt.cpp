// ph-opt: MLIR's opt with the xf dialect, the passes of this compiler, and an interpreter to judge them.
#include "dialects/Transformer/Transformer.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/ph-opt/DerivativeFlags.h"
#include "tools/ph-opt/ProofFlags.h"
#include "tools/ph-opt/Registry.h"
#include "tools/ph-opt/ReportFlags.h"
#include "tools/ph-opt/RunFlags.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  registerEverything(registry);
  ReportFlags reportFlags;
  RunFlags runFlags;
  ProofFlags proofFlags;
  DerivativeFlags derivativeFlags;
  auto [input, output] =
      mlir::registerAndParseCLIOptions(argc, argv, "ph-opt: the optimizer of Powerhouse\n", registry);
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  std::optional<ph::reference::RunOptions> run = runFlags.get();
  proofFlags.watch(config, runFlags);
  if (derivativeFlags.list(registry))
    return 0;
  bool checks = derivativeFlags.watch(config, runFlags);
  // After what judges passes, so that its time is none of theirs.
  bool draws = reportFlags.watch(config, proofFlags.takesRemarks());
  if (run) {
    config.setPassPipelineSetupFn([passes = config, run](mlir::PassManager &manager) -> mlir::LogicalResult {
      if (failed(passes.setupPassPipeline(manager)))
        return mlir::failure();
      manager.addPass(ph::reference::createRunPass(*run, llvm::outs()));
      return mlir::success();
    });
  }
  // The results, the graph or what was checked are the output; the module is printed only where a file is named for it.
  if ((run || draws || checks) && output == "-")
    output = "/dev/null";
  std::string message;
  std::optional<std::string> generated = proofFlags.generate(config);
  auto source = generated ? llvm::MemoryBuffer::getMemBuffer(*generated) : mlir::openInputFile(input, &message);
  auto target = source ? mlir::openOutputFile(output, &message) : nullptr;
  if (!target) {
    llvm::errs() << message << "\n";
    return 1;
  }
  mlir::LogicalResult result = mlir::MlirOptMain(target->os(), std::move(source), registry, config);
  if (failed(proofFlags.report()) || failed(reportFlags.finish(input)) || failed(result))
    return 1;
  target->keep();
  return 0;
}
