// A module as a graph that can be drawn: ops, loops as boxes, fused groups, shapes and costs.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Interfaces/CostOpInterface.h"
#include <string>
#include <vector>

namespace ph::report {

/// A weight or constant that an op uses; it is drawn as a line of its first user.
struct Attached {
  mlir::Operation *op;
  int id;
  std::string text; ///< "q 64x64 q4_1"
};

/// What is drawn as one thing: an op, an op with its regions (a box), or a value that comes in from outside (`op` is
/// null).
struct Node {
  mlir::Operation *op = nullptr;
  int id = -1;                    ///< a number for each op of the module, -1 for values
  int index = 0;                  ///< in Graph::nodes
  int parent = -1;                ///< the box that it is in; -1: none
  std::string title;              ///< "linear", or the name of a value
  std::string value;              ///< how its results are called in the IR: "%12"
  std::string shape;              ///< "?x?x64 f32"
  std::string attributes;         ///< "heads = 4, mask = causal"
  std::string text;               ///< the op as IR, without regions
  std::vector<std::string> parts; ///< what was fused into it: "bias", "residual", ...; empty if it is alone
  std::vector<Attached> attached;
  int group = -1;    ///< the node of the fused group that it is in: itself or the op that it continues; -1: none
  int64_t times = 1; ///< how often it runs
  Cost cost;         ///< over all its runs
  std::vector<int> children; ///< nodes in its regions, in order
  bool isBox = false;
};

struct Edge {
  int from,
      to; ///< nodes of one box: an op in a box that uses a value from outside gets it through a node for the value
  std::string type;
};

struct Graph {
  std::string name;
  CostPoint at;
  Cost total;
  int ops = 0;
  std::vector<Node> nodes;
  std::vector<int> roots; ///< the functions, in order
  std::vector<Edge> edges;
  std::vector<Attached> symbols; ///< weights that the module declares
};

Graph buildGraph(mlir::ModuleOp module, const CostPoint &at);

/// The graph in the language of graphviz: boxes and fused groups are clusters.
void writeDot(const Graph &graph, llvm::raw_ostream &out);

/// The graph as a page of HTML that needs nothing else.
void writeHtml(const Graph &graph, llvm::raw_ostream &out);

} // namespace ph::report
