#include "dialects/Transformer/SourceNames.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ph::xf;

#include "dialects/Transformer/Enums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Transformer/Attributes.cpp.inc"

void XFDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Transformer/Attributes.cpp.inc"
      >();
}

//===-- #xf.format --------------------------------------------------------------------------------------------===//

/// Elements of a block of an int8 encoding of activations; 0 if `name` is none.
static int64_t int8Block(StringRef name) { return name == "i8x32" ? 32 : name == "i8x16" ? 16 : 0; }

bool FormatAttr::isActivation() const { return isInt8() || getName() == "f16" || getName() == "bf16"; }

bool FormatAttr::isInt8() const { return int8Block(getName()) != 0; }

const ph::Format *FormatAttr::getStorage() const {
  return isInt8() ? nullptr : ph::findFormatByName({getName().data(), getName().size()});
}

int64_t FormatAttr::getBlockElements() const { return isInt8() ? int8Block(getName()) : getStorage()->blockElements; }

Attribute FormatAttr::parse(AsmParser &parser, Type) {
  StringRef name;
  if (parser.parseLess() || parser.parseKeyword(&name) || parser.parseGreater())
    return {};
  return parser.getChecked<FormatAttr>(parser.getContext(), name);
}

void FormatAttr::print(AsmPrinter &printer) const { printer << "<" << getName() << ">"; }

LogicalResult FormatAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef name) {
  if (!int8Block(name) && !ph::findFormatByName({name.data(), name.size()}))
    return emitError() << "expects the name of a storage format or i8x32 or i8x16, but got '" << name << "'";
  return success();
}

LogicalResult FormatAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                                         function_ref<InFlightDiagnostic()> emitError) const {
  if (!elementType.isF32())
    return emitError() << "expects elements of f32 with " << *this << ", but got " << elementType;
  int64_t block = getBlockElements();
  if (shape.empty() || ShapedType::isDynamic(shape.back()))
    return emitError() << "expects a static last dimension with " << *this << ", but got "
                       << (shape.empty() ? "no dimension" : "a dynamic one");
  if (shape.back() % block != 0)
    return emitError() << "expects a last dimension that is a multiple of " << block << " with " << *this
                       << ", but got " << shape.back();
  return success();
}

//===-- #xf.source --------------------------------------------------------------------------------------------===//

static constexpr llvm::StringLiteral layerPlace = "{layer}", expertPlace = "{expert}";

/// True if `name` is another for each layer.
static bool namesLayers(StringRef name) { return name.contains(layerPlace) || countListedLayers(name) != 0; }

bool SourceAttr::isPerLayer() const { return namesLayers(getTensor()); }
bool SourceAttr::isPerExpert() const { return getTensor().contains(expertPlace); }

/// Puts the number of an expert where its place is in `name`.
static void fillInExpert(std::string &name, int64_t expert) {
  std::string number = std::to_string(expert);
  for (size_t at = 0; (at = name.find(expertPlace.data(), at)) != std::string::npos; at += number.size())
    name.replace(at, expertPlace.size(), number);
}

std::string SourceAttr::getTensorOfLayer(int64_t index, int64_t row) const {
  std::string name = nameOfLayer(getTensor(), index, getFirst() + getStep() * index);
  fillInExpert(name, getFrom() + row);
  return name;
}

std::string SourceAttr::getColumnsOfLayer(int64_t index) const {
  return nameOfLayer(getColumns(), index, getFirst() + getStep() * index);
}

int64_t SourceAttr::getSourceRow(int64_t row, int64_t rows) const {
  if (getTransform() != SourceTransform::RopeHalves)
    return row;
  int64_t size = rows / getHeads(), head = row / size, inHead = row % size;
  return head * size + (inHead < size / 2 ? 2 * inHead : 2 * (inHead - size / 2) + 1);
}

SourceAttr SourceAttr::withRows(int64_t rows) const {
  return get(getContext(), getTensor(), getFirst(), getStep(), rows, getTransform(), getHeads(), getFrom(), getOf(),
             getCopied(), getTransposed(), getPart(), getParts(), getInterleaved(), getColumns(), getOffset());
}

