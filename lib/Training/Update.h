// The function that changes weights.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// A weight that is trained.
struct TrainedWeight {
  std::string name; ///< of the argument
  mlir::RankedTensorType type;
  int64_t rank = 0;    ///< of each tensor of the checkpoint that it holds
  int64_t tensors = 1; ///< how many it holds

  /// Whether states of it may be kept in blocks of 8 bits: its tensors are filled by blocks, and not small (as in
  /// bitsandbytes, those of fewer than 4096 elements: norms and biases, of which little is to be won).
  bool hasBlocks() const;
};

/// Makes @update behind `after` (see makeTrainingModule).
void buildUpdate(mlir::func::FuncOp after, llvm::ArrayRef<TrainedWeight> weights, const TrainingOptions &options);

} // namespace ph
