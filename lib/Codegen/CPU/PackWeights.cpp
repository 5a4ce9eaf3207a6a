#include "powerhouse/Codegen/CPU/PackWeights.h"
#include <algorithm>
#include <cassert>
#include <cstring>

namespace ph::codegen {
namespace {

/// Columns that are decoded at a time: the largest block, so that 16 rows of codes stay in the first cache.
constexpr int64_t kStrip = 256;
constexpr int64_t kRunBytes = 1 << 20;

Error badPart(const PackPart &part, const std::string &what) {
  return {ErrorCode::BadModel, "tensor '" + part.name + "' " + what};
}

bool sameElements(const PackedLayout &layout, const Format &format) {
  switch (layout.kind) {
  case PackedLayout::Kind::F32:
    return format.name == "f32";
  case PackedLayout::Kind::F16:
    return format.name == "f16";
  case PackedLayout::Kind::BF16:
    return format.name == "bf16";
  case PackedLayout::Kind::Affine:
    return false;
  }
  return false;
}

/// One part as rows in packing order, with what was read of it.
class RowSource {
public:
  RowSource(const PackPart &part) : part(part) {
    const Format &format = *part.format;
    blockElements = format.blockElements;
    blockBytes = format.blockBytes;
    rowBytes = part.columns / blockElements * blockBytes;
  }

  Status check(const PackedLayout &layout) const {
    const Format &format = *part.format;
    if (part.columns % blockElements != 0)
      return badPart(part, "has rows of " + std::to_string(part.columns) + " elements, no whole number of " +
                               std::string(format.label) + " blocks");
    if (part.data.size() != size_t(rowBytes) * part.rows)
      return badPart(part, "has " + std::to_string(part.data.size()) + " bytes, but " + std::to_string(part.rows) +
                               " x " + std::to_string(part.columns) + " in " + std::string(format.label) + " are " +
                               std::to_string(rowBytes * part.rows));
    if (part.ropeHeads && (part.rows % part.ropeHeads || part.rows / part.ropeHeads % 2))
      return badPart(part, "has " + std::to_string(part.rows) + " rows, which are not " +
                               std::to_string(part.ropeHeads) + " heads of an even size");
    std::optional<PackedLayout> own = PackedLayout::choose(format, part.columns);
    if (!own || PackedLayout::join(layout, *own) != layout)
      return badPart(part, "is stored as " + std::string(format.label) + ", which the packed layout " + layout.name() +
                               " does not hold");
    return {};
  }

  /// The source row that becomes row `row`.
  const uint8_t *row(int64_t row) const {
    if (part.ropeHeads) {
      const int64_t size = part.rows / part.ropeHeads, head = row / size, i = row % size, half = size / 2;
      row = head * size + (i < half ? 2 * i : 2 * (i - half) + 1);
    }
    return part.data.data() + row * rowBytes;
  }

  /// Rows before `row` were packed: tells of what won't be read again.
  void done(int64_t row, const PackRequest &request) {
    if (!request.release)
      return;
    if (part.ropeHeads)
      row -= row % (part.rows / part.ropeHeads);
    const int64_t bytes = row * rowBytes;
    if (bytes - released < kRunBytes && row < part.rows)
      return;
    request.release(part.data.subspan(released, bytes - released));
    released = bytes;
  }

  const PackPart &part;
  int64_t blockElements = 1, blockBytes = 0, rowBytes = 0;

private:
  int64_t released = 0;
};

/// Rows of several parts, one after another.
class Rows {
public:
  explicit Rows(const std::vector<PackPart> &parts) {
    for (const PackPart &part : parts) {
      sources.emplace_back(part);
      total += part.rows;
    }
  }
  struct Row {
    const RowSource *source = nullptr; ///< null: a row of padding
    const uint8_t *bytes = nullptr;
  };
  Row row(int64_t row) const {
    for (const RowSource &source : sources) {
      if (row < source.part.rows)
        return {&source, source.row(row)};
      row -= source.part.rows;
    }
    return {};
  }
  void done(int64_t row, const PackRequest &request) {
    for (RowSource &source : sources) {
      source.done(std::min(row, source.part.rows), request);
      row -= source.part.rows;
      if (row <= 0)
        return;
    }
  }
  std::vector<RowSource> sources;
  int64_t total = 0;
};

class Packer {
public:
  Packer(const PackRequest &request, const PackSink &sink, int64_t columns)
      : layout(request.layout), sink(sink), columns(columns), tileBytes(layout.tileBytes(columns)) {}

  /// Appends one tile: rows [first, first + 16).
  Status tile(const Rows &rows, int64_t first) {
    if (buffer.size() >= size_t(kRunBytes))
      if (Status failed = flush())
        return failed;
    const size_t start = buffer.size();
    buffer.resize(start + tileBytes); // zeros: rows of padding stay so
    Rows::Row tileRows[kTileRows];
    for (int64_t r = 0; r < kTileRows; ++r)
      tileRows[r] = rows.row(first + r);
    for (int64_t column = 0; column < columns; column += kStrip) {
      const int64_t count = std::min(kStrip, columns - column);
      for (int64_t r = 0; r < kTileRows; ++r) {
        if (!tileRows[r].source)
          continue;
        const RowSource &source = *tileRows[r].source;
        const uint8_t *bytes = tileRows[r].bytes + column / source.blockElements * source.blockBytes;
        if (!(layout.isAffine() ? affine(source, bytes, &buffer[start], r, column, count)
                                : floats(source, bytes, &buffer[start], r, column, count)))
          return badPart(source.part, "has a scale or value that is not finite in columns " + std::to_string(column) +
                                          " to " + std::to_string(column + count - 1) + " of the row at byte " +
                                          std::to_string(tileRows[r].bytes - source.part.data.data()));
      }
    }
    return {};
  }

