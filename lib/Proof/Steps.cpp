#include "lib/Proof/Steps.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/Diagnostics.h"
#include <numeric>

using namespace mlir;
using ph::reference::Tensor;

namespace ph::proof {

bool takesSteps(FunctionType before, FunctionType after) {
  if (before.getNumInputs() != 1 || before.getNumResults() != 1 || after.getNumInputs() != 4 ||
      after.getNumResults() != 2)
    return false;
  auto whole = dyn_cast<RankedTensorType>(before.getResult(0)), picked = dyn_cast<RankedTensorType>(after.getResult(0));
  return whole && picked && whole.getRank() == 3 && picked.getRank() == 2 &&
         whole.getShape().back() == picked.getShape().back() && xf::isTokens(before.getInput(0)) &&
         after.getInput(0) == before.getInput(0) && xf::isIndices(after.getInput(1)) &&
         xf::isIndices(after.getInput(2)) && isa<xf::CacheType>(after.getInput(3)) &&
         after.getResult(1) == after.getInput(3);
}

/// Columns `from` to `from + count`.
static Tensor columnsOf(const Tensor &tokens, int64_t from, int64_t count) {
  Tensor part({tokens.shape[0], count});
  for (int64_t b = 0; b < tokens.shape[0]; ++b)
    std::copy_n(tokens.row(b) + from, count, part.row(b));
  return part;
}

Outcome runInSteps(func::FuncOp before, func::FuncOp after, ArrayRef<reference::Value> inputs,
                   reference::WeightProvider &weights, reference::Precision precision,
                   reference::Deviations deviations) {
  std::string said;
  ScopedDiagnosticHandler quiet(after.getContext(), [&](Diagnostic &diagnostic) {
    if (said.empty())
      said = diagnostic.str();
    return success();
  });
  const Tensor &tokens = inputs[0].tensor();
  int64_t batch = tokens.shape[0], sequence = tokens.shape[1];
  Tensor scores({batch, sequence, cast<RankedTensorType>(before.getResultTypes()[0]).getShape().back()});
  reference::Value cache = reference::emptyCache(cast<xf::CacheType>(after.getArgumentTypes()[3]).getLayers());
  Outcome outcome;
  for (int64_t past = 0; past < sequence;) {
    int64_t count = std::max<int64_t>((sequence - past) / 2, 1);
    Tensor pasts({batch}), rows({batch * count});
    std::fill(pasts.data.begin(), pasts.data.end(), double(past));
    std::iota(rows.data.begin(), rows.data.end(), 0.0);
    SmallVector<reference::Value> given = {columnsOf(tokens, past, count), std::move(pasts), std::move(rows), cache};
    SmallVector<reference::Value> results;
    reference::Context context(weights, precision, deviations);
    if (failed(context.call(after, given, results))) {
      outcome.refusal = said.empty() ? "it can't be run" : said;
      return outcome;
    }
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t s = 0; s < count; ++s)
        std::copy_n(results[0].tensor().row(b * count + s), scores.columns(), scores.row(b * sequence + past + s));
    cache = results[1];
    past += count;
  }
  outcome.results = reference::nameResults(before, reference::Value(std::move(scores)));
  return outcome;
}

} // namespace ph::proof
