// What losses of pairs of answers are made of.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// The log-probabilities of a batch of pairs.
struct Pairs {
  mlir::Value chosen, rejected, chosenTokens, rejectedTokens, chosenMean, rejectedMean;
};

/// Of chosen and rejected answers, where `completion_mask` (of both) says which tokens are the answer's. Fails, with a
/// message.
mlir::FailureOr<Pairs> logpOfPairs(TrainingFunction &f);

} // namespace ph
