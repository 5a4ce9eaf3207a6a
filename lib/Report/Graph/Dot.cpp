// The graph for graphviz: op nodes, clusters for functions, loops and fused groups.
#include "lib/Report/Graph/Describe.h"
#include "powerhouse/Report/Graph.h"

using namespace mlir;

namespace ph::report {
namespace {

class DotWriter {
public:
  DotWriter(const Graph &graph, raw_ostream &out) : graph(graph), out(out) {}

  void write() {
    out << "digraph " << quote(graph.name) << " {\n"
        << "  compound=true;\n  node [shape=box, fontname=\"monospace\", fontsize=10];\n"
        << "  edge [fontname=\"monospace\", fontsize=8];\n"
        << "  label="
        << quote(
               llvm::formatv("{0}: tokens={1:F0} context={2:F0}", graph.name, graph.at.tokens, graph.at.context).str())
        << ";\n";
    for (const Attached &symbol : graph.symbols)
      out << "  op" << symbol.id << " [shape=note, label=" << quote(symbol.text) << "];\n";
    for (int root : graph.roots)
      writeBox(graph.nodes[root], 2);
    for (const Edge &edge : graph.edges)
      writeEdge(edge);
    for (const Node &node : graph.nodes)
      for (const Attached &attached : node.attached)
        attachedEdge(attached, node);
    out << "}\n";
  }

private:
  static std::string quote(StringRef text) {
    std::string result = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\')
        result += '\\';
      if (c == '\n')
        result += "\\n";
      else
        result += c;
    }
    return result + "\"";
  }

  std::string nameOf(const Node &node) const {
    return node.id >= 0 ? "op" + std::to_string(node.id) : "value" + std::to_string(node.index);
  }

  /// A box is no node: edges go to a point in it, cut where they meet the box.
  void writeBox(const Node &box, unsigned indent) {
    std::string label = box.title + (box.attributes.empty() ? "" : " " + box.attributes);
    out.indent(indent) << "subgraph cluster_op" << box.id << " {\n";
    out.indent(indent + 2) << "label=" << quote(label) << ";\n";
    out.indent(indent + 2) << nameOf(box) << " [shape=point, style=invis];\n";
    for (int child : box.children) {
      const Node &node = graph.nodes[child];
      if (node.group < 0 || node.group == child)
        writeMember(node, indent + 2);
    }
    out.indent(indent) << "}\n";
  }

  void writeMember(const Node &node, unsigned indent) {
    if (node.isBox)
      return writeBox(node, indent);
    bool grouped = node.group == node.index;
    if (grouped) {
      out.indent(indent) << "subgraph cluster_fused" << node.id << " {\n";
      std::string parts = llvm::join(node.parts, ", ");
      out.indent(indent + 2) << "label=" << quote(parts.empty() ? "fused" : "fused: " + parts) << "; style=dashed;\n";
      indent += 2;
    }
    writeNode(node, indent);
    if (!grouped)
      return;
    for (int sibling : graph.nodes[node.parent].children)
      if (sibling != node.index && graph.nodes[sibling].group == node.index)
        writeNode(graph.nodes[sibling], indent);
    out.indent(indent - 2) << "}\n";
  }

  void writeNode(const Node &node, unsigned indent) {
    std::string label = node.title;
    for (const std::string *line : {&node.value, &node.shape, &node.attributes})
      if (!line->empty())
        label += (label.empty() ? "" : "\n") + *line;
    if (node.cost != Cost())
      label += "\n" + describeNumber(node.cost.flop) + "FLOP, " +
               describeNumber(node.cost.weightBytes + node.cost.activationBytes) + "B";
    out.indent(indent) << nameOf(node) << " [label=" << quote(label) << (node.op ? "" : ", shape=ellipse") << "];\n";
    for (const Attached &attached : node.attached)
      if (attached.id >= 0)
        out.indent(indent) << "op" << attached.id << " [shape=plaintext, label=" << quote(attached.text) << "];\n";
  }

  void writeEdge(const Edge &edge) {
    const Node &from = graph.nodes[edge.from], &to = graph.nodes[edge.to];
    out << "  " << nameOf(from) << " -> " << nameOf(to) << " [label=" << quote(edge.type);
    if (from.isBox)
      out << ", ltail=cluster_op" << from.id;
    if (to.isBox)
      out << ", lhead=cluster_op" << to.id;
    out << "];\n";
  }

  void attachedEdge(const Attached &attached, const Node &node) {
    if (int id = attached.id >= 0 ? attached.id : idOf(attached.op); id >= 0)
      out << "  op" << id << " -> " << nameOf(node) << " [style=dotted];\n";
  }

  int idOf(Operation *op) const {
    for (const Node &node : graph.nodes)
      for (const Attached &attached : node.attached)
        if (attached.op == op && attached.id >= 0)
          return attached.id;
    return -1;
  }

  const Graph &graph;
  raw_ostream &out;
};

} // namespace

void writeDot(const Graph &graph, raw_ostream &out) { DotWriter(graph, out).write(); }

} // namespace ph::report
