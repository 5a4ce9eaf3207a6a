#include "lib/Report/Graph/Drawing.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Report/Graph/Describe.h"
#include "lib/Report/Graph/Layout.h"
#include "lib/Report/Page/Page.h"
#include <cmath>
#include <map>

using namespace mlir;

namespace ph::report {
namespace {

constexpr double character = 7.25, line = 17, padding = 9, header = 26, frame = 14, stackGap = 10;
constexpr size_t mostCharacters = 46;

/// Bytes of UTF-8 that begin a character.
size_t width(StringRef text) {
  return llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

std::string shorten(StringRef text) {
  if (text.size() <= mostCharacters)
    return text.str();
  return text.take_front(mostCharacters - 1).str() + "…";
}

/// "?x?x64 f32" with the sign that is meant.
std::string withTimes(StringRef shape) {
  std::string result;
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'x' && i && (llvm::isDigit(shape[i - 1]) || shape[i - 1] == '?'))
      result += "×";
    else
      result += shape[i];
  return result;
}

struct Row {
  std::string text, style;
  int op = -1; ///< of a weight or constant
};

class Drawing {
public:
  Drawing(const Graph &graph, raw_ostream &out) : graph(graph), out(out) {}

  void draw(int root) {
    Point size = measure(root);
    out << llvm::formatv("<svg viewBox=\"0 0 {0:F0} {1:F0}\" width=\"{0:F0}\" height=\"{1:F0}\" "
                         "xmlns=\"http://www.w3.org/2000/svg\">\n",
                         size.x, size.y);
    out << "<defs><marker id=\"arrow" << root << "\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" "
        << "markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"arrow\" d=\"M0 0L8 4L0 "
           "8z\"/></marker></defs>\n";
    marker = root;
    drawNode(root, {0, 0});
    out << "</svg>\n";
  }

private:
  /// What is placed as one thing in a box: a node, or the nodes of a fused group one below the other.
  struct Placed {
    std::vector<int> members;
    Point size;
  };
  struct Inside {
    std::vector<Placed> items;
    std::vector<int> edges; ///< of the graph, in the order of the layout's
    Layout layout;
  };

  std::vector<Row> rowsOf(const Node &node) const {
    std::vector<Row> rows;
    rows.push_back({node.title.empty() ? node.value : node.title, node.op ? "name" : "value"});
    if (!node.shape.empty())
      rows.push_back({shorten(withTimes(node.shape)), "shape"});
    if (!node.attributes.empty())
      rows.push_back({shorten(node.attributes), "dim"});
    for (const Attached &attached : node.attached)
      rows.push_back({shorten(withTimes(attached.text)), "weight", attached.id});
    if (node.cost != Cost())
      rows.push_back({describeNumber(node.cost.flop) + "FLOP · " + describeNumber(bytesOf(node.cost)) + "B", "dim"});
    return rows;
  }

  static double bytesOf(const Cost &cost) {
    return cost.weightBytes + cost.activationBytes + cost.cacheBytesRead + cost.cacheBytesWritten;
  }

  Point measure(int index) {
    const Node &node = graph.nodes[index];
    if (node.isBox)
      return sizes[index] = measureBox(node);
    std::vector<Row> rows = rowsOf(node);
    size_t widest = node.op ? width(rows[0].text) + 2 + width(node.value) : 0;
    for (const Row &row : rows)
      widest = std::max(widest, width(row.text) + (row.op >= 0 || row.style == "weight" ? 2 : 0));
    return sizes[index] = {std::max(70.0, double(widest) * character + 2 * padding + 10),
                           double(rows.size()) * line + 2 * padding - 4};
  }

