#include "ModuleBuilder.h"
#include "Forward/FunctionBuilder.h"
#include "dialects/Transformer/Transformer.h"
#include "dialects/Transformer/WeightAttributes.h"
#include "llvm/ADT/StringSet.h"
#include <cctype>

using namespace mlir;

namespace ph {
namespace {

/// A symbol's name made of a model's: "Smollm2 135M" → "smollm2_135m".
std::string symbolName(const std::string &name) {
  std::string result;
  for (unsigned char c : name)
    result += std::isalnum(c) ? static_cast<char>(std::tolower(c)) : '_';
  if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])))
    result.insert(result.begin(), '_');
  return result;
}

/// Null for what has no place in xf.model.
Attribute toAttribute(Builder &builder, const Scalar &value) {
  if (auto *flag = std::get_if<bool>(&value))
    return builder.getBoolAttr(*flag);
  if (auto *integer = std::get_if<int64_t>(&value))
    return builder.getI64IntegerAttr(*integer);
  if (auto *real = std::get_if<double>(&value))
    return builder.getF64FloatAttr(*real);
  if (auto *text = std::get_if<std::string>(&value))
    return builder.getStringAttr(*text);
  auto *list = std::get_if<std::shared_ptr<const ScalarList>>(&value);
  if (!list)
    return {};
  SmallVector<Attribute> items;
  for (const Scalar &item : (*list)->items)
    items.push_back(toAttribute(builder, item));
  return builder.getArrayAttr(items);
}

/// Text that a file gives may hold any bytes; attributes are printed, so they get plain ones.
std::string printable(const std::string &text) {
  std::string result;
  for (unsigned char c : text)
    result += c < 0x20 || c == 0x7f ? ' ' : static_cast<char>(c);
  return result;
}

class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext &context, const ResolvedModel &model, bool hubNames)
      : builder(&context), model(model), family(*model.architecture), hubNames(hubNames) {}

  Expected<OwningOpRef<ModuleOp>> build(const std::string &name, bool halfCache) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(location(1), symbolName(name));
    describe(*module, name);
    builder.setInsertionPointToStart(module->getBody());
    ModuleState state{model, family, {}, {}, {}, {}, halfCache};
    for (const ResolvedWeight &weight : model.weights) {
      if (!weight.present)
        continue;
      Expected<xf::WeightOp> op = buildWeight(weight);
      if (!op)
        return op.error();
      state.weights.emplace(weight.entry->name, *op);
    }
    for (const FunctionEntry *function : model.functions)
      if (Status error = FunctionBuilder(builder, state, *function).build())
        return error.error();
    used = std::move(state.usedLayers);
    if (!state.functions.count("forward"))
      return Error{ErrorCode::BadModel, family.paths[0] + ": describes no function \"forward\" for this checkpoint"};
    return module;
  }

  /// A weight that is there but has no part in the result: the description is wrong, and so would the result be.
  Status findUnusedWeights() {
    for (const ResolvedWeight &weight : model.weights) {
      if (!weight.present)
        continue;
      const std::set<int64_t> &layers = used[weight.entry->name];
      if (layers.empty())
        return family.errorAt(weight.entry->line, "\"forward\" does not use the weight \"" + weight.entry->name +
                                                      "\"; use it there or remove it from \"weights\"");
      for (int64_t layer : weight.layers)
        if (!layers.count(layer))
          return family.errorAt(weight.entry->line, "\"forward\" does not use layer " + std::to_string(layer) +
                                                        " of the weight \"" + weight.entry->name + "\"");
    }
    return {};
  }

