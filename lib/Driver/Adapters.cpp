#include "Adapters.h"
#include "CompileStages.h"
#include "KernelObjects.h"
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Transforms/Passes.h"
#include <algorithm>
#include <filesystem>

using namespace mlir;

namespace ph {

/// "name=folder", or a folder alone, which may have a '=' in its path.
static std::pair<std::string, std::string> splitName(const std::string &given) {
  const size_t equals = given.find('=');
  std::error_code ignored;
  if (equals == std::string::npos || std::filesystem::exists(given, ignored))
    return {"", given};
  return {given.substr(0, equals), given.substr(equals + 1)};
}

/// Whether each matrix that the adapter changes is stored as floats, by a name that PEFT knows.
static bool canMerge(const SourceModel &source, const LoraAdapter &adapter) {
  return source.ecosystem() == "huggingface" && llvm::none_of(adapter.targets(), [&](const LoraTarget &target) {
           const SourceTensor *tensor = source.findTensor(target.module + ".weight");
           return tensor && tensor->format->kind != FormatKind::Float;
         });
}

Expected<UnmergedAdapters *> applyAdapters(const CompileOptions &options, std::unique_ptr<SourceModel> &source) {
  auto wrong = [](const std::string &what) { return Error{ErrorCode::Usage, "--adapter: " + what}; };
  std::vector<NamedAdapter> adapters;
  for (const std::string &given : options.adapters) {
    const auto [name, folder] = splitName(given);
    auto adapter = LoraAdapter::open(folder);
    if (!adapter)
      return adapter.error();
    const bool isTaken = llvm::any_of(adapters, [&](const NamedAdapter &other) { return other.name == name; });
    if (!name.empty() && isTaken)
      return wrong("two adapters are called '" + name + "'");
    if (given.starts_with("="))
      return wrong("'" + given + "' gives no name before the '='");
    adapters.push_back({name, std::move(*adapter)});
  }
  if (adapters.empty())
    return options.unmerged ? Expected<UnmergedAdapters *>(wrong("--unmerged is about an adapter, but none is given"))
                            : nullptr;
  const auto unnamed = llvm::count_if(adapters, [](const NamedAdapter &each) { return each.name.empty(); });
  if (unnamed != 0 && unnamed != ptrdiff_t(adapters.size()))
    return wrong("give either all adapters a name (NAME=FOLDER), to choose from, or none");
  bool merges = unnamed != 0 && !options.unmerged;
  for (const NamedAdapter &each : adapters)
    merges = merges && canMerge(*source, *each.adapter);
  if (merges) {
    for (const NamedAdapter &each : adapters) {
      auto adapted = applyAdapter(std::move(source), *each.adapter);
      if (!adapted)
        return adapted.error();
      source = std::move(*adapted);
    }
    return nullptr;
  }
  if (source->ecosystem() == "onnx")
    return wrong(source->path() + ": a graph says no names of modules, which adapters go by; give the folder or GGUF "
                                  "file that the adapter was trained on");
  if (unnamed > 1)
    return wrong("several adapters can't be added at once without being merged; give them names (NAME=FOLDER), to "
                 "choose from");
  auto made = UnmergedAdapters::create(std::move(source), std::move(adapters));
  if (!made)
    return made.error();
  UnmergedAdapters *unmerged = made->get();
  source = std::move(*made);
  return unmerged;
}

Status addAdapters(ModuleOp module, UnmergedAdapters &adapters, bool exact) {
  if (!exact)
    adapters.scaleMatrices();
  FirstError firstError(module.getContext());
  PassManager pm(module.getContext());
  TrainAddAdaptersPassOptions options;
  options.rank = adapters.rank();
  options.scale = adapters.scale();
  options.targets = adapters.modules();
  pm.addPass(createTrainAddAdaptersPass(options));
  if (failed(pm.run(module)))
    return firstError.error();
  return adapters.provide(module);
}

} // namespace ph
