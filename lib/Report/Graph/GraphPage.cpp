// The page of a graph: totals, each function drawn, the ops that cost most, the weights.
#include "lib/Report/Graph/Describe.h"
#include "lib/Report/Graph/Drawing.h"
#include "lib/Report/Page/Page.h"
#include "powerhouse/Analysis/Cost.h"

using namespace mlir;

namespace ph::report {
namespace {

constexpr size_t mostRows = 12;

void tile(raw_ostream &out, StringRef value, StringRef what) {
  out << "<div class=\"tile\"><b>" << escape(value) << "</b><span>" << escape(what) << "</span></div>\n";
}

void writeTiles(const Graph &graph, raw_ostream &out) {
  out << "<div class=\"tiles\">\n";
  tile(out, std::to_string(graph.ops), "ops");
  tile(out, describeNumber(graph.total.flop) + "FLOP", "arithmetic");
  tile(out, describeNumber(graph.total.weightBytes) + "B", "weights read");
  tile(out, describeNumber(graph.total.activationBytes) + "B", "activations read and written");
  tile(out, describeNumber(graph.total.cacheBytesRead) + "B", "cache read");
  tile(out, describeNumber(graph.total.cacheBytesWritten) + "B", "cache written");
  out << "</div>\n";
}

/// Sums by name of op, the most expensive first.
void writeCosts(const Graph &graph, raw_ostream &out) {
  struct Sum {
    Cost cost;
    int ops = 0;
  };
  llvm::MapVector<StringRef, Sum> sums;
  for (const Node &node : graph.nodes)
    if (node.op && node.cost != Cost()) {
      Sum &sum = sums[node.op->getName().getStringRef()];
      sum.cost += node.cost;
      ++sum.ops;
    }
  SmallVector<std::pair<StringRef, Sum>> rows = sums.takeVector();
  llvm::sort(rows, [](const auto &a, const auto &b) {
    return std::pair(b.second.cost.flop, a.first) < std::pair(a.second.cost.flop, b.first);
  });
  out << "<h2>Where the arithmetic is</h2>\n<table class=\"costs\">\n<tr><th>op</th><th>times</th><th>FLOP</th>"
         "<th>weights</th></tr>\n";
  for (const auto &[name, sum] : ArrayRef(rows).take_front(mostRows)) {
    double share = graph.total.flop ? sum.cost.flop / graph.total.flop * 100 : 0;
    out << "<tr><td>" << escape(name) << "</td><td>" << sum.ops << "</td><td>"
        << llvm::formatv("{0:F1}%<span class=\"bar\" style=\"width:{0:F1}%\"></span>", share) << "</td><td>"
        << escape(describeNumber(sum.cost.weightBytes)) << "B</td></tr>\n";
  }
  out << "</table>\n";
}

void writeSymbols(const Graph &graph, raw_ostream &out) {
  if (graph.symbols.empty())
    return;
  out << "<details class=\"symbols\"><summary>Weights and other declarations (" << graph.symbols.size()
      << ")</summary>\n<pre>";
  for (const Attached &symbol : graph.symbols)
    out << "<span data-op=\"" << symbol.id << "\">" << escape(symbol.text) << "</span>\n";
  out << "</pre></details>\n";
}

} // namespace

void writeHtml(const Graph &graph, raw_ostream &out) {
  beginPage(out, graph.name,
            llvm::formatv("costs for tokens = {0:F0}, context = {1:F0}", graph.at.tokens, graph.at.context).str());
  writeTiles(graph, out);
  out << "<div class=\"columns\">\n<div class=\"graphs\">\n";
  out << "<p class=\"legend\"><span class=\"key flop\"></span>share of FLOP <span class=\"key bytes\"></span>share of "
         "bytes <span class=\"key fused\"></span>fused group <span class=\"key loop\"></span>loop <span class=\"key "
         "weight\"></span>weight or constant</p>\n";
  for (int root : graph.roots) {
    const Node &node = graph.nodes[root];
    out << "<details class=\"function\" open><summary>" << escape(node.title) << "</summary>\n<div class=\"canvas\">\n";
    drawBox(graph, root, out);
    out << "</div></details>\n";
  }
  out << "</div>\n<aside>\n<div class=\"tools\"><input id=\"find\" type=\"search\" placeholder=\"Find an op\" "
         "aria-label=\"Find an op\"><button id=\"smaller\" title=\"smaller\">−</button><button id=\"larger\" "
         "title=\"larger\">+</button></div>\n<div id=\"details\"><p class=\"hint\">Point at an op to see where its "
         "values "
         "come from and go to; click it for what it says and costs.</p></div>\n";
  writeCosts(graph, out);
  out << "</aside>\n</div>\n";
  writeSymbols(graph, out);
  endPage(out, "graph.js");
}

} // namespace ph::report
