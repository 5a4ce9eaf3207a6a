// A model's function on its way to a loss.
#pragma once
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Primitives.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Training/TrainingModule.h"

namespace ph {

/// What an objective builds upon: @forward without a cache, to which inputs and results are added. Ops are made before
/// the end of the function.
class TrainingFunction {
public:
  TrainingFunction(mlir::func::FuncOp function, const TrainingOptions &options);

  /// The token ids that the model reads; null if it reads none.
  mlir::Value tokens();
  /// Calls them so, whatever the model did.
  void nameTokens();
  /// Lets several documents stand in one sequence, none of which sees another: positions and documents are inputs.
  void separateDocuments();
  /// Another input of the objective.
  mlir::Value addInput(llvm::StringRef name, mlir::Type type);
  mlir::Value addTokensInput(llvm::StringRef name) { return addInput(name, tokensType()); }
  mlir::RankedTensorType tokensType();
  /// A tensor of floats of that many dimensions, all dynamic.
  mlir::RankedTensorType floatsType(int64_t rank);

  /// Lets the model read other tokens, made of inputs; no token is padding then, unless `padded` keeps the input that
  /// says which are. `make` builds them at the beginning.
  void replaceTokens(llvm::function_ref<mlir::Value(Primitives &)> make, bool padded = false);

  /// The log-probability of each label, [batch, sequence], 0 where it is -100: label s is that of what row s predicts.
  /// Fails, with a message, where the logits are more than a product.
  mlir::FailureOr<mlir::Value> labelLogp(mlir::Value labels);
  /// The hidden activations and the matrix whose product the logits are; fails, with a message.
  mlir::LogicalResult findScores();
  mlir::Value hidden, weight;
  mlir::FloatAttr scale, softCap;

  /// What the model gives: the result of that name; null if there is none.
  mlir::Value result(llvm::StringRef name);

  /// labels[:, 1:] and -100 at the end: what each row predicts.
  mlir::Value shifted(mlir::Value labels);
  /// `tokens` where `mask` isn't 0, -100 elsewhere.
  mlir::Value labelsWhere(mlir::Value mask, mlir::Value tokens);
  /// Half `index` of a vector of two halves.
  mlir::Value half(mlir::Value vector, int64_t index);
  mlir::Value concat(mlir::ValueRange values, int64_t axis);
  mlir::Value reshaped(mlir::Value value, llvm::ArrayRef<int64_t> shape);

  /// Ends the function with these results instead of its own.
  void finish(llvm::ArrayRef<std::pair<llvm::StringRef, mlir::Value>> results);

  mlir::func::FuncOp function;
  const TrainingOptions &options;
  Primitives p;

private:
  mlir::func::ReturnOp end();
  mlir::StringAttr nameOf(unsigned argument);
};

} // namespace ph
