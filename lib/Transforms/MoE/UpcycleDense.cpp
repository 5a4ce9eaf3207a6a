#include "lib/Transforms/MoE/ExpertWeights.h"
#include "powerhouse/Transforms/MoE/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_UPCYCLEDENSEPASS
#include "lib/Transforms/MoE/Passes.h.inc"

namespace {

/// A gated MLP. `gate` and `up` are null where both are one `gated`, `activation` where it is.
struct GatedMlp {
  xf::LinearOp gate, up, down;
  xf::GatedActivationOp activation;
  xf::GatedLinearOp gated;

  Value input() { return gated ? Value(gated.getInput()) : Value(gate.getInput()); }
  Value gateWeight() { return gated ? Value(gated.getGate()) : Value(gate.getWeight()); }
  Value upWeight() { return gated ? Value(gated.getUp()) : Value(up.getWeight()); }
  Value gateBias() { return gated ? gated.getGateBias() : gate.getBias(); }
  Value upBias() { return gated ? gated.getUpBias() : up.getBias(); }
  /// All ops, those that use others first.
  SmallVector<Operation *> ops() {
    SmallVector<Operation *> all = {down};
    if (gated)
      all.push_back(gated);
    else
      all.append({activation, gate, up});
    return all;
  }
};

struct UpcycleDensePass final : impl::UpcycleDensePassBase<UpcycleDensePass> {
  using Base::Base;

