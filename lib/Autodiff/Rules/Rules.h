// The external models of DifferentiableOpInterface, one registration function for each op family.
#pragma once
#include "lib/Autodiff/Pushforward.h"
#include "powerhouse/Interfaces/DifferentiableOpInterface.h"

namespace ph::autodiff {

void registerActivationRules(mlir::MLIRContext *context);
void registerAttentionRules(mlir::MLIRContext *context);
void registerContractionRules(mlir::MLIRContext *context);
void registerElementwiseRules(mlir::MLIRContext *context);
void registerEmbeddingRules(mlir::MLIRContext *context);
void registerExpertRules(mlir::MLIRContext *context);
void registerGroupedExpertRules(mlir::MLIRContext *context);
void registerLinearRules(mlir::MLIRContext *context);
void registerLossRules(mlir::MLIRContext *context);
void registerNormalizationRules(mlir::MLIRContext *context);
void registerPoolingRules(mlir::MLIRContext *context);
void registerRelativePositionRules(mlir::MLIRContext *context);
void registerRopeRules(mlir::MLIRContext *context);
void registerShapeRules(mlir::MLIRContext *context);
void registerStackRules(mlir::MLIRContext *context);
void registerTensorRules(mlir::MLIRContext *context);
void registerTrainingRules(mlir::MLIRContext *context);

void registerVisionRules(mlir::MLIRContext *context);

/// Makes two functions of the typed op its derivative rules.
template <class Op, mlir::LogicalResult (*pull)(Pullback &, Op), mlir::LogicalResult (*push)(Pushforward &, Op)>
struct Rule : DifferentiableOpInterface::ExternalModel<Rule<Op, pull, push>, Op> {
  mlir::LogicalResult pullback(mlir::Operation *op, Pullback &p) const { return pull(p, llvm::cast<Op>(op)); }
  mlir::LogicalResult pushforward(mlir::Operation *op, Pushforward &p) const { return push(p, llvm::cast<Op>(op)); }
};
template <class Op, mlir::LogicalResult (*pull)(Pullback &, Op), mlir::LogicalResult (*push)(Pushforward &, Op)>
void attach(mlir::MLIRContext *context) {
  Op::template attachInterface<Rule<Op, pull, push>>(*context);
}

/// The pushforward of what is linear in each operand that can have a tangent.
template <class Op> mlir::LogicalResult multilinear(Pushforward &push, Op op) { return push.multilinear(op); }
/// Makes `pull` the reverse rule of such an op.
template <class Op, mlir::LogicalResult (*pull)(Pullback &, Op)> void attachMultilinear(mlir::MLIRContext *context) {
  attach<Op, pull, multilinear<Op>>(context);
}

/// What computes the same as an op, of which derivatives are known.
template <class Op> using Spell = llvm::SmallVector<mlir::Value> (*)(Primitives &, Op);
template <class Op, Spell<Op> spell> mlir::LogicalResult pullSpelled(Pullback &pull, Op op) {
  return pull.spelled(op, [&](Primitives &p) { return spell(p, op); });
}
template <class Op, Spell<Op> spell> mlir::LogicalResult pushSpelled(Pushforward &push, Op op) {
  return push.spelled(op, [&](Primitives &p) { return spell(p, op); });
}
/// Differentiates an op as what `spell` makes of it.
template <class Op, Spell<Op> spell> void attachSpelled(mlir::MLIRContext *context) {
  attach<Op, pullSpelled<Op, spell>, pushSpelled<Op, spell>>(context);
}

} // namespace ph::autodiff
