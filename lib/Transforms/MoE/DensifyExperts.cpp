#include "lib/Transforms/MoE/ExpertChain.h"
#include "lib/Transforms/MoE/ExpertWeights.h"
#include "powerhouse/Transforms/MoE/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_DENSIFYEXPERTSPASS
#include "lib/Transforms/MoE/Passes.h.inc"

namespace {

/// Whether what a token's chosen experts weigh is 1 together, whatever the logits are. (Sigmoids can all be 0.)
bool sumsUpToOne(xf::RouterOp op) {
  bool all = int64_t(op.getTopK()) == op.getExpertCount();
  return op.getScoring() == xf::Scoring::Softmax && (op.getNormalize() || op.getAfterTopK() || all) &&
         (!op.getScale() || op.getScale()->convertToDouble() == 1);
}

/// The tensor of row `row` as the source of a matrix of its own; null where the row has none.
xf::SourceAttr sourceOfRow(xf::SourceAttr source, int64_t row, int64_t size) {
  if (!source.isPerRow() || source.getInterleaved() || !source.getColumns().empty())
    return {};
  std::string name = source.getTensor().str(), number = std::to_string(source.getFrom() + row);
  constexpr llvm::StringLiteral place = "{expert}";
  for (size_t at = 0; (at = name.find(place.data(), at)) != std::string::npos; at += number.size())
    name.replace(at, place.size(), number);
  int64_t from = source.getPart() * size, of = source.getParts() * size; // a part of the tensor's rows
  return xf::SourceAttr::get(source.getContext(), name, source.getFirst(), source.getStep(), of ? size : 0,
                             xf::SourceTransform::None, 0, from, of, false, source.getTransposed(), 0, 0, false,
                             /*columns=*/StringRef(), /*offset=*/llvm::APFloat(0.0));
}

struct DensifyExpertsPass final : impl::DensifyExpertsPassBase<DensifyExpertsPass> {
  void runOnOperation() override {
    moe::ExpertWeights all(getOperation());
    weights = &all;
    SmallVector<xf::CombineExpertsOp> sums;
    getOperation().walk([&](xf::CombineExpertsOp op) { sums.push_back(op); });
    for (xf::CombineExpertsOp op : sums)
      if (std::string reason = densify(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
    weights = nullptr;
  }

private:
  /// The one source that all experts of `value` have; null, with the reason, where they have different ones.
  xf::SourceAttr shared(Value value, std::string &reason) {
    xf::WeightOp weight = weights->of(value);
    if (!weight) {
      reason = "a weight is no symbol of the module";
      return {};
    }
    SetVector<Attribute> different;
    for (xf::SourceAttr source : weights->sourcesOf(weight))
      for (int64_t row = 0; row < source.getRows(); ++row) {
        xf::SourceAttr single = sourceOfRow(source, row, weight.getLoadedType().getDimSize(1));
        if (!single) {
          reason = "the matrices of experts are not tensors of their own";
          return {};
        }
        different.insert(single);
      }
    if (different.size() != 1) {
      reason = "the experts have different sources";
      return {};
    }
    return cast<xf::SourceAttr>(different[0]);
  }

  /// Why nothing was done; empty if it was.
  std::string densify(xf::CombineExpertsOp op) {
    moe::ExpertChain chain;
    if (std::string reason = moe::collectExpertChain(op, chain); !reason.empty())
      return reason;
    auto router = op.getWeights().getDefiningOp<xf::RouterOp>();
    if (!router || !sumsUpToOne(router))
      return "what the experts weigh needn't sum up to 1";
    DenseMap<Value, xf::SourceAttr> sources;
    for (Operation *each : chain.ops)
      if (auto linear = dyn_cast<xf::ExpertLinearOp>(each))
        for (Value value : {Value(linear.getWeight()), Value(linear.getBias())})
          if (std::string reason; value && !(sources[value] = shared(value, reason)))
            return reason;

    OpBuilder builder(op);
    IRMapping mapping;
    for (Operation *each : chain.ops) {
      auto linear = dyn_cast<xf::ExpertLinearOp>(each);
      if (!linear) {
        moe::cloneElementwise(builder, each, mapping);
        continue;
      }
      Value input = linear.hasRowPerExpert() ? mapping.lookup(linear.getInput()) : Value(linear.getInput());
      Value matrix = dense(builder, linear.getWeight(), sources);
      Value bias = linear.getBias() ? dense(builder, linear.getBias(), sources) : Value();
      Value product = xf::LinearOp::create(builder, each->getLoc(), input, matrix, bias);
      mapping.map(linear.getResult(), product);
    }
    Value result = mapping.lookup(op.getInput());
    remarkDone(result.getDefiningOp(), getArgument(), Twine(chain.count) + " equal experts became one");
    op.replaceAllUsesWith(result);
    op.erase();
    for (Operation *each : llvm::reverse(chain.ops))
      eraseWithWeights(each);
    eraseUnused(router);
    ++densified;
    return "";
  }

  /// Loads the one matrix, or bias, that the experts of `value` share.
  Value dense(OpBuilder &builder, Value value, const DenseMap<Value, xf::SourceAttr> &sources) {
    return weights->load(builder, value, "_dense", cast<RankedTensorType>(value.getType()).getShape().drop_front(),
                         {sources.lookup(value)});
  }

  void eraseWithWeights(Operation *op) {
    llvm::SetVector<Value> operands(op->operand_begin(), op->operand_end());
    op->erase();
    for (Value operand : operands)
      weights->eraseUnused(operand);
  }

  /// A router that nothing uses any more, and what made its logits.
  void eraseUnused(xf::RouterOp router) {
    if (!router->use_empty())
      return;
    auto logits = router.getLogits().getDefiningOp<xf::LinearOp>();
    eraseWithWeights(router);
    if (logits && logits->use_empty())
      eraseWithWeights(logits);
  }

  moe::ExpertWeights *weights = nullptr; ///< while the pass runs
};

} // namespace
} // namespace ph
