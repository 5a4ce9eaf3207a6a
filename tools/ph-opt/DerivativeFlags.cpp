#include "tools/ph-opt/DerivativeFlags.h"
#include "powerhouse/Autodiff/CheckDerivatives.h"
#include "llvm/Support/CommandLine.h"

namespace cl = llvm::cl;

struct DerivativeFlags::Flags {
  cl::OptionCategory category{"Options that judge derivatives"};
  cl::opt<std::string> check{
      "check-derivatives", cl::ValueOptional, cl::value_desc("function"), cl::cat(category),
      cl::desc(
          "Compare reverse and forward mode of each function, or of one, with differences in f64, after the passes")};
  cl::list<std::string> wrt{"check-wrt", cl::CommaSeparated, cl::value_desc("names"), cl::cat(category),
                            cl::desc("Arguments to differentiate by; all of floats without it")};
  cl::opt<unsigned> points{"check-points", cl::init(2), cl::cat(category),
                           cl::desc("Places at which each function is differentiated")};
  cl::opt<bool> all{"check-along-all", cl::cat(category), cl::desc("Only along all arguments at once")};
  cl::opt<bool> list{"list-derivatives", cl::cat(category),
                     cl::desc("List the ops of xf and train, each with whether it has a derivative rule")};
};

DerivativeFlags::DerivativeFlags() : flags(std::make_unique<Flags>()) {}
DerivativeFlags::~DerivativeFlags() = default;

bool DerivativeFlags::list(const mlir::DialectRegistry &registry) const {
  if (!flags->list)
    return false;
  mlir::MLIRContext context(registry);
  ph::autodiff::listDerivativeRules(context, llvm::outs());
  return true;
}

bool DerivativeFlags::watch(mlir::MlirOptMainConfig &config, const RunFlags &run) const {
  if (!flags->check.getNumOccurrences())
    return false;
  ph::autodiff::CheckOptions options = {run.options(), flags->wrt, flags->points, flags->all, {}};
  options.run.function = flags->check;
  config.setPassPipelineSetupFn([passes = config, options](mlir::PassManager &manager) -> mlir::LogicalResult {
    if (failed(passes.setupPassPipeline(manager)))
      return mlir::failure();
    manager.addPass(ph::autodiff::createCheckDerivativesPass(options, llvm::outs()));
    return mlir::success();
  });
  return true;
}
