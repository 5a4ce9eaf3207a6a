#include "tools/ph-opt/VerifyFlags.h"
#include "llvm/Support/CommandLine.h"

namespace cl = llvm::cl;

struct VerifyFlags::Flags {
  cl::OptionCategory category{"Options of --verify-values"};
  cl::opt<std::string> verify{
      "verify-values", cl::ValueOptional, cl::value_desc("samples"), cl::cat(category),
      cl::desc(
          "Run every function before and after every pass, on as many random inputs for each size (2) and on zeros, "
          "large and tiny values and masked rows; stop where a pass changes values")};
  cl::list<std::string> sizes{"verify-sizes", cl::CommaSeparated, cl::value_desc("1x1,2x3,1x17"), cl::cat(category),
                              cl::desc("Batch and sequence of dynamic dimensions")};
  cl::opt<std::string> reproducer{"verify-reproducer", cl::init("verify-values.mlir"), cl::value_desc("file"),
                                  cl::cat(category), cl::desc("Where a reduced module that shows a difference goes")};
};

VerifyFlags::VerifyFlags() : flags(std::make_unique<Flags>()) {}
VerifyFlags::~VerifyFlags() = default;

[[noreturn]] static void refuse(llvm::StringRef flag, llvm::StringRef expected, llvm::StringRef got) {
  llvm::errs() << "ph-opt: error: expects --" << flag << "=" << expected << ", but got '" << got << "'\n";
  std::exit(1);
}

std::unique_ptr<ph::proof::ValueVerifier> VerifyFlags::watch(mlir::MlirOptMainConfig &config,
                                                             const RunFlags &run) const {
  if (!flags->verify.getNumOccurrences())
    return nullptr;
  ph::proof::VerifyOptions options;
  if (!flags->verify.empty() && llvm::StringRef(flags->verify).getAsInteger(10, options.samples))
    refuse("verify-values", "samples", flags->verify);
  if (!flags->sizes.empty())
    options.sizes.clear();
  for (llvm::StringRef text : flags->sizes) {
    auto [batch, sequence] = text.split('x');
    auto &size = options.sizes.emplace_back();
    if (batch.getAsInteger(10, size.first) || sequence.getAsInteger(10, size.second) || size.first < 1 ||
        size.second < 1)
      refuse("verify-sizes", "BATCHxSEQUENCE", text);
  }
  ph::reference::RunOptions shared = run.options();
  options.seed = shared.seed;
  options.weights = shared.weights;
  options.openWeights = shared.openWeights;
  options.reproducer = flags->reproducer;
  auto verifier = std::make_unique<ph::proof::ValueVerifier>(std::move(options));
  config.setPassPipelineSetupFn([passes = config, watcher = verifier.get()](mlir::PassManager &manager) {
    mlir::LogicalResult result = passes.setupPassPipeline(manager);
    watcher->watch(manager);
    return result;
  });
  return verifier;
}
