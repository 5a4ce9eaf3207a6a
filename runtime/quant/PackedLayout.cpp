#include "runtime/quant/PackedLayout.h"
#include <algorithm>

namespace ph {

int64_t PackedLayout::tileBytes(int64_t columns) const {
  return isAffine() ? columns / group * groupBytes() : columns * kTileRows * elementBytes();
}

std::string PackedLayout::name() const {
  switch (kind) {
  case Kind::F32:
    return "f32";
  case Kind::F16:
    return "f16";
  case Kind::BF16:
    return "bf16";
  case Kind::Affine:
    break;
  }
  std::string text =
      (table ? "n" : "a") + std::to_string(storedBits) + "g" + std::to_string(group) + (halfScales ? "h" : "s");
  if (table)
    return text;
  text += zeroPoint < 0 ? "m" : "z" + std::to_string(zeroPoint);
  if (codeBits != storedBits)
    text += "c" + std::to_string(codeBits);
  return text;
}

std::optional<PackedLayout> PackedLayout::choose(const Format &format, int64_t columns) {
  PackedLayout layout;
  if (format.kind == FormatKind::Float) {
    if (format.name == "f16")
      layout.kind = Kind::F16;
    else if (format.name == "bf16")
      layout.kind = Kind::BF16;
    else if (format.name != "f32") // f64 has values that no layout holds
      return std::nullopt;
    return layout;
  }
  if ((format.kind != FormatKind::Affine && format.kind != FormatKind::Table) || !format.unpack)
    return std::nullopt;
  if (columns % format.groupElements != 0)
    return layout;
  layout.kind = Kind::Affine;
  layout.codeBits = format.bits;
  layout.storedBits = format.bits <= 4 ? 4 : 8;
  layout.group = format.groupElements;
  layout.halfScales = format.halfScales;
  layout.zeroPoint = format.zeroPoint;
  layout.table = format.kind == FormatKind::Table;
  return layout;
}

PackedLayout PackedLayout::join(const PackedLayout &a, const PackedLayout &b) {
  if (a == b)
    return a;
  if (!a.isAffine() || !b.isAffine() || a.table || b.table)
    return {}; // f32 holds f16, bf16 and what affine values dequantize to
  PackedLayout both;
  both.kind = Kind::Affine;
  both.group = std::min(a.group, b.group);
  both.halfScales = a.halfScales && b.halfScales;
  both.codeBits = std::max(a.codeBits, b.codeBits);
  if (a.zeroPoint >= 0 && b.zeroPoint >= 0) {
    both.zeroPoint = a.zeroPoint;
    if (a.zeroPoint != b.zeroPoint) { // codes are moved: code - zeroPoint stays
      both.zeroPoint = std::max(a.zeroPoint, b.zeroPoint);
      auto bits = [&](const PackedLayout &l) {
        int top = (1 << l.codeBits) - 1 + both.zeroPoint - l.zeroPoint, count = 0;
        for (; top; top >>= 1)
          ++count;
        return count;
      };
      both.codeBits = std::max(bits(a), bits(b));
      if (both.codeBits > 8)
        both.zeroPoint = -1, both.codeBits = std::max(a.codeBits, b.codeBits);
    }
  }
  // A zero point times a scale may leave the range of f16.
  if (both.zeroPoint < 0 && (a.zeroPoint >= 0 || b.zeroPoint >= 0))
    both.halfScales = false;
  both.storedBits = both.codeBits <= 4 ? 4 : 8;
  return both;
}

PackedLayout PackedLayout::withGroup16() const {
  PackedLayout layout = *this;
  if (isAffine())
    layout.group = 16;
  return layout;
}

} // namespace ph
