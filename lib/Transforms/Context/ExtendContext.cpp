#include "lib/Transforms/Context/ContextExtension.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Context/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_EXTENDCONTEXTPASS
#include "lib/Transforms/Context/Passes.h.inc"

namespace {

struct ExtendContextPass final : HasExtensionSettings<impl::ExtendContextPassBase<ExtendContextPass>>, ChangesValues {
  using HasExtensionSettings::HasExtensionSettings;

  ValueChange getValueChange() const override {
    // Dynamic NTK begins behind the original context.
    return {ValueChange::Meaning, "positions turn by other angles", method == "dynamic" ? int64_t(original) : 0};
  }

  void runOnOperation() override {
    auto extension = ContextExtension::make(getOperation(), getSettings(), getArgument());
    if (failed(extension))
      return signalPassFailure();
    SmallVector<std::pair<Operation *, xf::RopeAttr>> ropes = findRopes(getOperation());
    for (auto &[op, rope] : ropes) {
      FailureOr<xf::RopeAttr> longer = extension->extend(op, rope);
      if (failed(longer))
        return signalPassFailure();
      rope = *longer;
    }
    for (auto [op, rope] : ropes) {
      op->setAttr("rope", rope);
      remarkDone(op, getArgument(),
                 Twine(extension->getOriginal()) + " positions become " + Twine(extension->getExtended()));
      ++extended;
    }
    updateModel(extension->getExtended());
  }

private:
  /// What xf.model says of the context.
  void updateModel(int64_t length) {
    StringRef name = xf::XFDialect::getModelAttrName();
    auto model = getOperation()->getAttrOfType<DictionaryAttr>(name);
    if (!model)
      return;
    Builder builder(&getContext());
    NamedAttrList entries(model);
    auto replace = [&](StringRef key, Attribute value) {
      if (entries.get(key))
        entries.set(key, value);
    };
    replace("context_length", builder.getI64IntegerAttr(length));
    replace("rope_scaling", builder.getStringAttr(method));
    replace("rope_factor", builder.getF64FloatAttr(factor));
    getOperation()->setAttr(name, entries.getDictionary(&getContext()));
  }
};

} // namespace
} // namespace ph
