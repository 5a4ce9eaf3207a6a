#include "lib/Transforms/Layers/LayerRun.h"
#include "lib/Transforms/Layers/StackWeights.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Layers/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include <map>
#include <set>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_OUTLINELAYERSPASS
#include "lib/Transforms/Layers/Passes.h.inc"

namespace {

/// A result of an op of the layer before: which op of the period, and which of its results.
struct Carried {
  int64_t op;
  unsigned result;
  Value init; ///< what the first layer has instead
  bool operator==(const Carried &) const = default;
};

/// What an operand is in each layer.
struct Operand {
  enum Kind { Inside, Before, Outside, Weight, Counter } kind = Outside;
  int64_t op = 0;      ///< Inside: of which op of the period
  unsigned result = 0; ///< Inside: which result
  unsigned carried = 0;
  Value value;                       ///< Outside: itself or a constant; otherwise that of the first layer
  SmallVector<xf::WeightOp> weights; ///< Weight: of each layer
  int64_t first = 0, step = 0;       ///< Counter, and the layer of a stacked weight that is loaded
};

/// How a run becomes a loop.
struct Plan {
  LayerRun run;
  SmallVector<Carried> carried;
  SmallVector<SmallVector<Operand>> operands; ///< of each op of the period
  bool varies = false;                        ///< layers have weights of their own
  int64_t listed = 0;                         ///< weights whose names don't count with the layers
};

class Planner {
public:
  Planner(ArrayRef<Operation *> ops, SymbolTable &symbols) : ops(ops), symbols(symbols) {
    for (auto [index, op] : llvm::enumerate(ops))
      numbers[op] = index;
  }

  /// Nothing, with the reason, if the run can't be a loop.
  std::optional<Plan> plan(LayerRun run, std::string &reason);

private:
  bool planOperand(Plan &plan, int64_t op, unsigned index, std::string &reason);
  bool planLeaf(Plan &plan, ArrayRef<Value> values, Operand &operand, std::string &reason);
  bool checkUses(Plan &plan, std::string &reason);
  /// The number, within the run, of the op that makes `value`; nothing outside of it.
  std::optional<int64_t> numberIn(const LayerRun &run, Value value) {
    Operation *op = value.getDefiningOp();
    auto found = op ? numbers.find(op) : numbers.end();
    if (found == numbers.end() || found->second < run.start || found->second >= run.start + run.size())
      return std::nullopt;
    return found->second - run.start;
  }

