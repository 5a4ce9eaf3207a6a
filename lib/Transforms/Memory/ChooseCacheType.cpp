#include "mlir/IR/AttrTypeSubElements.h"
#include "powerhouse/Analysis/Memory.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_CHOOSECACHETYPEPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

struct ChooseCacheTypePass final : impl::ChooseCacheTypePassBase<ChooseCacheTypePass>, ChangesValues {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    auto expects = [&](StringRef what, int64_t got) {
      return emitError(UnknownLoc::get(context)) << getArgument() << " expects " << what << ", but got " << got;
    };
    if (budget < 1)
      return expects("budget=BYTES of at least 1", budget);
    if (batch < 1)
      return expects("a batch of at least 1", batch);
    if (this->context < 1)
      return expects("a context of at least 1", this->context);
    return success();
  }

  ValueChange getValueChange() const override {
    return {ValueChange::Activations, "keys and values are stored with 16 bits", /*sameUpTo=*/0,
            /*changesInterface=*/true};
  }

  void runOnOperation() override {
    // Functions that call each other have the same caches: the one that has most is what needs memory.
    func::FuncOp largest;
    int64_t bytes = 0, half = 0;
    analysis::MemoryPoint at{batch, /*tokens=*/1, this->context};
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (int64_t needed = analysis::getCacheBytes(function.getArgumentTypes(), at); needed > bytes) {
        largest = function;
        bytes = needed;
        half = analysis::getCacheBytes(llvm::map_to_vector(function.getArgumentTypes(), toHalf), at);
      }
    if (!largest)
      return;
    if (bytes <= budget)
      return remarkRefused(largest, getArgument(), "its caches need " + Twine(bytes) + " bytes, which the budget has");
    if (half > budget) {
      largest.emitOpError() << "expects caches of at most " << int64_t(budget) << " bytes, but they need " << half
                            << " even as f16: give " << getArgument() << " a shorter context, a smaller batch or more";
      return signalPassFailure();
    }
    AttrTypeReplacer replacer;
    replacer.addReplacement([](xf::CacheType type) { return toHalf(type); });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
    remarkDone(largest, getArgument(), "its caches are f16: " + Twine(bytes) + " bytes become " + Twine(half));
    ++changed;
  }

private:
  static Type toHalf(Type type) {
    auto cache = dyn_cast<xf::CacheType>(type);
    return cache ? xf::CacheType::get(cache.getLayers(), cache.getHeads(), cache.getHeadDim(),
                                      Float16Type::get(type.getContext()))
                 : type;
  }
};

} // namespace
} // namespace ph
