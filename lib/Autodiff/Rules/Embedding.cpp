// What looks rows up: its transpose adds them where they came from.
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

static Value scattered(Primitives &p, Value values, Value indices, Value like) {
  return train::ScatterAddOp::create(p, values, zerosLike(p, like), indices);
}

static LogicalResult pullEmbedding(Pullback &pull, xf::EmbeddingOp op) {
  Primitives &p = pull.p;
  if (!pull.wants(op.getTable()))
    return success();
  Value gradient = pull.gradientOf(op.getResult()), tokens = op.getTokens();
  if (auto scale = op.getScale())
    gradient = p.scaled(gradient, scale->convertToDouble());
  if (auto offset = op.getOffset())
    tokens = p.add(tokens, p.integer(int64_t(*offset)));
  // Onto the sum that there is, rather than onto zeros that are added to it.
  Value sum = pull.gradientOf(op.getTable());
  if (!sum)
    sum = zerosLike(p, op.getTable());
  pull.set(op.getTable(), train::ScatterAddOp::create(p, gradient, sum, tokens));
  return success();
}

/// Dimension `axis` brought to the front, or back from there.
static Value moved(Primitives &p, Value value, int64_t from, int64_t count, int64_t to) {
  int64_t rank = xf::shapeOf(value).size();
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> run(ArrayRef<int64_t>(permutation).slice(from, count));
  permutation.erase(permutation.begin() + from, permutation.begin() + from + count);
  permutation.insert(permutation.begin() + to, run.begin(), run.end());
  return llvm::is_sorted(permutation) ? value : xf::TransposeOp::create(p, value, permutation).getResult();
}

static LogicalResult pullGather(Pullback &pull, xf::GatherOp op) {
  Primitives &p = pull.p;
  int64_t axis = op.getAxis(), count = xf::shapeOf(op.getIndices()).size();
  Value gradient = moved(p, pull.gradientOf(op.getResult()), axis, count, 0);
  // Indices below 0 count from the end.
  Value indices = op.getIndices(), size = xf::DimOp::create(p, op.getInput(), axis);
  size = xf::ScalarOp::create(p, RankedTensorType::get({}, p.getI32Type()), size);
  indices = p.select(p.compare(xf::CompareKind::Lt, indices, p.integer(0)), p.add(indices, size), indices);
  Value back = scattered(p, gradient, indices, moved(p, op.getInput(), axis, 1, 0));
  pull.add(op.getInput(), moved(p, back, 0, 1, axis));
  return success();
}

static LogicalResult pullSelectRows(Pullback &pull, xf::SelectRowsOp op) {
  Primitives &p = pull.p;
  Value back = scattered(p, pull.gradientOf(op.getResult()), op.getRows(), asRows(p, op.getInput()));
  pull.add(op.getInput(), reshapeLike(p, back, op.getInput()));
  return success();
}

void registerEmbeddingRules(MLIRContext *context) {
  attachMultilinear<xf::EmbeddingOp, pullEmbedding>(context);
  attachMultilinear<xf::GatherOp, pullGather>(context);
  attachMultilinear<xf::SelectRowsOp, pullSelectRows>(context);
}

} // namespace ph::autodiff
