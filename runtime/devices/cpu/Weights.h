// The packed weights of an artifact in memory: read once into huge pages, or mapped. Never both.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/Memory.h"
#include "runtime/threads/Team.h"
#include <cstdint>
#include <functional>
#include <string>

namespace ph {

enum class WeightsMode {
  Read, ///< into anonymous memory with huge pages: fastest, counts as ours
  Map,  ///< pages of the file, loaded when first used, and the system may drop them; needs an offset of 64-byte
        ///< alignment
};

class Weights {
public:
  /// `bytes` at `offset` of `path`. `progress` (may be empty) is told the bytes read so far, on the calling thread.
  /// Errors: Failed (can't be opened or read), BadModel (file too short), WontFit.
  static Expected<Weights> load(const std::string &path, uint64_t offset, uint64_t bytes, WeightsMode mode, Team &team,
                                const std::function<void(uint64_t)> &progress = {});
  const uint8_t *data() const { return region.data(); }
  /// A place in it that may be changed; the file stays as it is. Errors: WontFit.
  Expected<uint8_t *> writable(uint64_t offset, uint64_t bytes);
  uint64_t size() const { return region.size(); }
  bool mapped() const { return isMapped; }

private:
  Region region;
  bool isMapped = false;
};

} // namespace ph
