// Norms, linears, activations, splits.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static std::string activation(Draft &draft) { return draft.among<std::string>({"silu", "gelu", "gelu_tanh", "relu"}); }

static Stream rmsNorm(Draft &draft, const Stream &x) {
  Weight w = draft.weight({x.width});
  return draft.stream(x.width, "xf.rms_norm " + x.name + ", " + w.name +
                                   " eps = " + draft.among<std::string>({"1.0e-5", "1.0e-6", "1.0e-3"}) + " : (" +
                                   x.type() + ", " + w.type + ") -> " + x.type());
}

static Stream linear(Draft &draft, const Stream &x) { return draft.linear(x, draft.among<int64_t>({x.width, 32, 96})); }

/// gate and up, of one input or of two, by one op or by three; and back.
static Stream gated(Draft &draft, const Stream &x) {
  int64_t inner = draft.among<int64_t>({64, 96});
  Stream y{"", inner};
  if (draft.chance(25)) {
    Weight gate = draft.weight({inner, x.width}), up = draft.weight({inner, x.width});
    y.name = draft.emit("xf.gated_linear " + activation(draft) + " " + x.name + ", " + gate.name + ", " + up.name +
                        " : (" + x.type() + ", " + gate.type + ", " + up.type + ") -> " + y.type());
  } else {
    Stream gate = draft.linear(x, inner);
    Stream up = draft.linear(draft.chance(90) ? x : draft.another(x), inner);
    y.name = draft.emit("xf.gated_activation " + activation(draft) + " " + gate.name + ", " + up.name + " : (" +
                        y.type() + ", " + y.type() + ") -> " + y.type());
  }
  return draft.linear(y, x.width);
}

static Stream add(Draft &draft, const Stream &x) {
  Stream y = draft.another(x);
  return draft.stream(x.width,
                      "xf.add " + x.name + ", " + y.name + " : (" + x.type() + ", " + x.type() + ") -> " + x.type());
}

/// A sum of two products, each of which may take the other as its residual.
static Stream sumOfLinears(Draft &draft, const Stream &x) {
  Stream a = draft.linear(x, 64), b = draft.linear(draft.another(x), 64);
  return draft.stream(64,
                      "xf.add " + a.name + ", " + b.name + " : (" + a.type() + ", " + b.type() + ") -> " + a.type());
}

/// Parts of one product, of which some are used.
static Stream split(Draft &draft, const Stream &x) {
  Stream joined = draft.linear(x, 96), a{"", 32}, b{"", draft.among<int64_t>({32, 64})}, c{"", 64 - b.width};
  std::string types = a.type() + ", " + b.type() + (c.width ? ", " + c.type() : "");
  auto parts =
      draft.emitMany(c.width ? 3 : 2, "xf.split " + joined.name + " : (" + joined.type() + ") -> (" + types + ")");
  a.name = parts[0];
  b.name = parts[1];
  draft.keep(b);
  if (c.width)
    draft.keep({parts[2], c.width});
  return draft.chance(50) ? a : b;
}

llvm::ArrayRef<Family> denseFamilies() {
  static constexpr Family families[] = {
      {"rms_norm", rmsNorm}, {"linear", linear},    {"gated", gated},
      {"add", add},          {"sum", sumOfLinears}, {"split", split},
  };
  return families;
}

} // namespace ph::proof
