// Images and what slides over the sequence.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

/// Over the neighbours of each token, which keeps the sequence as long as it is.
static Stream convolution(Draft &draft, const Stream &x) {
  std::string width = std::to_string(x.width), turned = "tensor<?x" + width + "x?xf32>";
  bool depthwise = draft.chance(40);
  Weight w = draft.weight({x.width, depthwise ? 1 : x.width, 3});
  std::string y = draft.emit("xf.transpose " + x.name + " [0, 2, 1] : (" + x.type() + ") -> " + turned);
  y = draft.emit("xf.convolution " + y + ", " + w.name + " padding = [1]" + (depthwise ? " groups = " + width : "") +
                 " : (" + turned + ", " + w.type + ") -> " + turned);
  return draft.stream(x.width, "xf.transpose " + y + " [0, 2, 1] : (" + turned + ") -> " + x.type());
}

/// Patches of an image in place of some tokens.
static Stream merged(Draft &draft, const Stream &x) {
  std::string image = draft.argument("image", "tensor<?x3x8x8xf32>"), width = std::to_string(x.width);
  std::string type = "tensor<?x4x" + width + "xf32>";
  Weight w = draft.weight({x.width, 3, 4, 4}), b;
  if (draft.chance(50))
    b = draft.weight({x.width});
  std::string patches;
  if (b.name.empty()) {
    // As exporters write it.
    std::string rows = "tensor<?x" + width + "x4xf32>", cut = "tensor<?x" + width + "x2x2xf32>";
    patches = draft.emit("xf.convolution " + image + ", " + w.name + " stride = [4, 4] : (tensor<?x3x8x8xf32>, " +
                         w.type + ") -> " + cut);
    patches = draft.emit("xf.reshape " + patches + " [0, 0, -1] : (" + cut + ") -> " + rows);
    patches = draft.emit("xf.transpose " + patches + " [0, 2, 1] : (" + rows + ") -> " + type);
  } else {
    patches = draft.emit("xf.patch_embedding " + image + ", " + w.name + " bias " + b.name +
                         " : (tensor<?x3x8x8xf32>, " + w.type + ", " + b.type + ") -> " + type);
  }
  return draft.stream(x.width, "xf.merge_features " + x.name + ", " + draft.tokens() + ", " + patches +
                                   " image_token = 7 : (" + x.type() + ", tensor<?x?xi32>, " + type + ") -> " +
                                   x.type());
}

llvm::ArrayRef<Family> visionFamilies() {
  static constexpr Family families[] = {{"convolution", convolution}, {"merge_features", merged}};
  return families;
}

} // namespace ph::proof
