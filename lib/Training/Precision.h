// Products of 16 bits, and the scale of the loss that small gradients need in f16.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// Lets products of activations with trained weights, with the vocabulary and in attention have operands that 16 bits
/// hold, also in derivatives that are made later; sums stay f32, and so do weights between steps. Weights that don't
/// learn stay as they are stored.
void roundProducts(mlir::func::FuncOp function, train::Half format);

/// The result that is derived: the loss, times another input, loss_scale.
inline constexpr llvm::StringLiteral kScaledLoss = "scaled_loss", kLossScale = "loss_scale";
void scaleLoss(TrainingFunction &f);
/// Takes the result out again, and with `input` the input.
void removeScaledLoss(mlir::func::FuncOp function, bool input);

} // namespace ph