  Status flush() {
    if (buffer.empty())
      return {};
    Status status = sink(buffer);
    buffer.clear();
    return status;
  }

private:
  static bool finite(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return (bits & 0x7f800000) != 0x7f800000;
  }

  void putScale(uint8_t *out, float value) {
    if (layout.halfScales) {
      const uint16_t half = floatToHalf(value);
      std::memcpy(out, &half, 2);
    } else {
      std::memcpy(out, &value, 4);
    }
  }

  /// Row r of the tile at `out`, columns [column, column + count).
  bool affine(const RowSource &source, const uint8_t *bytes, uint8_t *out, int64_t r, int64_t column, int64_t count) {
    const Format &format = *source.part.format;
    const int64_t perBlock = format.blockElements / format.groupElements;
    uint8_t codes[kStrip];
    float scales[kStrip / 16], mins[kStrip / 16];
    for (int64_t i = 0, block = 0; i < count; i += format.blockElements, ++block)
      format.unpack(bytes + block * format.blockBytes, codes + i, scales + block * perBlock, mins + block * perBlock);
    bool allFinite = true;
    for (int64_t i = 0; i < count / format.groupElements; ++i)
      allFinite &= finite(scales[i]) && finite(mins[i]);
    if (!allFinite)
      return false;
    if (layout.zeroPoint >= 0 && format.zeroPoint != layout.zeroPoint)
      for (int64_t i = 0; i < count; ++i)
        codes[i] += uint8_t(layout.zeroPoint - format.zeroPoint);

    const int64_t scaleBytes = layout.scaleBytes();
    for (int64_t i = 0; i < count; i += layout.group) {
      uint8_t *group = out + (column + i) / layout.group * layout.groupBytes();
      putScale(group + r * scaleBytes, scales[i / format.groupElements]);
      if (layout.hasMins())
        putScale(group + (kTileRows + r) * scaleBytes, mins[i / format.groupElements]);
      uint8_t *chunk = group + layout.groupHeaderBytes() + 4 * r;
      if (layout.storedBits == 8) {
        for (int64_t k = 0; k < layout.group; k += 4, chunk += 4 * kTileRows)
          std::memcpy(chunk, codes + i + k, 4);
        continue;
      }
      for (int64_t k = 0; k < layout.group; k += 8, chunk += 4 * kTileRows) {
        uint32_t low, high;
        std::memcpy(&low, codes + i + k, 4);
        std::memcpy(&high, codes + i + k + 4, 4);
        low |= high << 4;
        std::memcpy(chunk, &low, 4);
      }
    }
    return true;
  }

  template <class T> static bool scatter(const uint8_t *bytes, uint8_t *out, int64_t count, T exponent) {
    bool allFinite = true;
    for (int64_t i = 0; i < count; ++i) {
      T bits;
      std::memcpy(&bits, bytes + i * sizeof(T), sizeof(T));
      allFinite &= (bits & exponent) != exponent;
      std::memcpy(out + i * kTileRows * sizeof(T), &bits, sizeof(T));
    }
    return allFinite;
  }

  bool floats(const RowSource &source, const uint8_t *bytes, uint8_t *out, int64_t r, int64_t column, int64_t count) {
    out += (column * kTileRows + r) * layout.elementBytes();
    float values[kStrip];
    if (!sameElements(layout, *source.part.format)) {
      dequantize(*source.part.format, bytes, values, count);
      bytes = reinterpret_cast<const uint8_t *>(values);
    }
    switch (layout.kind) {
    case PackedLayout::Kind::F16:
      return scatter<uint16_t>(bytes, out, count, 0x7c00);
    case PackedLayout::Kind::BF16:
      return scatter<uint16_t>(bytes, out, count, 0x7f80);
    default:
      return scatter<uint32_t>(bytes, out, count, 0x7f800000);
    }
  }

  const PackedLayout &layout;
  const PackSink &sink;
  int64_t columns, tileBytes;
  std::vector<uint8_t> buffer;
};

} // namespace

Status packWeights(const PackRequest &request, const PackSink &sink) {
  assert(!request.parts.empty());
  const int64_t columns = request.parts.front().columns;
  Rows rows(request.parts), up(request.upParts);
  for (const Rows *list : {&rows, &up})
    for (const RowSource &source : list->sources) {
      if (source.part.columns != columns)
        return badPart(source.part, "has rows of " + std::to_string(source.part.columns) + " elements, but '" +
                                        request.parts.front().name + "' beside it of " + std::to_string(columns));
      if (Status failed = source.check(request.layout))
        return failed;
    }
  if (!request.upParts.empty() && up.total != rows.total)
    return badPart(request.upParts.front(), "has " + std::to_string(up.total) + " rows, but '" +
                                                request.parts.front().name + "', its gate, " +
                                                std::to_string(rows.total));
  Packer packer(request, sink, columns);
  for (int64_t row = 0; row < rows.total; row += kTileRows) {
    if (Status failed = packer.tile(rows, row))
      return failed;
    rows.done(std::min(row + kTileRows, rows.total), request);
    if (request.upParts.empty())
      continue;
    if (Status failed = packer.tile(up, row))
      return failed;
    up.done(std::min(row + kTileRows, up.total), request);
  }
  return packer.flush();
}

} // namespace ph::codegen
