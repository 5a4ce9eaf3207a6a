// One line on the terminal that says how far a long job is.
#pragma once
#include "runtime/base/StatusLine.h"
#include <cstdint>
#include <string>

namespace ph {

/// Shows "label 42%" while it lives, as a StatusLine.
class Progress {
public:
  /// `total` in any unit; 0 if unknown: then only the label shows.
  explicit Progress(std::string label, uint64_t total = 0);
  void update(uint64_t done);

private:
  std::string label;
  uint64_t total;
  StatusLine line;
};

} // namespace ph
