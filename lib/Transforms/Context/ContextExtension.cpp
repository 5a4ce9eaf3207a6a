#include "lib/Transforms/Context/ContextExtension.h"

using namespace mlir;

namespace ph {

int64_t getContextLength(ModuleOp module) {
  auto model = module->getAttrOfType<DictionaryAttr>(xf::XFDialect::getModelAttrName());
  auto length = model ? model.getAs<IntegerAttr>("context_length") : IntegerAttr();
  return length ? length.getInt() : 0;
}

SmallVector<std::pair<Operation *, xf::RopeAttr>> findRopes(ModuleOp module) {
  SmallVector<std::pair<Operation *, xf::RopeAttr>> found;
  module.walk([&](Operation *op) {
    if (auto rope = op->getAttrOfType<xf::RopeAttr>("rope"))
      found.push_back({op, rope});
  });
  return found;
}

/// Reports what the module has that can't be extended.
static LogicalResult checkPositions(ModuleOp module, StringRef pass) {
  auto walked = module.walk([&](Operation *op) {
    if (!op->getAttrOfType<xf::AlibiAttr>("alibi"))
      return WalkResult::advance();
    op->emitOpError() << "uses ALiBi, whose biases " << pass << " can't stretch: it needs no longer angles";
    return WalkResult::interrupt();
  });
  if (walked.wasInterrupted())
    return failure();
  auto ropes = findRopes(module);
  if (ropes.empty())
    return module.emitError()
           << pass
           << " expects rotary positions, but got a module without any: its positions are learned, or it has none";
  for (auto [op, rope] : ropes)
    if (rope.getScaling() != xf::RopeScaling::None)
      return op->emitOpError() << "expects rotary positions without a scaling for " << pass << ", but got "
                               << xf::stringifyRopeScaling(rope.getScaling());
  return success();
}

FailureOr<ContextExtension> ContextExtension::make(ModuleOp module, const ExtensionSettings &settings, StringRef pass) {
  ContextExtension extension;
  extension.settings = settings;
  auto scaling = xf::symbolizeRopeScaling(settings.method);
  if (!scaling || *scaling == xf::RopeScaling::None)
    return module.emitError() << pass << " expects method=linear, ntk, dynamic, yarn, llama3 or longrope, but got '"
                              << settings.method << "'";
  extension.scaling = *scaling;
  if (!std::isfinite(settings.factor) || !(settings.factor > 1))
    return module.emitError() << pass << " expects a factor > 1, but got " << settings.factor;
  if (failed(checkPositions(module, pass)))
    return failure();

  int64_t context = getContextLength(module), &original = extension.settings.original;
  if (original == 0)
    original = context;
  if (original == 0)
    return module.emitError() << pass << " expects original=…, as the module says no context_length, but got none";
  if (original < 0 || original > INT32_MAX)
    return module.emitError() << pass << " expects an original context from 1 to " << INT32_MAX << ", but got "
                              << original;
  if (context && original > context)
    return module.emitError() << pass << " expects an original context of at most the model's " << context
                              << " positions, but got " << original;
  if (double(original) * settings.factor > INT32_MAX)
    return module.emitError() << pass << " expects an extended context of at most " << INT32_MAX << ", but got "
                              << double(original) * settings.factor;
  if (context && extension.getExtended() <= context)
    return module.emitError() << pass << " expects an extended context beyond the model's " << context
                              << " positions, but got " << extension.getExtended();
  return extension;
}

int64_t ContextExtension::getExtended() const {
  // The product of a length and a short decimal fraction may come out just below a whole number.
  return int64_t(std::floor(double(settings.original) * settings.factor + 1e-6));
}

FailureOr<xf::RopeAttr> ContextExtension::extend(Operation *op, xf::RopeAttr rope) const {
  Builder builder(op->getContext());
  NamedAttrList options;
  if (scaling != xf::RopeScaling::Linear && scaling != xf::RopeScaling::Ntk)
    options.set("original", builder.getI64IntegerAttr(settings.original));
  if (scaling == xf::RopeScaling::Llama3) {
    options.set("low_freq_factor", builder.getF64FloatAttr(1));
    options.set("high_freq_factor", builder.getF64FloatAttr(4));
  }
  for (auto [name, value] : settings.numbers)
    if (value != 0)
      options.set(name, builder.getF64FloatAttr(value));
  if (!settings.truncate)
    options.set("truncate", builder.getBoolAttr(false));
  if (!settings.shortFactor.empty())
    options.set("short_factor", builder.getDenseF64ArrayAttr(settings.shortFactor));
  if (!settings.longFactor.empty())
    options.set("long_factor", builder.getDenseF64ArrayAttr(settings.longFactor));
  auto extended = xf::RopeAttr::getChecked([&] { return op->emitOpError(); }, op->getContext(), rope.getDim(),
                                           rope.getBase().convertToDouble(), rope.getStyle(), scaling, settings.factor,
                                           options.getAttrs());
  if (!extended)
    return failure();
  return extended;
}

} // namespace ph
