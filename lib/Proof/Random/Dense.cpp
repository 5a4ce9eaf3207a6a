// Norms, linears, activations, splits.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static std::string activation(Draft &draft) {
  return draft.among<std::string>({"silu", "gelu", "gelu_tanh", "relu", "quick_gelu", "relu2", "tanh", "sigmoid"});
}

/// What a norm may have besides its input: operands, attributes and the operands' types.
struct NormOptions {
  std::string operands, attributes, types;
};

static NormOptions chooseNormOptions(Draft &draft, const Stream &x, bool bias) {
  NormOptions options;
  int64_t heads = draft.chance(15) ? 2 : 1;
  bool weighted = draft.chance(85);
  if (weighted) {
    Weight w = draft.weight({x.width / heads});
    options.operands = ", " + w.name;
    options.types = ", " + w.type;
  }
  if (bias && draft.chance(60)) {
    Weight b = draft.weight({x.width / heads});
    options.operands += " bias " + b.name;
    options.types += ", " + b.type;
  }
  options.attributes = " eps = " + draft.among<std::string>({"1.0e-5", "1.0e-6", "1.0e-3"}) +
                       (weighted ? draft.maybe(15, " offset = 1.0") : "") + (heads > 1 ? " heads = 2" : "");
  return options;
}

static Stream norm(Draft &draft, const Stream &x, const std::string &name, bool bias) {
  NormOptions options = chooseNormOptions(draft, x, bias);
  return draft.stream(x.width, name + " " + x.name + options.operands + options.attributes + " : (" + x.type() +
                                   options.types + ") -> " + x.type());
}

static Stream rmsNorm(Draft &draft, const Stream &x) { return norm(draft, x, "xf.rms_norm", false); }
static Stream layerNorm(Draft &draft, const Stream &x) { return norm(draft, x, "xf.layer_norm", true); }

/// The sum is kept for others, the norm goes on.
static Stream addNorm(Draft &draft, const Stream &x) {
  bool layer = draft.chance(40);
  Stream y = draft.another(x);
  NormOptions options = chooseNormOptions(draft, x, layer);
  auto both = draft.emitMany(2, (layer ? "xf.add_layer_norm " : "xf.add_rms_norm ") + x.name + ", " + y.name +
                                    options.operands + options.attributes + " : (" + x.type() + ", " + x.type() +
                                    options.types + ") -> (" + x.type() + ", " + x.type() + ")");
  draft.keep({both[0], x.width});
  return {both[1], x.width};
}

static Stream activated(Draft &draft, const Stream &x) {
  Stream y = draft.chance(70) ? draft.linear(x, draft.among<int64_t>({x.width, 96})) : x;
  return draft.stream(y.width,
                      "xf.activation " + activation(draft) + " " + y.name + " : (" + y.type() + ") -> " + y.type());
}

static Stream scaled(Draft &draft, const Stream &x) {
  return draft.stream(x.width, "xf.scale " + x.name + " by " + draft.among<std::string>({"0.5", "1.0", "3.0"}) +
                                   " : (" + x.type() + ") -> " + x.type());
}

/// Times another activation, or times a number for each token.
static Stream multiplied(Draft &draft, const Stream &x) {
  Stream y = draft.chance(50) ? draft.another(x) : draft.linear(x, 1);
  y = draft.stream(y.width, "xf.activation sigmoid " + y.name + " : (" + y.type() + ") -> " + y.type());
  return draft.stream(x.width,
                      "xf.mul " + x.name + ", " + y.name + " : (" + x.type() + ", " + y.type() + ") -> " + x.type());
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
    draft.makeAlike(draft.chance(85));
    Stream gate = draft.linear(x, inner);
    Stream up = draft.linear(draft.chance(90) ? x : draft.another(x), inner);
    draft.makeAlike(false);
    y.name = draft.emit("xf.gated_activation " + activation(draft) + " " + gate.name + ", " + up.name +
                        draft.maybe(8, " limit = 2.0") + draft.maybe(8, " up_offset = 1.0") + " : (" + y.type() + ", " +
                        y.type() + ") -> " + y.type());
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
      {"rms_norm", rmsNorm},     {"linear", linear},    {"gated", gated},          {"gated", gated},
      {"gated", gated},          {"add", add},          {"sum", sumOfLinears},     {"split", split},
      {"layer_norm", layerNorm}, {"add_norm", addNorm}, {"activation", activated}, {"scale", scaled},
      {"mul", multiplied},
  };
  return families;
}

} // namespace ph::proof
