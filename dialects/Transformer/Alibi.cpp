#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace ph::xf;

SmallVector<double> AlibiAttr::getSlopes(int64_t heads) const {
  double maxBias = getMaxBias().convertToDouble();
  int64_t power = int64_t(llvm::bit_floor(uint64_t(heads)));
  SmallVector<double> slopes;
  for (int64_t h = 0; h < heads; ++h)
    slopes.push_back(h < power ? std::exp2(-maxBias * double(h + 1) / double(power))
                               : std::exp2(-maxBias * double(2 * (h - power) + 1) / double(2 * power)));
  return slopes;
}

// #xf.alibi<max_bias = 8.0>
Attribute AlibiAttr::parse(AsmParser &parser, Type) {
  double maxBias = 0;
  if (parser.parseLess() || parser.parseKeyword("max_bias") || parser.parseEqual() || parser.parseFloat(maxBias) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<AlibiAttr>(parser.getContext(), llvm::APFloat(maxBias));
}

void AlibiAttr::print(AsmPrinter &printer) const {
  printer << "<max_bias = ";
  printer.printFloat(getMaxBias());
  printer << ">";
}

LogicalResult AlibiAttr::verify(function_ref<InFlightDiagnostic()> emitError, llvm::APFloat maxBias) {
  if (!maxBias.isFinite() || !(maxBias.convertToDouble() > 0))
    return emitError() << "expects max_bias > 0, but got " << maxBias.convertToDouble();
  return success();
}
