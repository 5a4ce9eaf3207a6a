// Brings weights from the source model's formats into a packed layout, tile by tile, with bounded memory.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/quant/PackedLayout.h"
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ph::codegen {

/// One matrix of the source model, rows one after another. Parts of a matrix have the same number of columns.
struct PackPart {
  std::string name;               ///< stands in errors
  const Format *format = nullptr; ///< Float or Affine
  std::span<const uint8_t> data;  ///< rows * columns elements
  int64_t rows = 0, columns = 0;
  /// rope_halves: of each of so many heads, rows in interleaved pairs become halves; 0: rows stay.
  int64_t ropeHeads = 0;
};

struct PackRequest {
  PackedLayout layout;           ///< holds every part exactly: the join of the parts' choices
  std::vector<PackPart> parts;   ///< concatenated in order
  std::vector<PackPart> upParts; ///< gated: tile 2u is tile u of `parts`, tile 2u+1 of `upParts`; else empty
  /// Told of source bytes that won't be read again, in runs of about a megabyte; may be empty.
  std::function<void(std::span<const uint8_t>)> release;
};

/// Receives the packed bytes in order, whole tiles at a time.
using PackSink = std::function<Status(std::span<const uint8_t>)>;

/// Packs. Errors: BadModel if a part's size, format or a non-finite scale, min or value stands against it (named), and
/// the sink's own.
Status packWeights(const PackRequest &request, const PackSink &sink);

} // namespace ph::codegen
