#include "powerhouse/Reference/WeightProvider.h"
#include "lib/Reference/Seeded.h"
#include "powerhouse/Reference/Value.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

/// What `reader` gives, if it has as many elements as the shape says.
static Expected<std::vector<float>> readChecked(const TensorReader &reader, const std::string &name,
                                                ArrayRef<int64_t> shape) {
  Expected<std::vector<float>> values = reader(name, shape);
  if (values && int64_t(values->size()) != ShapedType::getNumElements(shape))
    return Error{ErrorCode::BadModel, "expects tensor \"" + name + "\" of shape " + shapeText(shape) + ", but got " +
                                          std::to_string(values->size()) + " values"};
  return values;
}

/// Where the values that a source gives are in the tensor that it reads.
namespace {
struct Placement {
  SmallVector<int64_t> stored;  ///< the shape of the tensor
  std::vector<int64_t> columns; ///< where each element of a row is, from where the row starts; empty: as they come
  int64_t rowStride = 0;        ///< from a row to the next
};
} // namespace

/// `shape` is that of the wanted layer, `rows` how many rows the source gives.
static Placement placeSource(xf::SourceAttr source, ArrayRef<int64_t> shape, int64_t rows) {
  SmallVector<int64_t> whole(shape); // before it is transposed, with a dimension of rows
  whole.front() = source.getOf() ? source.getOf() : rows;
  if (source.getParts())
    whole[1] *= source.getParts();
  SmallVector<int64_t> stored(whole);
  if (source.getTransposed())
    std::swap(stored[stored.size() - 1], stored[stored.size() - 2]);
  SmallVector<int64_t> strides(stored.size(), 1);
  for (size_t dim = stored.size() - 1; dim-- > 0;)
    strides[dim] = strides[dim + 1] * stored[dim + 1];
  if (source.getTransposed())
    std::swap(strides[strides.size() - 1], strides[strides.size() - 2]);
  Placement result;
  result.rowStride = strides.front();
  if (source.getTransposed() || source.getParts())
    for (int64_t flat = 0, width = ShapedType::getNumElements(shape.drop_front()); flat < width; ++flat) {
      int64_t rest = flat, at = 0;
      for (size_t dim = shape.size() - 1; dim > 0; --dim) {
        int64_t index = rest % shape[dim];
        rest /= shape[dim];
        at += strides[dim] * (dim == 1 ? source.getSourceColumn(index, shape[dim]) : index);
      }
      result.columns.push_back(at);
    }
  // A tensor for each row has no dimension for them.
  result.stored.assign(stored.begin() + (source.isPerRow() ? 1 : 0), stored.end());
  return result;
}

Expected<std::vector<float>> composeSources(xf::WeightOp weight, int64_t layer, const TensorReader &reader) {
  RankedTensorType loaded = weight.getLoadedType();
  size_t size = loaded.getNumElements();
  if (!weight.getSources()) {
    auto all = cast<RankedTensorType>(weight.getType());
    Expected<std::vector<float>> values = readChecked(reader, weight.getSymName().str(), all.getShape());
    if (!values)
      return values.error();
    auto first = values->begin() + layer * size;
    return std::vector<float>(first, first + size);
  }
  std::vector<float> result;
  result.reserve(size);
  int64_t width = int64_t(size) / loaded.getDimSize(0);
  for (auto [index, source] : llvm::enumerate(weight.getSources()->getAsRange<xf::SourceAttr>())) {
    int64_t rows = weight.getSourceRows(index);
    Placement place = placeSource(source, loaded.getShape(), rows);
    std::vector<float> values;
    for (int64_t row = 0; row < rows; ++row) {
      if (row == 0 || source.isPerExpert()) {
        Expected<std::vector<float>> read = readChecked(reader, source.getTensorOfLayer(layer, row), place.stored);
        if (!read)
          return read.error();
        values = std::move(*read);
      }
      int64_t stored = source.isPerRow() ? 0 : source.getFrom() + source.getSourceRow(row, rows);
      auto first = values.begin() + stored * place.rowStride;
      if (place.columns.empty())
        result.insert(result.end(), first, first + width);
      for (int64_t column : place.columns)
        result.push_back(first[column]);
    }
    if (!source.getColumns().empty()) {
      Expected<std::vector<float>> columns = readChecked(reader, source.getColumnsOfLayer(layer), width);
      if (!columns)
        return columns.error();
      source.scaleColumns(llvm::MutableArrayRef(result).take_back(rows * width), *columns);
    }
  }
  return result;
}

namespace {

class FileWeights : public WeightProvider {
public:
  explicit FileWeights(std::shared_ptr<SafetensorsFile> file) : file(std::move(file)) {}

  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    return composeSources(weight, layer, [&](const std::string &name, std::span<const int64_t> shape) {
      return readTensor(name, shape);
    });
  }

private:
  Expected<std::vector<float>> readTensor(const std::string &name, std::span<const int64_t> shape) const {
    const SafetensorsTensor *tensor = file->find(name);
    if (!tensor)
      return Error{ErrorCode::BadModel, "the file of the weights has no tensor \"" + name + "\""};
    // Weights have a dimension; a number, which has none (CLIP's logit_scale), is one of one element.
    bool number = tensor->shape.empty() && shape.size() == 1 && shape[0] == 1;
    if (!number && !std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end()))
      return Error{ErrorCode::BadModel, "expects tensor \"" + name + "\" of shape " +
                                            shapeText({shape.data(), shape.size()}) + ", but got " +
                                            shapeText(tensor->shape)};
    return tensor->toFloats();
  }

  std::shared_ptr<SafetensorsFile> file;
};

class SeededWeights : public WeightProvider {
public:
  explicit SeededWeights(uint64_t seed) : seed(seed) {}

  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    return composeSources(weight, layer,
                          [&](const std::string &name, std::span<const int64_t> shape) { return make(name, shape); });
  }

private:
  Expected<std::vector<float>> make(const std::string &name, std::span<const int64_t> shape) const {
    Generator generator(seed, name);
    size_t size = 1;
    for (int64_t dim : shape)
      size *= dim;
    std::vector<float> values(size);
    double scale = 1 / std::sqrt(double(shape.back()));
    for (float &value : values)
      value = shape.size() > 1 ? float(generator.bell() * scale) : float(1 + 0.1 * generator.bell());
    return values;
  }

  uint64_t seed;
};

} // namespace

std::unique_ptr<WeightProvider> makeFileWeights(std::shared_ptr<SafetensorsFile> file) {
  return std::make_unique<FileWeights>(std::move(file));
}

std::unique_ptr<WeightProvider> makeSeededWeights(uint64_t seed) { return std::make_unique<SeededWeights>(seed); }

} // namespace ph::reference
