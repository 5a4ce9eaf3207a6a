// The one line of a terminal that says how things stand.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace ph {

/// A line on stderr that each text replaces, at most ten times a second, and that goes with the object. Silent unless
/// stderr is a terminal that can do that; coloured unless NO_COLOR is set. No longer than the terminal is wide.
class StatusLine {
public:
  StatusLine();
  StatusLine(const StatusLine &) = delete;
  StatusLine &operator=(const StatusLine &) = delete;
  ~StatusLine() { erase(); }

  bool visible() const { return onTerminal; }
  /// Shows `label`, coloured, and `rest`, both printable ASCII, unless the last one is too recent.
  void show(const std::string &label, const std::string &rest);
  /// Removes the line, so that something else can be written.
  void erase();

private:
  int64_t lastShown = -1000; ///< milliseconds of the monotonic clock
  size_t width = 0;          ///< columns of the line that is on the terminal
  bool onTerminal, coloured;
};

} // namespace ph
