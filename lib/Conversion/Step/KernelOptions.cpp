#include "KernelOptions.h"

using namespace mlir;

namespace ph::conversion {

NamedAttribute layoutOption(Builder &b, const PackedLayout &layout) {
  using Kind = PackedLayout::Kind;
  StringRef kind = layout.kind == Kind::Affine ? "affine"
                   : layout.kind == Kind::F32  ? "f32"
                   : layout.kind == Kind::F16  ? "f16"
                                               : "bf16";
  llvm::SmallVector<NamedAttribute> entries = {stringOption(b, "kind", kind)};
  if (layout.isAffine()) {
    entries.append({numberOption(b, "stored_bits", int64_t(layout.storedBits)),
                    numberOption(b, "code_bits", int64_t(layout.codeBits)),
                    numberOption(b, "group", int64_t(layout.group)),
                    numberOption(b, "zero_point", int64_t(layout.zeroPoint))});
    if (layout.halfScales)
      entries.push_back(flagOption(b, "half_scales"));
    if (layout.table)
      entries.push_back(flagOption(b, "table"));
  }
  return b.getNamedAttr("layout", b.getDictionaryAttr(entries));
}

} // namespace ph::conversion
