// Attributes that weights and their loads may have, between passes.
#pragma once
#include "llvm/ADT/StringRef.h"

namespace ph::xf {

/// Of an `xf.weight`: the `#xf.source` of the same rows in a folder of Hugging Face's hub. What is added to a model in
/// PEFT's layout is called by these names, whatever file the model itself is in.
inline constexpr llvm::StringLiteral kHubSourceAttr = "xf.hub_source";

/// Of an `xf.load_weight`: the matrix isn't packed for kernels. Programs multiply by it as by any tensor, and so add in
/// the order in which training does, where it is an argument.
inline constexpr llvm::StringLiteral kPlainAttr = "xf.plain";

} // namespace ph::xf
