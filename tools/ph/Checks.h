// What ph verify compared, and how it says so.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ph::tool {

/// One comparison.
struct Check {
  std::string name;
  double largest, tolerance; ///< error; 0 and 0 for exact ones
  bool passed;
  std::string detail;
};

/// Ids that must be the same.
Check compareIds(const std::string &name, const std::vector<int32_t> &got, const std::vector<int32_t> &expected);

/// Whether there are any, and all passed.
bool allPassed(const std::vector<Check> &checks);

/// A line for each, or one JSON object; `rule` says what is compared how.
void printChecks(const std::vector<Check> &checks, const std::string &rule, bool json);

} // namespace ph::tool
