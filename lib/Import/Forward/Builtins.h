// The operations of the language of lines: a table of them for each family of ops.
#pragma once
#include "Call.h"

namespace ph {

struct Builtin {
  std::string_view name;
  Expected<llvm::SmallVector<mlir::Value>> (*build)(Call &call);
  size_t least, most; ///< values without a name
  std::vector<std::string_view> named;
  std::string_view usage, meaning; ///< for people
};

const std::vector<Builtin> &embeddingBuiltins();
const std::vector<Builtin> &normalizationBuiltins();
const std::vector<Builtin> &productBuiltins();
const std::vector<Builtin> &attentionBuiltins();
const std::vector<Builtin> &expertBuiltins();
const std::vector<Builtin> &headBuiltins();
const std::vector<Builtin> &shapeBuiltins();
const std::vector<Builtin> &visionBuiltins();

/// All of them, in the order of their tables.
std::vector<const Builtin *> allBuiltins();
/// Null if there is none of that name.
const Builtin *findBuiltin(std::string_view name);

} // namespace ph
