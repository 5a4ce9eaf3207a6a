// Any configuration with any tensors through the built-in family that it names: it is refused, or each quantity and
// weight is found.
#include "fuzz/MemorySource.h"
#include "lib/Import/Description/Resolve.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

using Families = std::map<std::pair<std::string, std::string>, std::shared_ptr<const Architecture>>;

/// By ecosystem and the name there, parsed once.
static const Families &families() {
  static const Families all = [] {
    Families made;
    for (const std::string &name : builtInFamilies()) {
      auto family = findArchitecture(name);
      require(bool(family));
      for (const auto &[ecosystem, names] : (*family)->matches)
        for (const std::string &match : names)
          made.emplace(std::pair(ecosystem, match), *family);
    }
    return made;
  }();
  return all;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto source = MemorySource::parse({reinterpret_cast<const char *>(data), size});
  if (!source)
    return 0;
  auto name = (*source)->architecture();
  if (!name)
    return 0;
  auto known = families().find({std::string((*source)->ecosystem()), *name});
  if (known == families().end())
    return 0;
  const std::shared_ptr<const Architecture> &family = known->second;
  auto resolved = applyArchitecture(**source, family);
  if (!resolved) {
    require(resolved.error().code == ErrorCode::BadModel && !resolved.error().message.empty());
    return 0;
  }
  require(resolved->config.size() == family->config.size());
  require(resolved->weights.size() == family->weights.size());
  for (const ResolvedWeight &weight : resolved->weights)
    require(!weight.present || (!weight.sources.empty() && !weight.shape.empty() && weight.format));
  return 0;
}
