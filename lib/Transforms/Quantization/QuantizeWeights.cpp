#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Quantization/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include "llvm/Support/Regex.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "lib/Transforms/Quantization/Passes.h.inc"

namespace {

struct QuantizeWeightsPass final : impl::QuantizeWeightsPassBase<QuantizeWeightsPass>, ChangesValues {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    storage = findFormatByName(format);
    bool smaller = storage && storage->blockBytes < 4 * storage->blockElements;
    if (!smaller || !storage->quantize)
      return emitError(UnknownLoc::get(context))
             << "expects format=NAME of a format below 32 bits that can be encoded, but got '" << format << "'";
    std::string error;
    if (!llvm::Regex(match).isValid(error))
      return emitError(UnknownLoc::get(context)) << "expects match=REGEX, but got '" << match << "': " << error;
    return success();
  }

  ValueChange getValueChange() const override { return {ValueChange::Weights, "weights are stored with fewer bits"}; }

  void runOnOperation() override {
    DenseMap<StringAttr, SmallVector<xf::LoadWeightOp>> loads;
    getOperation()->walk([&](xf::LoadWeightOp load) { loads[load.getWeightAttr().getAttr()].push_back(load); });
    llvm::Regex pattern(match);
    auto wanted = xf::FormatAttr::get(&getContext(), format);
    bool matched = false;
    for (auto weight : getOperation().getOps<xf::WeightOp>()) {
      if (!pattern.match(weight.getSymName()))
        continue;
      matched = true;
      ArrayRef<xf::LoadWeightOp> uses = loads[weight.getSymNameAttr()];
      if (std::string reason = refusal(weight, uses, wanted); !reason.empty()) {
        remarkRefused(weight, getArgument(), reason);
        continue;
      }
      change(weight, uses, wanted);
    }
    if (!matched)
      getOperation().emitWarning() << "xf-quantize-weights found no weight with a name that has '" << match << "'";
  }

private:
  /// Why the weight keeps its format; empty if it needn't.
  std::string refusal(xf::WeightOp weight, ArrayRef<xf::LoadWeightOp> uses, xf::FormatAttr wanted) {
    RankedTensorType loaded = weight.getLoadedType();
    if (loaded.getRank() < 2)
      return "it is a vector";
    if (weight.getFormat() == wanted && !weight.getFormats())
      return "it has the format already";
    if (loaded.getShape().back() % wanted.getBlockElements() != 0)
      return ("its " + Twine(loaded.getShape().back()) + " columns don't fill blocks of " +
              Twine(wanted.getBlockElements()))
          .str();
    for (xf::LoadWeightOp load : uses)
      for (Operation *user : load->getUsers()) {
        if (isa<xf::EmbeddingOp>(user) && !embeddings)
          return "it is a table that xf.embedding looks up";
        if (!isa<xf::XFDialect>(user->getDialect()) || isa<xf::RepeatOp, xf::YieldOp>(user))
          return ("its value goes to " + user->getName().getStringRef() + ", which states its type too").str();
        if (!takes(user, load, xf::withFormat(loaded, wanted)))
          return ("its value goes to " + user->getName().getStringRef() + ", which takes none of that format").str();
      }
    return "";
  }

  /// Whether the user is valid with a value of that type.
  static bool takes(Operation *user, xf::LoadWeightOp load, Type type) {
    ScopedDiagnosticHandler silent(user->getContext(), [](Diagnostic &) { return success(); });
    Type own = load.getType();
    load.getResult().setType(cast<RankedTensorType>(type));
    bool valid = succeeded(verify(user));
    load.getResult().setType(cast<RankedTensorType>(own));
    return valid;
  }

  void change(xf::WeightOp weight, ArrayRef<xf::LoadWeightOp> uses, xf::FormatAttr wanted) {
    StringRef before = weight.getFormats()  ? "several formats"
                       : weight.getFormat() ? weight.getFormat().getName()
                                            : "f32";
    remarkDone(weight, getArgument(), "from " + before + " to " + wanted.getName());
    weight.setType(xf::withFormat(cast<RankedTensorType>(weight.getType()), wanted));
    weight.removeFormatsAttr();
    weight.setRequantized(true);
    for (xf::LoadWeightOp load : uses)
      load.getResult().setType(weight.getLoadedType());
    ++changed;
  }

  const Format *storage = nullptr;
};

} // namespace
} // namespace ph
