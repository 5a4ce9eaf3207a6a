// Parses any bytes as an ONNX file; of what parses, reads the ends of every tensor that it holds.
#include "lib/Import/ONNX/File/OnnxFile.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // External data is looked for in a folder that has none.
  auto file = onnx_import::OnnxFile::parse({data, size}, "/proc/self/attr/fuzz.onnx");
  if (!file) {
    require(file.error().message.find("fuzz.onnx: ") != std::string::npos);
    return 0;
  }
  for (const onnx_import::FileTensor &tensor : (*file)->tensors()) {
    require(tensor.data.size() == size_t(tensor.count) * tensor.type->bytes);
    if (tensor.data.empty() || tensor.type->kind == onnx_import::ElementType::Other)
      continue;
    for (int64_t index : {int64_t(0), tensor.count - 1}) {
      (void)tensor.number(index);
      (void)tensor.integer(index);
    }
  }
  return 0;
}
