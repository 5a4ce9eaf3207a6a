// Numbers of bytes as people write them.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace ph {

/// The bytes that "300MiB", "1.5 GB", "64 KiB" or "4096" are: a number, which may have a fraction before a unit, and B,
/// KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (of 1024). Nothing if it is no such text, or more than 2^53.
std::optional<int64_t> parseByteCount(std::string_view text);

} // namespace ph
