// Whether a function could be given its tokens in steps: what each of its values is to them.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

namespace ph {

enum class TokenPlace {
  Same,     ///< whatever the tokens are
  Batch,    ///< how many sequences there are
  Sequence, ///< how many tokens each has
  Starts,   ///< [batch], 0: the position at which each sequence begins
  Padding,  ///< [batch, sequence], 0 where there is no token
  Tokens,   ///< [batch, sequence, …], where nothing depends on another token but through causal attention
};

/// Follows tokens through a function that gives scores for each, [batch, sequence, vocabulary].
class TokenFlow {
public:
  /// False, with `culprit` and `reason`, if tokens meet otherwise than in causal attention, or a cache could not give
  /// what that sees: then steps would compute something else.
  bool follow(mlir::func::FuncOp function);

  TokenPlace at(mlir::Value value) const { return places.lookup(value); }
  /// The only operand that is of tokens, of an op that has no other one; null else.
  mlir::Value onlyInput(mlir::Operation *op) const;

  mlir::BlockArgument tokens, padding; ///< `padding` may be null
  mlir::SmallVector<xf::AttentionOp> attentions;
  mlir::SmallVector<xf::PositionsOp> positions;
  mlir::Operation *culprit = nullptr;
  std::string reason;

private:
  bool refuse(mlir::Operation *op, const llvm::Twine &why);
  bool findArguments(mlir::func::FuncOp function);
  bool followBlock(mlir::Block &block, bool inside);
  bool followRepeat(xf::RepeatOp repeat, bool inside);
  /// The place of an op's results; nothing if it is refused.
  std::optional<TokenPlace> placeOf(mlir::Operation *op);
  std::optional<TokenPlace> ofRows(mlir::Operation *op);
  std::optional<TokenPlace> ofElements(mlir::Operation *op);
  std::optional<TokenPlace> ofAttention(xf::AttentionOp op);
  std::optional<TokenPlace> ofBroadcast(xf::BroadcastOp op);
  std::optional<TokenPlace> ofReshape(xf::ReshapeOp op);
  std::optional<TokenPlace> ofAxis(mlir::Operation *op, llvm::ArrayRef<int64_t> axes);
  bool isSize(mlir::OpFoldResult size, TokenPlace place) const;
  bool checkVocabulary(mlir::func::FuncOp function, int64_t scored);

  llvm::DenseMap<mlir::Value, TokenPlace> places;
};

} // namespace ph
