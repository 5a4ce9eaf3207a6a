#include "tools/ph-opt/ReportFlags.h"
#include "powerhouse/Report/Files.h"
#include "llvm/Support/CommandLine.h"

namespace cl = llvm::cl;

struct ReportFlags::Flags {
  cl::OptionCategory category{"Options for drawing"};
  cl::opt<std::string> dot{"dot", cl::ValueOptional, cl::value_desc("file"), cl::cat(category),
                           cl::desc("Write the module after the passes as a graph for graphviz, instead of the module "
                                    "where no file is given")};
  cl::opt<std::string> html{"html", cl::ValueOptional, cl::value_desc("file"), cl::cat(category),
                            cl::desc("The same as a page of HTML that needs nothing else")};
  cl::opt<std::string> passes{"html-passes", cl::value_desc("file"), cl::cat(category),
                              cl::desc("Write a page of HTML that shows what each pass did: time, changed lines, "
                                       "remarks")};
  cl::opt<unsigned> tokens{"cost-tokens", cl::init(1), cl::cat(category),
                           cl::desc("New tokens for which costs are shown in graphs")};
  cl::opt<unsigned> context{"cost-context", cl::init(0), cl::cat(category),
                            cl::desc("Positions that the last token sees; 0: as many as there are tokens")};
};

ReportFlags::ReportFlags() : flags(std::make_unique<Flags>()) {}
ReportFlags::~ReportFlags() = default;

static std::string fileOf(const cl::opt<std::string> &flag) {
  return !flag.getNumOccurrences() ? "" : flag.empty() ? "-" : flag.getValue();
}

bool ReportFlags::watch(mlir::MlirOptMainConfig &config, bool remarksTaken) {
  ph::report::GraphFiles files;
  files.dot = fileOf(flags->dot);
  files.html = fileOf(flags->html);
  files.at.tokens = std::max(1u, flags->tokens.getValue());
  files.at.context = flags->context ? flags->context : files.at.tokens;
  bool graphs = !files.dot.empty() || !files.html.empty(), passes = !flags->passes.empty();
  if (graphs || passes)
    config.setPassPipelineSetupFn([=, this, before = config](mlir::PassManager &manager) {
      if (failed(before.setupPassPipeline(manager)))
        return mlir::failure();
      if (passes)
        history.watch(manager, !remarksTaken && !before.shouldEmitRemarks());
      if (graphs)
        manager.addPass(ph::report::createGraphPass(files));
      return mlir::success();
    });
  return files.dot == "-" || files.html == "-";
}

mlir::LogicalResult ReportFlags::finish(llvm::StringRef input) const {
  if (flags->passes.empty())
    return mlir::success();
  return ph::report::writeHistoryFile(history, input, flags->passes);
}
