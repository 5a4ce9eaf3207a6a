#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/ElementFunction.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZERELATIVEPOSITIONSPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// Distances that are compared, to each side; T5's own largest one is 128.
constexpr int64_t kMostDistance = 1024;

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The buckets of distances -kMostDistance … kMostDistance; empty where they depend on more than the distance.
SmallVector<int64_t> bucketsOf(Value indices) {
  SmallVector<int64_t> buckets;
  ElementFunction element(indices);
  for (int64_t distance = -kMostDistance; distance <= kMostDistance; ++distance) {
    int64_t row = std::max<int64_t>(-distance, 0);
    std::optional<double> here = element.at(row, row + distance);
    std::optional<double> elsewhere = here ? element.at(row + 7, row + 7 + distance) : std::nullopt;
    if (!here || here != elsewhere || *here < 0)
      return {};
    buckets.push_back(int64_t(*here));
  }
  return buckets;
}

struct RecognizeRelativePositionsPass final : impl::RecognizeRelativePositionsPassBase<RecognizeRelativePositionsPass> {
  void runOnOperation() override {
    SmallVector<xf::TransposeOp> candidates;
    getOperation()->walk([&](xf::TransposeOp op) { candidates.push_back(op); });
    for (xf::TransposeOp op : candidates)
      if (std::string reason = recognize(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
  }

private:
  /// Rows of a table by their numbers: the table and the numbers.
  static std::pair<Value, Value> matchRows(Value value) {
    if (auto gather = value.getDefiningOp<xf::GatherOp>(); gather && gather.getAxis() == 0)
      return {gather.getInput(), gather.getIndices()};
    if (auto rows = value.getDefiningOp<xf::EmbeddingOp>(); rows && !rows.getScale() && !rows.getOffset())
      return {rows.getTable(), rows.getTokens()};
    return {};
  }

  /// [heads, queries, keys] of [queries, keys, heads], the rows that buckets of distances pick → the op. Why not, where
  /// it looks like it.
  std::string recognize(xf::TransposeOp op) {
    auto [table, numbers] = matchRows(op.getInput());
    if (!table || op.getPermutation() != ArrayRef<int64_t>{2, 0, 1} || !xf::isMatrix(table.getType()) ||
        typeOf(numbers).getRank() != 2)
      return "";
    SmallVector<int64_t> buckets = bucketsOf(numbers);
    if (buckets.empty())
      return "";
    if (!xf::areEqual({numbers, 0}, {numbers, 1}))
      return "rows and columns are not known to be of one sequence";
    Value activation = findActivation(op, numbers);
    if (!activation)
      return "no activation of the sequence is known";
    // Where all layers can use it.
    OpBuilder builder(op);
    if (auto load = table.getDefiningOp<xf::LoadWeightOp>(); load && load->getNumOperands() == 0) {
      builder.setInsertionPointAfterValue(activation);
      table = builder.clone(*load)->getResult(0);
    }
    int64_t heads = typeOf(table).getDimSize(1);
    auto type = RankedTensorType::get({1, heads, ShapedType::kDynamic, ShapedType::kDynamic}, builder.getF32Type());
    auto bias =
        xf::RelativePositionBiasOp::create(builder, op.getLoc(), type, table, activation, /*keys=*/Value(),
                                           /*past=*/Value(), builder.getI64IntegerAttr(kMostDistance), UnitAttr());
    if (!chooseOptions(bias, buckets)) {
      bias.erase();
      return "the numbers of rows are not T5's buckets of distances";
    }
    remarkDone(bias, getArgument(), "rows are picked by buckets of distances");
    ++recognized;
    auto entry = [&](int64_t size) { return OpFoldResult(builder.getI64IntegerAttr(size)); };
    Value queries = xf::DimOp::create(builder, op.getLoc(), bias, int64_t(2));
    Value keys = xf::DimOp::create(builder, op.getLoc(), bias, int64_t(3));
    auto flat =
        xf::ReshapeOp::create(builder, op.getLoc(), bias, {entry(heads), OpFoldResult(queries), OpFoldResult(keys)});
    flat.getResult().setType(typeOf(op.getResult()));
    op.replaceAllUsesWith(flat.getResult());
    op.erase();
    return "";
  }

  /// An activation before `op` whose sequence is as long as the numbers.
  static Value findActivation(Operation *op, Value numbers) {
    xf::Dim sequence = xf::getOrigin({numbers, 1});
    DominanceInfo dominance;
    if (sequence.axis == 1 && typeOf(sequence.tensor).getRank() == 3 &&
        xf::isPlainActivation(sequence.tensor.getType()))
      return sequence.tensor;
    for (Operation *user : sequence.tensor.getUsers())
      if (auto [table, tokens] = user->getNumResults() ? matchRows(user->getResult(0)) : std::pair<Value, Value>();
          table && tokens == sequence.tensor && sequence.axis == 1 && typeOf(user->getResult(0)).getRank() == 3 &&
          dominance.properlyDominates(user, op))
        return user->getResult(0);
    return {};
  }

  /// Sets what makes the buckets of `op` these; false if nothing does.
  static bool chooseOptions(xf::RelativePositionBiasOp op, ArrayRef<int64_t> buckets) {
    int64_t rows = typeOf(op.getTable()).getDimSize(0);
    for (bool both : {true, false}) {
      if (rows < (both ? 4 : 2) || (both && rows % 2 != 0))
        continue;
      op.setBidirectional(both);
      for (int64_t most = (both ? rows / 4 : rows / 2) + 1; most <= kMostDistance; ++most) {
        op.setMaxDistance(most);
        bool all = true;
        for (int64_t distance = kMostDistance; distance >= 0 && all; --distance)
          all = op.getBucket(distance) == buckets[kMostDistance + distance] &&
                op.getBucket(-distance) == buckets[kMostDistance - distance];
        if (all)
          return true;
      }
    }
    return false;
  }
};

} // namespace
} // namespace ph
