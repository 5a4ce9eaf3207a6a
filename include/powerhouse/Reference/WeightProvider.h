// Where the interpreter gets the values of weights from.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "runtime/base/Error.h"
#include "runtime/formats/Safetensors.h"
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ph::reference {

/// Gives the values of weights, dequantized. A driver that has a checkpoint open implements it on that.
class WeightProvider {
public:
  virtual ~WeightProvider() = default;
  /// The values of layer `layer` of `weight` (0 if it isn't stacked): as many as its loaded type has elements, row
  /// after row. The error names the tensor.
  virtual Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) = 0;
};

/// The values of a layer as the weight stores them: those that `source` gives, through its format and back if the
/// weight is requantized or of 16-bit floats.
Expected<std::vector<float>> readStored(WeightProvider &source, xf::WeightOp weight, int64_t layer);

/// Reads one tensor of a source, of the given shape.
using TensorReader =
    std::function<Expected<std::vector<float>>(const std::string &name, std::span<const int64_t> shape)>;

/// Puts a weight's layer together from its sources, each read by `reader`, transformed, and concatenated by rows. A
/// weight without sources is the tensor that has its name, with all dimensions.
Expected<std::vector<float>> composeSources(xf::WeightOp weight, int64_t layer, const TensorReader &reader);

/// The tensors of a safetensors file.
std::unique_ptr<WeightProvider> makeFileWeights(std::shared_ptr<SafetensorsFile> file);

/// Values that depend on nothing but `seed`, the name of a source tensor and the place in it, so that modules that
/// arrange the same tensors differently see the same values: matrices of variance 1 / columns, vectors around 1.
std::unique_ptr<WeightProvider> makeSeededWeights(uint64_t seed);

} // namespace ph::reference
