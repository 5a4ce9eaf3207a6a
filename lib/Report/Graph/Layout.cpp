#include "lib/Report/Graph/Layout.h"
#include <algorithm>
#include <map>
#include <numeric>

namespace ph::report {
namespace {

constexpr double nodeGap = 28, bendGap = 14, layerGap = 34;
constexpr int orderingSweeps = 12, placingSweeps = 60;

/// A node, or a bend of an edge that passes a layer. The edges of one node share their bends.
struct Item {
  double width, height;
  int layer;
  bool isBend;
  double x = 0; ///< centre
  std::vector<int> above = {}, below = {};
};

class Layers {
public:
  explicit Layers(const LayoutInput &input) : input(input), nodes(int(input.sizes.size())) {
    assignLayers();
    addBends();
    for (int i = 0; i < int(items.size()); ++i) {
      rows.resize(std::max<size_t>(rows.size(), items[i].layer + 1));
      rows[items[i].layer].push_back(i);
    }
    order();
    place();
  }

  Layout finish() const {
    Layout out;
    double left = 0, right = 0;
    for (const Item &item : items) {
      left = std::min(left, item.x - item.width / 2);
      right = std::max(right, item.x + item.width / 2);
    }
    std::vector<double> tops, heights;
    double y = 0;
    for (const std::vector<int> &row : rows) {
      double height = 0;
      for (int i : row)
        height = std::max(height, items[i].height);
      tops.push_back(y);
      heights.push_back(height);
      y += height + layerGap;
    }
    out.size = {right - left, std::max(0.0, y - layerGap)};
    for (int i = 0; i < nodes; ++i)
      out.corners.push_back({items[i].x - items[i].width / 2 - left,
                             tops[items[i].layer] + (heights[items[i].layer] - items[i].height) / 2});
    std::map<int, std::vector<std::pair<double, int>>> arrivals; // where edges come from, by node
    for (int e = 0; e < int(input.edges.size()); ++e)
      arrivals[input.edges[e].second].push_back({items[lastBefore(e)].x, e});
    std::vector<double> ports(input.edges.size());
    for (auto &[node, list] : arrivals) {
      std::sort(list.begin(), list.end());
      for (size_t k = 0; k < list.size(); ++k)
        ports[list[k].second] = out.corners[node].x + items[node].width * double(k + 1) / double(list.size() + 1);
    }
    for (int e = 0; e < int(input.edges.size()); ++e) {
      auto [from, to] = input.edges[e];
      std::vector<Point> path = {{items[from].x - left, out.corners[from].y + items[from].height}};
      // Straight through what is left of its own layer, so that it doesn't cross a higher neighbour.
      auto bottom = [&](int layer) { return tops[layer] + heights[layer]; };
      if (path[0].y < bottom(items[from].layer))
        path.push_back({path[0].x, bottom(items[from].layer)});
      for (int layer = items[from].layer + 1; layer < items[to].layer; ++layer) {
        double x = items[bends.at({from, layer})].x - left;
        path.push_back({x, tops[layer]});
        path.push_back({x, bottom(layer)});
      }
      if (tops[items[to].layer] < out.corners[to].y)
        path.push_back({ports[e], tops[items[to].layer]});
      path.push_back({ports[e], out.corners[to].y});
      out.paths.push_back(std::move(path));
    }
    return out;
  }

private:
  int lastBefore(int edge) const {
    auto [from, to] = input.edges[edge];
    auto found = bends.find({from, items[to].layer - 1});
    return found == bends.end() ? from : found->second;
  }

  void assignLayers() {
    std::vector<int> layer(nodes, 0), first(nodes, -1);
    std::vector<bool> hasInput(nodes, false);
    std::vector<std::vector<int>> inputs(nodes);
    for (auto [from, to] : input.edges) {
      inputs[to].push_back(from);
      hasInput[to] = true;
    }
    for (int i = 0; i < nodes; ++i)
      for (int from : inputs[i])
        layer[i] = std::max(layer[i], layer[from] + 1);
    for (auto [from, to] : input.edges)
      first[from] = first[from] < 0 ? layer[to] : std::min(first[from], layer[to]);
    for (int i = 0; i < nodes; ++i) {
      if (!hasInput[i] && first[i] > 0)
        layer[i] = first[i] - 1;
      items.push_back({input.sizes[i].x, input.sizes[i].y, layer[i], false});
    }
  }

  void addBends() {
    for (auto [from, to] : input.edges) {
      int previous = from;
      for (int layer = items[from].layer + 1; layer < items[to].layer; ++layer) {
        auto [place, isNew] = bends.try_emplace({from, layer}, int(items.size()));
        if (isNew) {
          items.push_back({8, 0, layer, true});
          link(previous, place->second);
        }
        previous = place->second;
      }
      link(previous, to);
    }
  }

  void link(int above, int below) {
    items[above].below.push_back(below);
    items[below].above.push_back(above);
  }

