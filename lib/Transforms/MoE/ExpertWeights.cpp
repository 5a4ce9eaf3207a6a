#include "lib/Transforms/MoE/ExpertWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::moe {

xf::WeightOp ExpertWeights::of(Value value) {
  auto load = value ? value.getDefiningOp<xf::LoadWeightOp>() : xf::LoadWeightOp();
  return load ? symbols.lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
}

SmallVector<xf::SourceAttr> ExpertWeights::sourcesOf(xf::WeightOp weight) {
  SmallVector<xf::SourceAttr> sources;
  if (!weight.getSources() && !weight.getStacked())
    return {xf::SourceAttr::get(weight.getContext(), weight.getSymName(), /*ropeHalvesHeads=*/0,
                                weight.getLoadedType().getDimSize(0))};
  if (weight.getSources())
    for (auto [index, source] : llvm::enumerate(weight.getSources()->getAsRange<xf::SourceAttr>()))
      sources.push_back(source.withRows(weight.getSourceRows(index)));
  return sources;
}

Value ExpertWeights::load(OpBuilder &builder, Value value, StringRef suffix, ArrayRef<int64_t> shape,
                          ArrayRef<xf::SourceAttr> sources, bool encoded) {
  auto load = value.getDefiningOp<xf::LoadWeightOp>();
  xf::WeightOp old = of(value);
  SmallVector<int64_t> whole(shape);
  if (old.getStacked())
    whole.insert(whole.begin(), old.getLayers());
  auto oldType = cast<RankedTensorType>(old.getType());
  auto type = TypeAttr::get(
      RankedTensorType::get(whole, oldType.getElementType(), encoded ? oldType.getEncoding() : Attribute()));
  ArrayAttr origins = builder.getArrayAttr(SmallVector<Attribute>(sources.begin(), sources.end()));
  StringAttr name = builder.getStringAttr(old.getSymName() + suffix);
  xf::WeightOp &weight = made[builder.getArrayAttr({old.getSymNameAttr(), name, type, origins})];
  if (!weight) {
    OpBuilder declarations(old);
    weight = xf::WeightOp::create(declarations, old.getLoc(), name, type, old.getStackedAttr(), origins,
                                  encoded ? old.getFormatsAttr() : ArrayAttr());
    weight.setRequantized(encoded && old.getRequantized());
    symbols.insert(weight, Block::iterator(old)); // which renames it if there is one of that name
  }
  return xf::LoadWeightOp::create(builder, value.getLoc(), weight, load.getLayer());
}

void ExpertWeights::eraseUnused(Value value) {
  Operation *op = value ? value.getDefiningOp() : nullptr;
  if (!op || !op->use_empty() || !isa<xf::LoadWeightOp, arith::ConstantOp>(op))
    return;
  xf::WeightOp weight = of(value);
  op->erase();
  if (weight && SymbolTable::symbolKnownUseEmpty(weight, module))
    symbols.erase(weight);
}

} // namespace ph::moe
