// #xf.rope: its text and what it refuses.
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace ph::xf;

namespace {

enum class Kind {
  Number,  ///< > 0
  Length,  ///< an integer ≥ 1
  Flag,    ///< true or false
  Numbers, ///< > 0, one for each pair
};

constexpr unsigned bit(RopeScaling scaling) { return 1u << unsigned(scaling); }

/// An option beyond dim, base, style, scaling and factor, in the order in which they are printed.
struct Option {
  llvm::StringLiteral name;
  Kind kind;
  unsigned scalings; ///< that have it, as bits
  bool required;     ///< by these
};

constexpr unsigned ofYarn = bit(RopeScaling::Yarn), ofLlama3 = bit(RopeScaling::Llama3),
                   ofLongRope = bit(RopeScaling::LongRope);
constexpr Option options[] = {
    {"original", Kind::Length, bit(RopeScaling::Dynamic) | ofYarn | ofLlama3 | ofLongRope, true},
    {"beta_fast", Kind::Number, ofYarn, false},
    {"beta_slow", Kind::Number, ofYarn, false},
    {"mscale", Kind::Number, ofYarn, false},
    {"mscale_all_dim", Kind::Number, ofYarn, false},
    {"attention_factor", Kind::Number, ofYarn | ofLongRope, false},
    {"truncate", Kind::Flag, ofYarn, false},
    {"low_freq_factor", Kind::Number, ofLlama3, true},
    {"high_freq_factor", Kind::Number, ofLlama3, true},
    {"short_factor", Kind::Numbers, ofLongRope, true},
    {"long_factor", Kind::Numbers, ofLongRope, true},
};

const Option *findOption(StringRef name) {
  auto *found = llvm::find_if(options, [&](const Option &option) { return option.name == name; });
  return found == std::end(options) ? nullptr : found;
}

/// "dynamic, yarn, llama3 or longrope".
std::string namesOf(unsigned scalings) {
  SmallVector<StringRef> names;
  for (uint32_t i = 0; i <= getMaxEnumValForRopeScaling(); ++i)
    if (scalings & (1u << i))
      names.push_back(stringifyRopeScaling(RopeScaling(i)));
  std::string text = llvm::join(ArrayRef(names).drop_back(), ", ");
  return (text.empty() ? "" : text + " or ") + names.back().str();
}

/// The value of an option after its `name =`.
Attribute parseOption(AsmParser &parser, Kind kind) {
  Builder builder(parser.getContext());
  double number = 0;
  int64_t integer = 0;
  StringRef keyword;
  SmallVector<double> numbers;
  SMLoc at = parser.getCurrentLocation();
  switch (kind) {
  case Kind::Number:
    return parser.parseFloat(number) ? Attribute() : builder.getF64FloatAttr(number);
  case Kind::Length:
    return parser.parseInteger(integer) ? Attribute() : builder.getI64IntegerAttr(integer);
  case Kind::Flag:
    if (parser.parseKeyword(&keyword))
      return {};
    if (keyword != "true" && keyword != "false")
      return parser.emitError(at, "expects true or false, but got '") << keyword << "'", Attribute();
    return builder.getBoolAttr(keyword == "true");
  case Kind::Numbers:
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                       [&] { return parser.parseFloat(numbers.emplace_back()); }))
      return {};
    return builder.getDenseF64ArrayAttr(numbers);
  }
  llvm_unreachable("all kinds are above");
}

void printOption(AsmPrinter &printer, Attribute value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    printer.printFloat(number.getValue());
  else if (auto flag = dyn_cast<BoolAttr>(value))
    printer << (flag.getValue() ? "true" : "false");
  else if (auto integer = dyn_cast<IntegerAttr>(value))
    printer << integer.getInt();
  else {
    printer << "[";
    llvm::interleaveComma(cast<DenseF64ArrayAttr>(value).asArrayRef(), printer,
                          [&](double each) { printer.printFloat(llvm::APFloat(each)); });
    printer << "]";
  }
}

