#include "dialects/Transformer/Primitives.h"
#include "dialects/Transformer/WeightAttributes.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Remarks.h"
#include "powerhouse/Transforms/Training/Passes.h"
#include "llvm/Support/Regex.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_TRAINADDADAPTERSPASS
#include "lib/Transforms/Training/Passes.h.inc"

namespace {

constexpr llvm::StringLiteral kSuffix = ".weight";

struct TrainAddAdaptersPass final : impl::TrainAddAdaptersPassBase<TrainAddAdaptersPass>, ChangesValues {
  using TrainAddAdaptersPassBase::TrainAddAdaptersPassBase;

  ValueChange getValueChange() const override {
    return {ValueChange::Meaning, "adapters are added to products", /*sameUpTo=*/0, /*changesInterface=*/false};
  }

  void runOnOperation() override {
    llvm::Regex regex(targets);
    std::string error;
    if (rank < 1 || (!targets.empty() && !regex.isValid(error))) {
      getOperation().emitError() << getArgument() << " expects a rank of at least 1 and a regular expression, but got "
                                 << int64_t(rank) << " and '" << targets << "'";
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    SmallVector<xf::LinearOp> products;
    getOperation().walk([&](xf::LinearOp op) { products.push_back(op); });
    for (xf::LinearOp op : products) {
      auto load = op.getWeight().getDefiningOp<xf::LoadWeightOp>();
      auto weight = load ? symbols.lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
      std::string reason = weight ? whyNot(op, weight, regex) : "its matrix is no weight of the model";
      if (!reason.empty()) {
        remarkRefused(op, getArgument(), reason);
        continue;
      }
      adapt(op, load, weight, symbols);
      remarkDone(op, getArgument(), "it has an adapter");
      ++adapted;
    }
  }

  /// What PEFT takes the matrix for: the checkpoint's tensor, or what Hugging Face calls it.
  static xf::SourceAttr hubSource(xf::WeightOp weight) {
    auto hub = weight->getAttrOfType<xf::SourceAttr>(xf::kHubSourceAttr);
    return hub ? hub : cast<xf::SourceAttr>((*weight.getSources())[0]);
  }

  /// Why a product gets no adapter; empty if it gets one.
  std::string whyNot(xf::LinearOp op, xf::WeightOp weight, llvm::Regex &regex) {
    if (op.getActivation())
      return "it has an activation";
    if (!weight.getSources() || weight.getSources()->size() != 1)
      return "its matrix isn't one tensor of the checkpoint";
    xf::SourceAttr source = hubSource(weight);
    if (!source.isPerLayer() || source.isPerExpert() || source.getOf() || source.getParts() ||
        !source.getTensor().ends_with(kSuffix))
      return "its matrix isn't the whole weight of a module of each layer";
    for (int64_t layer = 0; layer < weight.getLayers() && !targets.empty(); ++layer)
      if (!regex.match(StringRef(source.getTensorOfLayer(layer)).drop_back(kSuffix.size())))
        return "it is no target";
    return "";
  }

  /// The weight of one half of the adapter, [rows, columns] in each layer.
  xf::WeightOp half(xf::WeightOp of, StringRef name, int64_t rows, int64_t columns, int64_t heads,
                    SymbolTable &symbols) {
    xf::SourceAttr source = hubSource(of);
    std::string symbol = (of.getSymName() + "_" + name).str();
    if (auto there = symbols.lookup<xf::WeightOp>(symbol))
      return there;
    OpBuilder b(of);
    std::string tensor =
        ("base_model.model." + source.getTensor().drop_back(kSuffix.size()) + "." + name + kSuffix).str();
    auto type = RankedTensorType::get({of.getLayers(), rows, columns}, b.getF32Type());
    Attribute from =
        xf::SourceAttr::get(b.getContext(), tensor, heads, /*rows=*/0, source.getFirst(), source.getStep());
    auto weight = xf::WeightOp::create(b, of.getLoc(), b.getStringAttr(symbol), TypeAttr::get(type), b.getUnitAttr(),
                                       b.getArrayAttr(from));
    symbols.insert(weight);
    return weight;
  }

  void adapt(xf::LinearOp op, xf::LoadWeightOp load, xf::WeightOp weight, SymbolTable &symbols) {
    ArrayRef<int64_t> shape = op.getWeight().getType().getShape();
    xf::WeightOp down = half(weight, "lora_A", rank, shape[1], 0, symbols);
    // Rows that PEFT's matrix has in another order are so in its adapter.
    xf::WeightOp up = half(weight, "lora_B", shape[0], rank, hubSource(weight).getHeads(), symbols);
    Primitives p(op.getLoc(), op->getBlock(), std::next(op->getIterator()));
    auto times = [&](Value input, xf::WeightOp half) -> Value {
      auto matrix = xf::LoadWeightOp::create(p, half, load.getLayer());
      matrix->setAttr(xf::kPlainAttr, p.getUnitAttr());
      return xf::LinearOp::create(p, input, matrix);
    };
    Value inner = times(op.getInput(), down), outer = times(inner, up);
    Value scaled = p.scaled(outer, scale);
    auto sum = xf::AddOp::create(p, op.getResult().getType(), op.getResult(), scaled);
    op.getResult().replaceAllUsesExcept(sum, sum);
  }
};

} // namespace
} // namespace ph