  Point measureBox(const Node &box) {
    Inside &inside = insides[box.index];
    std::map<int, int> itemOf;
    auto add = [&](int child) {
      const Node &node = graph.nodes[child];
      if (node.group >= 0 && node.group != child) {
        // A member of a group: below the others.
        Placed &group = inside.items[itemOf.at(node.group)];
        Point size = measure(child);
        group.size = {std::max(group.size.x, size.x + 2 * frame), group.size.y + stackGap + size.y};
        group.members.push_back(child);
        itemOf[child] = itemOf[node.group];
        return;
      }
      Point size = measure(child);
      if (node.group == child && !node.isBox)
        size = {std::max(size.x, double(width(groupLabel(node))) * 6.8) + 2 * frame, size.y + header + frame};
      itemOf[child] = int(inside.items.size());
      inside.items.push_back({{child}, size});
    };
    for (int child : box.children)
      if (!graph.nodes[child].op)
        add(child);
    for (int child : box.children)
      if (graph.nodes[child].op)
        add(child);
    LayoutInput input;
    for (const Placed &item : inside.items)
      input.sizes.push_back(item.size);
    for (int e = 0; e < int(graph.edges.size()); ++e) {
      auto from = itemOf.find(graph.edges[e].from), to = itemOf.find(graph.edges[e].to);
      if (from == itemOf.end() || to == itemOf.end() || from->second >= to->second)
        continue;
      input.edges.push_back({from->second, to->second});
      inside.edges.push_back(e);
    }
    inside.layout = layOut(input);
    double title = double(width(boxTitle(box))) * character + 24;
    return {std::max(inside.layout.size.x + 2 * frame, title), inside.layout.size.y + header + 2 * frame};
  }

  static std::string groupLabel(const Node &node) {
    return node.parts.empty() ? "fused" : "fused: " + llvm::join(node.parts, " + ");
  }

  std::string boxTitle(const Node &node) const {
    if (auto repeat = dyn_cast<xf::RepeatOp>(node.op))
      return "repeat × " + std::to_string(int64_t(repeat.getCount()));
    return node.title + (node.attributes.empty() ? "" : " " + shorten(node.attributes));
  }

  void drawNode(int index, Point at) {
    const Node &node = graph.nodes[index];
    node.isBox ? drawBoxOf(node, at) : drawCard(node, at, sizes[index]);
  }

  void rectangle(Point at, Point size, StringRef style, int radius) {
    out << llvm::formatv(
        "<rect class=\"{0}\" x=\"{1:F1}\" y=\"{2:F1}\" width=\"{3:F1}\" height=\"{4:F1}\" rx=\"{5}\"/>", style, at.x,
        at.y, size.x, size.y, radius);
  }

  void text(Point at, StringRef style, StringRef content) {
    out << llvm::formatv("<text class=\"{0}\" x=\"{1:F1}\" y=\"{2:F1}\">{3}</text>", style, at.x, at.y,
                         escape(content));
  }

  void openNode(const Node &node, StringRef style) {
    out << "<g class=\"node " << style << "\" data-node=\"" << node.index << "\"";
    if (node.op) {
      out << " data-op=\"" << node.id << "\" data-name=\"" << escape(node.title) << "\" data-times=\"" << node.times
          << "\"";
      out << llvm::formatv(" data-cost=\"{0:F0} {1:F0} {2:F0} {3:F0} {4:F0}\"", node.cost.flop, node.cost.weightBytes,
                           node.cost.activationBytes, node.cost.cacheBytesRead, node.cost.cacheBytesWritten);
    }
    out << " data-ir=\"" << escape(node.text) << "\">";
  }

  void drawBoxOf(const Node &box, Point at) {
    Point size = sizes[box.index];
    const Inside &inside = insides[box.index];
    openNode(box, isa<xf::RepeatOp>(box.op) ? "box loop" : "box");
    rectangle(at, size, "frame", 10);
    text({at.x + 12, at.y + 18}, "boxname", boxTitle(box));
    out << "\n";
    // Centred, where the title is wider than what is in the box.
    Point origin = {at.x + (size.x - inside.layout.size.x) / 2, at.y + header + frame};
    for (size_t e = 0; e < inside.edges.size(); ++e)
      drawEdge(graph.edges[inside.edges[e]], inside.layout.paths[e], origin);
    for (size_t i = 0; i < inside.items.size(); ++i) {
      Point corner = {origin.x + inside.layout.corners[i].x, origin.y + inside.layout.corners[i].y};
      drawPlaced(inside.items[i], corner);
    }
    out << "</g>\n";
  }

