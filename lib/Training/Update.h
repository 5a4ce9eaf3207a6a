// The function that changes weights.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// A weight that is trained.
struct TrainedWeight {
  std::string name; ///< of the argument
  mlir::RankedTensorType type;
  int64_t rank = 0; ///< of each tensor of the checkpoint that it holds
};

/// Makes @update behind `after` (see makeTrainingModule).
void buildUpdate(mlir::func::FuncOp after, llvm::ArrayRef<TrainedWeight> weights, const TrainingOptions &options);

} // namespace ph
