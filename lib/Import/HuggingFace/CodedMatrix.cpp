#include "CodedMatrix.h"
#include <algorithm>
#include <cstring>
#include <optional>

namespace ph {
namespace {

constexpr int64_t kBlock = 32, kRowsAtOnce = 64;

/// How codes are stored: a format and what is added to each code to have its zero point.
struct Storage {
  const Format *format = nullptr; ///< null: as f32
  int shift = 0;
};

/// The zero that all groups have, if they have one.
std::optional<int> onlyZero(const CodedMatrix &m) {
  bool same = std::all_of(m.zeros.begin(), m.zeros.end(), [&](int zero) { return zero == m.zeros[0]; });
  return same ? std::optional<int>(m.zeros[0]) : std::nullopt;
}

Storage storageOf(const CodedMatrix &m) {
  for (int64_t column = 0; column < m.columns; ++column)
    if (m.columns % kBlock || m.groupOf[column] != m.groupOf[column - column % kBlock])
      return {};
  const bool small = m.bits <= 4, halves = m.scaleType == SafetensorsType::F16;
  const int middle = small ? 8 : 128;
  if (std::optional<int> zero = onlyZero(m))
    if (int shift = middle - *zero; shift >= 0 && (1 << m.bits) - 1 + shift < 2 * middle)
      return {findFormatByName(halves ? (small ? "q4_0" : "q8_0") : (small ? "i4_f32" : "i8_f32")), shift};
  // Single scales have too many bits for an exact product with the zero.
  if (m.scaleType == SafetensorsType::F32)
    return {};
  return {findFormatByName(small ? "u4_f32" : "u8_f32"), 0};
}

/// Writes a block as its format has it: scale, min if the format has one, and codes.
void putBlock(const Storage &storage, float scale, int zero, const uint8_t *codes, uint8_t *block) {
  const Format &format = *storage.format;
  if (format.halfScales) {
    const uint16_t half = floatToHalf(scale);
    std::memcpy(block, &half, 2);
    block += 2;
  } else {
    std::memcpy(block, &scale, 4);
    block += 4;
  }
  if (format.zeroPoint < 0) {
    const float min = -scale * float(zero);
    std::memcpy(block, &min, 4);
    block += 4;
  }
  const uint8_t flip = format.name == "q8_0" ? 0x80 : 0; // signed there
  for (int i = 0; i < (format.bits == 4 ? 16 : 32); ++i)
    block[i] = format.bits == 4 ? uint8_t((codes[i] + storage.shift) | (codes[i + 16] + storage.shift) << 4)
                                : uint8_t((codes[i] + storage.shift) ^ flip);
}

} // namespace

std::vector<int64_t> groupsInOrder(int64_t columns, int64_t size) {
  std::vector<int64_t> groups(columns);
  for (int64_t column = 0; column < columns; ++column)
    groups[column] = column / size;
  return groups;
}

Status addCoded(QuantizedCheckpoint &c, const std::string &name, const CodedMatrix &m, const std::string &order) {
  const Storage storage = storageOf(m);
  const Format &format = storage.format ? *storage.format : *findFormatByName("f32");
  auto into = c.add(name, {m.rows, m.columns}, format);
  if (!into)
    return into.error();
  for (int64_t group : m.groupOf)
    if (group < 0 || group >= m.groups)
      return c.bad(order, "names group " + std::to_string(group) + " of " + std::to_string(m.groups));
  uint8_t *out = into->data();
  std::vector<uint8_t> codes(kRowsAtOnce * m.columns);
  for (int64_t first = 0; first < m.rows; first += kRowsAtOnce) {
    const int64_t count = std::min(kRowsAtOnce, m.rows - first);
    m.read(first, count, codes.data());
    for (int64_t row = first; row < first + count; ++row) {
      const uint8_t *line = codes.data() + (row - first) * m.columns;
      for (int64_t column = 0; column < m.columns; column += format.blockElements, out += format.blockBytes) {
        const int64_t at = m.groupOf[column] * m.rows + row;
        if (storage.format) {
          putBlock(storage, m.scales[at], m.zeros[at], line + column, out);
          continue;
        }
        const float value = m.scales[at] * float(int(line[column]) - m.zeros[at]);
        std::memcpy(out, &value, 4);
      }
    }
  }
  return {};
}

} // namespace ph
