// LoRA adapters (Hu et al., 2021, arXiv:2106.09685) in the layout of PEFT: adapter_config.json,
// adapter_model.safetensors.
#pragma once
#include "powerhouse/Import/SourceModel.h"
#include "runtime/formats/Safetensors.h"

namespace ph {

/// What an adapter adds to the weight of one module: scale * up * down.
struct LoraTarget {
  std::string module;                      ///< "model.layers.0.self_attn.q_proj"
  const SafetensorsTensor *down = nullptr; ///< lora_A, [rank, in]; of a table of embeddings [rank, rows]
  const SafetensorsTensor *up = nullptr;   ///< lora_B, [out, rank]; of a table of embeddings [width, rank]
  int64_t rank = 0;
  double scale = 0;        ///< alpha / rank, or alpha / sqrt(rank) (rsLoRA: Kalajdzievski, 2023, arXiv:2312.03732)
  bool transposed = false; ///< the weight is stored [in, out], as a table of embeddings is
};

/// An adapter. Its tensors' bytes live as long as it.
class LoraAdapter {
public:
  /// Reads the folder. What it doesn't say how to apply exactly is refused: other kinds of adapters, DoRA, initial
  /// values that change the model. Errors: BadModel, naming file and key or tensor.
  static Expected<std::shared_ptr<const LoraAdapter>> open(const std::string &folder);

  const std::string &path() const { return folder; }
  /// The largest of its targets.
  int64_t rank() const;
  /// In the order of their names.
  const std::vector<LoraTarget> &targets() const { return targetList; }
  /// Tensors that take the place of the model's whole: biases, and modules_to_save. The names are the model's.
  const std::vector<std::pair<std::string, const SafetensorsTensor *>> &replaced() const { return replacedList; }

private:
  friend class LoraReader;
  std::string folder;
  std::shared_ptr<SafetensorsFile> file;
  std::vector<LoraTarget> targetList;
  std::vector<std::pair<std::string, const SafetensorsTensor *>> replacedList;
};

/// The model with the adapter in its weights. A changed weight keeps its type if that is f16 or bf16, and is f32 else.
/// Each tensor of the adapter belongs to exactly one of the model. Errors: BadModel, naming the tensor; Usage for a
/// model that is no folder; Disk, as decoded weights need room.
Expected<std::unique_ptr<SourceModel>> applyAdapter(std::unique_ptr<SourceModel> model, const LoraAdapter &adapter);

} // namespace ph
