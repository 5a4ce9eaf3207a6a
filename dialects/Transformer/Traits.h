// Traits of xf's ops.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace ph::xf {

/// The op's result may have an activation encoding: it then encodes what it computed, as xf.encode does.
template <class ConcreteType>
class ResultMayBeEncoded : public mlir::OpTrait::TraitBase<ConcreteType, ResultMayBeEncoded> {};

} // namespace ph::xf
