// A model with an adapter in its weights, as a SourceModel: changed tensors in scratch memory, all others as they were.
#include "Scratch.h"
#include "powerhouse/Import/LoraAdapter.h"
#include "powerhouse/Import/OverlaidSource.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <cstring>

namespace ph {
namespace {

class AdaptedSource final : public OverlaidSource {
public:
  using OverlaidSource::OverlaidSource;

  Status apply(const LoraAdapter &adapter) {
    for (const LoraTarget &target : adapter.targets())
      if (Status error = add(adapter, target))
        return error;
    for (const auto &[name, tensor] : adapter.replaced())
      if (Status error = replace(adapter, name, *tensor))
        return error;
    return {};
  }

private:
  Error bad(const LoraAdapter &adapter, const std::string &tensor, const std::string &what) const {
    return {ErrorCode::BadModel, adapter.path() + ": tensor " + quoteText(tensor) + " " + what};
  }

  /// The tensor of that name with room for its new values in `bytes`.
  Expected<SourceTensor *> renew(const LoraAdapter &adapter, const std::string &from, const std::string &name,
                                 std::span<const int64_t> shape, std::span<uint8_t> &bytes) {
    auto it = index.find(name);
    if (it == index.end())
      return bad(adapter, from,
                 "changes the tensor " + quoteText(name) + ", which " + model->path() +
                     " doesn't have; the adapter is of another model");
    SourceTensor &tensor = list[it->second];
    if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end()))
      return bad(adapter, from,
                 "is for a tensor " + quoteText(name) + " of the shape " + shapeString(shape) + ", but that of " +
                     model->path() + " has " + shapeString(tensor.shape));
    if (!tensor.format->dequantize)
      return bad(adapter, from,
                 "changes the tensor " + quoteText(name) + " of the type " + std::string(tensor.format->label) +
                     ", which can't be decoded");
    const bool isHalf = tensor.format->name == "f16" || tensor.format->name == "bf16";
    const Format *format = isHalf ? tensor.format : findFormatByName("f32");
    size_t elements = 1;
    for (int64_t size : tensor.shape)
      elements *= size_t(size);
    auto memory = scratch.allocate(elements * format->blockBytes);
    if (!memory)
      return memory.error();
    bytes = *memory;
    return &tensor;
  }

  /// Row by row W + scale * left * right, where left has a row for each of W's, and right one for each rank.
  Status add(const LoraAdapter &adapter, const LoraTarget &target) {
    const int64_t rank = target.rank, in = target.down->shape[1], out = target.up->shape[0];
    const int64_t shape[] = {target.transposed ? in : out, target.transposed ? out : in};
    std::span<uint8_t> bytes;
    auto tensor = renew(adapter, target.down->name, target.module + ".weight", shape, bytes);
    if (!tensor)
      return tensor.error();
    const Format &stored = *(*tensor)->format;
    const Format &format = bytes.size() == size_t(in * out) * sizeof(float) ? *findFormatByName("f32") : stored;
    std::vector<float> left = target.up->toFloats(), right = target.down->toFloats();
    if (target.transposed) {
      left = transpose(target.down->toFloats(), rank, in);
      right = transpose(target.up->toFloats(), out, rank);
    }
    const size_t width = size_t(shape[1]), storedRow = width / stored.blockElements * stored.blockBytes;
    std::vector<float> values(width), change(width);
    for (int64_t row = 0; row < shape[0]; ++row) {
      std::fill(change.begin(), change.end(), 0.0f);
      for (int64_t k = 0; k < rank; ++k) {
        const float factor = left[row * rank + k];
        const float *line = right.data() + k * width;
        for (size_t i = 0; i < width; ++i)
          change[i] += factor * line[i];
      }
      dequantize(stored, (*tensor)->data.data() + row * storedRow, values.data(), width);
      for (size_t i = 0; i < width; ++i)
        values[i] += float(target.scale) * change[i];
      write(format, values, bytes.data() + row * width * format.blockBytes);
    }
    model->release((*tensor)->data);
    (*tensor)->format = &format;
    (*tensor)->data = bytes;
    return {};
  }

  Status replace(const LoraAdapter &adapter, const std::string &name, const SafetensorsTensor &with) {
    std::span<uint8_t> bytes;
    auto tensor = renew(adapter, with.name, name, with.shape, bytes);
    if (!tensor)
      return tensor.error();
    const Format &format =
        bytes.size() == size_t(with.elements()) * sizeof(float) ? *findFormatByName("f32") : *(*tensor)->format;
    write(format, with.toFloats(), bytes.data());
    (*tensor)->format = &format;
    (*tensor)->data = bytes;
    return {};
  }

  /// Numbers of a format of single elements. A value that a half can't hold becomes infinite, as in a merge by PEFT.
  static void write(const Format &format, const std::vector<float> &values, uint8_t *bytes) {
    for (size_t i = 0; i < values.size(); ++i) {
      const uint16_t half = format.name == "f16" ? floatToHalf(values[i]) : floatToBfloat(values[i]);
      if (format.blockBytes == sizeof(float))
        std::memcpy(bytes + i * sizeof(float), &values[i], sizeof(float));
      else
        std::memcpy(bytes + i * sizeof(half), &half, sizeof(half));
    }
  }

  static std::vector<float> transpose(const std::vector<float> &values, int64_t rows, int64_t columns) {
    std::vector<float> out(values.size());
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column)
        out[column * rows + row] = values[row * columns + column];
    return out;
  }

  Scratch scratch;
};

} // namespace

Expected<std::unique_ptr<SourceModel>> applyAdapter(std::unique_ptr<SourceModel> model, const LoraAdapter &adapter) {
  if (model->ecosystem() != "huggingface")
    return Error{ErrorCode::Usage, model->path() + ": adapters in PEFT's layout are for model folders, whose tensors "
                                                   "they name; give the folder that the adapter was trained on"};
  auto adapted = std::make_unique<AdaptedSource>(std::move(model));
  if (Status error = adapted->apply(adapter))
    return error.error();
  return std::unique_ptr<SourceModel>(std::move(adapted));
}

} // namespace ph
