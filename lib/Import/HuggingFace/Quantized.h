// Checkpoints whose weights are quantized by schemes of Hugging Face's ecosystem, decoded to what they stand for.
#pragma once
#include "Scratch.h"
#include "powerhouse/Import/SourceModel.h"
#include "runtime/formats/Safetensors.h"
#include <functional>
#include <map>
#include <set>

namespace ph {

/// The tensors of a checkpoint by name.
using RawTensors = std::map<std::string, const SafetensorsTensor *, std::less<>>;

/// A weight that several tensors of the checkpoint, or one of 8-bit floats, stand for.
struct DecodedTensor {
  std::string name;
  std::vector<int64_t> shape;
  const Format *format = nullptr; ///< f32, or codes that kernels can multiply by
  std::span<const uint8_t> bytes;
};

/// What decoders share.
struct QuantizedCheckpoint {
  const SourceModel &model; ///< for keys of quantization_config and for messages
  const RawTensors &tensors;
  Scratch &scratch;
  std::vector<DecodedTensor> decoded;
  std::set<std::string, std::less<>> consumed; ///< tensors that decoded ones stand for

  const SafetensorsTensor *find(const std::string &name) const;
  Error bad(const std::string &tensor, const std::string &what) const;
  /// A new tensor's values, to be filled. Sizes are checked to be of a tensor that the file could hold.
  Expected<std::span<float>> add(const std::string &name, std::vector<int64_t> shape);
  /// The same for whole blocks of a format.
  Expected<std::span<uint8_t>> add(const std::string &name, std::vector<int64_t> shape, const Format &format);
  /// The tensor `prefix + suffix` if it is of that type and shape (no shape: any), and notes that it is consumed.
  Expected<const SafetensorsTensor *> take(const std::string &prefix, const std::string &suffix,
                                           std::initializer_list<SafetensorsType> types,
                                           std::span<const int64_t> shape = {});
};

/// Decodes what is quantized, to codes where kernels can multiply by them exactly (CodedMatrix.h): GPTQ (Frantar et
/// al., 2022, arXiv:2210.17323), AWQ (Lin et al., 2023, arXiv:2306.00978), bitsandbytes' NF4, FP4 (Dettmers et al.,
/// 2023, arXiv:2305.14314) and int8, MXFP4 (OCP microscaling formats), compressed-tensors' packed and plain integers
/// and floats, and 8-bit floats with or without scales of blocks. Errors: BadModel, naming tensor or key.
Status decodeQuantized(QuantizedCheckpoint &checkpoint);

/// Refuses settings of quantization_config that its scheme doesn't have or that aren't supported, and settings without
/// a scheme. Errors: BadModel, naming the key.
Status checkQuantizationKeys(const SourceModel &model);

// One for each scheme.
Status decodeGptq(QuantizedCheckpoint &checkpoint);
Status decodeAwq(QuantizedCheckpoint &checkpoint);
Status decodeBitsAndBytes(QuantizedCheckpoint &checkpoint);
Status decodeMxfp4(QuantizedCheckpoint &checkpoint);
Status decodeCompressed(QuantizedCheckpoint &checkpoint);
Status decodeFloat8(QuantizedCheckpoint &checkpoint);

/// Field number `index` of `bits` bits in a stream of 32-bit words, the lowest bits first; word(i) gives word i.
template <class Word> uint32_t bitField(int64_t index, int bits, Word &&word) {
  int64_t at = index * bits;
  uint64_t both = uint32_t(word(at / 32));
  if (at % 32 + bits > 32)
    both |= uint64_t(uint32_t(word(at / 32 + 1))) << 32;
  return uint32_t(both >> (at % 32)) & ((uint64_t(1) << bits) - 1);
}

} // namespace ph
