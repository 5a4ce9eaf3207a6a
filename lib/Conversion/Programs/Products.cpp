#include "Products.h"

#include "dialects/Step/Step.h"
#include "lib/Conversion/Step/KernelOptions.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::conversion {
namespace {

class ProductConverter {
public:
  ProductConverter(func::FuncOp function, const WeightPlan &weights, Value memory)
      : b(function.getLoc(), function.getContext()), weights(weights), memory(memory) {}

  LogicalResult convert(Operation *op) {
    b.setInsertionPoint(op);
    b.setLoc(op->getLoc());
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<xf::EmbeddingOp, xf::LinearOp, xf::LogitsOp, xf::GatedLinearOp, xf::LinearBackwardOp>(
            [&](auto op) { return emitOp(op); })
        .Default(success());
  }

  /// A weight that no kernel takes, read as it is.
  LogicalResult convertLoad(xf::LoadWeightOp op) {
    if (op->use_empty())
      return success();
    const PlannedWeight *entry = weights.find(op.getWeight(), /*matrix=*/false);
    if (!entry)
      return op.emitOpError("expects a weight that is planned as plain values");
    b.setInsertionPoint(op);
    b.setLoc(op->getLoc());
    auto type = cast<RankedTensorType>(op.getType());
    auto view = memref::ViewOp::create(b, MemRefType::get(type.getShape(), type.getElementType()), memory,
                                       offset(*entry, op.getLayer()), ValueRange{});
    Value values = bufferization::ToTensorOp::create(b, RankedTensorType::get(type.getShape(), type.getElementType()),
                                                     view, /*restrict=*/true, /*writable=*/false);
    op.getResult().replaceAllUsesWith(values);
    return success();
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

  Value offset(const PlannedWeight &entry, Value layer) {
    Value start = index(entry.offset);
    if (!layer)
      return start;
    return arith::AddIOp::create(b, start, arith::MulIOp::create(b, layer, index(entry.layerStride)));
  }
  Value offset(Value weight, bool matrix) {
    auto load = weight.getDefiningOp<xf::LoadWeightOp>();
    return offset(*weights.find(load.getWeight(), matrix), load.getLayer());
  }
  const PlannedWeight &planned(Value weight) {
    return *weights.find(weight.getDefiningOp<xf::LoadWeightOp>().getWeight(), /*matrix=*/true);
  }

  LogicalResult known(Operation *op, ValueRange packed) {
    for (Value weight : packed)
      if (!weight.getDefiningOp<xf::LoadWeightOp>())
        return op->emitOpError("expects a matrix that xf.load_weight gives");
    return success();
  }

  /// An empty tensor of the result's type, whose leading dimensions are those of `like`.
  Value destination(Value result, Value like) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(tensor::DimOp::create(b, like, i));
    return tensor::EmptyOp::create(b, type.getShape(), type.getElementType(), sizes);
  }

  void replace(Operation *op, StringRef kind, SmallVector<NamedAttribute> options, ValueRange offsets,
               ValueRange inputs, Value destination, IntegerAttr tiles) {
    options.push_back(stringOption(b, "kind", kind));
    auto kernel = step::KernelOp::create(b, destination.getType(), b.getDictionaryAttr(options), offsets, inputs,
                                         destination, tiles);
    op->replaceAllUsesWith(kernel->getResults());
    op->erase();
  }

  void product(Operation *op, StringRef kind, Value input, Value weight, SmallVector<NamedAttribute> options,
               SmallVector<Value> offsets, SmallVector<Value> inputs) {
    const PlannedWeight &entry = planned(weight);
    options.append({layoutOption(b, entry.layout), numberOption(b, "rows", entry.rows),
                    numberOption(b, "columns", entry.columns), numberOption(b, "input_group", int64_t(0))});
    offsets.insert(offsets.begin(), offset(weight, true));
    inputs.insert(inputs.begin(), input);
    replace(op, kind, std::move(options), offsets, inputs, destination(op->getResult(0), input),
            b.getI64IntegerAttr((entry.rows + kTileRows - 1) / kTileRows));
  }

