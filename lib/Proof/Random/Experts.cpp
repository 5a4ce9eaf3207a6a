// Mixtures of experts.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static Stream experts(Draft &draft, const Stream &x) {
  constexpr int64_t count = 4;
  int64_t chosen = draft.among<int64_t>({1, 2}), inner = 32;
  Weight router = draft.weight({count, x.width});
  Stream logits{"", count};
  logits.name = draft.emit("xf.linear " + x.name + ", " + router.name + " : (" + x.type() + ", " + router.type +
                           ") -> " + logits.type());
  std::string k = std::to_string(chosen), numbers = "tensor<?x?x" + k + "xi32>";
  Stream scores{"", chosen};
  std::string options =
      draft.among<std::string>({"softmax @", "softmax @ normalize", "softmax @ after_top_k",
                                "sigmoid @ normalize scale = 2.5", "sigmoid @ groups = 2 group_top_k = 1 normalize"});
  auto [scoring, rest] = llvm::StringRef(options).split('@');
  auto routed = draft.emitMany(2, "xf.router " + scoring + logits.name + " top_k = " + k + rest.str() + " : (" +
                                      logits.type() + ") -> (" + scores.type() + ", " + numbers + ")");
  scores.name = routed[0];
  auto product = [&](const std::string &input, const std::string &inputType, int64_t rows, int64_t columns) {
    Weight w = draft.weight({count, rows, columns});
    std::string type = "tensor<?x?x" + k + "x" + std::to_string(rows) + "xf32>";
    return std::pair(draft.emit("xf.expert_linear " + input + ", " + w.name + ", " + routed[1] + " : (" + inputType +
                                ", " + w.type + ", " + numbers + ") -> " + type),
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
