#include "lib/Report/Graph/Describe.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/AsmState.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace ph::report {

std::string describeType(Type type) {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    out << type;
    return text;
  }
  llvm::interleave(
      tensor.getShape(), out, [&](int64_t dim) { ShapedType::isDynamic(dim) ? out << "?" : out << dim; }, "x");
  out << (tensor.getRank() ? " " : "");
  if (xf::FormatAttr format = xf::getFormat(tensor))
    out << format.getName();
  else
    out << tensor.getElementType();
  return text;
}

static void printAttribute(raw_ostream &out, Attribute attribute) {
  if (auto value = dyn_cast<IntegerAttr>(attribute))
    value.getType().isInteger(1) ? out << (value.getValue().isZero() ? "false" : "true") : out << value.getValue();
  else if (auto value = dyn_cast<FloatAttr>(attribute))
    out << llvm::format("%g", value.getValueAsDouble());
  else
    attribute.print(out, /*elideType=*/true);
}

std::string describeAttributes(Operation *op) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (NamedAttribute entry : op->getAttrs()) {
    StringRef name = entry.getName();
    if (name == "operandSegmentSizes" || name == "resultSegmentSizes")
      continue;
    std::string value;
    llvm::raw_string_ostream stream(value);
    printAttribute(stream, entry.getValue());
    StringRef shown(value);
    // #xf.rope<dim = 64, ...> is said by its name already.
    if (shown.consume_front("#xf<" + name.str() + " "))
      shown.consume_back(">");
    out << (text.empty() ? "" : ", ") << name;
    if (!isa<UnitAttr>(entry.getValue()))
      out << " = " << shown;
  }
  return text;
}

std::string describeOp(Operation *op, AsmState &state) {
  std::string text;
  llvm::raw_string_ostream out(text);
  op->print(out, state);
  // Only the first line of what has regions.
  if (op->getNumRegions())
    text = StringRef(text).split('\n').first.str();
  return text;
}

std::vector<std::string> describeParts(Operation *op) {
  std::vector<std::string> parts;
  auto has = [&](StringRef what, bool present) {
    if (present)
      parts.push_back(what.str());
  };
  auto given = [&](StringRef name) { return bool(op->getAttr(name)); };
  if (auto linear = dyn_cast<xf::LinearOp>(op)) {
    has("bias", bool(linear.getBias()));
    has("activation", given("activation"));
    has("residual", bool(linear.getResidual()));
  } else if (isa<xf::GatedLinearOp>(op)) {
    parts = {"gate", "up", "activation"};
  } else if (isa<xf::AttentionOp, xf::CacheAppendOp>(op)) {
    has("rope", given("rope"));
  }
  if (!isa<xf::EncodeOp>(op))
    for (Type type : op->getResultTypes())
      if (xf::FormatAttr format = xf::getFormat(type); format && format.isActivation()) {
        parts.push_back("encode " + format.getName().str());
        break;
      }
  if (auto fused = dyn_cast<FusedLoc>(op->getLoc()); fused && fused.getLocations().size() > 1)
    parts.push_back(std::to_string(fused.getLocations().size()) + " ops joined");
  return parts;
}

std::string describeNumber(double value) {
  static constexpr std::pair<double, const char *> scales[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (auto [scale, letter] : scales)
    if (value >= scale) {
      double scaled = value / scale;
      int digits = scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
      return llvm::formatv(digits == 2   ? "{0:F2} {1}"
                           : digits == 1 ? "{0:F1} {1}"
                                         : "{0:F0} {1}",
                           scaled, letter)
          .str();
    }
  return llvm::formatv("{0:F0} ", value).str();
}

} // namespace ph::report
