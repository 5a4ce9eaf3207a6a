// Rotations and activations spelled out in primitive ops, and constants to compute.
#include "lib/Proof/Random/Draft.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace ph::proof {

static std::string number(Draft &draft, const std::string &value) {
  return draft.emit("arith.constant dense<" + value + "> : tensor<f32>");
}

static std::string times(Draft &draft, const Stream &x, const std::string &y, const std::string &type) {
  return draft.emit("xf.elementwise mul " + x.name + ", " + y + " : (" + x.type() + ", " + type + ") -> " + x.type());
}

static Stream spelledActivation(Draft &draft, const Stream &of) {
  Stream x = draft.chance(70) ? draft.linear(of, of.width) : of;
  std::string type = x.type(), none = "tensor<f32>";
  if (draft.chance(50)) {
    std::string gate = draft.emit("xf.unary sigmoid " + x.name + " : (" + type + ") -> " + type);
    return {times(draft, x, gate, type), x.width};
  }
  Stream scaled{times(draft, x, number(draft, "0.707106769"), none), x.width};
  std::string erf = draft.emit("xf.unary erf " + scaled.name + " : (" + type + ") -> " + type);
  std::string sum = draft.emit("xf.elementwise add " + erf + ", " + number(draft, "1.0") + " : (" + type + ", " + none +
                               ") -> " + type);
  Stream y{times(draft, x, sum, type), x.width};
  return {times(draft, y, number(draft, "0.5"), none), x.width};
}

/// Times a root of a size that the type says, or a product of constants, as exporters leave them.
static Stream computedFactor(Draft &draft, const Stream &x) {
  std::string factor, none = "tensor<f32>";
  if (draft.chance(50)) {
    std::string size = draft.emit("xf.dim " + x.name + " axis = 2 : (" + x.type() + ") -> index");
    std::string scalar = draft.emit("xf.scalar " + size + " : (index) -> tensor<i32>");
    scalar = draft.emit("xf.cast " + scalar + " : (tensor<i32>) -> " + none);
    factor = draft.emit("xf.unary rsqrt " + scalar + " : (" + none + ") -> " + none);
  } else {
    factor = draft.emit("xf.elementwise mul " + number(draft, "0.5") + ", " +
                        number(draft, draft.among<std::string>({"2.0", "0.5"})) + " : (" + none + ", " + none +
                        ") -> " + none);
  }
  return {times(draft, x, factor, none), x.width};
}

/// x · cos(a) + (-x₂, x₁) · sin(a) of two heads, as Hugging Face's Llama is exported.
static Stream spelledRope(Draft &draft, const Stream &x) {
  int64_t dim = x.width / 2, half = dim / 2;
  std::string inverse, d = std::to_string(dim), h = std::to_string(half), positions = draft.positions();
  for (int64_t i = 0; i < half; ++i)
    inverse += (i ? ", [" : "[") + llvm::formatv("{0:e9}", std::pow(1e4, -double(i) / double(half))).str() + "]";
  std::string split = "tensor<?x?x2x" + d + "xf32>", turned = "tensor<?x2x?x" + d + "xf32>",
              part = "tensor<?x2x?x" + h + "xf32>", angles = "tensor<?x?x" + h + "xf32>",
              both = "tensor<?x?x" + d + "xf32>", each = "tensor<?x1x?x" + d + "xf32>";
  std::string frequencies = "tensor<1x" + h + "x1xf32>", columns = "tensor<?x" + h + "x?xf32>";
  std::string v = draft.emit("xf.reshape " + x.name + " [0, 0, 2, " + d + "] : (" + x.type() + ") -> " + split);
  v = draft.emit("xf.transpose " + v + " [0, 2, 1, 3] : (" + split + ") -> " + turned);
  std::string f = draft.emit("arith.constant dense<[[" + inverse + "]]> : " + frequencies);
  std::string p = draft.emit("xf.reshape " + positions + " [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>");
  p = draft.emit("xf.cast " + p + " : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>");
  std::string a = draft.emit("xf.matmul " + f + ", " + p + " : (" + frequencies + ", tensor<?x1x?xf32>) -> " + columns);
  a = draft.emit("xf.transpose " + a + " [0, 2, 1] : (" + columns + ") -> " + angles);
  a = draft.emit("xf.concat " + a + ", " + a + " axis = 2 : (" + angles + ", " + angles + ") -> " + both);
  auto factor = [&](const std::string &kind) {
    std::string y = draft.emit("xf.unary " + kind + " " + a + " : (" + both + ") -> " + both);
    return draft.emit("xf.reshape " + y + " [0, 1, -1, " + d + "] : (" + both + ") -> " + each);
  };
  std::string cos = factor("cos"), sin = factor("sin");
  std::string low = draft.emit("xf.slice " + v + " axis = 3 [0, " + h + "] : (" + turned + ") -> " + part);
  std::string high = draft.emit("xf.slice " + v + " axis = 3 [" + h + ", " + d + "] : (" + turned + ") -> " + part);
  high = draft.emit("xf.unary neg " + high + " : (" + part + ") -> " + part);
  std::string other =
      draft.emit("xf.concat " + high + ", " + low + " axis = 3 : (" + part + ", " + part + ") -> " + turned);
  std::string y = draft.emit("xf.elementwise mul " + v + ", " + cos + " : (" + turned + ", " + each + ") -> " + turned);
  other = draft.emit("xf.elementwise mul " + other + ", " + sin + " : (" + turned + ", " + each + ") -> " + turned);
  y = draft.emit("xf.elementwise add " + y + ", " + other + " : (" + turned + ", " + turned + ") -> " + turned);
  y = draft.emit("xf.transpose " + y + " [0, 2, 1, 3] : (" + turned + ") -> " + split);
  return draft.stream(x.width, "xf.reshape " + y + " [0, 0, -1] : (" + split + ") -> " + x.type());
}

llvm::ArrayRef<Family> spelledFamilies() {
  static constexpr Family families[] = {
      {"spelled_activation", spelledActivation},
      {"computed_factor", computedFactor},
      {"spelled_rope", spelledRope},
  };
  return families;
}

} // namespace ph::proof
