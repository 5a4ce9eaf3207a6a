#include "tools/ph-opt/ProofFlags.h"
#include "mlir/Support/FileUtilities.h"
#include "powerhouse/Proof/RandomModule.h"
#include "powerhouse/Proof/RemarkLog.h"
#include "powerhouse/Proof/VerifyValues.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ToolOutputFile.h"

namespace cl = llvm::cl;

struct ProofFlags::Flags {
  cl::OptionCategory category{"Options that judge passes"};
  cl::opt<std::string> verify{
      "verify-values", cl::ValueOptional, cl::value_desc("samples"), cl::cat(category),
      cl::desc(
          "Run every function before and after every pass, on as many random inputs for each size (2) and on zeros, "
          "large and tiny values and masked rows; stop where a pass changes values")};
  cl::list<std::string> sizes{"verify-sizes", cl::CommaSeparated, cl::value_desc("1x1,2x3,1x17"), cl::cat(category),
                              cl::desc("Batch and sequence of dynamic dimensions")};
  cl::opt<std::string> reproducer{"verify-reproducer", cl::init("verify-values.mlir"), cl::value_desc("file"),
                                  cl::cat(category), cl::desc("Where a reduced module that shows a difference goes")};
  cl::opt<std::string> remarks{"remarks", cl::value_desc("file"), cl::cat(category),
                               cl::desc("List what passes did and what they refused and why, a line each")};
  cl::opt<std::string> generate{"generate", cl::value_desc("seed[:count]"), cl::cat(category),
                                cl::desc("Make random modules instead of reading some")};

  std::optional<ph::proof::ValueVerifier> verifier;
  std::optional<ph::proof::RemarkLog> log;
};

ProofFlags::ProofFlags() : flags(std::make_unique<Flags>()) {}
ProofFlags::~ProofFlags() = default;

[[noreturn]] static void refuse(llvm::StringRef flag, llvm::StringRef expected, llvm::StringRef got) {
  llvm::errs() << "ph-opt: error: expects --" << flag << "=" << expected << ", but got '" << got << "'\n";
  std::exit(1);
}

std::optional<std::string> ProofFlags::generate(mlir::MlirOptMainConfig &config) const {
  if (!flags->generate.getNumOccurrences())
    return std::nullopt;
  auto [first, many] = llvm::StringRef(flags->generate).split(':');
  uint64_t seed = 0, count = 1;
  if (first.getAsInteger(10, seed) || (!many.empty() && many.getAsInteger(10, count)))
    refuse("generate", "SEED[:COUNT]", flags->generate);
  std::string text;
  for (uint64_t i = 0; i < count; ++i)
    text += (i ? "\n" + std::string(mlir::kDefaultSplitMarker) + "\n" : "") + ph::proof::makeRandomModule(seed + i);
  if (count > 1) {
    config.splitInputFile();
    config.outputSplitMarker();
  }
  return text;
}

static ph::proof::VerifyOptions verifyOptions(llvm::StringRef samples, llvm::ArrayRef<std::string> sizes,
                                              const ph::reference::RunOptions &run) {
  ph::proof::VerifyOptions options;
  if (!samples.empty() && samples.getAsInteger(10, options.samples))
    refuse("verify-values", "samples", samples);
  if (!sizes.empty())
    options.sizes.clear();
  for (llvm::StringRef text : sizes) {
    auto [batch, sequence] = text.split('x');
    auto &size = options.sizes.emplace_back();
    if (batch.getAsInteger(10, size.first) || sequence.getAsInteger(10, size.second) || size.first < 1 ||
        size.second < 1)
      refuse("verify-sizes", "BATCHxSEQUENCE", text);
  }
  options.seed = run.seed;
  options.weights = run.weights;
  options.openWeights = run.openWeights;
  return options;
}

void ProofFlags::watch(mlir::MlirOptMainConfig &config, const RunFlags &run) {
  if (flags->verify.getNumOccurrences()) {
    ph::proof::VerifyOptions options = verifyOptions(flags->verify, flags->sizes, run.options());
    options.reproducer = flags->reproducer;
    flags->verifier.emplace(std::move(options));
  }
  if (flags->remarks.getNumOccurrences())
    flags->log.emplace();
  config.setPassPipelineSetupFn([passes = config, seen = flags.get()](mlir::PassManager &manager) {
    if (failed(passes.setupPassPipeline(manager)) || (seen->log && failed(seen->log->watch(manager))))
      return mlir::failure();
    if (seen->verifier)
      seen->verifier->watch(manager);
    return mlir::success();
  });
}

bool ProofFlags::takesRemarks() const { return flags->remarks.getNumOccurrences(); }

mlir::LogicalResult ProofFlags::report() const {
  bool nothing = flags->verifier && flags->verifier->hasComparedNothing();
  if (flags->verifier)
    flags->verifier->report(llvm::errs());
  if (nothing)
    llvm::errs() << "ph-opt: error: --verify-values compared nothing, for the reasons above\n";
  if (!flags->log)
    return mlir::failure(nothing);
  std::string message;
  auto file = mlir::openOutputFile(flags->remarks, &message);
  if (!file) {
    llvm::errs() << message << "\n";
    return mlir::failure();
  }
  flags->log->write(file->os());
  file->keep();
  return mlir::failure(nothing);
}
