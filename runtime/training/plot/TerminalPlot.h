// Loss curves in a terminal.
#pragma once
#include "runtime/training/plot/Curve.h"

namespace ph::training {

struct TerminalPlotSize {
  size_t columns = 80, rows = 20; ///< of characters, with axes and without the legend; at least 20 and 5
  bool coloured = false;
};

/// Draws curves with braille characters, 2 x 4 dots each, in colours (ANSI); of several curves without colours each has
/// a letter. Ends with a legend and a newline. Control characters in names are replaced.
std::string drawInTerminal(const std::vector<Curve> &curves, const TerminalPlotSize &size);

} // namespace ph::training
