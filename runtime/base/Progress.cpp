#include "runtime/base/Progress.h"

namespace ph {

Progress::Progress(std::string label, uint64_t total) : label(std::move(label)), total(total) { update(0); }

void Progress::update(uint64_t done) {
  if (line.visible())
    line.show(label, total ? " " + std::to_string(int(100.0 * double(done) / double(total))) + "%" : "");
}

} // namespace ph
