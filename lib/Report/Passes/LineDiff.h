// What changed between two versions of some IR, line by line.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace ph::report {

struct DiffLine {
  enum Kind { Same, Removed, Added } kind;
  std::string text; ///< of the new version where it is the same
};

/// The shortest edit script (Myers, 1986). The numbers of SSA values don't count: two lines are the same if they are
/// the same but for the numbers, and their operands are made by lines that are the same but for the numbers.
std::vector<DiffLine> diffLines(llvm::StringRef before, llvm::StringRef after);

} // namespace ph::report
