#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Reference/Run.h"
#include "powerhouse/Transforms/Quantization/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include "runtime/formats/Safetensors.h"
#include <cmath>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_REDUCEPRECISIONPASS
#include "lib/Transforms/Quantization/Passes.h.inc"

namespace {

using Tensors = std::map<std::string, reference::Tensor>;

/// The largest ‖got - expected‖ / ‖expected‖.
double largestError(const Tensors &got, const Tensors &expected) {
  double largest = 0;
  for (auto &[name, tensor] : expected) {
    double difference = 0, size = 0;
    for (auto [g, e] : llvm::zip_equal(got.at(name).data, tensor.data)) {
      difference += (g - e) * (g - e);
      size += e * e;
    }
    double error = difference == 0 ? 0 : std::sqrt(difference / size);
    largest = std::isnan(error) ? INFINITY : std::max(largest, error);
  }
  return largest;
}

/// An op that may be changed, and what that alone costs.
struct Candidate {
  Operation *op;
  size_t place; ///< among the candidates, in the order of the function
  double error = 0;

  bool operator<(const Candidate &other) const { return std::pair(error, place) < std::pair(other.error, other.place); }

  /// Gives the results the encoding, or none.
  void set(xf::FormatAttr format) const {
    for (Value result : op->getResults())
      if (xf::isFloatActivation(result.getType()))
        result.setType(xf::withFormat(cast<RankedTensorType>(result.getType()), format));
  }
};

struct ReducePrecisionPass final : impl::ReducePrecisionPassBase<ReducePrecisionPass>, ChangesValues {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    Location loc = UnknownLoc::get(context);
    if (type != "f16" && type != "bf16")
      return emitError(loc) << "expects type=f16 or type=bf16, but got '" << type << "'";
    if (!(budget >= 0))
      return emitError(loc) << "expects a budget of 0 or more, but got " << double(budget);
    for (const std::string &name : allow)
      if (!RegisteredOperationName::lookup("xf." + name, context))
        return emitError(loc) << "expects allow=OP,OP… of ops of xf, but got '" << name << "'";
    return success();
  }

  ValueChange getValueChange() const override {
    return {ValueChange::Activations, "activations are stored with 16 bits"};
  }

  void runOnOperation() override {
    bool found = function.empty();
    for (auto op : getOperation().getOps<func::FuncOp>())
      if (!op.isExternal() && (function.empty() || op.getSymName() == function)) {
        found = true;
        reduce(op);
      }
    if (!found) {
      getOperation().emitError() << "xf-reduce-precision found no function @" << function << " with a body";
      signalPassFailure();
    }
  }

private:
  /// The results of the function on seeded inputs. None if it can't be run, which is said.
  std::optional<Tensors> run(func::FuncOp op) {
    std::string message;
    ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
      message += (message.empty() ? "" : "; ") + diagnostic.str();
      return success();
    });
    reference::RunOptions options;
    options.seed = seed;
    std::unique_ptr<reference::WeightProvider> values = reference::makeSeededWeights(seed);
    if (!weights.empty()) {
      auto file = SafetensorsFile::open(weights);
      if (file)
        values = reference::makeFileWeights(*file);
      else
        message = file.error().message;
    }
    reference::Context context(*values);
    SmallVector<reference::Value> results;
    FailureOr<SmallVector<reference::Value>> inputs = reference::makeInputs(op, options);
    bool ran = message.empty() && succeeded(inputs) && succeeded(context.call(op, *inputs, results));
    if (ran)
      return reference::nameResults(op, results);
    unrun = message;
    return std::nullopt;
  }

  /// Why the op keeps its types; empty if it needn't.
  std::string refusal(const Candidate &candidate, xf::FormatAttr format) {
    if (llvm::none_of(candidate.op->getResultTypes(), xf::isPlainActivation))
      return "it gives no activation without an encoding";
    ScopedDiagnosticHandler silence(&getContext(), [](Diagnostic &) { return success(); });
    auto isValid = [](Operation *op) {
      Operation *checked = op->hasTrait<OpTrait::IsTerminator>() ? op->getParentOp() : op;
      return succeeded(verify(checked));
    };
    candidate.set(format);
    std::string reason = isValid(candidate.op) ? "" : "its result can't be of 16 bits";
    for (Operation *user : candidate.op->getUsers())
      if (reason.empty() && !isValid(user))
        reason = ("its result goes to " + user->getName().getStringRef() + ", which doesn't take one of 16 bits").str();
    candidate.set({});
    return reason;
  }

  void reduce(func::FuncOp op) {
    std::optional<Tensors> exact = run(op);
    if (!exact) {
      op.emitWarning() << "xf-reduce-precision can't measure: " << unrun;
      return;
    }
    auto format = xf::FormatAttr::get(&getContext(), type);
    SmallVector<Candidate> candidates = measure(op, format, *exact), chosen;
    llvm::sort(candidates);
    double estimate = 0;
    for (const Candidate &candidate : candidates) {
      if (estimate + candidate.error > budget) {
        refuse(candidate, "with those before it", estimate + candidate.error);
        continue;
      }
      estimate += candidate.error;
      candidate.set(format);
      chosen.push_back(candidate);
    }
    double together = 0;
    while (!chosen.empty()) {
      std::optional<Tensors> got = run(op);
      together = got ? largestError(*got, *exact) : INFINITY;
      if (together <= budget)
        break;
      chosen.back().set({});
      refuse(chosen.pop_back_val(), "measured with those before it", together);
    }
    for (const Candidate &candidate : chosen)
      remarkDone(candidate.op, getArgument(), "stored as " + type + ", error " + text(candidate.error));
    if (!chosen.empty())
      remarkDone(op, getArgument(),
                 Twine(chosen.size()) + " ops of " + Twine(candidates.size()) + " that could be, error " +
                     text(together) + " of " + text(budget));
    reduced += chosen.size();
  }

  SmallVector<Candidate> measure(func::FuncOp op, xf::FormatAttr format, const Tensors &exact) {
    SmallVector<Candidate> candidates;
    op.walk([&](Operation *inner) {
      StringRef name = inner->getName().getStringRef();
      if (!name.consume_front("xf.") || !llvm::is_contained(allow, name))
        return;
      Candidate candidate{inner, candidates.size()};
      if (std::string reason = refusal(candidate, format); !reason.empty())
        return remarkRefused(inner, getArgument(), reason);
      candidate.set(format);
      std::optional<Tensors> got = run(op);
      candidate.error = got ? largestError(*got, exact) : INFINITY;
      candidate.set({});
      candidates.push_back(candidate);
    });
    return candidates;
  }

  static std::string text(double error) { return llvm::formatv("{0:E2}", error).str(); }

  void refuse(const Candidate &candidate, StringRef how, double error) {
    remarkRefused(candidate.op, getArgument(),
                  "its error is " + text(candidate.error) + ", " + how + " " + text(error) + ", beyond the budget of " +
                      text(budget));
  }

  std::string unrun; ///< why the function couldn't be run
};

} // namespace
} // namespace ph