  /// Each row by the mean position of what its items are connected to, downwards and upwards in turn.
  void order() {
    std::vector<double> rank(items.size());
    auto number = [&](const std::vector<int> &row) {
      for (size_t k = 0; k < row.size(); ++k)
        rank[row[k]] = double(k);
    };
    for (const std::vector<int> &row : rows)
      number(row);
    auto sortRow = [&](std::vector<int> &row, std::vector<int> Item::*side) {
      std::map<int, double> wanted;
      for (int i : row) {
        const std::vector<int> &others = items[i].*side;
        double sum = 0;
        for (int other : others)
          sum += rank[other];
        wanted[i] = others.empty() ? rank[i] : sum / double(others.size());
      }
      std::sort(row.begin(), row.end(),
                [&](int a, int b) { return std::pair(wanted[a], rank[a]) < std::pair(wanted[b], rank[b]); });
      number(row);
    };
    std::vector<std::vector<int>> best = rows;
    long fewest = countCrossings();
    for (int sweep = 0; sweep < orderingSweeps && fewest; ++sweep) {
      if (sweep % 2 == 0)
        for (size_t r = 1; r < rows.size(); ++r)
          sortRow(rows[r], &Item::above);
      else
        for (size_t r = rows.size() - 1; r-- > 0;)
          sortRow(rows[r], &Item::below);
      if (long crossings = countCrossings(); crossings < fewest) {
        fewest = crossings;
        best = rows;
      }
    }
    rows = best;
  }

  long countCrossings() const {
    long crossings = 0;
    for (size_t r = 0; r + 1 < rows.size(); ++r) {
      std::map<int, int> rank;
      for (size_t k = 0; k < rows[r + 1].size(); ++k)
        rank[rows[r + 1][k]] = int(k);
      std::vector<int> ends;
      for (int i : rows[r]) {
        std::vector<int> mine;
        for (int other : items[i].below)
          mine.push_back(rank[other]);
        for (int end : mine)
          crossings += std::count_if(ends.begin(), ends.end(), [&](int before) { return before > end; });
        ends.insert(ends.end(), mine.begin(), mine.end());
      }
    }
    return crossings;
  }

  double distance(int a, int b) const {
    return (items[a].width + items[b].width) / 2 + (items[a].isBend && items[b].isBend ? bendGap : nodeGap);
  }

  /// Edges that pass several layers pull more, so that they are straight.
  double pull(int a, int b) const {
    return items[a].isBend && items[b].isBend ? 8 : items[a].isBend || items[b].isBend ? 2 : 1;
  }

  /// Makes the sum of pull · distance² of what is connected smaller, row by row; it is convex, so that this converges.
  void place() {
    for (const std::vector<int> &row : rows)
      settle(row, std::vector<double>(row.size(), 0), std::vector<double>(row.size(), 1));
    for (int sweep = 0; sweep < placingSweeps; ++sweep)
      for (size_t k = 0; k < rows.size(); ++k) {
        const std::vector<int> &row = rows[sweep % 2 ? rows.size() - 1 - k : k];
        std::vector<double> wanted, weights;
        for (int i : row) {
          // What is connected to nothing makes room.
          double sum = 1e-3 * items[i].x, weight = 1e-3;
          for (const std::vector<int> *others : {&items[i].above, &items[i].below})
            for (int other : *others) {
              sum += pull(i, other) * items[other].x;
              weight += pull(i, other);
            }
          wanted.push_back(sum / weight);
          weights.push_back(weight);
        }
        settle(row, wanted, weights);
      }
  }

  /// The places with the least weighted squares of distances to the wanted ones that keep order and gaps: isotonic
  /// regression by pooling neighbours (Ayer et al., 1955).
  void settle(const std::vector<int> &row, const std::vector<double> &wanted, const std::vector<double> &weights) {
    struct Pool {
      double sum, weight;
      size_t count;
      double mean() const { return sum / weight; }
    };
    std::vector<Pool> pools;
    std::vector<double> offsets;
    double offset = 0;
    for (size_t k = 0; k < row.size(); ++k) {
      if (k)
        offset += distance(row[k - 1], row[k]);
      offsets.push_back(offset);
      pools.push_back({weights[k] * (wanted[k] - offset), weights[k], 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        Pool last = pools.back();
        pools.pop_back();
        pools.back().sum += last.sum;
        pools.back().weight += last.weight;
        pools.back().count += last.count;
      }
    }
    size_t k = 0;
    for (const Pool &pool : pools)
      for (size_t i = 0; i < pool.count; ++i, ++k)
        items[row[k]].x = pool.mean() + offsets[k];
  }

  const LayoutInput &input;
  int nodes;
  std::vector<Item> items;
  std::map<std::pair<int, int>, int> bends; ///< (source, layer) -> item
  std::vector<std::vector<int>> rows;
};

} // namespace

Layout layOut(const LayoutInput &input) {
  if (input.sizes.empty())
    return {};
  return Layers(input).finish();
}

} // namespace ph::report
