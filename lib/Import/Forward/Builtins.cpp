#include "Builtins.h"

namespace ph {

std::vector<const Builtin *> allBuiltins() {
  std::vector<const Builtin *> all;
  for (const auto *table : {&embeddingBuiltins(), &normalizationBuiltins(), &productBuiltins(), &attentionBuiltins(),
                            &expertBuiltins(), &headBuiltins(), &shapeBuiltins(), &visionBuiltins()})
    for (const Builtin &builtin : *table)
      all.push_back(&builtin);
  return all;
}

const Builtin *findBuiltin(std::string_view name) {
  for (const Builtin *builtin : allBuiltins())
    if (builtin->name == name)
      return builtin;
  return nullptr;
}

} // namespace ph