/// An enum's case by its keyword.
template <class Enum>
ParseResult parseCase(AsmParser &parser, Enum &value, std::optional<Enum> (*symbolize)(StringRef)) {
  StringRef keyword;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Enum> found = symbolize(keyword);
  if (!found)
    return parser.emitError(at, "'") << keyword << "' is not one of the values that this key takes";
  value = *found;
  return success();
}

} // namespace

SmallVector<StringRef> RopeAttr::getOptionNames() {
  return llvm::map_to_vector(options, [](const Option &option) -> StringRef { return option.name; });
}

// #xf.rope<dim = 64, base = 1.0e5, style = half, scaling = yarn, factor = 4.0, original = 4096, truncate = false>
Attribute RopeAttr::parse(AsmParser &parser, Type) {
  int64_t dim = 0;
  double base = 0, factor = 1;
  RopeStyle style = RopeStyle::Half;
  RopeScaling scaling = RopeScaling::None;
  NamedAttrList given;
  llvm::StringSet<> seen;
  auto parseKey = [&]() -> ParseResult {
    StringRef key;
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return failure();
    if (!seen.insert(key).second)
      return parser.emitError(at, "expects each key once, but got '") << key << "' again";
    if (key == "dim")
      return parser.parseInteger(dim);
    if (key == "base")
      return parser.parseFloat(base);
    if (key == "factor")
      return parser.parseFloat(factor);
    if (key == "style")
      return parseCase<RopeStyle>(parser, style, symbolizeRopeStyle);
    if (key == "scaling")
      return parseCase<RopeScaling>(parser, scaling, symbolizeRopeScaling);
    const Option *option = findOption(key);
    if (!option)
      return parser.emitError(at, "expects dim, base, style, scaling, factor or an option of the scaling (")
             << llvm::join(getOptionNames(), ", ") << "), but got '" << key << "'";
    Attribute value = parseOption(parser, option->kind);
    if (!value)
      return failure();
    given.append(key, value);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseKey))
    return {};
  return parser.getChecked<RopeAttr>(parser.getContext(), dim, llvm::APFloat(base), style, scaling,
                                     llvm::APFloat(factor), given.getDictionary(parser.getContext()));
}

void RopeAttr::print(AsmPrinter &printer) const {
  printer << "<dim = " << getDim() << ", base = ";
  printer.printFloat(getBase());
  printer << ", style = " << stringifyRopeStyle(getStyle());
  if (getScaling() != RopeScaling::None) {
    printer << ", scaling = " << stringifyRopeScaling(getScaling()) << ", factor = ";
    printer.printFloat(getFactor());
  }
  for (const Option &option : options)
    if (Attribute value = getOptions().get(option.name)) {
      printer << ", " << option.name << " = ";
      printOption(printer, value);
    }
  printer << ">";
}

/// That `value` is of the option's kind and within its range.
static LogicalResult verifyOption(function_ref<InFlightDiagnostic()> emitError, const Option &option, Attribute value,
                                  int64_t dim, RopeScaling scaling) {
  auto wrong = [&](const Twine &expected) -> InFlightDiagnostic {
    return emitError() << "expects " << option.name << " to be " << expected << ", but got ";
  };
  auto positive = [](double number) { return std::isfinite(number) && number > 0; };
  switch (option.kind) {
  case Kind::Number: {
    auto number = dyn_cast<FloatAttr>(value);
    if (!number || !number.getType().isF64())
      return wrong("a number of f64") << value;
    if (!positive(number.getValueAsDouble()))
      return wrong("a number > 0") << number.getValueAsDouble();
    return success();
  }
  case Kind::Length: {
    int64_t least = scaling == RopeScaling::LongRope ? 2 : 1; // it divides by the logarithm
    auto length = dyn_cast<IntegerAttr>(value);
    if (!length || !length.getType().isInteger(64))
      return wrong("an integer of i64") << value;
    if (length.getInt() < least || length.getInt() > INT32_MAX)
      return wrong("from " + Twine(least) + " to " + Twine(INT32_MAX)) << length.getInt();
    return success();
  }
  case Kind::Flag:
    if (!isa<BoolAttr>(value))
      return wrong("true or false") << value;
    return success();
  case Kind::Numbers: {
    auto numbers = dyn_cast<DenseF64ArrayAttr>(value);
    if (!numbers)
      return wrong("an array of f64") << value;
    if (numbers.size() != dim / 2)
      return wrong(Twine(dim / 2) + " numbers, one for each pair of dim = " + Twine(dim)) << numbers.size();
    for (double number : numbers.asArrayRef())
      if (!positive(number))
        return wrong("numbers > 0") << number;
    return success();
  }
  }
  llvm_unreachable("all kinds are above");
}

