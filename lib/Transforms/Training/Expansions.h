// How each op of the train dialect is spelled out: a function for each, added for each family.
#pragma once
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Dims.h"
#include "dialects/Transformer/Primitives.h"

namespace ph {

/// The size of a dimension.
mlir::OpFoldResult sizeOf(Primitives &p, xf::Dim dim);

/// x, as if it were a constant.
mlir::Value constant(Primitives &p, mlir::Value x);

/// What takes the place of the results of an op.
class Expansions {
public:
  using Expansion = std::function<llvm::SmallVector<mlir::Value>(Primitives &, mlir::Operation *)>;
  template <class Op, llvm::SmallVector<mlir::Value> (*expand)(Primitives &, Op)> void add() {
    table[Op::getOperationName()] = [](Primitives &p, mlir::Operation *op) { return expand(p, llvm::cast<Op>(op)); };
  }
  /// Null for an op that stays.
  const Expansion *find(mlir::Operation *op) const {
    auto found = table.find(op->getName().getStringRef());
    return found == table.end() ? nullptr : &found->second;
  }

private:
  llvm::StringMap<Expansion> table;
};

void addGradientScaleExpansions(Expansions &expansions);
void addHeadLossExpansions(Expansions &expansions);
void addPolicyExpansions(Expansions &expansions);
void addPreferenceLossExpansions(Expansions &expansions);
void addTokenLossExpansions(Expansions &expansions);

} // namespace ph
