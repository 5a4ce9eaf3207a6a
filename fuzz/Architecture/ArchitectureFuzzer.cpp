// Any text as the description of a family; one that is valid is applied to a small checkpoint.
#include "fuzz/MemorySource.h"
#include "lib/Import/Description/Resolve.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static constexpr std::string_view kCheckpoint = R"({"config": {"model_type": "small", "layers": 2, "width": 8,
  "heads": 2, "vocabulary": 16, "positions": 32, "eps": 1e-5, "activation": "silu", "kinds": ["full", "window"],
  "rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1e4}}, "tensors": {"embed.weight": [16, 8],
  "layers.0.q.weight": [8, 8], "layers.1.q.weight": [8, 8], "layers.0.norm.weight": [8], "layers.1.norm.weight": [8],
  "layers.0.experts.0.up.weight": [4, 8], "layers.0.experts.1.up.weight": [4, 8], "norm.weight": [8]}})";

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto parsed = parseArchitecture({reinterpret_cast<const char *>(data), size}, "fuzz.json");
  if (!parsed) {
    require(parsed.error().code == ErrorCode::BadModel && parsed.error().message.find(".json") != std::string::npos);
    return 0;
  }
  static const auto source = MemorySource::parse(kCheckpoint);
  auto resolved = applyArchitecture(**source, *parsed);
  require(resolved || !resolved.error().message.empty());
  return 0;
}
