#include "powerhouse/Import/WeightReader.h"
#include "powerhouse/Reference/WeightProvider.h"
#include "runtime/base/Quote.h"

namespace ph {

static Error bad(const SourceModel &model, xf::WeightOp weight, const std::string &tensor, const std::string &what) {
  return {ErrorCode::BadModel,
          model.path() + ": tensor " + quoteText(tensor) + " of the weight @" + weight.getSymName().str() + " " + what};
}

/// The tensor of that name, if it has the shape and can be decoded.
static Expected<const SourceTensor *> findChecked(const SourceModel &model, xf::WeightOp weight,
                                                  const std::string &name, std::span<const int64_t> shape) {
  const SourceTensor *tensor = model.findTensor(name);
  if (!tensor)
    return bad(model, weight, name, "is missing");
  std::vector<int64_t> expected(shape.begin(), shape.end());
  if (tensor->shape != expected)
    return bad(model, weight, name,
               "has the shape " + shapeString(tensor->shape) + ", but " + shapeString(expected) + " is expected");
  if (!tensor->format->dequantize)
    return bad(model, weight, name, "has the type " + std::string(tensor->format->label) + ", which can't be decoded");
  return tensor;
}

Expected<std::vector<WeightPart>> findWeightParts(const SourceModel &model, xf::WeightOp weight, int64_t layer) {
  llvm::ArrayRef<int64_t> shape = weight.getLoadedType().getShape();
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
      return bad(model, weight, name, "is stored in another arrangement than it is wanted in, which can't be packed");
    int64_t rows = weight.getSourceRows(index);
    std::vector<int64_t> expected(shape.begin(), shape.end());
    expected[0] = rows;
    Expected<const SourceTensor *> tensor = findChecked(model, weight, name, expected);
    if (!tensor)
      return tensor.error();
    parts.push_back({*tensor, source, rows});
  }
  return parts;
}

/// A weight whose rows aren't those of whole tensors, in the order of the file, or whose columns are scaled: each
/// tensor is decoded, then taken apart.
static Expected<std::vector<float>> readArranged(const SourceModel &model, xf::WeightOp weight, int64_t layer) {
  return reference::composeSources(
      weight, layer, [&](const std::string &name, std::span<const int64_t> shape) -> Expected<std::vector<float>> {
        Expected<const SourceTensor *> tensor = findChecked(model, weight, name, shape);
        if (!tensor)
          return tensor.error();
        size_t size = 1;
        for (int64_t dim : shape)
          size *= dim;
        std::vector<float> values(size);
        dequantize(*(*tensor)->format, (*tensor)->data.data(), values.data(), size);
        model.release((*tensor)->data);
        return values;
      });
}

Expected<std::vector<float>> readWeight(const SourceModel &model, xf::WeightOp weight, int64_t layer) {
  auto isStored = [](xf::SourceAttr source) { return source.isWhole() && source.getColumns().empty(); };
  if (weight.getSources() && layer >= 0 && layer < weight.getLayers() &&
      !llvm::all_of(weight.getSources()->getAsRange<xf::SourceAttr>(), isStored))
    return readArranged(model, weight, layer);
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
