// Where sizes of dimensions come from: two dimensions of one origin are equal at run time, though the types don't say
// so.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph::xf {

/// A dimension of a tensor.
struct Dim {
  mlir::Value tensor;
  int64_t axis;
  bool operator==(const Dim &) const = default;
};

/// Where the dimension comes from: follows ops that keep it as far as they are known. The dimension itself where
/// nothing is.
Dim getOrigin(Dim dim);

/// True if the two are known to be equal at run time: static and equal, or of one origin.
bool areEqual(Dim a, Dim b);

/// True if the two are known to be equal, or both are sizes that arguments of the function have: a function whose
/// arguments have one dynamic batch is not called with several.
bool areEqualAsArguments(Dim a, Dim b);

} // namespace ph::xf
