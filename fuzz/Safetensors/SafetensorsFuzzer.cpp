// Parses any bytes as safetensors; of what parses, converts the values of every tensor.
#include "runtime/formats/Safetensors.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto file = SafetensorsFile::parse({data, size}, "fuzz");
  if (!file) {
    require(file.error().code == ErrorCode::BadModel && file.error().message.starts_with("fuzz"));
    return 0;
  }
  for (const SafetensorsTensor &tensor : (*file)->tensors()) {
    require((*file)->find(tensor.name) != nullptr);
    require(tensor.data.empty() || (tensor.data.data() >= data && tensor.data.size() <= size));
    require(tensor.data.size() == uint64_t(tensor.elements()) * safetensorsTypeBytes(tensor.type));
    require(int64_t(tensor.toFloats().size()) == tensor.elements());
    (void)tensor.toIntegers();
  }
  return 0;
}
