#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSEQKVPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

/// The product behind `value`, which may be rotated; null if there is none.
xf::LinearOp productOf(Value value) {
  if (auto rope = value.getDefiningOp<xf::RopeOp>())
    value = rope.getInput();
  return value.getDefiningOp<xf::LinearOp>();
}

/// "attn_q", "attn_k", "attn_v" → "attn_qkv".
std::string joinedName(MutableArrayRef<xf::WeightOp> weights) {
  std::string prefix = weights.front().getSymName().str(), name;
  for (xf::WeightOp weight : weights)
    while (!weight.getSymName().starts_with(prefix))
      prefix.pop_back();
  name = prefix;
  for (xf::WeightOp weight : weights)
    name += weight.getSymName().drop_front(prefix.size());
  return name;
}

struct FuseQKVPass final : impl::FuseQKVPassBase<FuseQKVPass> {
  void runOnOperation() override {
    SymbolTable table(getOperation());
    symbols = &table;
    SmallVector<xf::AttentionOp> attentions;
    getOperation().walk([&](xf::AttentionOp op) { attentions.push_back(op); });
    for (xf::AttentionOp op : attentions)
      if (std::string reason = fuse(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
    symbols = nullptr;
  }

private:
  /// Why nothing was done; empty if it was.
  std::string fuse(xf::AttentionOp op) {
    Value keys = op.getKeys(), values = op.getValues();
    if (!keys) {
      auto append = op.getCache().getDefiningOp<xf::CacheAppendOp>();
      if (!append)
        return "the keys and values in the cache are not made here";
      keys = append.getKeys();
      values = append.getValues();
    }
    SmallVector<xf::LinearOp> products;
    for (Value value : {Value(op.getQuery()), keys, values}) {
      xf::LinearOp product = productOf(value);
      if (!product)
        return "query, keys or values aren't made by a linear";
      if (llvm::is_contained(products, product))
        return "keys and values are the same";
      products.push_back(product);
    }
    for (xf::LinearOp product : products) {
      if (product.getInput() != products[0].getInput() || product->getBlock() != products[0]->getBlock())
        return "query, keys and values are made of different inputs";
      if (product.getResidual() || product.getActivation())
        return "query, keys or values have an activation or a residual";
      if (bool(product.getBias()) != bool(products[0].getBias()))
        return "only some of query, keys and values have a bias";
      if (xf::getFormat(product.getType()))
        return "query, keys or values are encoded";
    }
    std::string reason = "the weights have different formats";
    bool done = false;
    while (!products.empty()) {
      SmallVector<xf::LinearOp> group, rest;
      for (xf::LinearOp product : products)
        (sameStorage(product, products[0]) ? group : rest).push_back(product);
      products = rest;
      if (group.size() < 2)
        continue;
      std::string refusal = join(group);
      done |= refusal.empty();
      if (!refusal.empty())
        reason = refusal;
    }
    return done ? "" : reason;
  }

  xf::WeightOp weightOf(Value value) {
    auto load = value.getDefiningOp<xf::LoadWeightOp>();
    return load ? symbols->lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
  }

  bool sameStorage(xf::LinearOp a, xf::LinearOp b) {
    auto same = [&](Value x, Value y) {
      xf::WeightOp wx = x ? weightOf(x) : xf::WeightOp(), wy = y ? weightOf(y) : xf::WeightOp();
      return bool(wx) == bool(wy) &&
             (!wx || (wx.getFormat() == wy.getFormat() && wx.getFormatsAttr() == wy.getFormatsAttr() &&
                      wx.getRequantized() == wy.getRequantized()));
    };
    return same(a.getWeight(), b.getWeight()) && same(a.getBias(), b.getBias());
  }

  /// Why the weights that `loads` load can't become one; empty if they can.
  std::string refusalToConcatenate(ArrayRef<Value> loads) {
    for (Value value : loads) {
      xf::WeightOp weight = weightOf(value);
      if (!weight)
        return "a weight is no symbol of the module";
      if (!weight.getSources() || weight.getSources()->empty())
        return "a weight names no source";
      if (weight.getStacked() != weightOf(loads[0]).getStacked() ||
          weight.getLayers() != weightOf(loads[0]).getLayers() ||
          value.getDefiningOp<xf::LoadWeightOp>().getLayer() != loads[0].getDefiningOp<xf::LoadWeightOp>().getLayer())
        return "the weights are of different layers";
    }
    return "";
  }

  /// A weight whose rows are those of the weights that `loads` load, in order; loaded at `builder`.
  Value concatenate(OpBuilder &builder, Location loc, ArrayRef<Value> loads) {
    SmallVector<xf::WeightOp> weights;
    SmallVector<Attribute> sources;
    int64_t rows = 0;
    for (Value value : loads) {
      xf::WeightOp weight = weightOf(value);
      for (auto [index, source] : llvm::enumerate(weight.getSources()->getAsRange<xf::SourceAttr>()))
        sources.push_back(source.withRows(weight.getSourceRows(index)));
      rows += weight.getLoadedType().getShape().front();
      weights.push_back(weight);
    }
    auto type = cast<RankedTensorType>(weights[0].getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[weights[0].getStacked() ? 1 : 0] = rows;
    OpBuilder declarations(weights[0]);
    auto joined =
        xf::WeightOp::create(declarations, weights[0].getLoc(), builder.getStringAttr(joinedName(weights)),
                             TypeAttr::get(RankedTensorType::get(shape, type.getElementType(), type.getEncoding())),
                             weights[0].getStackedAttr(), builder.getArrayAttr(sources), weights[0].getFormatsAttr());
    joined.setRequantized(weights[0].getRequantized());
    symbols->insert(joined, Block::iterator(weights[0]));
    return xf::LoadWeightOp::create(builder, loc, joined, loads[0].getDefiningOp<xf::LoadWeightOp>().getLayer());
  }

  std::string join(MutableArrayRef<xf::LinearOp> products) {
    SmallVector<Value> matrices, biases;
    SmallVector<int64_t> sizes;
    xf::LinearOp earliest = products[0];
    for (xf::LinearOp product : products) {
      matrices.push_back(product.getWeight());
      if (product.getBias())
        biases.push_back(product.getBias());
      sizes.push_back(product.getType().getShape().back());
      if (product->isBeforeInBlock(earliest))
        earliest = product;
    }
    if (std::string reason = refusalToConcatenate(matrices); !reason.empty())
      return reason;
    if (std::string reason = refusalToConcatenate(biases); !reason.empty())
      return reason;
    OpBuilder builder(earliest);
    Location loc = builder.getFusedLoc(llvm::map_to_vector(products, [](xf::LinearOp op) { return op.getLoc(); }));
    Value matrix = concatenate(builder, loc, matrices);
    Value bias = biases.empty() ? Value() : concatenate(builder, loc, biases);
    auto product = xf::LinearOp::create(builder, loc, earliest.getInput(), matrix, bias, Value());
    auto split = xf::SplitOp::create(builder, loc, product.getResult(), sizes);
    remarkDone(split, getArgument(), "one product for " + Twine(products.size()));
    for (auto [index, old] : llvm::enumerate(products)) {
      old.getResult().replaceAllUsesWith(split.getResult(index));
      old.erase();
      ++fused;
    }
    SetVector<Operation *> loads; // two products may share one
    for (Value load : llvm::concat<Value>(matrices, biases))
      loads.insert(load.getDefiningOp());
    for (Operation *load : loads)
      eraseUnused(cast<xf::LoadWeightOp>(load));
    return "";
  }

  void eraseUnused(xf::LoadWeightOp load) {
    if (!load->use_empty())
      return;
    auto weight = symbols->lookup<xf::WeightOp>(load.getWeight());
    load.erase();
    if (SymbolTable::symbolKnownUseEmpty(weight, getOperation()))
      symbols->erase(weight);
  }

  SymbolTable *symbols = nullptr; ///< while the pass runs
};

} // namespace
} // namespace ph