LogicalResult RopeAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t dim, llvm::APFloat base, RopeStyle,
                               RopeScaling scaling, llvm::APFloat factor, DictionaryAttr given) {
  double baseValue = base.convertToDouble(), factorValue = factor.convertToDouble();
  if (dim < 2 || dim % 2 != 0)
    return emitError() << "expects a positive even dim, but got " << dim;
  if (!base.isFinite() || !(baseValue > 0))
    return emitError() << "expects a base > 0, but got " << baseValue;
  if (!factor.isFinite() || !(factorValue > 0))
    return emitError() << "expects a factor > 0, but got " << factorValue;
  StringRef name = stringifyRopeScaling(scaling);
  if (scaling == RopeScaling::None && factorValue != 1)
    return emitError() << "expects factor 1 without a scaling, but got " << factorValue;
  if (scaling != RopeScaling::Linear && factorValue < 1)
    return emitError() << "expects a factor ≥ 1 with scaling = " << name << ", but got " << factorValue;
  if ((scaling == RopeScaling::Ntk || scaling == RopeScaling::Dynamic) && dim < 4)
    return emitError() << "expects a dim ≥ 4 with scaling = " << name << ", but got " << dim;
  if (scaling == RopeScaling::Yarn && baseValue <= 1)
    return emitError() << "expects a base > 1 with scaling = yarn, but got " << baseValue;

  for (NamedAttribute each : given) {
    const Option *option = findOption(each.getName());
    if (!option)
      return emitError() << "expects options of a scaling, but got '" << each.getName().getValue() << "'";
    if (!(option->scalings & bit(scaling)))
      return emitError() << "expects " << option->name << " with scaling = " << namesOf(option->scalings)
                         << " only, but got it with " << name;
    if (failed(verifyOption(emitError, *option, each.getValue(), dim, scaling)))
      return failure();
  }
  for (const Option &option : options)
    if (option.required && (option.scalings & bit(scaling)) && !given.contains(option.name))
      return emitError() << "expects " << option.name << " with scaling = " << name << ", but got none";

  auto number = [&](StringRef key, double otherwise) {
    auto value = given.getAs<FloatAttr>(key);
    return value ? value.getValueAsDouble() : otherwise;
  };
  if (number("beta_fast", 32) <= number("beta_slow", 1))
    return emitError() << "expects beta_fast > beta_slow, but got " << number("beta_fast", 32) << " and "
                       << number("beta_slow", 1);
  if (scaling == RopeScaling::Llama3 && number("high_freq_factor", 0) <= number("low_freq_factor", 0))
    return emitError() << "expects high_freq_factor > low_freq_factor, but got " << number("high_freq_factor", 0)
                       << " and " << number("low_freq_factor", 0);
  if (given.contains("mscale") != given.contains("mscale_all_dim"))
    return emitError() << "expects mscale and mscale_all_dim together, but got only one of them";
  if (given.contains("attention_factor") && given.contains("mscale"))
    return emitError() << "expects either attention_factor or mscale, but got both";
  return success();
}
