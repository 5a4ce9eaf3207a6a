// What a token's experts compute: the ops between the rows that they see and the sum of what they gave.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "llvm/ADT/SetVector.h"
#include <string>

namespace ph::moe {

/// Products with experts and what is done element by element between them.
struct ExpertChain {
  llvm::SmallVector<mlir::Operation *> ops; ///< in the order of their block
  mlir::Value experts;                      ///< which experts were chosen, […, k]
  int64_t count = 0;                        ///< of experts

  int64_t products() const { return llvm::count_if(ops, llvm::IsaPred<xf::ExpertLinearOp>); }
};

/// Collects what `op` adds up. Gives the reason where it is no such chain; empty if it is. The products at its
/// beginning have inputs without a dimension for the experts.
std::string collectExpertChain(xf::CombineExpertsOp op, ExpertChain &chain);

/// A copy of an op that works element by element, for operands of another shape, which its result gets too. Numbers
/// among the operands stay.
mlir::Operation *cloneElementwise(mlir::OpBuilder &builder, mlir::Operation *op, mlir::IRMapping &mapping);

} // namespace ph::moe