  LogicalResult emitOp(xf::LinearOp op) {
    if (failed(known(op, op.getWeight())))
      return failure();
    if (op.getActivation())
      return op.emitOpError("has an activation: there is no kernel for one");
    SmallVector<NamedAttribute> options;
    SmallVector<Value> offsets, inputs;
    if (op.getBias()) {
      options.push_back(flagOption(b, "bias"));
      if (!op.getBias().getDefiningOp<xf::LoadWeightOp>())
        return op.emitOpError("expects a bias that xf.load_weight gives");
      offsets.push_back(offset(op.getBias(), false));
    }
    if (op.getResidual()) {
      options.push_back(flagOption(b, "residual"));
      inputs.push_back(op.getResidual());
    }
    product(op, "linear", op.getInput(), op.getWeight(), std::move(options), std::move(offsets), std::move(inputs));
    return success();
  }

  LogicalResult emitOp(xf::LogitsOp op) {
    if (failed(known(op, op.getWeight())))
      return failure();
    SmallVector<NamedAttribute> options;
    if (op.getScale())
      options.push_back(numberOption(b, "scale", op.getScale()->convertToDouble()));
    if (op.getSoftCap())
      options.push_back(numberOption(b, "soft_cap", op.getSoftCap()->convertToDouble()));
    product(op, "linear", op.getInput(), op.getWeight(), std::move(options), {}, {});
    return success();
  }

  LogicalResult emitOp(xf::GatedLinearOp op) {
    if (failed(known(op, {op.getGate(), op.getUp()})))
      return failure();
    SmallVector<NamedAttribute> options = {stringOption(b, "activation", xf::stringifyActivation(op.getActivation()))};
    SmallVector<Value> offsets;
    for (auto [bias, name] : {std::pair(op.getGateBias(), "gate_bias"), std::pair(op.getUpBias(), "up_bias")}) {
      if (!bias)
        continue;
      if (!bias.getDefiningOp<xf::LoadWeightOp>())
        return op.emitOpError("expects biases that xf.load_weight gives");
      options.push_back(flagOption(b, name));
      offsets.push_back(offset(bias, false));
    }
    product(op, "gated_linear", op.getInput(), op.getGate(), std::move(options), std::move(offsets), {});
    return success();
  }

  LogicalResult emitOp(xf::LinearBackwardOp op) {
    if (failed(known(op, op.getWeight())))
      return failure();
    const PlannedWeight &entry = planned(op.getWeight());
    // The halves of a pair take turns, tile by tile.
    Value start = offset(op.getWeight(), true);
    xf::WeightOp up = entry.up;
    if (up && up.getSymName() == op.getWeight().getDefiningOp<xf::LoadWeightOp>().getWeight())
      start = arith::AddIOp::create(b, start, index(entry.layout.tileBytes(entry.columns)));
    SmallVector<NamedAttribute> options = {layoutOption(b, entry.layout), numberOption(b, "rows", entry.rows),
                                           numberOption(b, "columns", entry.columns)};
    if (up)
      options.push_back(flagOption(b, "paired"));
    replace(op, "linear_backward", std::move(options), start, op.getGradient(),
            destination(op.getResult(), op.getGradient()),
            b.getI64IntegerAttr(llvm::divideCeil(entry.columns, kBackwardTileColumns)));
    return success();
  }

  LogicalResult emitOp(xf::EmbeddingOp op) {
    if (failed(known(op, op.getTable())))
      return failure();
    const PlannedWeight &entry = planned(op.getTable());
    double scale = op.getScale() ? op.getScale()->convertToDouble() : 1.0;
    Value tokens = op.getTokens();
    replace(op, "embedding",
            {layoutOption(b, entry.layout), numberOption(b, "columns", entry.columns), numberOption(b, "scale", scale),
             numberOption(b, "offset", int64_t(op.getOffset().value_or(0)))},
            offset(op.getTable(), true), tokens, destination(op.getResult(), tokens), nullptr);
    return success();
  }

  ImplicitLocOpBuilder b;
  const WeightPlan &weights;
  Value memory;
};

} // namespace

LogicalResult convertProducts(func::FuncOp function, const WeightPlan &weights, Value memory) {
  ProductConverter converter(function, weights, memory);
  SmallVector<Operation *> products;
  SmallVector<xf::LoadWeightOp> loads;
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<xf::LoadWeightOp>(op))
      loads.push_back(load);
    else if (isa<xf::XFDialect>(op->getDialect()))
      products.push_back(op);
  });
  for (Operation *op : products)
    if (failed(converter.convert(op)))
      return failure();
  for (xf::LoadWeightOp load : loads)
    if (failed(converter.convertLoad(load)))
      return failure();
  for (xf::LoadWeightOp load : loads)
    load.erase();
  return success();
}

} // namespace ph::conversion
