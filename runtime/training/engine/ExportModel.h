// The result of a training as a model that others can read.
#pragma once
#include "runtime/formats/Safetensors.h"
#include <map>
#include <span>
#include <string>

namespace ph::training {

/// The checkpoint's tensors that each weight holds, one after the other.
using HeldTensors = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Writes the model that `source` becomes with other weights into `folder`: of a folder of the Hugging Face hub its
/// small files (config, tokenizer, template) and model.safetensors; of a GGUF file model.gguf, with its metadata.
/// Trained tensors are f32; what wasn't trained stays as it is stored. `weights` are f32, with names of `held`. Errors:
/// Failed, Disk, BadModel for a tensor that isn't in the source or of another size.
Status exportModel(const std::string &source, const std::string &folder, const HeldTensors &held,
                   std::span<const SafetensorsTensor> weights);

/// Writes what was trained beside a model in PEFT's layout: adapter_model.safetensors, and adapter_config.json with
/// `config`. Errors: Disk.
Status exportAdapter(const std::string &folder, const HeldTensors &held, std::span<const SafetensorsTensor> weights,
                     const std::string &config);

} // namespace ph::training
