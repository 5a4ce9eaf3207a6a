#include "powerhouse/Import/Import.h"
#include "ModuleBuilder.h"
#include "ONNX/ImportGraph.h"

namespace ph {

/// "models/SmolLM2.Q4_1.gguf" → "SmolLM2.Q4_1".
static std::string stem(const std::string &path) {
  size_t slash = path.rfind('/');
  std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  size_t dot = file.rfind('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

Expected<ImportedModel> importModel(mlir::MLIRContext &context, const SourceModel &model,
                                    const ImportOptions &options) {
  if (model.ecosystem() == onnx_import::kEcosystem)
    return onnx_import::importGraph(context, model, options.beginsText);
  auto architecture = chooseArchitecture(model, options.architectureFile);
  if (!architecture)
    return architecture.error();
  Expected<ResolvedModel> resolved = applyArchitecture(model, *architecture);
  if (!resolved)
    return resolved.error();
  std::string name = model.name().empty() ? stem(model.path()) : model.name();
  auto module = buildModule(context, *resolved, name, options.halfCache, options.hubNames);
  if (!module)
    return module.error();
  return ImportedModel{std::move(*module), std::move(resolved->warnings)};
}

} // namespace ph