  ArrayRef<Operation *> ops;
  SymbolTable &symbols;
  DenseMap<Operation *, int64_t> numbers;
};

/// Numbers that count: first + step · layer.
bool counts(ArrayRef<int64_t> numbers, Operand &operand) {
  operand.first = numbers[0];
  operand.step = numbers[1] - numbers[0];
  for (auto [layer, number] : llvm::enumerate(numbers))
    if (number != operand.first + operand.step * int64_t(layer))
      return false;
  return true;
}

/// Constants and weights.
bool Planner::planLeaf(Plan &plan, ArrayRef<Value> values, Operand &operand, std::string &reason) {
  SmallVector<int64_t> numbers;
  Attribute constant;
  bool constants = true;
  for (Value value : values) {
    Attribute each;
    constants &= matchPattern(value, m_Constant(&each));
    if (!constants)
      break;
    constant = constant ? constant : each;
    if (auto integer = dyn_cast<IntegerAttr>(each); integer && value.getType().isIndex())
      numbers.push_back(integer.getInt());
    else if (each != constant) {
      reason = "the layers have different constants";
      return false;
    }
  }
  if (constants) {
    operand.kind = numbers.empty() ? Operand::Outside : Operand::Counter;
    if (numbers.empty() || counts(numbers, operand))
      return true;
    reason = "an index doesn't count with the layers";
    return false;
  }
  SmallVector<Value> loads;
  for (Value value : values) {
    auto load = value.getDefiningOp<xf::LoadWeightOp>();
    auto weight = load ? symbols.lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
    if (!weight) {
      reason = "the layers use different values from before them";
      return false;
    }
    operand.weights.push_back(weight);
    if (load.getLayer())
      loads.push_back(load.getLayer());
  }
  operand.kind = Operand::Weight;
  bool same = llvm::all_equal(operand.weights);
  if (loads.empty() && same)
    return true;
  plan.varies = true;
  if (loads.empty()) {
    for (xf::WeightOp weight : operand.weights)
      if (weight.getType() != operand.weights.front().getType()) {
        reason = ("the weights @" + operand.weights.front().getSymName() + " and @" + weight.getSymName() +
                  " have different types")
                     .str();
        return false;
      }
    ArrayAttr sources = stackSources(operand.weights, reason);
    if (sources)
      plan.listed += llvm::count_if(sources.getAsRange<xf::SourceAttr>(),
                                    [](xf::SourceAttr source) { return source.getTensor().contains('|'); });
    return bool(sources);
  }
  if (same && loads.size() == values.size()) {
    Operand layer;
    std::string ignored;
    if (planLeaf(plan, loads, layer, ignored) && layer.kind == Operand::Counter) {
      operand.first = layer.first;
      operand.step = layer.step;
      return true;
    }
  }
  reason = "the layers load parts of stacked weights that don't count with them";
  return false;
}

bool Planner::planOperand(Plan &plan, int64_t op, unsigned index, std::string &reason) {
  const LayerRun &run = plan.run;
  SmallVector<Value> values;
  for (int64_t layer = 0; layer < run.count; ++layer)
    values.push_back(ops[run.start + layer * run.period + op]->getOperand(index));
  Operand &operand = plan.operands[op][index];
  operand.value = values.front();
  std::optional<int64_t> maker = numberIn(run, values[1]);
  if (!maker) {
    if (llvm::all_equal(values) && !numberIn(run, values[0]) &&
        (!values[0].getDefiningOp() || !isLeaf(values[0].getDefiningOp())))
      return true;
    return planLeaf(plan, values, operand, reason);
  }
  // How far back the maker is, seen from the second layer, is how far it must be everywhere.
  bool inside = *maker >= run.period;
  operand.op = *maker % run.period;
  operand.result = cast<OpResult>(values[1]).getResultNumber();
  for (int64_t layer = inside ? 0 : 1; layer < run.count; ++layer) {
    std::optional<int64_t> each = numberIn(run, values[layer]);
    if (!each || *each != *maker + (layer - 1) * run.period ||
        cast<OpResult>(values[layer]).getResultNumber() != operand.result) {
      reason = "the layers use values of different ops before them";
      return false;
    }
  }
  if (inside) {
    operand.kind = Operand::Inside;
    return true;
  }
  if (numberIn(run, values[0])) {
    reason = "the layers use values of different ops before them";
    return false;
  }
  operand.kind = Operand::Before;
  Carried carried = {operand.op, operand.result, values[0]};
  auto *found = llvm::find(plan.carried, carried);
  operand.carried = found - plan.carried.begin();
  if (found == plan.carried.end())
    plan.carried.push_back(carried);
  return true;
}

/// Results of layers but the last may be used in the run only, those of the last one after it only where they are
/// carried.
bool Planner::checkUses(Plan &plan, std::string &reason) {
  const LayerRun &run = plan.run;
  for (int64_t number = 0; number < run.size(); ++number)
    for (OpResult result : ops[run.start + number]->getResults())
      for (Operation *user : result.getUsers()) {
        auto found = numbers.find(user);
        if (found != numbers.end() && found->second >= run.start && found->second < run.start + run.size())
          continue;
        bool last = number >= run.size() - run.period;
        bool carried = llvm::any_of(plan.carried, [&](const Carried &each) {
          return each.op == number % run.period && each.result == result.getResultNumber();
        });
        if (last && carried)
          continue;
        reason = last ? "a value that no layer hands to the next one is used after the layers"
                      : "a value of a layer in between is used after the layers";
        return false;
      }
  return true;
}

std::optional<Plan> Planner::plan(LayerRun run, std::string &reason) {
  Plan plan;
  plan.run = run;
  for (int64_t op = 0; op < run.period; ++op) {
    Operation *first = ops[run.start + op];
    for (int64_t layer = 1; layer < run.count; ++layer)
      if (Operation *other = ops[run.start + layer * run.period + op]; !doTheSame(first, other)) {
        reason = describeDifference(first, other);
        return std::nullopt;
      }
    plan.operands.emplace_back(first->getNumOperands());
    for (unsigned index = 0; index < first->getNumOperands(); ++index)
      if (!planOperand(plan, op, index, reason))
        return std::nullopt;
  }
  // What is carried has the type of what the first layer got.
  for (const Carried &each : plan.carried)
    if (ops[run.start + each.op]->getResult(each.result).getType() != each.init.getType()) {
      reason = "a value changes its type from layer to layer";
      return std::nullopt;
    }
  if (!checkUses(plan, reason))
    return std::nullopt;
  return plan;
}

struct OutlineLayersPass final : impl::OutlineLayersPassBase<OutlineLayersPass> {
  void runOnOperation() override {
    SymbolTable table(getOperation());
    symbols = &table;
    SmallVector<Block *> blocks;
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Block &block : function.getBody())
        blocks.push_back(&block);
    for (Block *block : blocks)
      while (outlineOne(*block)) {
      }
    symbols = nullptr;
  }

private:
  /// Rolls the longest run that can be; false if there is none.
  bool outlineOne(Block &block) {
    SmallVector<Operation *> ops;
    for (Operation &op : block.without_terminator())
      if (!isLeaf(&op))
        ops.push_back(&op);
    Planner planner(ops, *symbols);
    std::optional<Plan> best;
    // Runs of ops that are only alike come too, for the sake of the reason.
    SmallVector<LayerRun> runs = findRuns(ops, /*names=*/false);
    SmallVector<LayerRun> alike = findRuns(ops, /*names=*/true);
    for (const LayerRun &run : runs) {
      if (best && (run.size() < best->run.size() || run.period > best->run.period))
        break;
      std::string reason;
      std::optional<Plan> plan = planner.plan(run, reason);
      if (plan && plan->varies &&
          (!best || std::pair(plan->carried.size(), plan->listed) < std::pair(best->carried.size(), best->listed)))
        best = std::move(plan);
    }
    remarkUnlike(planner, ops, alike, best ? best->run.size() : 0);
    if (!best)
      return false;
    roll(ops, *best);
    return true;
  }

