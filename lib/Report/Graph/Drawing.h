// A function of a graph as SVG.
#pragma once
#include "powerhouse/Report/Graph.h"

namespace ph::report {

/// Draws the node (a box with all that is in it) as one <svg> element. Each op is one element with the attribute
/// data-op.
void drawBox(const Graph &graph, int root, llvm::raw_ostream &out);

} // namespace ph::report
