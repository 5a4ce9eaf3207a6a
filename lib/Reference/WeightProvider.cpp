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
    SmallVector<int64_t> shape(loaded.getShape());
    int64_t rows = shape.front() = weight.getSourceRows(index);
    Expected<std::vector<float>> values = readChecked(reader, source.getTensorOfLayer(layer), shape);
    if (!values)
      return values.error();
    for (int64_t row = 0; row < rows; ++row) {
      auto first = values->begin() + source.getSourceRow(row, rows) * width;
      result.insert(result.end(), first, first + width);
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
    if (!std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end()))
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
