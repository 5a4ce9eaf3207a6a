#include "lib/Transforms/Context/ContextExtension.h"
#include "powerhouse/Transforms/Context/Passes.h"
#include "llvm/ADT/MapVector.h"
#include <numbers>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_AUDITCONTEXTPASS
#include "lib/Transforms/Context/Passes.h.inc"

namespace {

/// A rope before and after, and the contexts that the two are for.
struct Case {
  xf::RopeAttr before, after;
  int64_t original, extended;
};

/// What happens to a wavelength that gets `ratio` times as long.
StringRef classOf(double ratio, double factor) {
  constexpr double rounding = 1e-9;
  if (std::fabs(ratio - 1) <= rounding)
    return "extrapolated";
  return ratio >= factor * (1 - rounding) ? "interpolated" : "mixed";
}

void print(raw_ostream &out, const Case &each, int64_t ops) {
  double factor = each.after.getFactor().convertToDouble();
  out << "context of " << each.after << " in " << ops << (ops == 1 ? " op\n" : " ops\n")
      << llvm::formatv("{0} positions become {1}, cos and sin are multiplied with {2:F6}\n", each.original,
                       each.extended, each.after.getAttentionFactor())
      << llvm::formatv("{0,6} {1,18} {2,18} {3,14}  {4}\n", "pair", "wavelength before", "wavelength after",
                       "rotations", "class");
  auto after = each.after.getFrequencies(each.extended);
  for (auto [i, theta] : llvm::enumerate(each.before.getUnscaledFrequencies()))
    out << llvm::formatv("{0,6} {1,18:F4} {2,18:F4} {3,14:F6}  {4}\n", i, 2 * std::numbers::pi / theta,
                         2 * std::numbers::pi / after[i], double(each.original) * theta / (2 * std::numbers::pi),
                         classOf(theta / after[i], factor));
}

struct AuditContextPass final : HasExtensionSettings<impl::AuditContextPassBase<AuditContextPass>> {
  using HasExtensionSettings::HasExtensionSettings;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    ExtensionSettings settings = getSettings();
    llvm::MapVector<xf::RopeAttr, std::pair<Case, int64_t>> cases;
    for (auto [op, rope] : findRopes(getOperation())) {
      auto &[each, ops] = cases[rope];
      if (ops++ != 0)
        continue;
      FailureOr<Case> made = method.empty() ? audit(op, rope) : extend(op, rope, settings);
      if (failed(made))
        return signalPassFailure();
      each = *made;
    }
    if (cases.empty()) {
      getOperation().emitError() << getArgument() << " expects rotary positions, but got a module without any";
      return signalPassFailure();
    }
    for (auto &[rope, entry] : cases)
      print(llvm::errs(), entry.first, entry.second);
  }

private:
  FailureOr<Case> extend(Operation *op, xf::RopeAttr rope, const ExtensionSettings &settings) {
    auto extension = ContextExtension::make(getOperation(), settings, getArgument());
    if (failed(extension))
      return failure();
    FailureOr<xf::RopeAttr> longer = extension->extend(op, rope);
    if (failed(longer))
      return failure();
    return Case{rope, *longer, extension->getOriginal(), extension->getExtended()};
  }

  /// The scaling that `op` has.
  FailureOr<Case> audit(Operation *op, xf::RopeAttr rope) {
    if (factor != 0)
      return getOperation().emitError() << getArgument()
                                        << " expects a method where it is given a factor, but got none";
    double factor = rope.getFactor().convertToDouble();
    int64_t known = rope.getOriginal(), context = getContextLength(getOperation());
    if (known && original && known != original)
      return op->emitOpError() << "expects original=" << known << ", which its rope says, but got "
                               << int64_t(original);
    if (!known)
      known = original ? int64_t(original) : int64_t(std::floor(double(context) / factor + 1e-6));
    if (known < 1)
      return op->emitOpError() << "expects " << getArgument()
                               << " to be given original=…, as neither its rope nor the module says it";
    return Case{rope, rope, known, int64_t(std::floor(double(known) * factor + 1e-6))};
  }
};

} // namespace
} // namespace ph
