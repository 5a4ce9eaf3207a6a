// The loops of a kernel's machine code that do its work.
#pragma once
#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace ph::test {

inline int count(const std::string &text, const std::string &what) {
  int n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
    ++n;
  return n;
}

/// The innermost loops that multiply, as assembly.
inline std::vector<std::string> innerLoops(const std::string &assembly) {
  std::vector<std::string> loops;
  static const std::regex label("\n(\\.LBB\\w+):");
  for (std::sregex_iterator it(assembly.begin(), assembly.end(), label), end; it != end; ++it) {
    const size_t start = it->position(0) + it->length(0);
    const size_t next = std::min(assembly.find("\n.LBB", start), assembly.size());
    const std::string block = assembly.substr(start, next - start);
    const std::string body = block.substr(0, block.find("\tj"));
    std::smatch jump;
    static const std::regex jumps("\tj\\w+\t(\\.LBB\\w+)");
    if (std::regex_search(block, jump, jumps) && jump[1] == (*it)[1] && body.find("vfmadd") != std::string::npos)
      loops.push_back(body);
  }
  return loops;
}

} // namespace ph::test
