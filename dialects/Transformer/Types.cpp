#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ph::xf;

#define GET_TYPEDEF_CLASSES
#include "dialects/Transformer/Types.cpp.inc"

void XFDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Transformer/Types.cpp.inc"
      >();
}

// !xf.cache<30 x 3 x 64, f32>
Type CacheType::parse(AsmParser &parser) {
  int64_t layers, heads, headDim;
  Type element;
  if (parser.parseLess() || parser.parseInteger(layers) || parser.parseKeyword("x") || parser.parseInteger(heads) ||
      parser.parseKeyword("x") || parser.parseInteger(headDim) || parser.parseComma() || parser.parseType(element) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<CacheType>(parser.getContext(), layers, heads, headDim, element);
}

void CacheType::print(AsmPrinter &printer) const {
  printer << "<" << getLayers() << " x " << getHeads() << " x " << getHeadDim() << ", " << getElementType() << ">";
}

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t layers, int64_t heads,
                                int64_t headDim, Type element) {
  if (layers < 1 || heads < 1 || headDim < 1)
    return emitError() << "expects positive layers, heads and head_dim, but got " << layers << " x " << heads << " x "
                       << headDim;
  // So that the bits of a position are far from leaving 64 bits.
  constexpr int64_t most = int64_t(1) << 31, mostElements = int64_t(1) << 40;
  if (layers > most || heads > most || headDim > most || layers > mostElements / heads / headDim)
    return emitError() << "expects at most " << mostElements << " elements a position, but got " << layers << " x "
                       << heads << " x " << headDim;
  if (!element.isF32() && !element.isF16())
    return emitError() << "expects elements of f32 or f16, but got " << element;
  return success();
}

namespace ph::xf {

FormatAttr getFormat(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast_or_null<FormatAttr>(tensor.getEncoding()) : FormatAttr();
}

RankedTensorType withFormat(RankedTensorType type, FormatAttr format) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), format);
}

bool isActivation(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.getElementType().isF32() || tensor.getRank() < 2 || tensor.isDynamicDim(tensor.getRank() - 1))
    return false;
  FormatAttr format = getFormat(type);
  return !tensor.getEncoding() || (format && format.isActivation());
}

bool isFloatActivation(Type type) {
  FormatAttr format = getFormat(type);
  return isActivation(type) && !(format && format.isInt8());
}

bool isPlainActivation(Type type) { return isActivation(type) && !cast<RankedTensorType>(type).getEncoding(); }

bool isWeight(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.getElementType().isF32() || tensor.getRank() < 1 || !tensor.hasStaticShape())
    return false;
  FormatAttr format = getFormat(type);
  return !tensor.getEncoding() || (format && format.getStorage());
}

bool isMatrix(Type type) { return isWeight(type) && cast<RankedTensorType>(type).getRank() == 2; }
bool isVector(Type type) { return isWeight(type) && cast<RankedTensorType>(type).getRank() == 1; }
bool isExpertMatrices(Type type) { return isWeight(type) && cast<RankedTensorType>(type).getRank() == 3; }

/// The element type of a ranked tensor without an encoding; null for other types.
static Type plainElement(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && !tensor.getEncoding() ? tensor.getElementType() : Type();
}

static bool hasInteger(Type type, unsigned width) {
  Type element = plainElement(type);
  return element && element.isSignlessInteger(width);
}

bool isFloatTensor(Type type) {
  Type element = plainElement(type);
  return element && element.isF32();
}

bool isIntTensor(Type type) { return hasInteger(type, 32); }
bool isBoolTensor(Type type) { return hasInteger(type, 1); }
bool isPlainTensor(Type type) { return isFloatTensor(type) || isIntTensor(type) || isBoolTensor(type); }

static bool isPlainI32(Type type, int64_t rank) {
  return hasInteger(type, 32) && cast<RankedTensorType>(type).getRank() == rank;
}

bool isTokens(Type type) { return isPlainI32(type, 2); }
bool isIndices(Type type) { return isPlainI32(type, 1); }

} // namespace ph::xf
