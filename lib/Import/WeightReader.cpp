#include "powerhouse/Import/WeightReader.h"
#include "runtime/base/Quote.h"

namespace ph {

Expected<std::vector<WeightPart>> findWeightParts(const SourceModel &model, xf::WeightOp weight, int64_t layer) {
  llvm::ArrayRef<int64_t> shape = weight.getLoadedType().getShape();
  auto bad = [&](const std::string &tensor, const std::string &what) {
    return Error{ErrorCode::BadModel, model.path() + ": tensor " + quoteText(tensor) + " of the weight @" +
                                          weight.getSymName().str() + " " + what};
  };
  if (layer < 0 || layer >= weight.getLayers())
    return Error{ErrorCode::Failed, "weight @" + weight.getSymName().str() + " has no layer " + std::to_string(layer)};
  // Without sources the weight is stored whole under its own name, all layers together; checkpoints have no such thing.
  if (!weight.getSources() || weight.getSources()->empty())
    return Error{ErrorCode::BadModel, "weight @" + weight.getSymName().str() + " names no tensor of " + model.path()};
  std::vector<WeightPart> parts;
  for (auto [index, attribute] : llvm::enumerate(*weight.getSources())) {
    auto source = llvm::cast<xf::SourceAttr>(attribute);
    std::string name = source.getTensorOfLayer(layer);
    if (!source.isWhole())
      return bad(name, "is wanted in another arrangement than it is stored in, which is not supported");
    const SourceTensor *tensor = model.findTensor(name);
    if (!tensor)
      return bad(name, "is missing");
    int64_t rows = weight.getSourceRows(index);
    std::vector<int64_t> expected(shape.begin(), shape.end());
    expected[0] = rows;
    if (tensor->shape != expected)
      return bad(name,
                 "has the shape " + shapeString(tensor->shape) + ", but " + shapeString(expected) + " is expected");
    if (!tensor->format->dequantize)
      return bad(name, "has the type " + std::string(tensor->format->label) + ", which can't be decoded");
    parts.push_back({tensor, source, rows});
  }
  return parts;
}

Expected<std::vector<float>> readWeight(const SourceModel &model, xf::WeightOp weight, int64_t layer) {
  Expected<std::vector<WeightPart>> parts = findWeightParts(model, weight, layer);
  if (!parts)
    return parts.error();
  llvm::ArrayRef<int64_t> shape = weight.getLoadedType().getShape();
  int64_t rowElements = 1;
  for (int64_t size : shape.drop_front())
    rowElements *= size;
  std::vector<float> values(shape[0] * rowElements);
  float *next = values.data();
  for (const WeightPart &part : *parts) {
    const Format &format = *part.tensor->format;
    // A vector is one row of blocks, a matrix's rows are whole blocks each.
    if (shape.size() == 1) {
      std::vector<float> decoded(part.rows);
      dequantize(format, part.tensor->data.data(), decoded.data(), decoded.size());
      for (int64_t row = 0; row < part.rows; ++row)
        *next++ = decoded[part.source.getSourceRow(row, part.rows)];
      continue;
    }
    size_t rowBytes = rowElements / format.blockElements * format.blockBytes;
    for (int64_t row = 0; row < part.rows; ++row, next += rowElements) {
      int64_t from = part.source.getSourceRow(row, part.rows);
      dequantize(format, part.tensor->data.data() + from * rowBytes, next, rowElements);
    }
    model.release(part.tensor->data);
  }
  return values;
}

} // namespace ph
