// Where the nodes of a graph are drawn: in layers from top to bottom (Sugiyama, Tagawa and Toda, 1981).
#pragma once
#include <utility>
#include <vector>

namespace ph::report {

struct Point {
  double x = 0, y = 0;
};

struct LayoutInput {
  std::vector<Point> sizes;               ///< width and height of each node
  std::vector<std::pair<int, int>> edges; ///< from a node to a later one
};

struct Layout {
  std::vector<Point> corners;            ///< upper left of each node
  std::vector<std::vector<Point>> paths; ///< of each edge, from the bottom of a node to the top of another
  Point size;
};

/// Edges must point from smaller to larger indices. Nodes without predecessors stand just above their first user.
Layout layOut(const LayoutInput &input);

} // namespace ph::report
