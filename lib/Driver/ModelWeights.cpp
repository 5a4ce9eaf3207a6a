#include "powerhouse/Driver/ModelWeights.h"
#include "powerhouse/Import/WeightReader.h"

namespace ph {

namespace {
class ModelWeights : public reference::WeightProvider {
public:
  explicit ModelWeights(std::unique_ptr<SourceModel> model) : model(std::move(model)) {}
  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    return readWeight(*model, weight, layer);
  }

private:
  std::unique_ptr<SourceModel> model;
};
} // namespace

Expected<std::unique_ptr<reference::WeightProvider>> openWeights(const std::string &path) {
  if (path.ends_with(".safetensors")) {
    auto file = SafetensorsFile::open(path);
    if (!file)
      return file.error();
    return reference::makeFileWeights(*file);
  }
  auto model = openSource(path);
  if (!model)
    return model.error();
  return std::unique_ptr<reference::WeightProvider>(std::make_unique<ModelWeights>(std::move(*model)));
}

} // namespace ph
