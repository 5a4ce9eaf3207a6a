// Numbers as somebody wrote them before a file kept them in less precision.
#pragma once

namespace ph::xf {

/// The decimal number of the fewest digits that rounds to `value`: 1e-12 of the f32 next to it.
double decimalOf(float value);

} // namespace ph::xf
