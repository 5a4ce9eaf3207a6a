// The passes from xf to xf. Each is named thrice the same: flag xf-fuse-qkv, class FuseQKVPass, file FuseQKV.cpp; the
// Passes.td of its folder says what it does.
#pragma once
#include "powerhouse/Transforms/Attention/Passes.h"
#include "powerhouse/Transforms/Cleanup/Passes.h"
#include "powerhouse/Transforms/Context/Passes.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Layers/Passes.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/MoE/Passes.h"
#include "powerhouse/Transforms/Quantization/Passes.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Training/Passes.h"

namespace ph {

/// Registers all of them, so that ph-opt has their flags.
inline void registerTransformPasses() {
  registerAttentionPasses();
  registerCleanupPasses();
  registerContextPasses();
  registerFusionPasses();
  registerLayersPasses();
  registerMemoryPasses();
  registerMoEPasses();
  registerQuantizationPasses();
  registerRecognitionPasses();
  registerTrainingPasses();
}

} // namespace ph
