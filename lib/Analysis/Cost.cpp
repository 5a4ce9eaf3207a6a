#include "powerhouse/Analysis/Cost.h"
#include "dialects/Transformer/Transformer.h"

using namespace mlir;

namespace ph::analysis {
namespace {

double features(Value value) { return double(cast<RankedTensorType>(value.getType()).getShape().back()); }

double storedBytes(RankedTensorType type) {
  double elements = double(type.getNumElements());
  xf::FormatAttr format = xf::getFormat(type);
  const Format *storage = format ? format.getStorage() : nullptr;
  return storage ? elements / storage->blockElements * storage->blockBytes : elements * 4;
}

class Counter {
public:
  explicit Counter(ModelCost &out) : out(out) {}

  void count(Operation *op, int64_t times) {
    OpCost cost;
    cost.op = op->getName().getStringRef();
    cost.times = times;
    TypeSwitch<Operation *>(op)
        .Case([&](xf::EmbeddingOp op) {
          useWeight(cost, op.getTable(), 1.0 / cast<RankedTensorType>(op.getTable().getType()).getDimSize(0));
          cost.flop = op.getScale() ? features(op.getResult()) : 0;
        })
        .Case([&](xf::RmsNormOp op) {
          useWeight(cost, op.getWeight());
          cost.flop = 4 * features(op.getInput()) + 3;
        })
        .Case([&](xf::LinearOp op) {
          useWeight(cost, op.getWeight());
          double rows = features(op.getResult());
          cost.flop = 2 * rows * features(op.getInput()) + (op.getResidual() ? rows : 0);
          if (op.getBias()) {
            useWeight(cost, op.getBias());
            cost.flop += rows;
          }
        })
        .Case([&](xf::GatedLinearOp op) {
          useWeight(cost, op.getGate());
          useWeight(cost, op.getUp());
          cost.flop = 4 * features(op.getResult()) * features(op.getInput()) + 2 * features(op.getResult());
        })
        .Case([&](xf::LogitsOp op) {
          useWeight(cost, op.getWeight());
          double rows = features(op.getResult());
          cost.flop =
              2 * rows * features(op.getInput()) + (op.getScale() ? rows : 0) + (op.getSoftCap() ? 3 * rows : 0);
        })
        .Case([&](xf::GatedActivationOp op) { cost.flop = 2 * features(op.getResult()); })
        .Case([&](xf::AddOp op) { cost.flop = features(op.getResult()); })
        .Case([&](xf::EncodeOp op) { cost.flop = 3 * features(op.getResult()); })
        .Case([&](xf::RopeOp op) { cost.flop = rotation(op.getRope(), op.getHeads()); })
        .Case([&](xf::CacheAppendOp op) {
          auto cache = op.getCache().getType();
          if (op.getRope())
            cost.flop = rotation(*op.getRope(), cache.getHeads());
          cost.cacheBytesWritten = positionBytes(cache);
        })
        .Case([&](xf::AttentionOp op) {
          if (op.getRope())
            cost.flop = rotation(*op.getRope(), op.getHeads() + (op.getKeys() ? op.getKeyHeads() : 0));
          cost.flopPerPosition = double(op.getHeads()) * (4 * double(op.getHeadDim()) + 5);
          if (op.getCache())
            cost.cacheBytesPerPosition = positionBytes(cast<xf::CacheType>(op.getCache().getType()));
        });
    bool encoded = !isa<xf::EncodeOp>(op) && op->getNumResults() == 1 && xf::isActivation(op->getResult(0).getType()) &&
                   xf::getFormat(op->getResult(0).getType());
    if (encoded)
      cost.flop += 3 * features(op->getResult(0));
    add(std::move(cost));
  }

private:
  static double rotation(xf::RopeAttr rope, int64_t heads) { return 3.0 * double(rope.getDim()) * double(heads); }

  /// Keys and values of one position of one layer.
  static double positionBytes(xf::CacheType cache) {
    return 2.0 * double(cache.getHeads() * cache.getHeadDim()) * cache.getElementType().getIntOrFloatBitWidth() / 8;
  }

  static void useWeight(OpCost &cost, Value weight, double part = 1) {
    cost.weightBytes += part * storedBytes(cast<RankedTensorType>(weight.getType()));
    if (auto load = weight.getDefiningOp<xf::LoadWeightOp>())
      cost.weight += (cost.weight.empty() ? "" : ", ") + load.getWeight().str();
  }

  void add(OpCost cost) {
    double times = double(cost.times);
    for (double *value :
         {&cost.flop, &cost.weightBytes, &cost.flopPerPosition, &cost.cacheBytesPerPosition, &cost.cacheBytesWritten})
      *value *= times;
    if (cost.flop + cost.weightBytes + cost.flopPerPosition + cost.cacheBytesPerPosition + cost.cacheBytesWritten == 0)
      return;
    out.flopPerToken += cost.flop;
    out.weightBytesPerToken += cost.weightBytes;
    out.flopPerTokenAndPosition += cost.flopPerPosition;
    out.cacheBytesPerTokenAndPosition += cost.cacheBytesPerPosition;
    out.cacheBytesWrittenPerToken += cost.cacheBytesWritten;
    out.ops.push_back(std::move(cost));
  }

  ModelCost &out;
};

void countBlock(Counter &counter, Block &block, int64_t times) {
  for (Operation &op : block) {
    if (auto repeat = dyn_cast<xf::RepeatOp>(op))
      countBlock(counter, *repeat.getBlock(), times * int64_t(repeat.getCount()));
    else
      counter.count(&op, times);
  }
}

} // namespace

ModelCost computeCost(ModuleOp module) {
  ModelCost cost;
  Counter counter(cost);
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  if (forward && !forward.isExternal())
    countBlock(counter, forward.front(), 1);
  return cost;
}

} // namespace ph::analysis
