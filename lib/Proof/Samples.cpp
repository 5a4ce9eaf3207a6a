#include "lib/Proof/Samples.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using ph::reference::Fill;

namespace ph::proof {

namespace {
/// Keeps the first diagnostic and shows none.
class Quiet {
public:
  explicit Quiet(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (text.empty())
            text = diagnostic.str();
          return success();
        }) {}
  std::string text;

private:
  ScopedDiagnosticHandler handler;
};
} // namespace

std::string Sample::describe() const {
  static constexpr StringRef names[] = {"random", "zero", "large", "tiny", "masked"};
  std::string text;
  llvm::raw_string_ostream(text) << names[unsigned(fill)] << " inputs of batch " << batch << " and sequence "
                                 << sequence;
  return text;
}

std::vector<Sample> planSamples(func::FuncOp function, const VerifyOptions &options) {
  bool floats = false, masks = false;
  for (Type type : function.getArgumentTypes()) {
    Type element = isa<RankedTensorType>(type) ? cast<RankedTensorType>(type).getElementType() : Type();
    floats |= isa<xf::CacheType>(type) || (element && isa<FloatType>(element));
    masks |= element && element.isInteger();
  }
  std::vector<Sample> samples;
  for (auto [batch, sequence] : options.sizes) {
    for (unsigned i = 0; i < options.samples; ++i)
      samples.push_back({batch, sequence, Fill::Random, options.seed + i});
    if (floats)
      for (Fill fill : {Fill::Zeros, Fill::Large, Fill::Tiny})
        samples.push_back({batch, sequence, fill, options.seed});
    if (masks)
      samples.push_back({batch, sequence, Fill::Masked, options.seed});
  }
  return samples;
}

static std::string findMissingSemantics(func::FuncOp function, SmallPtrSetImpl<Operation *> &seen) {
  if (!seen.insert(function).second)
    return "";
  std::string reason;
  function.getBody().walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (!callee || callee.isExternal())
        reason = "@" + call.getCallee().str() + ", which it calls, has no body";
      else
        reason = findMissingSemantics(callee, seen);
    } else if (!op->hasTrait<OpTrait::IsTerminator>() &&
               !isa<ReferenceOpInterface, linalg::IndexOp, tensor::ParallelInsertSliceOp>(op)) {
      // (A linalg.index is part of the structured op around it, what is inserted in parallel of its loop.)
      reason = op->getName().getStringRef().str() + " has no reference semantics";
    }
    return reason.empty() ? WalkResult::advance() : WalkResult::interrupt();
  });
  return reason;
}

std::string findMissingSemantics(func::FuncOp function) {
  SmallPtrSet<Operation *, 4> seen;
  return findMissingSemantics(function, seen);
}

bool hasChoice(func::FuncOp function) {
  return function.getBody()
      .walk([&](Operation *op) {
        auto unary = dyn_cast<xf::UnaryOp>(op);
        auto compare = dyn_cast<xf::CompareOp>(op);
        // Positions, which integers are, do not change a little.
        bool jumps = isa<xf::RouterOp, xf::ArgmaxOp, xf::LogitsArgmaxOp, xf::LogitsSampleOp, xf::SampleOp>(op) ||
                     (unary && unary.getKind() == xf::UnaryKind::Floor) ||
                     (compare && isa<FloatType>(compare.getLhs().getType().getElementType()));
        return jumps ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

SmallVector<reference::Value> makeSample(func::FuncOp function, const Sample &sample, std::string &refusal) {
  Quiet quiet(function.getContext());
  reference::RunOptions options;
  options.seed = sample.seed;
  options.batch = sample.batch;
  options.sequence = sample.sequence;
  options.fill = sample.fill;
  FailureOr<SmallVector<reference::Value>> inputs = reference::makeInputs(function, options);
  if (succeeded(inputs))
    return std::move(*inputs);
  refusal = quiet.text;
  return {};
}

int64_t countPositions(ArrayRef<reference::Value> inputs) {
  int64_t sequence = 1, past = 0;
  for (const reference::Value &value : inputs) {
    if (!value.isTensor())
      continue;
    const reference::Tensor &tensor = value.tensor();
    if (tensor.shape.size() > 1)
      sequence = std::max(sequence, tensor.shape[1]);
    else
      for (double x : tensor.data)
        past = std::max(past, int64_t(std::min(x, 0x1p31)));
  }
  return past + sequence;
}

Outcome runFunction(func::FuncOp function, ArrayRef<reference::Value> inputs, reference::WeightProvider &weights,
                    reference::Precision precision, reference::Deviations deviations) {
  Quiet quiet(function.getContext());
  reference::Context context(weights, precision, deviations);
  SmallVector<reference::Value> given(inputs), values;
  if (deviations.jitter)
    for (auto [value, type] : llvm::zip_equal(given, function.getArgumentTypes()))
      if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && tensor.getElementType().isF32()) {
        reference::Tensor moved = value.tensor();
        for (double &x : moved.data)
          x = context.round(x);
        value = std::move(moved);
      }
  Outcome outcome;
  if (succeeded(context.call(function, given, values)))
    outcome.results = reference::nameResults(function, values);
  else
    outcome.refusal = quiet.text.empty() ? "it can't be run" : quiet.text;
  return outcome;
}

} // namespace ph::proof
