// Looks for numbers in a tensor's bytes that are infinite or NaN.
#pragma once
#include "runtime/quant/Format.h"
#include <optional>
#include <span>

namespace ph {

/// The offset in `bytes` (whole blocks of `format`) of the first number, element or scale, that is infinite or NaN, or
/// so large that a value it makes would not be finite as f32; none if there is no such number. Codes cannot be wrong,
/// so they are not read: one pass over the scales' cache lines. Always none for integers, and for Opaque formats, which
/// nothing decodes.
std::optional<uint64_t> findNonFinite(const Format &format, std::span<const uint8_t> bytes);

} // namespace ph
