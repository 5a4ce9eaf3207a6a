// Verifies the dialect's attributes on ops of other dialects: xf.model of modules, xf.name of arguments and results.
#include "dialects/Transformer/Transformer.h"

using namespace mlir;
using namespace ph::xf;

static LogicalResult verifyModel(Operation *op, Attribute value) {
  if (!isa<ModuleOp>(op))
    return op->emitOpError() << "expects xf.model on a module only";
  auto model = dyn_cast<DictionaryAttr>(value);
  if (!model)
    return op->emitOpError() << "expects xf.model to be a dictionary, but got " << value;
  for (StringRef key : {"architecture", "name"})
    if (Attribute text = model.get(key); !isa_and_nonnull<StringAttr>(text)) {
      InFlightDiagnostic error = op->emitOpError() << "expects a string as " << key << " of xf.model, but got ";
      return text ? error << text : error << "none";
    }
  // A graph of another framework has none of these.
  const StringRef sizes[] = {"vocabulary", "context_length", "layers"};
  if (llvm::none_of(sizes, [&](StringRef key) { return model.contains(key); }))
    return success();
  for (StringRef key : sizes) {
    Attribute number = model.get(key);
    if (auto integer = dyn_cast_or_null<IntegerAttr>(number); integer && integer.getValue().isStrictlyPositive())
      continue;
    InFlightDiagnostic error = op->emitOpError() << "expects a positive integer as " << key << " of xf.model, but got ";
    return number ? error << number : error << "none";
  }
  return success();
}

static LogicalResult verifyName(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != XFDialect::getNameAttrName())
    return op->emitOpError() << "expects xf.name as the only attribute of xf on an argument or result, but got "
                             << attribute.getName();
  if (auto name = dyn_cast<StringAttr>(attribute.getValue()); !name || name.empty())
    return op->emitOpError() << "expects xf.name to be a string that is not empty, but got " << attribute.getValue();
  return success();
}

LogicalResult XFDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == getModelAttrName())
    return verifyModel(op, attribute.getValue());
  return success();
}

LogicalResult XFDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult XFDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyName(op, attribute);
}