SourceAttr SourceAttr::slice(int64_t begin, int64_t count, int64_t rows) const {
  int64_t from = getCopied() ? 0 : getFrom() + begin;
  int64_t of = isPerRow() || getOf() || count == rows ? getOf() : rows;
  return get(getContext(), getTensor(), getFirst(), getStep(), count, getTransform(), getHeads(), from, of, getCopied(),
             getTransposed(), getPart(), getParts(), getInterleaved(), getColumns(), getOffset());
}

void SourceAttr::scaleColumns(MutableArrayRef<float> rows, ArrayRef<float> columns) const {
  double offset = getOffset().convertToDouble();
  for (auto [index, value] : llvm::enumerate(rows))
    value = float(double(value) * (double(columns[index % columns.size()]) + offset));
}

SourceAttr SourceAttr::withColumns(StringRef columns, double offset) const {
  return get(getContext(), getTensor(), getFirst(), getStep(), getRows(), getTransform(), getHeads(), getFrom(),
             getOf(), getCopied(), getTransposed(), getPart(), getParts(), getInterleaved(), columns,
             llvm::APFloat(offset));
}

// #xf.source<"blk.{layer}.attn_q.weight", first = 1, step = 2, rows = 64, rope_halves<4>, columns = "…", offset = 1.0>
Attribute SourceAttr::parse(AsmParser &parser, Type) {
  std::string tensor, columns;
  double offset = 0;
  int64_t first = 0, step = 1, rows = 0, heads = 0, from = 0, of = 0, part = 0, parts = 0;
  bool copied = false, transposed = false, interleaved = false;
  SourceTransform transform = SourceTransform::None;
  if (parser.parseLess() || parser.parseString(&tensor))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseKeyword(&key))
      return {};
    int64_t *number = llvm::StringSwitch<int64_t *>(key)
                          .Case("first", &first)
                          .Case("step", &step)
                          .Case("rows", &rows)
                          .Case("from", &from)
                          .Case("of", &of)
                          .Default(nullptr);
    if (number) {
      if (parser.parseEqual() || parser.parseInteger(*number))
        return {};
      // 0 in the attribute means that rows are not given, so a written 0 has to be caught here.
      if ((number == &rows || number == &of) && *number == 0)
        return parser.emitError(at, "expects ") << key << " ≥ 1, but got 0", Attribute();
    } else if (key == "columns") {
      if (parser.parseEqual() || parser.parseString(&columns))
        return {};
    } else if (key == "offset") {
      if (parser.parseEqual() || parser.parseFloat(offset))
        return {};
    } else if (key == "rope_halves") {
      transform = SourceTransform::RopeHalves;
      if (parser.parseLess() || parser.parseInteger(heads) || parser.parseGreater())
        return {};
    } else if (key == "copied") {
      copied = true;
    } else if (key == "transposed") {
      transposed = true;
    } else if ((key == "part" || key == "interleaved") && parts == 0) {
      interleaved = key == "interleaved";
      if (parser.parseLess() || parser.parseInteger(part) || parser.parseComma() || parser.parseInteger(parts) ||
          parser.parseGreater())
        return {};
      if (parts < 2)
        return parser.emitError(at, "expects at least 2 parts, but got ") << parts, Attribute();
    } else {
      return parser.emitError(
                 at, "expects first, step, rows, from, of, rope_halves, copied, transposed, columns, offset, part or "
                     "interleaved once, but got '")
                 << key << "'",
             Attribute();
    }
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<SourceAttr>(parser.getContext(), StringRef(tensor), first, step, rows, transform, heads,
                                       from, of, copied, transposed, part, parts, interleaved, StringRef(columns),
                                       llvm::APFloat(offset));
}

void SourceAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printString(getTensor());
  if (getFirst() != 0)
    printer << ", first = " << getFirst();
  if (getStep() != 1)
    printer << ", step = " << getStep();
  if (getRows() != 0)
    printer << ", rows = " << getRows();
  if (getTransform() == SourceTransform::RopeHalves)
    printer << ", rope_halves<" << getHeads() << ">";
  if (getFrom() != 0)
    printer << ", from = " << getFrom();
  if (getOf() != 0)
    printer << ", of = " << getOf();
  if (getCopied())
    printer << ", copied";
  if (getTransposed())
    printer << ", transposed";
  if (getParts() != 0)
    printer << ", " << (getInterleaved() ? "interleaved<" : "part<") << getPart() << ", " << getParts() << ">";
  if (!getColumns().empty()) {
    printer << ", columns = ";
    printer.printString(getColumns());
  }
  if (getOffset().isNonZero()) {
    printer << ", offset = ";
    printer.printFloat(getOffset());
  }
  printer << ">";
}

LogicalResult SourceAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef tensor, int64_t first,
                                 int64_t step, int64_t rows, SourceTransform transform, int64_t heads, int64_t from,
                                 int64_t of, bool copied, bool, int64_t part, int64_t parts, bool interleaved,
                                 StringRef columns, llvm::APFloat offset) {
  if (tensor.empty())
    return emitError() << "expects the name of a tensor, but got an empty one";
  if (countListedLayers(tensor) != 0 && (first != 0 || step != 1 || tensor.contains(layerPlace)))
    return emitError() << "expects either a list of layers or numbers of them, but got both for \"" << tensor << "\"";
  if (first < 0 || step < 1 || rows < 0)
    return emitError() << "expects first ≥ 0, step ≥ 1 and rows ≥ 1, but got first = " << first << ", step = " << step
                       << ", rows = " << rows;
  constexpr int64_t most = int64_t(1) << 31; // so that sums and products of two stay within 64 bits
  for (auto [name, number] : {std::pair("first", first),
                              {"step", step},
                              {"rows", rows},
                              {"heads", heads},
                              {"from", from},
                              {"of", of},
                              {"parts", parts}})
    if (number > most)
      return emitError() << "expects " << name << " ≤ " << most << ", but got " << number;
  if (transform == SourceTransform::RopeHalves) {
    if (heads < 1)
      return emitError() << "expects rope_halves of at least one head, but got " << heads;
    if (rows % (2 * heads) != 0)
      return emitError() << "expects an even number of rows for each of " << heads << " heads, but got " << rows
                         << " rows";
  } else if (heads != 0) {
    return emitError() << "expects no heads without a transform, but got " << heads;
  }
  bool perExpert = tensor.contains(expertPlace);
  if (from < 0 || of < 0 || (of != 0 && from + std::max<int64_t>(rows, 1) > of))
    return emitError() << "expects from ≥ 0 and from + rows ≤ of, but got from = " << from << ", rows = " << rows
                       << ", of = " << of;
  if (from != 0 && of == 0 && !perExpert)
    return emitError() << "expects from with of or with {expert} in the name, but got it alone";
  if (of != 0 && (perExpert || copied))
    return emitError() << "expects no of where each row is a tensor, but got of = " << of;
  if (int(perExpert) + int(copied) + int(transform == SourceTransform::RopeHalves) > 1)
    return emitError() << "expects only one of {expert} in the name, copied and rope_halves, but got more for \""
                       << tensor << "\"";
  if (parts == 0 ? part != 0 || interleaved : parts < 2 || part < 0 || part >= parts)
    return emitError() << "expects part or interleaved with 0 ≤ i < n and 2 ≤ n, but got i = " << part
                       << ", n = " << parts;
  if (!columns.empty() && namesLayers(columns) != namesLayers(tensor))
    return emitError() << "expects a {layer} in both names or in none, but got \"" << tensor << "\" and \"" << columns
                       << "\"";
  if (!offset.isFinite() || (columns.empty() && offset.isNonZero()))
    return emitError() << "expects a finite offset, and one only with columns, but got " << offset.convertToDouble();
  return success();
}
