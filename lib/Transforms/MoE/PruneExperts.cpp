#include "lib/Transforms/MoE/ExpertWeights.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/MoE/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PRUNEEXPERTSPASS
#include "lib/Transforms/MoE/Passes.h.inc"

namespace {

/// The elements of a constant tensor; null for other values.
DenseFPElementsAttr constantOf(Value value) {
  auto constant = value ? value.getDefiningOp<arith::ConstantOp>() : arith::ConstantOp();
  return constant ? dyn_cast<DenseFPElementsAttr>(constant.getValue()) : DenseFPElementsAttr();
}

/// Adds the places of -∞ in a constant.
void addMinusInfinities(Value value, llvm::BitVector &places) {
  if (DenseFPElementsAttr elements = constantOf(value))
    for (auto [index, x] : llvm::enumerate(elements.getValues<APFloat>()))
      if (x.isInfinity() && x.isNegative())
        places.set(index);
}

struct PruneExpertsPass final : impl::PruneExpertsPassBase<PruneExpertsPass>, ChangesValues {
  using Base::Base;

  ValueChange getValueChange() const override {
    if (experts.empty() && keep.empty())
      return {ValueChange::Nothing, "an expert that a bias of -∞ keeps out is never chosen"};
    return {ValueChange::Meaning, "experts that the options list may be chosen"};
  }

