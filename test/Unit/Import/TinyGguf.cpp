#include "TinyGguf.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

namespace ph {

TinyGguf TinyGguf::llama() {
  TinyGguf file;
  file.keys = {{"general.architecture", std::string("llama")},
               {"general.name", std::string("Tiny Llama")},
               {"llama.block_count", 2u},
               {"llama.context_length", 128u},
               {"llama.embedding_length", 64u},
               {"llama.feed_forward_length", 96u},
               {"llama.attention.head_count", 4u},
               {"llama.attention.head_count_kv", 2u},
               {"llama.attention.layer_norm_rms_epsilon", 1e-5f},
               {"llama.rope.freq_base", 50000.0f}};
  file.tensors.push_back({"token_embd.weight", {40, 64}, "q8_0", {}});
  file.tensors.push_back({"output_norm.weight", {64}, "f32", {}});
  for (int layer = 0; layer < 2; ++layer) {
    auto add = [&](const std::string &name, std::vector<int64_t> shape) {
      file.tensors.push_back(
          {"blk." + std::to_string(layer) + "." + name + ".weight", shape, shape.size() == 1 ? "f32" : "q4_1", {}});
    };
    add("attn_norm", {64});
    add("attn_q", {64, 64});
    add("attn_k", {32, 64});
    add("attn_v", {32, 64});
    add("attn_output", {64, 64});
    add("ffn_norm", {64});
    add("ffn_gate", {96, 64});
    add("ffn_up", {96, 64});
    add("ffn_down", {64, 96});
  }
  return file;
}

void TinyGguf::set(const std::string &key, Value value) {
  removeKey(key);
  keys.emplace_back(key, std::move(value));
}

void TinyGguf::removeKey(const std::string &key) {
  std::erase_if(keys, [&](const auto &entry) { return entry.first == key; });
}

TinyGguf::Tensor &TinyGguf::tensor(const std::string &name) {
  return *std::find_if(tensors.begin(), tensors.end(), [&](const Tensor &tensor) { return tensor.name == name; });
}

void TinyGguf::removeTensor(const std::string &name) {
  std::erase_if(tensors, [&](const Tensor &tensor) { return tensor.name == name; });
}

namespace {

template <class T> void put(std::string &out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void putString(std::string &out, const std::string &text) {
  put<uint64_t>(out, text.size());
  out += text;
}

/// Any bytes that decode to finite numbers: f32 between 0.5 and 1.5, else every 16-bit half is a small f16.
std::vector<uint8_t> pattern(const TinyGguf::Tensor &tensor, const Format &format) {
  int64_t elements = 1;
  for (int64_t size : tensor.shape)
    elements *= size;
  std::vector<uint8_t> bytes(elements / format.blockElements * format.blockBytes);
  uint32_t state = 1;
  for (char c : tensor.name)
    state = state * 31 + static_cast<unsigned char>(c);
  for (size_t i = 0; i < bytes.size(); ++i) {
    state = state * 1664525 + 1013904223;
    if (tensor.format == "f32") {
      float value = 0.5f + static_cast<float>(state >> 8) / (1 << 24);
      if (i % 4 == 0)
        std::memcpy(&bytes[i], &value, 4);
      continue;
    }
    bytes[i] = i % 2 ? 0x24 + (state >> 30) : state >> 24;
  }
  return bytes;
}

} // namespace

std::string TinyGguf::write(const std::string &fileName) const {
  std::string out = "GGUF", data;
  put<uint32_t>(out, 3);
  put<uint64_t>(out, tensors.size());
  put<uint64_t>(out, keys.size());
  for (const auto &[key, value] : keys) {
    putString(out, key);
    if (auto *number = std::get_if<uint32_t>(&value))
      put<uint32_t>(out, 4), put(out, *number);
    else if (auto *real = std::get_if<float>(&value))
      put<uint32_t>(out, 6), put(out, *real);
    else if (auto *flag = std::get_if<bool>(&value))
      put<uint32_t>(out, 7), put<uint8_t>(out, *flag);
    else
      put<uint32_t>(out, 8), putString(out, std::get<std::string>(value));
  }
  for (const Tensor &tensor : tensors) {
    const Format &format = *findFormatByName(tensor.format);
    putString(out, tensor.name);
    put<uint32_t>(out, tensor.shape.size());
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size)
      put<uint64_t>(out, *size);
    put<uint32_t>(out, format.ggmlType);
    put<uint64_t>(out, data.size());
    std::vector<uint8_t> bytes = tensor.bytes.empty() ? pattern(tensor, format) : tensor.bytes;
    data.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    data.resize((data.size() + 31) / 32 * 32);
  }
  out.resize((out.size() + 31) / 32 * 32);
  std::string path = testing::TempDir() + fileName;
  std::ofstream(path, std::ios::binary) << out << data;
  return path;
}

} // namespace ph
