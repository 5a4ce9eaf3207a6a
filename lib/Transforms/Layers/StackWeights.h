// Weights of single layers and stacks of them.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include <string>

namespace ph {

/// The source of layer `layer` of a stack's source alone.
xf::SourceAttr getSourceOfLayer(xf::SourceAttr source, int64_t layer);

/// The sources of a stack whose layers are `weights`, which aren't stacked. Null, with the reason, where their names
/// don't differ by numbers that count, or they are stored differently.
mlir::ArrayAttr stackSources(llvm::ArrayRef<xf::WeightOp> weights, std::string &reason);

/// A name for a stack of `weights`: theirs without the number in which they differ.
std::string stackName(llvm::ArrayRef<xf::WeightOp> weights);

} // namespace ph
