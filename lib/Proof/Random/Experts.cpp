// Mixtures of experts.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static Stream experts(Draft &draft, const Stream &x) {
  constexpr int64_t count = 4;
  int64_t chosen = draft.among<int64_t>({1, 2}), inner = 32;
  // Where a bias of -∞ keeps an expert out, it can be pruned; where all are copies, they can be made one.
  const std::string perRow = draft.among<std::string>({"", "", "{expert}", "copied"});
  auto keepOut = [&] {
    return draft.chance(20) ? draft.emit("arith.constant dense<[0.1, 0xFF800000, -0.2, 0.0]> : tensor<4xf32>") : "";
  };
  Weight router = draft.weight({count, x.width});
  Stream logits{"", count};
  std::string bias = keepOut();
  logits.name =
      draft.emit("xf.linear " + x.name + ", " + router.name + (bias.empty() ? "" : " bias " + bias) + " : (" +
                 x.type() + ", " + router.type + (bias.empty() ? "" : ", tensor<4xf32>") + ") -> " + logits.type());
  std::string k = std::to_string(chosen), numbers = "tensor<?x?x" + k + "xi32>";
  Stream scores{"", chosen};
  std::string options =
      draft.among<std::string>({"softmax @", "softmax @ normalize", "softmax @ after_top_k",
                                "sigmoid @ normalize scale = 2.5", "sigmoid @ groups = 2 group_top_k = 1 normalize"});
  auto [scoring, rest] = llvm::StringRef(options).split('@');
  std::string choice = keepOut();
  auto routed = draft.emitMany(2, "xf.router " + scoring + logits.name + (choice.empty() ? "" : " bias " + choice) +
                                      " top_k = " + k + rest.str() + " : (" + logits.type() +
                                      (choice.empty() ? "" : ", tensor<4xf32>") + ") -> (" + scores.type() + ", " +
                                      numbers + ")");
  scores.name = routed[0];
  auto product = [&](const std::string &input, const std::string &inputType, int64_t rows, int64_t columns) {
    Weight w = draft.weight({count, rows, columns}, perRow), b;
    if (draft.chance(30))
      b = draft.weight({count, rows}, perRow);
    std::string type = "tensor<?x?x" + k + "x" + std::to_string(rows) + "xf32>";
    return std::pair(draft.emit("xf.expert_linear " + input + ", " + w.name + ", " + routed[1] +
                                (b.name.empty() ? "" : " bias " + b.name) + " : (" + inputType + ", " + w.type + ", " +
                                numbers + (b.name.empty() ? "" : ", " + b.type) + ") -> " + type),
                     type);
  };
  auto [gate, innerType] = product(x.name, x.type(), inner, x.width);
  auto [up, upType] = product(x.name, x.type(), inner, x.width);
  std::string gated = draft.emit("xf.gated_activation " + draft.among<std::string>({"silu", "gelu"}) + " " + gate +
                                 ", " + up + " : (" + innerType + ", " + innerType + ") -> " + innerType);
  auto [down, type] = product(gated, innerType, x.width, inner);
  return draft.stream(x.width, "xf.combine_experts " + down + ", " + scores.name + " : (" + type + ", " +
                                   scores.type() + ") -> " + x.type());
}

llvm::ArrayRef<Family> expertFamilies() {
  static constexpr Family families[] = {{"experts", experts}};
  return families;
}

} // namespace ph::proof
