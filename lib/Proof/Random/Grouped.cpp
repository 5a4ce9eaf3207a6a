// Mixtures whose tokens are sorted by expert.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static Stream grouped(Draft &draft, const Stream &x) {
  constexpr int64_t count = 4, inner = 32;
  std::string k = draft.among<std::string>({"1", "2"}), numbers = "tensor<?x?x" + k + "xi32>";
  std::string scores = "tensor<?x?x" + k + "xf32>", rows = "tensor<?x" + std::to_string(x.width) + "xf32>";
  std::string hidden = "tensor<?x" + std::to_string(inner) + "xf32>";
  Weight router = draft.weight({count, x.width});
  Stream logits = draft.stream(count, "xf.linear " + x.name + ", " + router.name + " : (" + x.type() + ", " +
                                          router.type + ") -> tensor<?x?x4xf32>");
  auto routed = draft.emitMany(2, "xf.router softmax " + logits.name + " top_k = " + k + draft.maybe(50, " normalize") +
                                      " : (" + logits.type() + ") -> (" + scores + ", " + numbers + ")");
  auto sorted = draft.emitMany(2, "xf.sort_by_expert " + routed[1] + " experts = 4 : (" + numbers +
                                      ") -> (tensor<?xi32>, tensor<5xi32>)");
  std::string gathered = draft.emit("xf.gather_tokens " + x.name + ", " + sorted[0] + " top_k = " + k + " : (" +
                                    x.type() + ", tensor<?xi32>) -> " + rows);
  auto product = [&](const std::string &input, const std::string &inputType, int64_t width, int64_t columns,
                     const std::string &type) {
    Weight w = draft.weight({count, width, columns}), b;
    if (draft.chance(30))
      b = draft.weight({count, width});
    return draft.emit("xf.grouped_linear " + input + ", " + w.name + ", " + sorted[1] +
                      (b.name.empty() ? "" : " bias " + b.name) + " : (" + inputType + ", " + w.type +
                      ", tensor<5xi32>" + (b.name.empty() ? "" : ", " + b.type) + ") -> " + type);
  };
  std::string gate = product(gathered, rows, inner, x.width, hidden);
  std::string up = product(gathered, rows, inner, x.width, hidden);
  std::string gated =
      draft.emit("xf.gated_activation silu " + gate + ", " + up + " : (" + hidden + ", " + hidden + ") -> " + hidden);
  std::string down = product(gated, hidden, x.width, inner, rows);
  return draft.stream(x.width, "xf.scatter_combine " + down + ", " + sorted[0] + ", " + routed[0] + " : (" + rows +
                                   ", tensor<?xi32>, " + scores + ") -> " + x.type());
}

llvm::ArrayRef<Family> groupedFamilies() {
  static constexpr Family families[] = {{"grouped_experts", grouped}};
  return families;
}

} // namespace ph::proof
