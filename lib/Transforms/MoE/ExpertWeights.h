// The weights of experts as symbols: others that are made of their sources, and those that nothing uses any more.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/BuiltinOps.h"

namespace ph::moe {

class ExpertWeights {
public:
  explicit ExpertWeights(mlir::ModuleOp module) : module(module), symbols(module) {}

  /// The weight that `value` loads; null if it doesn't.
  xf::WeightOp of(mlir::Value value);

  /// Its sources with their rows stated. One without any is the tensor of its name; a stack without any has none.
  llvm::SmallVector<xf::SourceAttr> sourcesOf(xf::WeightOp weight);

  /// Loads, at `builder`, the layer that `load` loads, of a weight whose name is that of `load`'s and `suffix`, whose
  /// layers have `shape` and the encoding of its, or none, and which has `sources`. It is declared, unless it has been
  /// before.
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value load, llvm::StringRef suffix, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<xf::SourceAttr> sources, bool encoded = true);

  /// Erases what `value` is, a load or a constant, and the weight that it loads, if nothing else uses them.
  void eraseUnused(mlir::Value value);

private:
  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::DenseMap<mlir::Attribute, xf::WeightOp> made; ///< by old weight, suffix, type and sources
};

} // namespace ph::moe