private:
  Location location(int line) {
    return FileLineColLoc::get(builder.getStringAttr(family.pathOf(line)), Architecture::lineInFile(line), 1);
  }

  void describe(ModuleOp module, const std::string &name) {
    SmallVector<NamedAttribute> attributes = {
        builder.getNamedAttr("architecture", builder.getStringAttr(printable(model.architectureName))),
        builder.getNamedAttr("name", builder.getStringAttr(printable(name)))};
    for (const auto &[key, value] : model.config)
      if (Attribute attribute = toAttribute(builder, value))
        attributes.push_back(builder.getNamedAttr(key, attribute));
    module->setAttr(xf::XFDialect::getModelAttrName(), builder.getDictionaryAttr(attributes));
  }

  Expected<xf::WeightOp> buildWeight(const ResolvedWeight &weight) {
    Location at = location(weight.entry->line);
    auto emit = [&] { return emitError(at); };
    auto failure = [&] {
      return family.errorAt(weight.entry->line, "the weight \"" + weight.entry->name + "\" is wrong");
    };
    SmallVector<int64_t> shape;
    if (weight.entry->stacked)
      shape.push_back(weight.layers.size());
    shape.append(weight.shape.begin(), weight.shape.end());
    Attribute encoding;
    if (weight.format->name != "f32") {
      encoding = xf::FormatAttr::getChecked(emit, builder.getContext(), StringRef(weight.format->name));
      if (!encoding)
        return failure();
    }
    auto type = RankedTensorType::getChecked(emit, shape, builder.getF32Type(), encoding);
    if (!type)
      return failure();
    SmallVector<Attribute> sources;
    for (const ResolvedSource &source : weight.sources) {
      xf::SourceAttr attribute = makeSource(source, at);
      if (!attribute)
        return failure();
      sources.push_back(attribute);
    }
    auto op =
        xf::WeightOp::create(builder, at, builder.getStringAttr(weight.entry->name), TypeAttr::get(type),
                             weight.entry->stacked ? builder.getUnitAttr() : UnitAttr(), builder.getArrayAttr(sources));
    if (weight.formats.size() > 1) {
      SmallVector<Attribute> formats;
      for (const Format *format : weight.formats)
        formats.push_back(xf::FormatAttr::get(builder.getContext(), StringRef(format->name)));
      op->setAttr("formats", builder.getArrayAttr(formats));
    }
    if (hubNames && weight.hub) {
      xf::SourceAttr hub = makeSource(*weight.hub, at);
      if (!hub)
        return failure();
      op->setAttr(xf::kHubSourceAttr, hub);
    }
    return op;
  }

  /// One source gives all rows; where there are several the checkpoint says how many each has.
  xf::SourceAttr makeSource(const ResolvedSource &source, Location at) {
    auto transform = source.ropeHalves ? xf::SourceTransform::RopeHalves : xf::SourceTransform::None;
    return xf::SourceAttr::getChecked([&] { return emitError(at); }, builder.getContext(), StringRef(source.tensor),
                                      source.first, source.step, source.rows, transform, source.ropeHalves, source.from,
                                      source.of, /*copied=*/false, source.transposed, source.part, source.parts,
                                      source.interleaved, /*columns=*/StringRef(), /*offset=*/llvm::APFloat(0.0));
  }

  OpBuilder builder;
  const ResolvedModel &model;
  const Architecture &family;
  bool hubNames;
  std::map<std::string, std::set<int64_t>, std::less<>> used; ///< by weight: the layers that functions load
};

/// "llama.json:41: message" of a diagnostic.
std::string describe(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto at = dyn_cast<FileLineColLoc>(diagnostic.getLocation()))
    stream << at.getFilename().getValue() << ":" << at.getLine() << ": ";
  stream << diagnostic;
  return text;
}

} // namespace

Expected<OwningOpRef<ModuleOp>> buildModule(MLIRContext &context, const ResolvedModel &model, const std::string &name,
                                            bool halfCache, bool hubNames) {
  // What a verifier says about an op is said about the line of the description that made it.
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error && said.empty())
      said = describe(diagnostic);
    return success();
  });
  ModuleBuilder builder(context, model, hubNames);
  auto module = builder.build(name, halfCache);
  if (module && failed(verify(**module)))
    return Error{ErrorCode::BadModel, said.empty() ? model.architecture->paths[0] + ": gives no valid module" : said};
  if (!module && !said.empty())
    return Error{ErrorCode::BadModel, said};
  if (module)
    if (Status error = builder.findUnusedWeights())
      return error.error();
  return module;
}

} // namespace ph
