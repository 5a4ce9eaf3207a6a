#include "runtime/session/ManifestAdapters.h"
#include "runtime/base/Quote.h"
#include <cstring>

namespace ph {

Expected<const ManifestAdapter *> ManifestAdapters::find(const std::string &name, const std::string &artifact) const {
  std::string known;
  for (const ManifestAdapter &adapter : list) {
    if (adapter.name == name)
      return &adapter;
    known += (known.empty() ? "" : ", ") + adapter.name;
  }
  return Error{ErrorCode::Usage, artifact + ": has no adapter " + quoteText(name) +
                                     (known.empty() ? " to choose: phc MODEL --adapter NAME=FOLDER compiles some in"
                                                    : "; it has " + known)};
}

Status ManifestAdapters::apply(const ManifestAdapter &adapter, std::span<const uint8_t> file, Weights &weights) const {
  const uint8_t *from = file.data() + adapter.offset;
  for (const Place &place : places) {
    auto to = weights.writable(place.offset, place.bytes);
    if (!to)
      return to.error();
    std::memcpy(*to, from, place.bytes);
    from += place.bytes;
  }
  return {};
}

} // namespace ph
