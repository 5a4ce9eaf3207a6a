#include "GraphModel.h"

#include "KernelObjects.h"
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Pipelines/Pipelines.h"

using namespace mlir;

namespace ph {

static constexpr const char *kUncached = "uncached";

static DictionaryAttr modelOf(ModuleOp module) {
  return module->getAttrOfType<DictionaryAttr>(xf::XFDialect::getModelAttrName());
}

static void say(ModuleOp module, StringRef key, Attribute value) {
  NamedAttrList model(modelOf(module));
  model.set(key, value);
  module->setAttr(xf::XFDialect::getModelAttrName(), model.getDictionary(module.getContext()));
}

Expected<ImportedModel> importGraphModel(MLIRContext &context, const SourceModel &source, const ImportOptions &options,
                                         bool asItIs, CompileRecord &record) {
  std::string reason = "it was compiled as it is (--form=graph)";
  if (!asItIs) {
    ImportOptions begins = options;
    begins.beginsText = true;
    auto text = importModel(context, source, begins);
    if (text) {
      auto lift = [&](OpPassManager &pm) { buildTextLiftingPipeline(pm, options.halfCache); };
      if (auto status = runPasses(*text->module, lift, record))
        return status.error();
      auto why = modelOf(*text->module).getAs<StringAttr>(kUncached);
      if (!why && text->contextLength)
        say(*text->module, "context_length", Builder(&context).getI64IntegerAttr(*text->contextLength));
      if (!why || !text->hasLess)
        return text;
      reason = why.str();
    } else {
      reason = text.error().message;
    }
  }
  auto graph = importModel(context, source, options);
  if (!graph)
    return graph.error();
  if (auto status = runPasses(*graph->module, buildLiftingPipeline, record))
    return status.error();
  say(*graph->module, kUncached, StringAttr::get(&context, reason));
  return graph;
}

} // namespace ph
