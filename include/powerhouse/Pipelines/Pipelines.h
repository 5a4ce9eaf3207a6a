// The order of passes, nothing else.
#pragma once
#include "mlir/Pass/PassManager.h"
#include <string>

namespace ph {

/// xf to xf: fusion, then the encoding of activations as int8 where `int8Activations` asks for it.
void buildTransformerPipeline(mlir::OpPassManager &pm, bool int8Activations);

/// xf to functions on tensors, in linalg: all but products with weights and look-ups in tables, which have kernels.
/// Element-wise ops are fused, products shared: afterwards weights are read in the order in which an artifact has them.
void buildTensorPipeline(mlir::OpPassManager &pm);

/// From functions on tensors, in linalg and what is left of xf, to programs (powerhouse/Conversion/Programs.h) that
/// call declared kernels.
void buildProgramPipeline(mlir::OpPassManager &pm);

/// Registers --xf-default-pipeline="activations=int8|f32", which is buildTransformerPipeline: what phc runs; and
/// --xf-lift, which is buildLiftingPipeline.
void registerPipelines();

/// Primitives to xf's ops of transformers, and layers to loops: what a graph of an exporter goes through first.
void buildLiftingPipeline(mlir::OpPassManager &pm);
/// The same, and then a cache for what generates text: a function of whole texts is given them in steps.
void buildTextLiftingPipeline(mlir::OpPassManager &pm, bool halfCache);

/// xf to a step function and declared kernels.
void buildStepPipeline(mlir::OpPassManager &pm);
/// The same; it fails where generators have no such kernel as the step declares.
void buildCheckedStepPipeline(mlir::OpPassManager &pm);

/// The declared kernels for one level of x86-64, cleaned up.
void buildKernelPipeline(mlir::OpPassManager &pm, const std::string &level);

} // namespace ph