  /// Says why a longer run, of ops of the same names, isn't a loop.
  void remarkUnlike(Planner &planner, ArrayRef<Operation *> ops, ArrayRef<LayerRun> alike, int64_t rolled) {
    for (const LayerRun &run : alike) {
      if (run.size() <= rolled)
        return;
      std::string reason;
      if (run.period < 2 || planner.plan(run, reason) || reason.empty())
        continue;
      Operation *first = ops[run.start];
      if (reasons.insert({first, reason}).second)
        remarkRefused(first, getArgument(),
                      Twine(run.count) + " layers of " + Twine(run.period) + " ops stay: " + reason);
      return;
    }
  }

  Value counter(OpBuilder &builder, Location loc, Value layer, int64_t first, int64_t step) {
    auto constant = [&](int64_t number) { return arith::ConstantIndexOp::create(builder, loc, number).getResult(); };
    if (step == 0)
      return constant(first);
    Value scaled = step == 1 ? layer : Value(arith::MulIOp::create(builder, loc, layer, constant(step)));
    return first == 0 ? scaled : Value(arith::AddIOp::create(builder, loc, scaled, constant(first)));
  }

  /// One stacked weight for those of all layers.
  xf::WeightOp stack(ArrayRef<xf::WeightOp> weights) {
    xf::WeightOp &stacked = stacks[SmallVector<Operation *>(weights.begin(), weights.end())];
    if (stacked)
      return stacked;
    xf::WeightOp first = weights.front();
    auto type = cast<RankedTensorType>(first.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin(), weights.size());
    std::string reason;
    ArrayAttr sources = stackSources(weights, reason);
    OpBuilder builder(first);
    stacked =
        xf::WeightOp::create(builder, first.getLoc(), builder.getStringAttr(stackName(weights)),
                             TypeAttr::get(RankedTensorType::get(shape, type.getElementType(), type.getEncoding())),
                             builder.getUnitAttr(), sources);
    stacked.setRequantized(first.getRequantized());
    symbols->insert(stacked, Block::iterator(first));
    return stacked;
  }

