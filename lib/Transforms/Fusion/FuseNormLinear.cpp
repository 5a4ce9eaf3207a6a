#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSENORMLINEARPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

/// The matrices that `use`, if it is the input of a product, is multiplied with; empty if it is something else.
SmallVector<Value> matricesOf(OpOperand &use) {
  return TypeSwitch<Operation *, SmallVector<Value>>(use.getOwner())
      .Case<xf::LinearOp, xf::LogitsOp, xf::LogitsArgmaxOp, xf::LogitsSampleOp>([&](auto op) {
        return &op.getInputMutable() == &use ? SmallVector<Value>{op.getWeight()} : SmallVector<Value>{};
      })
      .Case([](xf::GatedLinearOp op) { return SmallVector<Value>{op.getGate(), op.getUp()}; })
      .Default([](Operation *) { return SmallVector<Value>{}; });
}

struct FuseNormLinearPass final : impl::FuseNormLinearPassBase<FuseNormLinearPass> {
  void runOnOperation() override {
    SymbolTable table(getOperation());
    symbols = &table;
    SmallVector<Operation *> norms;
    getOperation().walk([&](Operation *op) {
      if (isa<xf::RmsNormOp, xf::LayerNormOp, xf::AddRmsNormOp, xf::AddLayerNormOp>(op))
        norms.push_back(op);
    });
    for (Operation *norm : norms) {
      std::string reason = TypeSwitch<Operation *, std::string>(norm)
                               .Case([&](xf::RmsNormOp op) { return fold(op, op.getResult(), Value()); })
                               .Case([&](xf::LayerNormOp op) { return fold(op, op.getResult(), op.getBias()); })
                               .Case([&](xf::AddRmsNormOp op) { return fold(op, op.getNorm(), Value()); })
                               .Case([&](xf::AddLayerNormOp op) { return fold(op, op.getNorm(), op.getBias()); });
      if (!reason.empty())
        remarkRefused(norm, getArgument(), reason);
    }
    symbols = nullptr;
  }

private:
  /// Why nothing was done though the norm has a weight and is read; empty if it was.
  template <class Op> std::string fold(Op norm, Value result, Value bias) {
    if (!norm.getWeight() || result.use_empty())
      return "";
    if (bias)
      return "the norm has a bias, which products with the matrices would have to be made of";
    if (xf::getFormat(result.getType()))
      return "the norm's result is encoded";
    auto load = norm.getWeight().template getDefiningOp<xf::LoadWeightOp>();
    auto vector = load ? symbols->lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
    if (!vector || !vector.getSources() || vector.getSources()->size() != 1)
      return "the norm's weight names no single source";
    auto source = cast<xf::SourceAttr>((*vector.getSources())[0]);
    if (source.getTransform() != xf::SourceTransform::None || !source.isWhole())
      return "the norm's weight is rearranged when it is read";
    if (load.getType().getDimSize(0) != cast<RankedTensorType>(result.getType()).getShape().back())
      return "the norm's weight is that of a head";

    SetVector<Operation *> readers;
    SmallVector<Value> matrices;
    for (OpOperand &use : result.getUses()) {
      SmallVector<Value> read = matricesOf(use);
      if (read.empty())
        return "the norm is read by something else than products too";
      readers.insert(use.getOwner());
      llvm::append_range(matrices, read);
    }
    SetVector<xf::WeightOp> weights;
    for (Value matrix : matrices) {
      if (std::string reason = refusal(matrix, load, source, readers); !reason.empty())
        return reason;
      weights.insert(weightOf(matrix));
    }

    double offset = norm.getOffset() ? norm.getOffset()->convertToDouble() : 0;
    for (xf::WeightOp weight : weights) {
      SmallVector<Attribute> scaled;
      for (xf::SourceAttr each : weight.getSources()->template getAsRange<xf::SourceAttr>())
        scaled.push_back(each.withColumns(source.getTensor(), offset));
      weight.setSourcesAttr(ArrayAttr::get(&getContext(), scaled));
    }
    norm.getWeightMutable().clear();
    norm.removeOffsetAttr();
    remarkDone(norm, getArgument(), "its weight scales the columns of " + Twine(weights.size()) + " matrices");
    if (load->use_empty())
      load.erase();
    if (SymbolTable::symbolKnownUseEmpty(vector, getOperation()))
      symbols->erase(vector);
    ++fused;
    return "";
  }

  xf::WeightOp weightOf(Value matrix) {
    auto load = matrix.getDefiningOp<xf::LoadWeightOp>();
    return load ? symbols->lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
  }

  /// Why the columns of `matrix` can't be scaled by the tensor `vector`, which `norm` loads; empty if they can.
  std::string refusal(Value matrix, xf::LoadWeightOp norm, xf::SourceAttr vector,
                      const SetVector<Operation *> &readers) {
    xf::WeightOp weight = weightOf(matrix);
    if (!weight || !weight.getSources() || weight.getSources()->empty())
      return "a matrix names no source";
    if (weight.getFormat())
      return "a matrix is stored as " + weight.getFormat().getName().str() + ", which can't keep scaled columns";
    if (!sameLayer(matrix.getDefiningOp<xf::LoadWeightOp>().getLayer(), norm.getLayer()))
      return "a matrix is of another layer than the norm";
    for (xf::SourceAttr source : weight.getSources()->getAsRange<xf::SourceAttr>()) {
      if (!source.getColumns().empty())
        return "a matrix has scaled columns already";
      if (source.isPerLayer() && (source.getFirst() != vector.getFirst() || source.getStep() != vector.getStep()))
        return "a matrix counts layers otherwise than the norm";
    }
    // Every reader of the matrix sees it scaled.
    std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(weight, getOperation());
    if (!uses)
      return "an op of an unknown dialect may use any symbol";
    for (SymbolTable::SymbolUse use : *uses)
      for (OpOperand &loaded : use.getUser()->getUses())
        if (!readers.contains(loaded.getOwner()))
          return "a matrix is used elsewhere too";
    return "";
  }

  /// True if both are the same layer, or neither is of a stack.
  static bool sameLayer(Value a, Value b) {
    APInt x, y;
    return a == b || (a && b && matchPattern(a, m_ConstantInt(&x)) && matchPattern(b, m_ConstantInt(&y)) && x == y);
  }

  SymbolTable *symbols = nullptr; ///< while the pass runs
};

} // namespace
} // namespace ph
