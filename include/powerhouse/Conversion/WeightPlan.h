// Where each weight of a model lies in the artifact, and how it is packed: a function of the optimized xf module alone.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/quant/PackedLayout.h"
#include <string>
#include <vector>

namespace ph::conversion {

/// One packed weight: a matrix, a gate and up pair of matrices (tiles of both interleaved), or plain f32 values of any
/// rank.
struct PlannedWeight {
  xf::WeightOp weight; ///< the matrix, the gate or the plain values
  xf::WeightOp up;     ///< of a pair, else null
  bool matrix = false;
  bool product = false;          ///< a whole pass over it for each step, not only a look-up of rows
  PackedLayout layout;           ///< of a matrix
  int64_t rows = 0, columns = 0; ///< of one layer (and of each of a pair); plain: all elements, 1
  int64_t layers = 0;            ///< 0: not stacked
  int64_t offset = 0;            ///< bytes from the beginning of the weights, of layer 0
  int64_t layerStride = 0;       ///< bytes from layer to layer
  int64_t bytes = 0;             ///< of one layer
};

struct WeightPlan {
  std::vector<PlannedWeight> weights; ///< in the order of use; stacked ones of a layer lie side by side
  int64_t totalBytes = 0;
  /// The weight as a matrix, packed for kernels, or as plain values; null if it isn't planned so.
  const PlannedWeight *find(llvm::StringRef symbol, bool matrix) const;
};

/// Whether the rows of the weight are rows of its sources, as they are: then blocks can be packed without decoding.
bool isStoredInRows(xf::WeightOp weight);

/// Whether a kernel takes this operand as a packed matrix.
bool isPackedWeight(mlir::OpOperand &operand);

/// Plans the weights that the functions of `module` load. Emits an error and fails if a weight is used in two ways that
/// ask for different packing.
mlir::FailureOr<WeightPlan> planWeights(mlir::ModuleOp module);

} // namespace ph::conversion
