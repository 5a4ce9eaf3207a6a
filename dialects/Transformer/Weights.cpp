#include "dialects/Transformer/SourceNames.h"
#include "dialects/Transformer/Transformer.h"

using namespace mlir;
using namespace ph::xf;

SymbolTable::Visibility WeightOp::getVisibility() { return SymbolTable::Visibility::Private; }

RankedTensorType WeightOp::getLoadedType() {
  auto type = cast<RankedTensorType>(getType());
  if (!getStacked())
    return type;
  return RankedTensorType::get(type.getShape().drop_front(), type.getElementType(), type.getEncoding());
}

int64_t WeightOp::getLayers() { return getStacked() ? cast<RankedTensorType>(getType()).getDimSize(0) : 1; }

FormatAttr WeightOp::getFormat() { return ph::xf::getFormat(getType()); }

int64_t WeightOp::getSourceRows(unsigned index) {
  int64_t rows = cast<SourceAttr>((*getSources())[index]).getRows();
  return rows ? rows : getLoadedType().getDimSize(0);
}

LogicalResult WeightOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (getStacked() && type.getRank() < 2)
    return emitOpError() << "expects rank 2 or more with 'stacked', but got " << type;
  if (std::optional<ArrayAttr> formats = getFormats()) {
    SmallPtrSet<Attribute, 8> different;
    for (FormatAttr format : formats->getAsRange<FormatAttr>())
      if (!format.getStorage() || !different.insert(format).second)
        return emitOpError() << "expects different storage formats in 'formats', but got " << *formats;
    if (different.size() < 2)
      return emitOpError() << "expects several formats in 'formats', but got " << *formats;
  }
  if (getRequantized()) {
    const ph::Format *storage = getFormat() ? getFormat().getStorage() : nullptr;
    if (!storage || !storage->quantize || getFormats())
      return emitOpError() << "expects one format that can be encoded with 'requantized', but got "
                           << (getFormats() ? Attribute(getFormatsAttr()) : Attribute(getTypeAttr()));
  }
  if (!getSources())
    return success();
  bool several = getSources()->size() > 1;
  int64_t sum = 0, rows = getLoadedType().getDimSize(0);
  for (auto [index, source] : llvm::enumerate(getSources()->getAsRange<SourceAttr>())) {
    if (source.isPerLayer() != getStacked())
      return emitOpError() << "expects names of sources " << (getStacked() ? "with" : "without")
                           << " {layer}, but got \"" << source.getTensor() << "\"";
    for (StringRef name : {source.getTensor(), source.getColumns()})
      if (int64_t listed = countListedLayers(name); listed && listed != getLayers())
        return emitOpError() << "expects " << getLayers() << " layers in the list \"" << name << "\", but got "
                             << listed;
    if (several && source.getRows() == 0)
      return emitOpError() << "expects rows for each of several sources, but got none for \"" << source.getTensor()
                           << "\"";
    int64_t sourceRows = getSourceRows(index);
    if (source.getTransform() == SourceTransform::RopeHalves && sourceRows % (2 * source.getHeads()) != 0)
      return emitOpError() << "expects an even number of rows for each of " << source.getHeads() << " heads of \""
                           << source.getTensor() << "\", but got " << sourceRows << " rows";
    if (source.getOf() != 0 && source.getFrom() + sourceRows > source.getOf())
      return emitOpError() << "expects at most " << source.getOf() - source.getFrom() << " rows of \""
                           << source.getTensor() << "\", but got " << sourceRows;
    int64_t rank = getLoadedType().getRank(), stored = source.isPerRow() ? rank - 1 : rank;
    if (stored < (source.getTransposed() ? 2 : 1) || (source.getParts() != 0 && rank < 2))
      return emitOpError() << "expects a layer of more dimensions for what is done to \"" << source.getTensor()
                           << "\", but got " << getLoadedType();
    if (!source.getColumns().empty() && (getLoadedType().getRank() != 2 || (getFormat() && !getRequantized())))
      return emitOpError() << "expects a matrix without an encoding where columns are scaled, but got "
                           << getLoadedType();
    sum += sourceRows;
  }
  if (sum != rows)
    return emitOpError() << "expects sources of " << rows << " rows together, but got " << sum;
  return success();
}

void LoadWeightOp::build(OpBuilder &builder, OperationState &state, WeightOp weight, Value layer) {
  build(builder, state, weight.getLoadedType(), weight.getSymName(), layer);
}

LogicalResult LoadWeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  Operation *symbol = symbols.lookupNearestSymbolFrom(*this, getWeightAttr());
  auto weight = dyn_cast_or_null<WeightOp>(symbol);
  if (!weight)
    return emitOpError() << "expects the name of an xf.weight, but got " << getWeightAttr()
                         << (symbol ? ", which is something else" : ", which is not there");
  if (bool(getLayer()) != weight.getStacked())
    return emitOpError() << "expects a layer if and only if the weight is stacked, but got "
                         << (getLayer() ? "one for a weight that is not" : "none for one that is");
  if (getResult().getType() != weight.getLoadedType())
    return emitOpError() << "expects a result of type " << weight.getLoadedType() << ", but got "
                         << getResult().getType();
  return success();
}
