#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult embedding(xf::EmbeddingOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  const Tensor &tokens = inputs[0].tensor(), &table = inputs[1].tensor();
  int64_t offset = op.getOffset().value_or(0);
  double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
  Tensor result({tokens.shape[0], tokens.shape[1], table.columns()});
  for (auto [index, token] : llvm::enumerate(tokens.data)) {
    int64_t number = int64_t(token) + offset;
    if (number < 0 || number >= table.rows())
      return mismatch(op, "tokens from " + Twine(-offset) + " to " + Twine(table.rows() - 1 - offset), int64_t(token));
    const double *row = table.row(number);
    for (int64_t i = 0; i < table.columns(); ++i)
      result.row(index)[i] = scale * row[i];
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult positions(xf::PositionsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  Tensor result(inputs[0].tensor().shape);
  const Tensor &past = inputs[1].tensor();
  if (past.shape[0] != result.shape[0])
    return mismatch(op, "a past for each sequence", past.shape);
  for (int64_t b = 0; b < result.shape[0]; ++b)
    for (int64_t s = 0; s < result.shape[1]; ++s)
      result.row(b)[s] = past.data[b] + double(s);
  return context.give(op, std::move(result), results);
}

static LogicalResult maskedPositions(xf::MaskedPositionsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                     Context &context) {
  Tensor result = inputs[0].tensor();
  for (int64_t b = 0; b < result.shape[0]; ++b) {
    int64_t offset = op.getOffset().value_or(0), number = offset;
    for (int64_t s = 0; s < result.shape[1]; ++s) {
      double &x = result.row(b)[s];
      x = double(x != 0 ? ++number : offset);
    }
  }
  return context.give(op, std::move(result), results);
}

void registerEmbedding(MLIRContext *context) {
  attach<xf::MaskedPositionsOp, maskedPositions>(context);
  attach<xf::EmbeddingOp, embedding>(context);
  attach<xf::PositionsOp, positions>(context);
}

} // namespace ph::reference
