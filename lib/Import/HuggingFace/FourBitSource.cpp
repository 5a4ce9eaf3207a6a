// A model some of whose matrices are quantized to NF4 as it is read.
#include "powerhouse/Import/FourBitSource.h"
#include "Scratch.h"
#include "powerhouse/Import/OverlaidSource.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/NormalFloat.h"
#include <cmath>

namespace ph {
namespace {

class FourBitSource final : public OverlaidSource {
public:
  using OverlaidSource::OverlaidSource;

  Status quantize(const std::string &name) {
    auto it = index.find(name);
    if (it == index.end())
      return Error{ErrorCode::BadModel, path() + ": tensor " + quoteText(name) + " is missing"};
    SourceTensor &tensor = list[it->second];
    size_t count = 1;
    for (int64_t size : tensor.shape)
      count *= size_t(size);
    auto memory = scratch.allocate(count / kNormalFloatBlock * kNormalFloatBytes);
    if (!memory)
      return memory.error();
    std::vector<float> values(count);
    dequantize(*tensor.format, tensor.data.data(), values.data(), count);
    model->release(tensor.data);
    for (float value : values)
      if (!std::isfinite(value))
        return Error{ErrorCode::BadModel, path() + ": tensor " + quoteText(name) + " holds a value that is not finite"};
    quantizeNormalFloat(values, memory->data());
    tensor.format = findFormatByName("nf4");
    tensor.data = *memory;
    return {};
  }

private:
  Scratch scratch;
};

} // namespace

std::set<std::string> fourBitTensors(const SourceModel &model, mlir::ModuleOp module) {
  std::set<std::string> names, others;
  mlir::SymbolTable symbols(module);
  module.walk([&](xf::LoadWeightOp load) {
    auto weight = symbols.lookup<xf::WeightOp>(load.getWeight());
    if (!weight || !weight.getSources())
      return;
    const bool multiplied = weight.getStacked() && llvm::all_of(load->getUsers(), [&](mlir::Operation *user) {
                              auto product = llvm::dyn_cast<xf::LinearOp>(user);
                              return product && product.getWeight() == load;
                            });
    for (auto source : weight.getSources()->getAsRange<xf::SourceAttr>())
      for (int64_t layer = 0; layer < weight.getLayers(); ++layer) {
        const std::string name = source.getTensorOfLayer(layer);
        const SourceTensor *tensor = model.findTensor(name);
        const bool fits = multiplied && source.isWhole() && tensor && tensor->format->kind == FormatKind::Float &&
                          tensor->shape.size() == 2 && tensor->shape[1] % kNormalFloatBlock == 0;
        (fits ? names : others).insert(name);
      }
  });
  for (const std::string &name : others)
    names.erase(name);
  return names;
}

Expected<std::unique_ptr<SourceModel>> quantizeToFourBits(std::unique_ptr<SourceModel> model,
                                                          const std::set<std::string> &tensors) {
  auto source = std::make_unique<FourBitSource>(std::move(model));
  for (const std::string &name : tensors)
    if (Status error = source->quantize(name))
      return error.error();
  return std::unique_ptr<SourceModel>(std::move(source));
}

} // namespace ph
