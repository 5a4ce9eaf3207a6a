// Activations in the encodings that they can have.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static Stream encoded(Draft &draft, const Stream &x) {
  std::string type = "tensor<?x?x" + std::to_string(x.width) + "xf32, #xf.format<" +
                     draft.among<std::string>({"i8x32", "i8x16", "f16", "bf16"}) + ">>";
  if (x.width % 32 != 0)
    return x;
  std::string small = draft.emit("xf.encode " + x.name + " : (" + x.type() + ") -> " + type);
  Weight w = draft.weight({64, x.width});
  Stream y{"", 64};
  y.name = draft.emit("xf.linear " + small + ", " + w.name + " : (" + type + ", " + w.type + ") -> " + y.type());
  return y;
}

llvm::ArrayRef<Family> storageFamilies() {
  static constexpr Family families[] = {{"encoded", encoded}};
  return families;
}

} // namespace ph::proof
