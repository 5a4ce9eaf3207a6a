// From xf to linalg on tensors: every family of models, without kernels of their own.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph::conversion {

/// `convert-transformer-to-linalg`: the ops of xf become structured ops of linalg, slices of tensor and loops of scf.
/// xf.weight and xf.load_weight stay. A cache becomes two tensors, keys and values, [slot, layer, head, position,
/// feature] each: an argument `c` the arguments `c.keys` and `c.values`, a result likewise. Sequence b of a batch is in
/// slot b; there are as many positions as the tensors have, and those after the last that was appended hold anything.
///
/// With `keepProducts` what the CPU has kernels for stays where its weights come from xf.load_weight: xf.linear without
/// an activation, xf.logits, xf.gated_linear without biases and xf.embedding.
///
/// Attention must be tiles already (`xf-flash-attention`), and activations must have no encoding; anything else is
/// refused with a message at the op.
std::unique_ptr<mlir::Pass> createConvertTransformerToLinalgPass(bool keepProducts = false);

} // namespace ph::conversion
