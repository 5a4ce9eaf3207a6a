#include "lib/Transforms/Layers/StackWeights.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Layers/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_UNROLLPASS
#include "lib/Transforms/Layers/Passes.h.inc"

namespace {

struct UnrollPass final : impl::UnrollPassBase<UnrollPass> {
  using UnrollPassBase::UnrollPassBase;

  void runOnOperation() override {
    SymbolTable table(getOperation());
    symbols = &table;
    // Inner loops first: an outer one copies what they became.
    SmallVector<xf::RepeatOp> loops;
    getOperation().walk<WalkOrder::PostOrder>([&](xf::RepeatOp loop) { loops.push_back(loop); });
    for (xf::RepeatOp loop : loops)
      unroll(loop);
    for (StringAttr name : replaced)
      if (auto weight = table.lookup<xf::WeightOp>(name);
          weight && SymbolTable::symbolKnownUseEmpty(weight, getOperation()))
        table.erase(weight);
    layers.clear();
    replaced.clear();
    symbols = nullptr;
  }

private:
  void unroll(xf::RepeatOp loop) {
    int64_t count = loop.getCount(), size = 0;
    loop.getBody().walk([&](Operation *) { ++size; });
    if (size > most / count)
      return remarkRefused(loop, getArgument(),
                           Twine(count) + " layers of " + Twine(size) + " ops are more than " + Twine(most));
    OpBuilder builder(loop);
    SmallVector<Value> carried(loop.getInits());
    for (int64_t layer = 0; layer < count; ++layer) {
      IRMapping map;
      map.map(loop.getLayer(), arith::ConstantIndexOp::create(builder, loop.getLoc(), layer).getResult());
      map.map(loop.getRegionIterArgs(), carried);
      for (Operation &op : loop.getBlock()->without_terminator())
        copy(builder, op, map);
      carried =
          llvm::map_to_vector(loop.getYield().getValues(), [&](Value value) { return map.lookupOrDefault(value); });
    }
    remarkDone(loop, getArgument(), Twine(count) + " layers");
    loop.getResults().replaceAllUsesWith(carried);
    loop.erase();
    ++unrolled;
  }

  /// Indices are computed where they can be, weights of a known layer loaded alone.
  void copy(OpBuilder &builder, Operation &op, IRMapping &map) {
    Operation *clone = builder.clone(op, map);
    SmallVector<Value> known;
    if (isa<arith::ArithDialect>(clone->getDialect()) && succeeded(builder.tryFold(clone, known)) &&
        known.size() == clone->getNumResults()) {
      for (auto [result, value] : llvm::zip_equal(op.getResults(), known))
        map.map(result, value);
      clone->erase();
      return;
    }
    clone->walk([&](xf::LoadWeightOp load) {
      APInt layer;
      if (!load.getLayer() || !matchPattern(load.getLayer(), m_ConstantInt(&layer)))
        return;
      if (xf::WeightOp weight = layerOf(load, layer.getSExtValue())) {
        load.setWeight(weight.getSymName());
        load.getLayerMutable().clear();
      }
    });
  }

  /// The weight of one layer of the stack that is loaded; null where it can't be one of its own.
  xf::WeightOp layerOf(xf::LoadWeightOp load, int64_t layer) {
    auto stack = symbols->lookup<xf::WeightOp>(load.getWeight());
    if (!stack || !stack.getSources() || stack.getFormats() || layer < 0 || layer >= stack.getLayers())
      return {};
    replaced.insert(stack.getSymNameAttr());
    xf::WeightOp &weight = layers[{stack.getSymNameAttr(), layer}];
    if (weight)
      return weight;
    SmallVector<Attribute> sources;
    for (xf::SourceAttr source : stack.getSources()->getAsRange<xf::SourceAttr>())
      sources.push_back(getSourceOfLayer(source, layer));
    OpBuilder builder(stack);
    weight = xf::WeightOp::create(
        builder, stack.getLoc(), builder.getStringAttr(stack.getSymName() + "_" + Twine(layer)),
        TypeAttr::get(stack.getLoadedType()), /*stacked=*/UnitAttr(), builder.getArrayAttr(sources));
    weight.setRequantized(stack.getRequantized());
    symbols->insert(weight, Block::iterator(stack));
    return weight;
  }

  SymbolTable *symbols = nullptr; ///< while the pass runs
  DenseMap<std::pair<Attribute, int64_t>, xf::WeightOp> layers;
  SetVector<StringAttr> replaced;
};

} // namespace
} // namespace ph