  void runOnOperation() override {
    if (!experts.empty() && !keep.empty()) {
      getOperation().emitError() << getArgument() << " expects either experts or keep, but got both";
      return signalPassFailure();
    }
    moe::ExpertWeights all(getOperation());
    weights = &all;
    SmallVector<xf::RouterOp> routers;
    getOperation().walk([&](xf::RouterOp op) { routers.push_back(op); });
    for (xf::RouterOp op : routers)
      if (std::string reason = prune(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
    weights = nullptr;
  }

private:
  /// An operand of which only the rows of experts that stay are kept.
  struct Cut {
    OpOperand *operand;
    SmallVector<xf::SourceAttr> sources; ///< empty: it is a constant
  };

  /// Why nothing was done; empty if it was, or nothing is to be done.
  std::string prune(xf::RouterOp op) {
    int64_t count = op.getExpertCount();
    auto logits = op.getLogits().getDefiningOp<xf::LinearOp>();
    llvm::BitVector listed(count), silent(count), avoided(count);
    for (int64_t expert : llvm::concat<const int64_t>(experts, keep))
      if (expert < 0 || expert >= count)
        return ("expert " + Twine(expert) + " is listed, but there are " + Twine(count)).str();
    for (int64_t expert : experts)
      listed.set(expert);
    if (!keep.empty()) {
      listed.set();
      for (int64_t expert : keep)
        listed.reset(expert);
    }
    if (logits)
      addMinusInfinities(logits.getBias(), silent);
    addMinusInfinities(op.getBias(), avoided);
    llvm::BitVector dead = listed;
    dead |= silent;
    dead |= avoided;
    if (dead.none())
      return "";
    SmallVector<int64_t> kept;
    for (int64_t expert = 0; expert < count; ++expert)
      if (!dead[expert])
        kept.push_back(expert);
    if (int64_t(kept.size()) < int64_t(op.getTopK()))
      return "fewer experts than a token chooses would be left";
    if (op.getGroups())
      return "the experts are in groups";
    if (op.getScoring() == xf::Scoring::Softmax && !op.getAfterTopK()) {
      // An expert whose logit is -∞ adds nothing to the sum of the softmax; others do.
      if (llvm::BitVector counted = avoided; counted.reset(silent).any())
        return "the softmax counts experts that only the bias keeps out";
      if (llvm::BitVector counted = listed; counted.reset(silent).any() && !op.getNormalize())
        return "the softmax counts the removed experts, and isn't normalized";
    }
    if (!logits)
      return "the logits aren't made by a linear";
    if (logits.getResidual() || logits.getActivation() || xf::getFormat(logits.getType()))
      return "the logits are made by a linear with an activation, a residual or an encoding";
    if (!logits->hasOneUse())
      return "the logits are used elsewhere too";
    SmallVector<OpOperand *> operands = {&logits.getWeightMutable()};
    addOperand(logits.getBiasMutable(), operands);
    addOperand(op.getBiasMutable(), operands);
    SmallVector<xf::SortByExpertOp> sorts;
    if (std::string reason = collectUses(op, operands, sorts); !reason.empty())
      return reason;
    SmallVector<Cut> cuts;
    for (OpOperand *operand : operands)
      if (std::string reason = plan(operand, kept, cuts.emplace_back()); !reason.empty())
        return reason;

    for (Cut &cut : cuts)
      apply(cut, kept);
    auto offsets = RankedTensorType::get({int64_t(kept.size()) + 1}, IntegerType::get(&getContext(), 32));
    for (xf::SortByExpertOp sort : sorts) {
      sort.setExperts(kept.size());
      sort.getOffsets().setType(offsets);
    }
    OpBuilder builder(logits);
    auto fewer =
        xf::LinearOp::create(builder, logits.getLoc(), logits.getInput(), logits.getWeight(), logits.getBias());
    op.getLogitsMutable().assign(fewer);
    logits.erase();
    pruned += count - kept.size();
    remarkDone(op, getArgument(), Twine(count - kept.size()) + " of " + Twine(count) + " experts removed");
    return "";
  }

  static void addOperand(MutableOperandRange range, SmallVectorImpl<OpOperand *> &operands) {
    for (OpOperand &operand : range)
      operands.push_back(&operand);
  }

  /// Adds the operands, and the ops that sort, that know the experts' numbers.
  std::string collectUses(xf::RouterOp op, SmallVectorImpl<OpOperand *> &operands,
                          SmallVectorImpl<xf::SortByExpertOp> &sorts) {
    for (Operation *user : op.getExperts().getUsers()) {
      if (auto linear = dyn_cast<xf::ExpertLinearOp>(user)) {
        operands.push_back(&linear.getWeightMutable());
        addOperand(linear.getBiasMutable(), operands);
      } else if (auto sort = dyn_cast<xf::SortByExpertOp>(user)) {
        sorts.push_back(sort);
        for (Operation *reader : sort.getOffsets().getUsers()) {
          auto grouped = dyn_cast<xf::GroupedLinearOp>(reader);
          if (!grouped)
            return ("the numbers of experts are used by " + reader->getName().getStringRef()).str();
          operands.push_back(&grouped.getWeightMutable());
          addOperand(grouped.getBiasMutable(), operands);
        }
      } else {
        return ("the numbers of experts are used by " + user->getName().getStringRef()).str();
      }
    }
    return "";
  }

  /// Finds the sources of the rows that stay, or the reason why there are none.
  std::string plan(OpOperand *operand, ArrayRef<int64_t> kept, Cut &cut) {
    cut.operand = operand;
    if (constantOf(operand->get()))
      return "";
    xf::WeightOp weight = weights->of(operand->get());
    if (!weight)
      return "a weight is no symbol of the module";
    SmallVector<xf::SourceAttr> sources = weights->sourcesOf(weight);
    if (sources.empty())
      return "a weight names no source";
    int64_t first = 0; // row of the weight at which the source begins
    for (xf::SourceAttr source : sources) {
      if (source.getTransform() != xf::SourceTransform::None)
        return "a weight has rows in another order than its source";
      int64_t rows = source.getRows();
      // Runs of neighbours become one source each.
      ArrayRef<int64_t> here = kept.drop_while([&](int64_t expert) { return expert < first; });
      here = here.take_while([&](int64_t expert) { return expert < first + rows; });
      while (!here.empty()) {
        size_t length = 1;
        while (length < here.size() && here[length] == here[length - 1] + 1)
          ++length;
        cut.sources.push_back(source.slice(here[0] - first, int64_t(length), rows));
        here = here.drop_front(length);
      }
      first += rows;
    }
    return "";
  }

  void apply(const Cut &cut, ArrayRef<int64_t> kept) {
    Value old = cut.operand->get();
    auto type = cast<RankedTensorType>(old.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = int64_t(kept.size());
    OpBuilder builder(old.getContext());
    builder.setInsertionPointAfterValue(old);
    if (DenseFPElementsAttr elements = constantOf(old)) {
      SmallVector<APFloat> values(elements.getValues<APFloat>()), left;
      int64_t width = elements.getNumElements() / type.getDimSize(0);
      for (int64_t row : kept)
        left.append(values.begin() + row * width, values.begin() + (row + 1) * width);
      auto attribute = DenseElementsAttr::get(RankedTensorType::get(shape, type.getElementType()), left);
      cut.operand->set(arith::ConstantOp::create(builder, old.getLoc(), attribute));
    } else {
      cut.operand->set(weights->load(builder, old, "_kept", shape, cut.sources));
    }
    weights->eraseUnused(old);
  }

  moe::ExpertWeights *weights = nullptr; ///< while the pass runs
};

} // namespace
} // namespace ph
