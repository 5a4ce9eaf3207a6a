#include "ModuleBuilder.h"
#include "ForwardBuilder.h"
#include "dialects/Transformer/Transformer.h"
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

Attribute toAttribute(Builder &builder, const Scalar &value) {
  if (auto *flag = std::get_if<bool>(&value))
    return builder.getBoolAttr(*flag);
  if (auto *integer = std::get_if<int64_t>(&value))
    return builder.getI64IntegerAttr(*integer);
  if (auto *real = std::get_if<double>(&value))
    return builder.getF64FloatAttr(*real);
  return builder.getStringAttr(std::get<std::string>(value));
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
  ModuleBuilder(MLIRContext &context, const ResolvedModel &model, std::string_view ecosystem)
      : builder(&context), model(model), family(*model.architecture), ecosystem(ecosystem) {}

  Expected<OwningOpRef<ModuleOp>> build(const std::string &name, bool halfCache) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(location(1), symbolName(name));
    describe(*module, name);
    builder.setInsertionPointToStart(module->getBody());
    ForwardBuilder::Weights weights;
    for (const ResolvedWeight &weight : model.weights) {
      if (!weight.present)
        continue;
      Expected<xf::WeightOp> op = buildWeight(weight);
      if (!op)
        return op.error();
      weights.emplace(weight.entry->name, *op);
    }
    if (Status error = ForwardBuilder(builder, model, std::move(weights)).build(halfCache))
      return error.error();
    return module;
  }

  /// A weight that is there but has no part in the result: the description is wrong, and so would the result be.
  Status findUnusedWeights(ModuleOp module) {
    llvm::StringSet<> loaded;
    module.walk([&](xf::LoadWeightOp load) { loaded.insert(load.getWeight()); });
    for (const ResolvedWeight &weight : model.weights)
      if (weight.present && !loaded.contains(weight.entry->name))
        return family.errorAt(weight.entry->line, "\"forward\" does not use the weight \"" + weight.entry->name +
                                                      "\"; use it there or remove it from \"weights\"");
    return {};
  }

private:
  Location location(int line) { return FileLineColLoc::get(builder.getStringAttr(family.path), line, 1); }

  void describe(ModuleOp module, const std::string &name) {
    SmallVector<NamedAttribute> attributes = {
        builder.getNamedAttr("architecture", builder.getStringAttr(printable(model.architectureName))),
        builder.getNamedAttr("name", builder.getStringAttr(printable(name)))};
    for (const auto &[key, value] : model.config)
      attributes.push_back(builder.getNamedAttr(key, toAttribute(builder, value)));
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
      shape.push_back(weight.count);
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
    const std::vector<WeightSource> &described = weight.entry->sources.at(ecosystem);
    for (const WeightSource &source : described) {
      Expected<int64_t> heads = ropeHalvesHeads(source, weight.entry->line);
      if (!heads)
        return heads.error();
      // One source gives all rows; where there are several the checkpoint says how many each has.
      int64_t rows = described.size() > 1 ? weight.rows[sources.size()] : 0;
      auto attribute =
          xf::SourceAttr::getChecked(emit, builder.getContext(), StringRef(source.tensor), *heads, rows, weight.first);
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
    return op;
  }

  /// The heads of a rope_halves transform; 0 without one.
  Expected<int64_t> ropeHalvesHeads(const WeightSource &source, int line) {
    if (!source.transform)
      return int64_t(0);
    const Expression &call = *source.transform;
    if (!call.is(Expression::Kind::Call) || call.text != "rope_halves" || call.arguments.size() != 1)
      return family.errorAt(line, "unknown transform \"" + call.source + "\"; known is rope_halves(heads)");
    Expected<Scalar> heads =
        evaluate(call.arguments[0], [this](const std::string &name) { return model.lookup(name); });
    if (!heads)
      return family.errorAt(line, heads.error().message);
    auto *count = std::get_if<int64_t>(&*heads);
    if (!count || *count < 1)
      return family.errorAt(line, "\"" + call.source + "\" has " + toString(*heads) + " heads");
    return *count;
  }

  OpBuilder builder;
  const ResolvedModel &model;
  const Architecture &family;
  std::string ecosystem;
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

Expected<OwningOpRef<ModuleOp>> buildModule(MLIRContext &context, const ResolvedModel &model,
                                            std::string_view ecosystem, const std::string &name, bool halfCache) {
  // What a verifier says about an op is said about the line of the description that made it.
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error && said.empty())
      said = describe(diagnostic);
    return success();
  });
  ModuleBuilder builder(context, model, ecosystem);
  auto module = builder.build(name, halfCache);
  if (module && failed(verify(**module)))
    return Error{ErrorCode::BadModel, said.empty() ? model.architecture->path + ": gives no valid module" : said};
  if (!module && !said.empty())
    return Error{ErrorCode::BadModel, said};
  if (module)
    if (Status error = builder.findUnusedWeights(**module))
      return error.error();
  return module;
}

} // namespace ph
