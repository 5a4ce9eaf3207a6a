// One line on the terminal that says how far a long job is.
#pragma once
#include <cstdint>
#include <string>

namespace ph {

/// Shows "label 42%" on stderr while it lives, at most ten times a second, and removes it. Silent unless stderr is a
/// terminal; coloured unless NO_COLOR is set.
class Progress {
public:
  /// `total` in any unit; 0 if unknown: then only the label shows.
  explicit Progress(std::string label, uint64_t total = 0);
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  ~Progress();
  void update(uint64_t done);

private:
  void show(uint64_t done);
  void erase();
  std::string label;
  uint64_t total;
  int64_t lastShown = 0; ///< milliseconds of the monotonic clock
  size_t width = 0;      ///< columns of the line that is on the terminal
  bool visible, coloured;
};

} // namespace ph
