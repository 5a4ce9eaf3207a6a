#include "powerhouse/Report/Files.h"
#include "runtime/base/AtomicFile.h"

using namespace mlir;

namespace ph::report {
namespace {

Status writeFile(const std::string &path, StringRef text) {
  if (path == "-") {
    llvm::outs() << text;
    return {};
  }
  auto file = AtomicFile::create(path);
  if (!file)
    return file.error();
  if (auto status = file->write(text.data(), text.size()))
    return status;
  return file->commit();
}

class GraphPass : public PassWrapper<GraphPass, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(GraphPass)
  explicit GraphPass(GraphFiles files) : files(std::move(files)) {}
  StringRef getName() const override { return "draw the module"; }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    Graph graph = buildGraph(getOperation(), files.at);
    write(files.dot, graph, writeDot);
    write(files.html, graph, writeHtml);
  }

private:
  void write(const std::string &path, const Graph &graph, void (*writer)(const Graph &, raw_ostream &)) {
    if (path.empty())
      return;
    std::string text;
    llvm::raw_string_ostream out(text);
    writer(graph, out);
    if (auto status = writeFile(path, text)) {
      getOperation().emitError(status.error().message);
      signalPassFailure();
    }
  }

  GraphFiles files;
};

} // namespace

std::unique_ptr<Pass> createGraphPass(GraphFiles files) { return std::make_unique<GraphPass>(std::move(files)); }

LogicalResult writeHistoryFile(const PassHistory &history, StringRef title, const std::string &file) {
  std::string text;
  llvm::raw_string_ostream out(text);
  writeHistory(history, title, out);
  if (auto status = writeFile(file, text)) {
    llvm::errs() << status.error().message << "\n";
    return failure();
  }
  return success();
}

} // namespace ph::report
