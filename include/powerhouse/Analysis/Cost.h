// What tokens cost: arithmetic and bytes, in closed form from the ops' shapes. What each op costs says its model in
// lib/Analysis/Cost.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Interfaces/CostOpInterface.h"
#include <string>
#include <vector>

namespace ph::analysis {

/// Attaches CostOpInterface to the ops of xf.
void registerCostModels(mlir::DialectRegistry &registry);

/// The symbols of the weights that are operands of `op`, joined by ", "; empty without.
std::string getWeightNames(mlir::Operation *op);

/// One op of a function over all the iterations of the loops around it.
struct CostEntry {
  mlir::Operation *op;
  int64_t times; ///< iterations
  Cost cost;
};

struct FunctionCost {
  std::vector<CostEntry> ops; ///< in order; those in a loop once
  Cost total;
  /// Ops that do something but have no model: what is not counted.
  std::vector<mlir::Operation *> unknown;
};

/// The cost of one call of `function`. Loops of xf count; ops inside other loops are unknown.
FunctionCost computeCostAt(mlir::func::FuncOp function, const CostPoint &at);

/// The cost of one op for one token, over all the iterations of the loops around it.
struct OpCost {
  std::string op;     ///< "xf.linear"
  std::string weight; ///< the weights' symbols, joined by ", "; empty without
  int64_t times = 1;  ///< iterations
  double flop = 0;    ///< without what depends on the context
  double weightBytes = 0;
  double flopPerPosition = 0;       ///< more for each visible position
  double cacheBytesPerPosition = 0; ///< read for each visible position
  double cacheBytesWritten = 0;
};

struct ModelCost {
  std::vector<OpCost> ops; ///< of @forward, in order, without those that cost nothing
  double flopPerToken = 0;
  double weightBytesPerToken = 0;
  double flopPerTokenAndPosition = 0;
  double cacheBytesPerTokenAndPosition = 0;
  double cacheBytesWrittenPerToken = 0;

  double flopAt(int64_t context) const { return flopPerToken + flopPerTokenAndPosition * double(context); }
};

/// The cost of one decoded token (one sequence, one new token, its logits wanted) of @forward; nothing without one.
ModelCost computeCost(mlir::ModuleOp module);

} // namespace ph::analysis
