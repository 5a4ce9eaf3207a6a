// Graphs spelled out in primitive ops, as exporters write them.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static std::string binary(Draft &draft, const std::string &kind, const std::string &a, const std::string &aType,
                          const std::string &b, const std::string &bType, const std::string &type) {
  return draft.emit("xf.elementwise " + kind + " " + a + ", " + b + " : (" + aType + ", " + bType + ") -> " + type);
}

static std::string unary(Draft &draft, const std::string &kind, const std::string &x, const std::string &type) {
  return draft.emit("xf.unary " + kind + " " + x + " : (" + type + ") -> " + type);
}

static std::string scalar(Draft &draft, const std::string &value) {
  return draft.emit("arith.constant dense<" + value + "> : tensor<f32>");
}

/// x / √(mean x² + eps) · w.
static Stream spelledNorm(Draft &draft, const Stream &x) {
  std::string one = "tensor<?x?x1xf32>", eps = scalar(draft, "1.0e-5");
  std::string square = binary(draft, "mul", x.name, x.type(), x.name, x.type(), x.type());
  std::string mean = draft.emit("xf.reduce mean " + square + " axes = [2] keepdims : (" + x.type() + ") -> " + one);
  std::string sum = binary(draft, "add", mean, one, eps, "tensor<f32>", one);
  std::string y;
  if (draft.chance(50))
    y = binary(draft, "mul", x.name, x.type(), unary(draft, "rsqrt", sum, one), one, x.type());
  else
    y = binary(draft, "div", x.name, x.type(), unary(draft, "sqrt", sum, one), one, x.type());
  Weight w = draft.weight({x.width});
  return {binary(draft, "mul", y, x.type(), w.name, w.type, x.type()), x.width};
}

/// Chains of functions element by element that stay bounded.
static Stream chain(Draft &draft, const Stream &x) {
  std::string y = x.name, type = x.type();
  for (int64_t left = 1 + draft.below(4); left > 0; --left)
    switch (draft.below(4)) {
    case 0:
      y = unary(draft, draft.among<std::string>({"neg", "abs", "tanh", "erf", "sigmoid", "sin", "cos"}), y, type);
      break;
    case 1:
      y = binary(draft, draft.among<std::string>({"add", "sub", "max", "min"}), y, type, draft.another(x).name, type,
                 type);
      break;
    case 2:
      y = binary(draft, draft.among<std::string>({"add", "mul", "div"}), y, type,
                 scalar(draft, draft.among<std::string>({"1.0", "0.5", "2.0"})), "tensor<f32>", type);
      break;
    default:
      std::string zero = scalar(draft, "0.0"), bits = "tensor<?x?x" + std::to_string(x.width) + "xi1>";
      std::string positive =
          draft.emit("xf.compare gt " + y + ", " + zero + " : (" + type + ", tensor<f32>) -> " + bits);
      y = draft.emit("xf.select " + positive + ", " + y + ", " + draft.another(x).name + " : (" + bits + ", " + type +
                     ", " + type + ") -> " + type);
    }
  return {y, x.width};
}

/// Cut, swapped and put together; shapes changed and changed back.
static Stream shuffle(Draft &draft, const Stream &x) {
  int64_t half = x.width / 2;
  Stream a{"", half}, b{"", half};
  std::string range = std::to_string(half);
  a.name = draft.emit("xf.slice " + x.name + " axis = 2 [0, " + range + "] : (" + x.type() + ") -> " + a.type());
  b.name = draft.emit("xf.slice " + x.name + " axis = 2 [" + range + ", " + std::to_string(x.width) + "] : (" +
                      x.type() + ") -> " + b.type());
  if (draft.chance(50))
    b.name = unary(draft, "neg", b.name, b.type());
  std::string y = draft.emit("xf.concat " + b.name + ", " + a.name + " axis = 2 : (" + b.type() + ", " + a.type() +
                             ") -> " + x.type());
  std::string split = "tensor<?x?x4x" + std::to_string(x.width / 4) + "xf32>";
  std::string turned = "tensor<?x4x?x" + std::to_string(x.width / 4) + "xf32>";
  std::string heads = draft.emit("xf.reshape " + y + " [0, 0, 4, -1] : (" + x.type() + ") -> " + split);
  heads = draft.emit("xf.transpose " + heads + " [0, 2, 1, 3] : (" + split + ") -> " + turned);
  if (draft.chance(50))
    heads = draft.emit("xf.softmax " + heads + " axis = " + std::to_string(draft.among<int64_t>({1, 2, 3})) + " : (" +
                       turned + ") -> " + turned);
  heads = draft.emit("xf.transpose " + heads + " [0, 2, 1, 3] : (" + turned + ") -> " + split);
  return draft.stream(x.width, "xf.reshape " + heads + " [0, 0, -1] : (" + split + ") -> " + x.type());
}

/// Attention of equal heads without a mask, the scale before, after or as a division.
static Stream spelledAttention(Draft &draft, const Stream &x) {
  constexpr int64_t heads = 2, dim = 16;
  std::string split = "tensor<?x?x2x16xf32>", turned = "tensor<?x2x?x16xf32>", scores = "tensor<?x2x?x?xf32>";
  auto projected = [&] {
    Stream y = draft.linear(x, heads * dim);
    std::string cut = draft.emit("xf.reshape " + y.name + " [0, 0, 2, 16] : (" + y.type() + ") -> " + split);
    return draft.emit("xf.transpose " + cut + " [0, 2, 1, 3] : (" + split + ") -> " + turned);
  };
  std::string q = projected(), k = projected(), v = projected();
  bool before = draft.chance(50);
  std::string factor = scalar(draft, "0.25"), none = "tensor<f32>";
  if (before)
    q = binary(draft, "mul", q, turned, factor, none, turned);
  std::string s;
  if (draft.chance(50)) {
    s = draft.emit("xf.matmul " + q + ", " + k + " transpose_b : (" + turned + ", " + turned + ") -> " + scores);
  } else {
    std::string columns = "tensor<?x2x16x?xf32>";
    k = draft.emit("xf.transpose " + k + " [0, 1, 3, 2] : (" + turned + ") -> " + columns);
    s = draft.emit("xf.matmul " + q + ", " + k + " : (" + turned + ", " + columns + ") -> " + scores);
  }
  if (!before)
    s = draft.chance(50) ? binary(draft, "mul", s, scores, factor, none, scores)
                         : binary(draft, "div", s, scores, scalar(draft, "4.0"), none, scores);
  std::string p = draft.emit("xf.softmax " + s + " axis = 3 : (" + scores + ") -> " + scores);
  std::string y = draft.emit("xf.matmul " + p + ", " + v + " : (" + scores + ", " + turned + ") -> " + turned);
  y = draft.emit("xf.transpose " + y + " [0, 2, 1, 3] : (" + turned + ") -> " + split);
  Stream joined{"", heads * dim};
  joined.name = draft.emit("xf.reshape " + y + " [0, 0, 32] : (" + split + ") -> " + joined.type());
  return draft.linear(joined, x.width);
}

llvm::ArrayRef<Family> primitiveFamilies() {
  static constexpr Family families[] = {
      {"spelled_norm", spelledNorm},
      {"chain", chain},
      {"shuffle", shuffle},
      {"spelled_attention", spelledAttention},
  };
  return families;
}

} // namespace ph::proof
