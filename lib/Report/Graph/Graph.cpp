#include "powerhouse/Report/Graph.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Report/Graph/Describe.h"
#include "mlir/IR/AsmState.h"
#include "powerhouse/Analysis/Cost.h"

using namespace mlir;

namespace ph::report {
namespace {

class Builder {
public:
  Builder(Graph &graph, ModuleOp module) : graph(graph), state(module, OpPrintingFlags().elideLargeElementsAttrs(16)) {
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op != module)
        ids[op] = graph.ops++;
    });
  }

  void addTop(Operation *op) {
    if (op->getNumRegions())
      graph.roots.push_back(addOp(op, -1));
    else
      graph.symbols.push_back({op, ids[op], describeOp(op, state)});
  }

  void addCosts(func::FuncOp function) {
    analysis::FunctionCost cost = analysis::computeCostAt(function, graph.at);
    for (const analysis::CostEntry &entry : cost.ops)
      if (auto found = nodes.find(entry.op); found != nodes.end()) {
        graph.nodes[found->second].cost = entry.cost;
        graph.nodes[found->second].times = entry.times;
      }
    graph.total += cost.total;
  }

private:
  int addNode(Node node) {
    node.index = int(graph.nodes.size());
    if (node.parent >= 0)
      graph.nodes[node.parent].children.push_back(node.index);
    graph.nodes.push_back(std::move(node));
    return int(graph.nodes.size()) - 1;
  }

  /// Weights and constants are said in a line of the first op that uses them.
  static bool isAttached(Operation *op) {
    return !op->use_empty() && (isa<xf::LoadWeightOp>(op) || op->hasTrait<OpTrait::ConstantLike>());
  }

  std::string nameOf(Value value) {
    std::string text;
    llvm::raw_string_ostream out(text);
    value.printAsOperand(out, state);
    return text;
  }

  int addOp(Operation *op, int parent) {
    Node node;
    node.op = op;
    node.id = ids[op];
    node.parent = parent;
    StringRef name = op->getName().getStringRef();
    name.consume_front("xf.");
    node.title = name.str();
    if (auto symbol = dyn_cast<SymbolOpInterface>(op))
      node.title = "@" + symbol.getName().str();
    else
      node.attributes = describeAttributes(op);
    if (op->getNumResults()) {
      node.value = nameOf(op->getResult(0));
      node.value = StringRef(node.value).split('#').first.str();
    }
    llvm::raw_string_ostream shape(node.shape);
    llvm::interleaveComma(op->getResultTypes(), shape, [&](Type type) { shape << describeType(type); });
    node.text = describeOp(op, state);
    node.parts = describeParts(op);
    node.isBox = op->getNumRegions();
    int index = nodes[op] = addNode(std::move(node));
    if (!graph.nodes[index].parts.empty())
      graph.nodes[index].group = index;
    for (Value operand : op->getOperands())
      connect(operand, index);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        addBlock(block, index);
    continueGroup(op, index);
    return index;
  }

  /// The parts of one product are of its group.
  void continueGroup(Operation *op, int index) {
    auto split = dyn_cast<xf::SplitOp>(op);
    Operation *product = split ? split.getInput().getDefiningOp() : nullptr;
    if (!product || !split.getInput().hasOneUse() || !nodes.contains(product))
      return;
    int whole = nodes[product];
    if (graph.nodes[whole].parent != graph.nodes[index].parent)
      return;
    if (graph.nodes[whole].group < 0)
      graph.nodes[whole].group = whole;
    graph.nodes[index].group = graph.nodes[whole].group;
  }

  int addValue(Value value, int parent, const Twine &title) {
    Node node;
    node.parent = parent;
    node.title = title.str();
    node.value = nameOf(value);
    node.shape = describeType(value.getType());
    node.text = node.value;
    return addNode(std::move(node));
  }

  void addBlock(Block &block, int parent) {
    for (BlockArgument argument : block.getArguments()) {
      StringRef title;
      if (auto function = dyn_cast<func::FuncOp>(block.getParentOp()); function && block.isEntryBlock())
        if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "xf.name"))
          title = name.getValue();
      values[{argument, parent}] = addValue(argument, parent, title);
    }
    for (Operation &op : block)
      if (!isAttached(&op))
        addOp(&op, parent);
  }

  /// Boxes from the one in which `value` is made, or an argument, to the inside: the box that holds it.
  int boxOf(Value value) {
    Operation *owner = value.getParentBlock()->getParentOp();
    auto found = nodes.find(owner);
    return found == nodes.end() ? -1 : found->second;
  }

  /// The node in `box` that stands for `value`; outside values get one, which is connected to the value outside.
  int find(Value value, int box) {
    if (auto found = values.find({value, box}); found != values.end())
      return found->second;
    if (boxOf(value) == box) {
      auto found = nodes.find(value.getDefiningOp());
      return found == nodes.end() ? -1 : found->second;
    }
    if (box < 0)
      return -1;
    int inside = values[{value, box}] = addValue(value, box, "from outside");
    if (int outside = find(value, graph.nodes[box].parent); outside >= 0)
      graph.edges.push_back({outside, box, describeType(value.getType())});
    return inside;
  }

  void connect(Value operand, int to) {
    Operation *maker = operand.getDefiningOp();
    if (maker && isAttached(maker)) {
      attach(maker, to);
      return;
    }
    if (int from = find(operand, graph.nodes[to].parent); from >= 0)
      graph.edges.push_back({from, to, describeType(operand.getType())});
  }

  void attach(Operation *maker, int to) {
    std::string text;
    if (auto load = dyn_cast<xf::LoadWeightOp>(maker)) {
      text = load.getWeight().str() + " " + describeType(load.getType());
    } else {
      llvm::raw_string_ostream out(text);
      Attribute value = maker->getAttr("value");
      if (auto dense = dyn_cast_or_null<DenseElementsAttr>(value); value && (!dense || dense.isSplat()))
        printValue(out, dense ? dense.getSplatValue<Attribute>() : value);
      else
        out << "constant";
      out << " " << describeType(maker->getResult(0).getType());
    }
    // Only its first user has the number of the op.
    bool first = attachedOps.insert(maker).second;
    graph.nodes[to].attached.push_back({maker, first ? ids[maker] : -1, std::move(text)});
  }

  static void printValue(raw_ostream &out, Attribute value) { value.print(out, /*elideType=*/true); }

  Graph &graph;
  AsmState state;
  llvm::DenseMap<Operation *, int> ids, nodes;
  llvm::DenseMap<std::pair<Value, int>, int> values;
  llvm::DenseSet<Operation *> attachedOps;
};

} // namespace

Graph buildGraph(ModuleOp module, const CostPoint &at) {
  Graph graph;
  graph.at = at;
  graph.name = module.getSymName().value_or("module").str();
  Builder builder(graph, module);
  for (Operation &op : *module.getBody())
    builder.addTop(&op);
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      builder.addCosts(function);
  return graph;
}

} // namespace ph::report
