// How a weight matrix lies in an artifact: tiles of 16 output rows, in the order in which the kernels read them.
#pragma once
#include "runtime/quant/Format.h"
#include <cstdint>
#include <optional>
#include <string>

namespace ph {

/// Output rows of a tile. A matrix of N rows is padded with zero rows to a multiple of it.
inline constexpr int64_t kTileRows = 16;

/// What a tile holds.
///
/// Affine, for each group of `group` columns:
///   16 x scale | 16 x min, if zeroPoint < 0 | codes; scale and min are f16 if halfScales, else f32.
///   4-bit codes: group/8 chunks of 64 bytes; byte 4r+i of chunk j is q[r][8j+i] | q[r][8j+4+i] << 4, i < 4.
///   8-bit codes: group/4 chunks of 64 bytes; byte 4r+i of chunk j is q[r][4j+i].
///   value = scale * code + min, with min = -zeroPoint * scale where zeroPoint >= 0;
///   or scale * number[code] where the codes are of a table.
/// F32, F16, BF16: [columns][16] elements.
struct PackedLayout {
  enum class Kind : uint8_t { Affine, F32, F16, BF16 };
  Kind kind = Kind::F32;
  uint8_t storedBits = 0;  ///< Affine: 4 or 8
  uint8_t codeBits = 0;    ///< Affine: codes are below 1 << codeBits
  uint8_t group = 0;       ///< Affine: 16 or 32 columns
  bool halfScales = false; ///< Affine
  int16_t zeroPoint = -1;  ///< Affine: -1 if groups have their own mins
  bool table = false;      ///< Affine: 4-bit codes are of the numbers of NormalFloat.h; the zero point is 0

  bool operator==(const PackedLayout &) const = default;
  bool isAffine() const { return kind == Kind::Affine; }
  bool hasMins() const { return isAffine() && zeroPoint < 0; }
  int64_t scaleBytes() const { return halfScales ? 2 : 4; }
  /// Affine: bytes of scales and mins before the codes of a group.
  int64_t groupHeaderBytes() const { return kTileRows * scaleBytes() * (hasMins() ? 2 : 1); }
  /// Affine: bytes of a group of a tile.
  int64_t groupBytes() const { return groupHeaderBytes() + kTileRows * group * storedBits / 8; }
  int64_t elementBytes() const { return kind == Kind::F32 ? 4 : 2; }
  /// Bytes of a tile of `columns` columns (Affine: a multiple of group). Always a multiple of 32.
  int64_t tileBytes(int64_t columns) const;
  /// Bytes of a matrix.
  int64_t matrixBytes(int64_t rows, int64_t columns) const {
    return (rows + kTileRows - 1) / kTileRows * tileBytes(columns);
  }
  /// Short and unique, used in kernel names and the manifest: "a4g32hm" = 4 bits, groups of 32, half scales, mins;
  /// "a8g16sz32c6" = 8 bits stored, single scales, zero point 32, 6 of the bits used; "n4g32s" = codes of a table;
  /// "f32", "f16", "bf16".
  std::string name() const;

  /// The smallest layout that holds `format` exactly; none if the format can't be decoded or is no kind of weight.
  /// `columns` that are no multiple of the group get the layout of floats.
  static std::optional<PackedLayout> choose(const Format &format, int64_t columns);
  /// The smallest layout that holds what either holds, exactly.
  static PackedLayout join(const PackedLayout &a, const PackedLayout &b);
  /// The same with groups of 16 columns, for activations that are encoded by 16. Floats stay as they are.
  PackedLayout withGroup16() const;
};

} // namespace ph
