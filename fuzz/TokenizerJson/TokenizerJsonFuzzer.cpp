// Any bytes as a tokenizer.json; a zero byte, if there is one, divides it from a text that is encoded and decoded.
#include "fuzz/UseTokenizer.h"
#include "runtime/tokenizer/huggingface/TokenizerJson.h"

using namespace ph;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view json(reinterpret_cast<const char *>(data), size), text = " Hello, w\xC3\xB6rld's 12 <s>\n";
  if (const size_t zero = json.find('\0'); zero != std::string_view::npos) {
    text = json.substr(zero + 1);
    json = json.substr(0, zero);
  }
  GgufRecords records;
  records.string(huggingFaceKey, json);
  fuzz::useTokenizer(records, text);
  return 0;
}
