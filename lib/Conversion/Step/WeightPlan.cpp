#include "powerhouse/Conversion/WeightPlan.h"

#include "dialects/Transformer/Transformer.h"

using namespace mlir;

namespace ph::conversion {
namespace {

int64_t alignTo64(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Collects the weights in the order in which the step reads them.
class Planner {
public:
  explicit Planner(ModuleOp module) : symbols(module) {}

  LogicalResult visit(Operation *op) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](xf::EmbeddingOp op) { return matrix(op.getTable(), {}, 0, false); })
        .Case([&](xf::LogitsOp op) { return matrix(op.getWeight(), {}, group(op.getInput())); })
        .Case([&](xf::GatedLinearOp op) { return matrix(op.getGate(), op.getUp(), group(op.getInput())); })
        .Case([&](xf::LinearOp op) { return matrix(op.getWeight(), {}, group(op.getInput())); })
        .Case([&](xf::LinearBackwardOp op) { return backward(op.getWeight()); })
        .Default([](Operation *) { return success(); });
  }

  /// What no kernel takes packed is there as plain f32.
  LogicalResult visitPlain(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get().getDefiningOp<xf::LoadWeightOp>() && !isPackedWeight(operand) && failed(plain(operand.get())))
        return failure();
    return success();
  }

  WeightPlan finish() {
    // Weights outside the layers first; then each stack, layer after layer.
    llvm::SmallVector<int64_t> stacks = {0};
    for (const PlannedWeight &weight : plan.weights)
      if (!llvm::is_contained(stacks, weight.layers))
        stacks.push_back(weight.layers);
    int64_t offset = 0;
    for (int64_t layers : stacks) {
      int64_t inLayer = 0;
      for (PlannedWeight &weight : plan.weights) {
        if (weight.layers != layers)
          continue;
        weight.offset = offset + inLayer;
        inLayer += alignTo64(weight.bytes);
      }
      for (PlannedWeight &weight : plan.weights)
        if (weight.layers == layers && layers)
          weight.layerStride = inLayer;
      offset += inLayer * std::max<int64_t>(layers, 1);
    }
    plan.totalBytes = offset;
    return std::move(plan);
  }

