#include "lib/Training/AdapterDropout.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {

/// The load of the first matrix of an adapter, which PEFT's name of it tells.
static xf::LoadWeightOp adapterLoad(xf::LinearOp op, SymbolTable &symbols) {
  auto load = op.getWeight().getDefiningOp<xf::LoadWeightOp>();
  auto weight = load ? symbols.lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
  if (!weight || !weight.getSources() || weight.getSources()->size() != 1)
    return {};
  auto source = cast<xf::SourceAttr>((*weight.getSources())[0]);
  return source.getTensor().contains(".lora_A.") ? load : xf::LoadWeightOp();
}

static DictionaryAttr keyName(Builder b) {
  return b.getDictionaryAttr(b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr("key")));
}

void addAdapterDropout(func::FuncOp function, double probability) {
  SymbolTable symbols(function->getParentOfType<ModuleOp>());
  SmallVector<xf::LinearOp> products;
  function.walk([&](xf::LinearOp op) {
    if (adapterLoad(op, symbols))
      products.push_back(op);
  });
  Builder b(function.getContext());
  unsigned number = function.getNumArguments();
  (void)function.insertArgument(number, RankedTensorType::get({2}, b.getI32Type()), keyName(b), function.getLoc());
  Value key = function.getArgument(number);
  for (auto [stream, op] : llvm::enumerate(products)) {
    Primitives p(op.getLoc(), op);
    Value input = op.getInput();
    Value kept = train::DropoutOp::create(p, input.getType(), input, key, adapterLoad(op, symbols).getLayer(),
                                          p.getI64IntegerAttr(int64_t(stream)), p.getF64FloatAttr(probability));
    // Where its sizes come from stays known.
    SmallVector<OpFoldResult> sizes;
    for (auto [axis, size] : llvm::enumerate(xf::shapeOf(input)))
      sizes.push_back(ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(p, input, axis).getResult())
                                                  : p.getI64IntegerAttr(size));
    op.getInputMutable().assign(xf::ReshapeOp::create(p, kept, sizes));
  }
}

void removeDropout(func::FuncOp function) {
  function.walk([](train::DropoutOp op) {
    op.replaceAllUsesWith(op.getInput());
    op.erase();
  });
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttrDict(i) == keyName(Builder(function.getContext()))) {
      (void)function.eraseArgument(i);
      return;
    }
}

} // namespace ph