  void runOnOperation() override {
    if (topK < 1 || experts < topK) {
      getOperation().emitError() << getArgument() << " expects 1 ≤ top-k ≤ experts, but got top-k = " << topK.getValue()
                                 << ", experts = " << experts.getValue();
      return signalPassFailure();
    }
    moe::ExpertWeights all(getOperation());
    weights = &all;
    SmallVector<xf::LinearOp> products;
    getOperation().walk([&](xf::LinearOp op) {
      if (op.getInput().getDefiningOp<xf::GatedActivationOp>() || op.getInput().getDefiningOp<xf::GatedLinearOp>())
        products.push_back(op);
    });
    for (xf::LinearOp op : products)
      if (std::string reason = upcycle(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
    weights = nullptr;
  }

private:
  /// Why `down` is not the end of a gated MLP that can be taken apart; empty if it is.
  std::string match(xf::LinearOp down, GatedMlp &mlp) {
    mlp.down = down;
    mlp.gated = down.getInput().getDefiningOp<xf::GatedLinearOp>();
    mlp.activation = down.getInput().getDefiningOp<xf::GatedActivationOp>();
    if (mlp.activation) {
      mlp.gate = mlp.activation.getGate().getDefiningOp<xf::LinearOp>();
      mlp.up = mlp.activation.getUp().getDefiningOp<xf::LinearOp>();
      if (!mlp.gate || !mlp.up || mlp.gate == mlp.up)
        return "gate or up isn't made by a linear";
      if (mlp.gate.getInput() != mlp.up.getInput())
        return "gate and up have different inputs";
      if (mlp.gate.getResidual() || mlp.up.getResidual())
        return "gate or up has a residual";
      if (mlp.gate.getActivation() || mlp.up.getActivation())
        return "gate or up has an activation of its own";
    }
    if (down.getActivation())
      return "the last product has an activation";
    for (Operation *op : mlp.ops()) {
      if (op != down && !op->hasOneUse())
        return "gate, up or what they make is used elsewhere too";
      if (op->getBlock() != down->getBlock())
        return "gate or up is made outside the loop";
      if (xf::getFormat(op->getResult(0).getType()))
        return "a value is encoded";
    }
    return xf::getFormat(mlp.input().getType()) ? "a value is encoded" : "";
  }

  /// The source of `value` copied for each expert; null, with the reason, where it isn't that of a whole tensor.
  xf::SourceAttr copied(Value value, std::string &reason) {
    xf::WeightOp weight = weights->of(value);
    SmallVector<xf::SourceAttr> sources;
    if (!weight)
      reason = "a weight is no symbol of the module";
    else if (sources = weights->sourcesOf(weight); sources.empty())
      reason = "a weight names no source";
    else if (sources.size() > 1)
      reason = "a weight has several sources";
    else if (xf::SourceAttr source = sources[0]; source.getOf() || source.isPerRow() || source.getParts() ||
                                                 !source.getColumns().empty() ||
                                                 source.getTransform() != xf::SourceTransform::None)
      reason = "a weight's source is not a whole tensor";
    if (!reason.empty())
      return {};
    return xf::SourceAttr::get(&getContext(), sources[0].getTensor(), sources[0].getFirst(), sources[0].getStep(),
                               experts, xf::SourceTransform::None, 0, 0, 0, /*copied=*/true, sources[0].getTransposed(),
                               0, 0, false, /*columns=*/StringRef(), /*offset=*/llvm::APFloat(0.0));
  }

  /// Why nothing was done; empty if it was.
  std::string upcycle(xf::LinearOp down) {
    GatedMlp mlp;
    if (std::string reason = match(down, mlp); !reason.empty())
      return reason;
    Value old[] = {mlp.gateWeight(), mlp.gateBias(), mlp.upWeight(), mlp.upBias(), down.getWeight(), down.getBias()};
    xf::SourceAttr sources[6];
    std::string reason;
    for (auto [source, value] : llvm::zip_equal(sources, old))
      if (value && reason.empty())
        source = copied(value, reason);
    if (!reason.empty())
      return reason;

    OpBuilder builder(down);
    Location loc = down.getLoc();
    Value copies[6];
    for (auto [copy, source, value] : llvm::zip_equal(copies, sources, old)) {
      if (!value)
        continue;
      SmallVector<int64_t> shape(cast<RankedTensorType>(value.getType()).getShape());
      shape.insert(shape.begin(), experts);
      copy = weights->load(builder, value, "_experts", shape, {source});
    }
    Value x = mlp.input();
    auto logits = xf::LinearOp::create(builder, loc, x, router(builder, mlp, sources[0]));
    SmallVector<int64_t> shape(logits.getType().getShape());
    shape.back() = topK;
    auto route = xf::RouterOp::create(
        builder, loc, RankedTensorType::get(shape, builder.getF32Type()),
        RankedTensorType::get(shape, builder.getI32Type()), logits, /*bias=*/Value(), xf::Scoring::Softmax, topK,
        /*groups=*/IntegerAttr(), /*group_top_k=*/IntegerAttr(), /*after_top_k=*/false, /*normalize=*/true,
        /*scale=*/FloatAttr());
    Value gate = xf::ExpertLinearOp::create(builder, loc, x, copies[0], route.getExperts(), copies[1]);
    Value up = xf::ExpertLinearOp::create(builder, loc, x, copies[2], route.getExperts(), copies[3]);
    auto activation = mlp.gated ? mlp.gated.getActivation() : mlp.activation.getActivation();
    auto limit = mlp.gated ? FloatAttr() : mlp.activation.getLimitAttr();
    auto offset = mlp.gated ? FloatAttr() : mlp.activation.getUpOffsetAttr();
    Value gated = xf::GatedActivationOp::create(builder, loc, gate.getType(), gate, up, activation, limit, offset);
    Value given = xf::ExpertLinearOp::create(builder, loc, gated, copies[4], route.getExperts(), copies[5]);
    Value sum = xf::CombineExpertsOp::create(builder, loc, down.getType(), given, route.getWeights());
    if (down.getResidual())
      sum = xf::AddOp::create(builder, loc, down.getType(), down.getResidual(), sum);
    remarkDone(route, getArgument(), "an MLP became " + Twine(experts) + " experts");
    down.getResult().replaceAllUsesWith(sum);
    for (Operation *op : mlp.ops())
      op->erase();
    // Gate and up may be one weight, loaded once.
    for (Value value : llvm::SetVector<Value>(std::begin(old), std::end(old)))
      if (value && value.getDefiningOp())
        weights->eraseUnused(value);
    ++upcycled;
    return "";
  }

  /// Loads the matrix of a router for experts that are copies of `mlp`, whose gate has the source `gate`.
  Value router(OpBuilder &builder, GatedMlp &mlp, xf::SourceAttr gate) {
    StringRef name = gate.getTensor();
    name.consume_back(".weight");
    auto source = xf::SourceAttr::get(&getContext(), (name + ".router.weight").str(), /*ropeHalvesHeads=*/0, experts,
                                      gate.getFirst(), gate.getStep());
    int64_t columns = cast<RankedTensorType>(mlp.gateWeight().getType()).getDimSize(1);
    return weights->load(builder, mlp.gateWeight(), "_router", {experts, columns}, {source}, /*encoded=*/false);
  }

  moe::ExpertWeights *weights = nullptr; ///< while the pass runs
};

} // namespace
} // namespace ph
