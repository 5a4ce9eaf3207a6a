#include "tools/ph/Checks.h"
#include "runtime/base/Json.h"
#include "tools/ph/Output.h"
#include <algorithm>
#include <cstdio>

namespace ph::tool {

using Json = nlohmann::ordered_json;

bool allPassed(const std::vector<Check> &checks) {
  return !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const Check &c) { return c.passed; });
}

void printChecks(const std::vector<Check> &checks, const std::string &rule, bool json) {
  const bool passed = allPassed(checks);
  if (json) {
    Json list = Json::array();
    for (const Check &check : checks)
      list.push_back({{"name", check.name},
                      {"largest_error", check.largest},
                      {"tolerance", check.tolerance},
                      {"passed", check.passed},
                      {"detail", check.detail}});
    printJson({{"passed", passed}, {"rule", rule}, {"checks", list}});
    return;
  }
  printLine("%s\n", rule.c_str());
  for (const Check &check : checks) {
    char error[64] = "";
    if (check.tolerance > 0)
      std::snprintf(error, sizeof error, "largest error %.2e of %.0e", check.largest, check.tolerance);
    printLine("%s  %-28s %s%s%s\n", check.passed ? "PASS" : "FAIL", check.name.c_str(),
              check.tolerance > 0 ? error : "exact", check.detail.empty() ? "" : "; ", check.detail.c_str());
  }
  printLine("%s\n", passed ? "PASS" : "FAIL");
}

Check compareIds(const std::string &name, const std::vector<int32_t> &got, const std::vector<int32_t> &expected) {
  const size_t same =
      size_t(std::mismatch(got.begin(), got.end(), expected.begin(), expected.end()).first - got.begin());
  return {name, 0, 0, got == expected,
          got == expected ? std::to_string(expected.size()) + " ids"
                          : "id " + std::to_string(same + 1) + " of " + std::to_string(expected.size()) + " differs"};
}

} // namespace ph::tool