  Value makeOperand(OpBuilder &builder, const Plan &plan, const Operand &operand, xf::RepeatOp loop,
                    ArrayRef<Operation *> made) {
    Location loc = operand.value.getLoc();
    switch (operand.kind) {
    case Operand::Inside:
      return made[operand.op]->getResult(operand.result);
    case Operand::Before:
      return loop.getRegionIterArgs()[operand.carried];
    case Operand::Counter:
      return counter(builder, loc, loop.getLayer(), operand.first, operand.step);
    case Operand::Outside:
      // A constant may stand where the loop can't see it.
      if (Operation *op = operand.value.getDefiningOp(); op && isLeaf(op))
        return builder.clone(*op)->getResult(cast<OpResult>(operand.value).getResultNumber());
      return operand.value;
    case Operand::Weight:
      break;
    }
    xf::WeightOp weight = operand.weights.front();
    if (weight.getStacked())
      return xf::LoadWeightOp::create(builder, loc, weight,
                                      counter(builder, loc, loop.getLayer(), operand.first, operand.step));
    if (llvm::all_equal(operand.weights))
      return xf::LoadWeightOp::create(builder, loc, weight);
    return xf::LoadWeightOp::create(builder, loc, stack(operand.weights), loop.getLayer());
  }

  void roll(ArrayRef<Operation *> ops, const Plan &plan) {
    const LayerRun &run = plan.run;
    ArrayRef<Operation *> layers = ops.slice(run.start, run.size());
    OpBuilder builder(layers.back());
    builder.setInsertionPointAfter(layers.back());
    SmallVector<Value> inits = llvm::map_to_vector(plan.carried, [](const Carried &each) { return each.init; });
    auto loop = xf::RepeatOp::create(builder, layers.front()->getLoc(), run.count, inits);
    OpBuilder inner = OpBuilder::atBlockEnd(loop.getBlock());
    SmallVector<Operation *> made;
    SetVector<Operation *> leaves;
    for (int64_t op = 0; op < run.period; ++op) {
      SmallVector<Value> operands;
      for (const Operand &operand : plan.operands[op])
        operands.push_back(makeOperand(inner, plan, operand, loop, made));
      Operation *clone = inner.clone(*layers[op]);
      clone->setOperands(operands);
      made.push_back(clone);
    }
    SmallVector<Value> yielded;
    for (const Carried &each : plan.carried)
      yielded.push_back(made[each.op]->getResult(each.result));
    xf::YieldOp::create(inner, loop.getLoc(), yielded);
    // The last layer's results are the loop's.
    for (auto [result, each] : llvm::zip_equal(loop.getResults(), plan.carried))
      layers[run.size() - run.period + each.op]->getResult(each.result).replaceUsesWithIf(result, [&](OpOperand &use) {
        return !llvm::is_contained(layers, use.getOwner());
      });
    remarkDone(loop, getArgument(), Twine(run.count) + " layers of " + Twine(run.period) + " ops");
    ++outlined;
    for (Operation *op : llvm::reverse(layers)) {
      for (Value operand : op->getOperands())
        if (Operation *leaf = operand.getDefiningOp(); leaf && isLeaf(leaf))
          leaves.insert(leaf);
      op->dropAllUses();
      op->erase();
    }
    eraseUnused(leaves);
  }

  void eraseUnused(SetVector<Operation *> &leaves) {
    for (Operation *leaf : llvm::to_vector(leaves))
      if (auto load = dyn_cast<xf::LoadWeightOp>(leaf))
        if (Value layer = load.getLayer())
          if (Operation *index = layer.getDefiningOp())
            leaves.insert(index);
    for (Operation *leaf : leaves) {
      if (!leaf->use_empty() || !isLeaf(leaf))
        continue;
      auto load = dyn_cast<xf::LoadWeightOp>(leaf);
      auto weight = load ? symbols->lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
      leaf->erase();
      if (weight && SymbolTable::symbolKnownUseEmpty(weight, getOperation()))
        symbols->erase(weight);
    }
  }

  SymbolTable *symbols = nullptr; ///< while the pass runs
  std::map<SmallVector<Operation *>, xf::WeightOp> stacks;
  std::set<std::pair<Operation *, std::string>> reasons; ///< said already
};

} // namespace
} // namespace ph
