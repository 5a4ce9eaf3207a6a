// Parses any bytes as GGUF; from what parses, decodes every value, and checks and decodes the ends of every tensor.
#include "runtime/base/Quote.h"
#include "runtime/formats/Gguf.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static void walk(const GgufValue &value) {
  (void)value.asInteger();
  (void)value.asNumber();
  (void)value.asBool();
  if (auto text = value.asString())
    require(!quoteText(*text).empty());
  if (auto strings = value.asStrings())
    require(strings->size() == value.size());
  if (auto integers = value.asIntegers())
    require(integers->size() == value.size());
  if (auto numbers = value.asNumbers())
    require(numbers->size() == value.size());
  if (auto arrays = value.asArrays()) {
    require(arrays->size() == value.size());
    for (const GgufValue &inner : *arrays)
      walk(inner);
  }
}

static void walk(const GgufFile &file, const GgufTensor &tensor) {
  const Format &format = *tensor.format;
  size_t blocks = size_t(tensor.elements()) / format.blockElements;
  require(blocks > 0 && tensor.data.size() == blocks * format.blockBytes);
  require(file.findTensor(tensor.name) == &tensor);
  (void)static_cast<bool>(file.checkFinite(tensor));
  for (const uint8_t *block : {tensor.data.data(), tensor.data.data() + (blocks - 1) * format.blockBytes}) {
    float values[256], scales[16], mins[16];
    uint8_t codes[256];
    require(format.blockElements <= 256);
    if (format.dequantize)
      format.dequantize(block, values);
    if (format.unpack) {
      format.unpack(block, codes, scales, mins);
      for (uint32_t e = 0; e < format.blockElements; ++e)
        require(codes[e] >> format.bits == 0);
    }
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (auto keysAlone = GgufFile::parse({data, size}, "fuzz", /*metadataOnly=*/true))
    require((*keysAlone)->tensors().empty());
  auto file = GgufFile::parse({data, size}, "fuzz");
  if (!file) {
    require(file.error().code == ErrorCode::BadModel && file.error().message.starts_with("fuzz: byte "));
    return 0;
  }
  for (const auto &[key, value] : (*file)->entries()) {
    require((*file)->find(key) == &value);
    walk(value);
  }
  for (const GgufTensor &tensor : (*file)->tensors())
    walk(**file, tensor);
  return 0;
}
