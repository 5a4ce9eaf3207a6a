// What runtime/sampler/Sampler.cpp does, in plain loops, as a function of logits and a number.
#include "lib/Reference/Models.h"
#include <cmath>
#include <set>

using namespace mlir;

namespace ph::reference {

namespace {
struct Candidate {
  double logit;
  int64_t id;
};
} // namespace

static bool better(const Candidate &a, const Candidate &b) {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

/// The finite ones of a row of logits in their order.
static std::vector<Candidate> finite(const double *logits, int64_t count) {
  std::vector<Candidate> candidates;
  for (int64_t id = 0; id < count; ++id)
    if (std::isfinite(logits[id]))
      candidates.push_back({logits[id], id});
  return candidates;
}

static LogicalResult argmax(xf::ArgmaxOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &input = inputs[0].tensor();
  Tensor result(ArrayRef(input.shape).drop_back());
  for (auto [row, token] : llvm::enumerate(result.data)) {
    std::vector<Candidate> candidates = finite(input.row(row), input.columns());
    if (candidates.empty())
      return mismatch(op, "a finite value in each row", int64_t(row));
    token = double(llvm::min_element(candidates, better)->id);
  }
  return context.give(op, std::move(result), results);
}

namespace {

/// The attributes of an op, those that are not given as what leaves their step out. The runtime keeps them as f32.
struct Filters {
  double temperature, topP, minP, penalty;
  int64_t topK;

  template <class Op>
  explicit Filters(Op op)
      : temperature(number(op.getTemperature(), 1)), topP(number(op.getTopP(), 1)), minP(number(op.getMinP(), 0)),
        penalty(number(op.getRepeatPenalty(), 1)), topK(op.getTopK().value_or(0)) {}

  static double number(std::optional<llvm::APFloat> given, double other) {
    return given ? double(float(given->convertToDouble())) : other;
  }
};

} // namespace

/// The token that `uniform` draws from candidates, at least one.
static int64_t draw(std::vector<Candidate> candidates, const Filters &filters, double uniform) {
  auto best = llvm::min_element(candidates, better);
  if (filters.temperature == 0)
    return best->id;
  double top = best->logit;
  std::swap(candidates.front(), *best);
  auto weight = [&](const Candidate &candidate) { return std::exp(candidate.logit - top); };
  if (filters.topK > 0 || filters.topP < 1)
    llvm::sort(candidates, better);
  if (filters.topK > 0)
    candidates.resize(std::min<size_t>(candidates.size(), filters.topK));
  if (filters.topP < 1) {
    double total = 0, sum = 0;
    for (const Candidate &candidate : candidates)
      total += weight(candidate);
    size_t kept = 0;
    while (kept < candidates.size() && sum < filters.topP * total)
      sum += weight(candidates[kept++]);
    candidates.resize(kept);
  }
  llvm::erase_if(candidates, [&](const Candidate &candidate) { return weight(candidate) < filters.minP; });
  double total = 0, sum = 0;
  for (const Candidate &candidate : candidates)
    total += std::exp((candidate.logit - top) / filters.temperature);
  for (const Candidate &candidate : candidates) {
    sum += std::exp((candidate.logit - top) / filters.temperature);
    if (sum > uniform * total)
      return candidate.id;
  }
  return candidates.front().id; // rounding left nothing beyond
}

/// What `op` draws from these logits.
template <class Op>
static LogicalResult sampleFrom(Op op, Tensor logits, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &uniform = find(op, op.getUniform(), inputs)->tensor();
  const Value *recent = find(op, op.getRecent(), inputs);
  if (uniform.shape[0] != logits.shape[0])
    return mismatch(op, "a number for each row", uniform.shape);
  if (recent && recent->tensor().shape[0] != logits.shape[0])
    return mismatch(op, "recent tokens for each row", recent->tensor().shape);
  Filters filters(op);
  Tensor result({logits.shape[0]});
  for (auto [row, token] : llvm::enumerate(result.data)) {
    double *z = logits.row(row);
    if (recent) {
      const Tensor &tokens = recent->tensor();
      std::set<double> distinct(tokens.row(row), tokens.row(row) + tokens.columns());
      for (double id : distinct)
        if (id >= 0 && id < double(logits.columns())) {
          double &logit = z[int64_t(id)];
          logit = logit > 0 ? logit / filters.penalty : logit * filters.penalty;
          if (context.precision() == Precision::F32)
            logit = float(logit);
        }
    }
    if (!(uniform.data[row] >= 0 && uniform.data[row] < 1))
      return op.emitOpError() << "expects numbers from 0 to below 1 at run time, but got " << uniform.data[row];
    std::vector<Candidate> candidates = finite(z, logits.columns());
    if (candidates.empty())
      return mismatch(op, "a finite logit in each row", int64_t(row));
    token = double(draw(std::move(candidates), filters, uniform.data[row]));
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult sample(xf::SampleOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  return sampleFrom(op, inputs[0].tensor(), inputs, results, context);
}

static LogicalResult logitsSample(xf::LogitsSampleOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  Tensor logits = score(inputs[0].tensor(), inputs[1].tensor(), op.getScale(), op.getSoftCap(), context);
  return sampleFrom(op, std::move(logits), inputs, results, context);
}

void registerSampling(MLIRContext *context) {
  attach<xf::ArgmaxOp, argmax>(context);
  attach<xf::LogitsSampleOp, logitsSample>(context);
  attach<xf::SampleOp, sample>(context);
}

} // namespace ph::reference