private:
  static int64_t group(Value activation) {
    auto format = dyn_cast_or_null<xf::FormatAttr>(cast<RankedTensorType>(activation.getType()).getEncoding());
    return format ? format.getBlockElements() : 0;
  }

  FailureOr<xf::WeightOp> declaration(Value value) {
    auto load = value.getDefiningOp<xf::LoadWeightOp>();
    if (!load)
      return emitError(value.getLoc()) << "expects a weight that xf.load_weight gives";
    auto weight = cast<xf::WeightOp>(symbols.lookup(load.getWeight()));
    // Packing takes the codes of the source as they are.
    if (weight.getRequantized())
      return weight.emitOpError() << "expects to be stored in its format: packing encodes no weight anew";
    return weight;
  }

  FailureOr<PackedLayout> layoutOf(xf::WeightOp weight, int64_t columns, int64_t inputGroup) {
    // Rows that are taken apart or scaled on the way have other values than the source's blocks hold.
    if (!isStoredInRows(weight))
      return *PackedLayout::choose(*findFormatByName("f32"), columns);
    llvm::SmallVector<const Format *> formats = {weight.getFormat() ? weight.getFormat().getStorage()
                                                                    : findFormatByName("f32")};
    if (auto listed = weight.getFormats()) {
      formats.clear();
      for (auto format : listed->getAsRange<xf::FormatAttr>())
        formats.push_back(format.getStorage());
    }
    std::optional<PackedLayout> layout;
    for (const Format *format : formats) {
      auto choice = format ? PackedLayout::choose(*format, columns) : std::nullopt;
      if (!choice)
        return weight.emitOpError() << "has a format" << (format ? " " : "") << (format ? format->name : "")
                                    << " that has no kernel";
      layout = layout ? PackedLayout::join(*layout, *choice) : *choice;
    }
    return inputGroup == 16 ? layout->withGroup16() : *layout;
  }

  LogicalResult matrix(Value first, Value second, int64_t inputGroup, bool product = true) {
    auto weight = declaration(first);
    if (failed(weight))
      return failure();
    PlannedWeight entry{*weight, nullptr, true, product, {}};
    auto type = weight->getLoadedType();
    entry.rows = type.getDimSize(0);
    entry.columns = type.getDimSize(1);
    entry.layers = weight->getStacked() ? weight->getLayers() : 0;
    auto layout = layoutOf(*weight, entry.columns, inputGroup);
    if (failed(layout))
      return failure();
    entry.layout = *layout;
    entry.bytes = layout->matrixBytes(entry.rows, entry.columns);
    if (second) {
      auto up = declaration(second);
      if (failed(up))
        return failure();
      auto upLayout = layoutOf(*up, entry.columns, inputGroup);
      if (failed(upLayout))
        return failure();
      entry.up = *up;
      entry.layout = PackedLayout::join(*layout, *upLayout);
      entry.bytes = 2 * entry.layout.matrixBytes(entry.rows, entry.columns);
    }
    return insert(entry);
  }

  /// Derivatives take what the products take: a matrix by itself, or half of a pair.
  LogicalResult backward(Value value) {
    if (auto load = value.getDefiningOp<xf::LoadWeightOp>())
      if (plan.find(load.getWeight(), /*matrix=*/true))
        return success();
    return matrix(value, {}, 0);
  }

  LogicalResult plain(Value value) {
    auto weight = declaration(value);
    if (failed(weight))
      return failure();
    PlannedWeight entry{*weight, nullptr, false, true, {}};
    entry.rows = weight->getLoadedType().getNumElements();
    entry.columns = 1;
    entry.layers = weight->getStacked() ? weight->getLayers() : 0;
    entry.bytes = entry.rows * 4;
    return insert(entry);
  }

  LogicalResult insert(const PlannedWeight &entry) {
    for (PlannedWeight &known : plan.weights) {
      if (known.matrix != entry.matrix)
        continue;
      bool shares = known.weight == entry.weight || (entry.up && known.weight == entry.up) ||
                    (known.up && (known.up == entry.weight || known.up == entry.up));
      if (!shares)
        continue;
      if (known.weight != entry.weight || known.up != entry.up)
        return entry.weight->emitOpError() << "is used alone and as half of a gated pair, which are packed differently";
      known.product |= entry.product;
      if (known.matrix && known.layout != entry.layout) {
        known.layout = PackedLayout::join(known.layout, entry.layout);
        known.bytes = known.layout.matrixBytes(known.rows, known.columns) * (known.up ? 2 : 1);
      }
      return success();
    }
    plan.weights.push_back(entry);
    return success();
  }

  SymbolTable symbols;
  WeightPlan plan;
};

} // namespace

bool isStoredInRows(xf::WeightOp weight) {
  auto sources = weight.getSources();
  return !sources || llvm::all_of(sources->getAsRange<xf::SourceAttr>(), [](xf::SourceAttr source) {
    return source.isWhole() && source.getColumns().empty();
  });
}

bool isPackedWeight(OpOperand &operand) {
  return llvm::TypeSwitch<Operation *, bool>(operand.getOwner())
      .Case([&](xf::EmbeddingOp op) { return &op.getTableMutable() == &operand; })
      .Case<xf::LinearOp, xf::LogitsOp, xf::LinearBackwardOp>(
          [&](auto op) { return &op.getWeightMutable() == &operand; })
      .Case([&](xf::GatedLinearOp op) { return &op.getGateMutable() == &operand || &op.getUpMutable() == &operand; })
      .Default(false);
}

const PlannedWeight *WeightPlan::find(llvm::StringRef symbol, bool matrix) const {
  for (const PlannedWeight &entry : weights) {
    xf::WeightOp weight = entry.weight, up = entry.up;
    if (entry.matrix == matrix && (weight.getSymName() == symbol || (up && up.getSymName() == symbol)))
      return &entry;
  }
  return nullptr;
}

FailureOr<WeightPlan> planWeights(ModuleOp module) {
  Planner planner(module);
  auto result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    return failed(planner.visit(op)) || failed(planner.visitPlain(op)) ? WalkResult::interrupt()
                                                                       : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return planner.finish();
}

} // namespace ph::conversion