  void drawPlaced(const Placed &item, Point at) {
    const Node &first = graph.nodes[item.members.front()];
    if (first.group != first.index || first.isBox)
      return drawNode(first.index, at);
    out << "<g class=\"group\">";
    rectangle(at, item.size, "fused", 8);
    text({at.x + frame, at.y + 16}, "groupname", groupLabel(first));
    double y = at.y + header;
    for (int member : item.members) {
      Point size = sizes[member];
      double x = at.x + (item.size.x - size.x) / 2;
      if (member != first.index)
        out << llvm::formatv("<path class=\"edge inner\" d=\"M{0:F1} {1:F1}V{2:F1}\"/>", at.x + item.size.x / 2,
                             y - stackGap, y);
      drawNode(member, {x, y});
      y += size.y + stackGap;
    }
    out << "</g>\n";
  }

  void drawCard(const Node &node, Point at, Point size) {
    openNode(node, node.op ? "card" : "pill");
    rectangle(at, size, "frame", node.op ? 6 : 14);
    drawHeat(node, at, size);
    double y = at.y + padding + 9;
    for (const Row &row : rowsOf(node)) {
      if (row.style == "weight") {
        out << "<g class=\"attached\"";
        if (row.op >= 0)
          out << " data-op=\"" << row.op << "\"";
        out << ">";
        out << llvm::formatv("<rect class=\"chip\" x=\"{0:F1}\" y=\"{1:F1}\" width=\"8\" height=\"8\" rx=\"2\"/>",
                             at.x + padding + 3, y - 8);
        text({at.x + padding + 3 + 2 * character, y}, row.style, row.text);
        out << "</g>";
      } else {
        text({at.x + padding + 3, y}, row.style, row.text);
      }
      if (row.style == "name" && !node.value.empty())
        text({at.x + size.x - padding - 2, y}, "ssa", node.value);
      y += line;
    }
    out << "</g>\n";
  }

  /// Its share of the FLOP on the left edge, of the bytes on the right one; the root keeps small shares visible.
  void drawHeat(const Node &node, Point at, Point size) {
    auto bar = [&](double part, double whole, double x, StringRef style) {
      if (part <= 0 || whole <= 0)
        return;
      double height = std::max(2.0, (size.y - 8) * std::sqrt(std::min(1.0, part / whole)));
      rectangle({x, at.y + size.y - 4 - height}, {4, height}, style, 1);
    };
    bar(node.cost.flop, graph.total.flop, at.x + 3, "flop");
    bar(bytesOf(node.cost), bytesOf(graph.total), at.x + size.x - 7, "bytes");
  }

  void drawEdge(const Edge &edge, const std::vector<Point> &path, Point origin) {
    out << "<path class=\"edge\" data-from=\"" << edge.from << "\" data-to=\"" << edge.to
        << "\" marker-end=\"url(#arrow" << marker << ")\" d=\"";
    for (size_t i = 0; i < path.size(); ++i) {
      Point p = {path[i].x + origin.x, path[i].y + origin.y};
      if (i == 0) {
        out << llvm::formatv("M{0:F1} {1:F1}", p.x, p.y);
      } else {
        Point before = {path[i - 1].x + origin.x, path[i - 1].y + origin.y};
        double middle = (before.y + p.y) / 2;
        if (before.x == p.x)
          out << llvm::formatv("V{0:F1}", p.y);
        else
          out << llvm::formatv("C{0:F1} {1:F1} {2:F1} {1:F1} {2:F1} {3:F1}", before.x, middle, p.x, p.y);
      }
    }
    out << "\"><title>" << escape(withTimes(edge.type)) << "</title></path>\n";
  }

  const Graph &graph;
  raw_ostream &out;
  std::map<int, Point> sizes;
  std::map<int, Inside> insides;
  int marker = 0;
};

} // namespace

void drawBox(const Graph &graph, int root, raw_ostream &out) { Drawing(graph, out).draw(root); }

} // namespace ph::report
