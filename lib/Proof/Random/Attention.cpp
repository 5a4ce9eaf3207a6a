// Attention over given keys or a cache, rotated or not.
#include "lib/Proof/Random/Draft.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace ph::proof {

static std::string ropeAttr(Draft &draft, int64_t headDim) {
  int64_t dim = draft.chance(70) ? headDim : headDim / 2;
  return "#xf.rope<dim = " + std::to_string(dim) + ", base = " + draft.among<std::string>({"1.0e4", "5.0e5"}) +
         ", style = " + draft.among<std::string>({"half", "interleaved"}) +
         draft.maybe(20, ", scaling = linear, factor = 4.0") + ">";
}

static Stream rotated(Draft &draft, const Stream &x, const std::string &positions, const std::string &rope,
                      int64_t heads) {
  return draft.stream(x.width, "xf.rope " + x.name + ", " + positions + " rope = " + rope + " heads = " +
                                   std::to_string(heads) + " : (" + x.type() + ", tensor<?x?xi32>) -> " + x.type());
}

/// The tokens counted from the first on, as exporters do where there is no cache.
static std::string countedTokens(Draft &draft) {
  std::string of = draft.tokens() + " axis = ", type = " : (tensor<?x?xi32>) -> index";
  std::string batch = draft.emit("xf.dim " + of + "0" + type), sequence = draft.emit("xf.dim " + of + "1" + type);
  std::string numbers = draft.emit("xf.iota " + sequence + " : (index) -> tensor<?xi32>");
  return draft.emit("xf.broadcast " + numbers + " [" + batch + ", 1] : (tensor<?xi32>, index) -> tensor<?x?xi32>");
}

static Stream rope(Draft &draft, const Stream &x) {
  std::string rope = ropeAttr(draft, x.width / 2);
  bool counted = llvm::StringRef(rope).contains("5.0e5");
  return rotated(draft, x, counted ? countedTokens(draft) : draft.positions(), rope, 2);
}

/// How far each key is from each query, [queries, keys].
static std::string distances(Draft &draft, const Stream &query) {
  std::string s = draft.emit("xf.dim " + query.name + " axis = 1 : (" + query.type() + ") -> index");
  std::string numbers = draft.emit("xf.iota " + s + " : (index) -> tensor<?xi32>");
  std::string row = draft.emit("xf.reshape " + numbers + " [1, " + s + "] : (tensor<?xi32>, index) -> tensor<1x?xi32>");
  std::string column =
      draft.emit("xf.reshape " + numbers + " [" + s + ", 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>");
  return draft.emit("xf.elementwise sub " + row + ", " + column +
                    " : (tensor<1x?xi32>, tensor<?x1xi32>) -> "
                    "tensor<?x?xi32>");
}

/// xf.relative_position_bias with 8 buckets and a largest distance of 12, as exporters write T5's.
static std::string spelledDistanceBias(Draft &draft, const Stream &query, const Weight &table, int64_t heads,
                                       bool both) {
  std::string whole = "tensor<?x?xi32>", real = "tensor<?x?xf32>", number = "tensor<i32>";
  int64_t buckets = both ? 4 : 8, exact = buckets / 2;
  auto integer = [&](int64_t n) { return draft.emit("arith.constant dense<" + std::to_string(n) + "> : " + number); };
  auto with = [&](const std::string &op, const std::string &x, const std::string &y, const std::string &type) {
    return draft.emit("xf." + op + " " + x + ", " + y + " : (" + whole + ", " + number + ") -> " + type);
  };
  auto scaled = [&](const std::string &op, const std::string &x, const std::string &y) {
    std::string constant = draft.emit("arith.constant dense<" + y + "> : tensor<f32>");
    return draft.emit("xf.elementwise " + op + " " + x + ", " + constant + " : (" + real + ", tensor<f32>) -> " + real);
  };
  std::string relative = distances(draft, query), zero = integer(0), distance;
  if (both)
    distance = draft.emit("xf.unary abs " + relative + " : (" + whole + ") -> " + whole);
  else
    distance =
        draft.emit("xf.unary neg " + with("elementwise min", relative, zero, whole) + " : (" + whole + ") -> " + whole);
  std::string far = draft.emit("xf.cast " + distance + " : (" + whole + ") -> " + real);
  far = draft.emit("xf.unary log " + scaled("div", far, std::to_string(exact) + ".0") + " : (" + real + ") -> " + real);
  far = scaled("mul", scaled("div", far, both ? "1.79175949" : "1.09861231"), std::to_string(buckets - exact) + ".0");
  far = draft.emit("xf.cast " + far + " : (" + real + ") -> " + whole);
  far = with("elementwise min", with("elementwise add", far, integer(exact), whole), integer(buckets - 1), whole);
  std::string near = with("compare lt", distance, integer(exact), "tensor<?x?xi1>");
  std::string bucket = draft.emit("xf.select " + near + ", " + distance + ", " + far + " : (tensor<?x?xi1>, " + whole +
                                  ", " + whole + ") -> " + whole);
  if (both) {
    std::string after = with("compare gt", relative, zero, "tensor<?x?xi1>");
    after = draft.emit("xf.cast " + after + " : (tensor<?x?xi1>) -> " + whole);
    after = with("elementwise mul", after, integer(buckets), whole);
    bucket =
        draft.emit("xf.elementwise add " + after + ", " + bucket + " : (" + whole + ", " + whole + ") -> " + whole);
  }
  std::string h = std::to_string(heads), rows = "tensor<?x?x" + h + "xf32>", moved = "tensor<" + h + "x?x?xf32>";
  std::string bias = draft.emit("xf.gather " + table.name + ", " + bucket + " axis = 0 : (" + table.type + ", " +
                                whole + ") -> " + rows);
  bias = draft.emit("xf.transpose " + bias + " [2, 0, 1] : (" + rows + ") -> " + moved);
  std::string s = draft.emit("xf.dim " + bias + " axis = 2 : (" + moved + ") -> index");
  return draft.emit("xf.reshape " + bias + " [1, " + h + ", " + s + ", " + s + "] : (" + moved +
                    ", index, index) -> tensor<1x" + h + "x?x?xf32>");
}

/// ALiBi, as exporters write it: the slope of each head times the number of the key.
static std::string spelledAlibi(Draft &draft, const Stream &query, int64_t heads) {
  std::string h = std::to_string(heads), slopes, all = "tensor<1x" + h + "x?x?xf32>",
              one = "tensor<1x" + h + "x1x?xf32>";
  auto power = int64_t(llvm::bit_floor(uint64_t(heads)));
  for (int64_t head = 0; head < heads; ++head) {
    double exponent =
        head < power ? double(head + 1) / double(power) : double(2 * (head - power) + 1) / double(2 * power);
    slopes += (head ? ", [[" : "[[") + llvm::formatv("{0:e9}", std::exp2(-8 * exponent)).str() + "]]";
  }
  std::string constant = draft.emit("arith.constant dense<[[" + slopes + "]]> : tensor<1x" + h + "x1x1xf32>");
  std::string s = draft.emit("xf.dim " + query.name + " axis = 1 : (" + query.type() + ") -> index");
  std::string numbers = draft.emit("xf.iota " + s + " : (index) -> tensor<?xi32>");
  numbers = draft.emit("xf.cast " + numbers + " : (tensor<?xi32>) -> tensor<?xf32>");
  std::string bias = draft.emit("xf.elementwise mul " + constant + ", " + numbers + " : (tensor<1x" + h +
                                "x1x1xf32>, tensor<?xf32>) -> " + one);
  return draft.emit("xf.broadcast " + bias + " [1, 1, " + s + ", 1] : (" + one + ", index) -> " + all);
}

/// Options of an attention: what follows the rotation, what follows the mask, and the types of operands.
struct Options {
  std::string operands, attributes, types;
};

/// `query` gives the sizes of a bias by distance.
static Options chooseOptions(Draft &draft, const Stream &query, int64_t heads, bool cached, bool causal) {
  Options options;
  auto add = [&](const std::string &keyword, const std::string &value, const std::string &type) {
    options.operands += " " + keyword + "(" + value + ")";
    options.types += ", " + type;
  };
  if (draft.chance(12)) {
    std::string type = "tensor<" + std::string(cached ? "?x" : "1x") + std::to_string(heads) + "x?x?xf32>";
    Weight table = draft.weight({8, heads});
    bool spelled = !cached && heads % 2 == 0 && table.type.find("#xf") == std::string::npos;
    std::string of = cached ? " past(" + draft.past() + ")" : "";
    std::string bias = spelled
                           ? spelledDistanceBias(draft, query, table, heads, !causal)
                           : draft.emit("xf.relative_position_bias " + table.name + " query(" + query.name + ")" + of +
                                        " max_distance = 12" + (causal ? "" : " bidirectional") + " : (" + table.type +
                                        ", " + query.type() + (cached ? ", tensor<?xi32>" : "") + ") -> " + type);
    add("bias", bias, type);
  } else if (!cached && draft.chance(10)) {
    std::string type = "tensor<1x" + std::to_string(heads) + "x?x?xf32>";
    add("bias", draft.argument("bias" + std::to_string(heads), type), type);
  }
  if (draft.chance(10)) {
    Weight sinks = draft.weight({heads});
    add("sinks", sinks.name, sinks.type);
  }
  if (causal && draft.chance(10))
    add("prefix", draft.argument("prefix", "tensor<?xi32>"), "tensor<?xi32>");
  if (!cached && draft.chance(10))
    add("documents", draft.argument("documents", "tensor<?x?xi32>"), "tensor<?x?xi32>");
  if (!cached && draft.chance(10))
    add("valid", draft.argument("valid", "tensor<?x?xi32>"), "tensor<?x?xi32>");
  if (draft.chance(10)) {
    bool plain = !cached && options.types.find("xf32>") == std::string::npos;
    if (plain)
      add("bias", spelledAlibi(draft, query, heads), "tensor<1x" + std::to_string(heads) + "x?x?xf32>");
    else
      options.operands += " alibi = #xf.alibi<max_bias = 8.0>";
  }
  options.attributes = draft.maybe(15, " window = 3") + draft.maybe(10, " soft_cap = 20.0");
  return options;
}

/// Heads cut in two, and put together with one half shared or swapped.
static Stream heads(Draft &draft, const Stream &x) {
  Stream a{"", x.width / 2}, b{"", x.width / 2};
  auto parts = draft.emitMany(2, "xf.split_heads " + x.name + " heads = 4 : (" + x.type() + ") -> (" + a.type() + ", " +
                                     b.type() + ")");
  return draft.stream(x.width, "xf.join_heads " + parts[1] + ", " + parts[0] + " heads = 4 : (" + b.type() + ", " +
                                   a.type() + ") -> " + x.type());
}

/// A matrix for each head, as in latent attention.
static Stream headLinear(Draft &draft, const Stream &x) {
  Weight w = draft.weight({2, x.width / 2, 24});
  Stream y{"", 48};
  y.name = draft.emit("xf.head_linear " + x.name + ", " + w.name + " transposed : (" + x.type() + ", " + w.type +
                      ") -> " + y.type());
  if (draft.chance(50))
    return y;
  return draft.stream(x.width, "xf.head_linear " + y.name + ", " + w.name + " : (" + y.type() + ", " + w.type +
                                   ") -> " + x.type());
}

/// What a layer of a model has: products for query, keys and values, rotations, attention, and the product of the
/// result.
static Stream attention(Draft &draft, const Stream &x) {
  bool cached = !draft.cache.empty() && draft.chance(70);
  int64_t headDim = cached ? draft.headDim : draft.among<int64_t>({8, 16});
  int64_t keyHeads = cached ? draft.cacheHeads : draft.among<int64_t>({1, 2});
  int64_t heads = keyHeads * draft.among<int64_t>({1, 2, 3});
  draft.makeAlike(draft.chance(50));
  Stream q = draft.linear(x, heads * headDim);
  Stream k = draft.linear(draft.chance(90) ? x : draft.another(x), keyHeads * headDim);
  Stream v = draft.chance(90) ? draft.linear(x, keyHeads * headDim) : k;
  draft.makeAlike(false);
  if (draft.chance(60)) {
    std::string attr = ropeAttr(draft, headDim);
    if (draft.chance(90))
      k = rotated(draft, k, draft.positions(), attr, keyHeads);
    q = rotated(draft, q, draft.positions(), draft.chance(90) ? attr : ropeAttr(draft, headDim), heads);
  }
  std::string scale = draft.among<std::string>({"0.25", "0.35355339059327379", "1.0"});
  std::string mask = cached || draft.chance(60) ? "causal" : "none";
  Options options = chooseOptions(draft, q, heads, cached, mask == "causal");
  std::string tail = options.operands + " heads = " + std::to_string(heads) + " scale = " + scale + " mask = " + mask +
                     options.attributes;
  Stream y{"", q.width};
  if (cached) {
    std::string layer = draft.layer;
    draft.cache = draft.emit("xf.cache_append " + draft.cache + "[" + layer + "], " + k.name + ", " + v.name + ", " +
                             draft.past() + " : (" + draft.cacheType + ", index, " + k.type() + ", " + v.type() +
                             ", tensor<?xi32>) -> " + draft.cacheType);
    y.name = draft.emit("xf.attention " + q.name + " cache(" + draft.cache + "[" + layer + "], " + draft.past() + ")" +
                        tail + " : (" + q.type() + ", " + draft.cacheType + ", index, tensor<?xi32>" + options.types +
                        ") -> " + q.type());
  } else {
    y.name = draft.emit("xf.attention " + q.name + " keys(" + k.name + ") values(" + v.name + ")" + tail + " : (" +
                        q.type() + ", " + k.type() + ", " + v.type() + options.types + ") -> " + q.type());
  }
  return draft.linear(y, x.width);
}

/// The derivatives of an attention, of which that by the query goes on.
static Stream backward(Draft &draft, const Stream &x) {
  int64_t keyHeads = draft.among<int64_t>({1, 2}), heads = keyHeads * draft.among<int64_t>({1, 2}), headDim = 8;
  Stream q = draft.linear(x, heads * headDim), dy = draft.linear(draft.another(x), heads * headDim);
  Stream k = draft.linear(x, keyHeads * headDim), v = draft.linear(x, keyHeads * headDim);
  std::string tail = " heads = " + std::to_string(heads) +
                     " scale = 0.35355339059327379 mask = " + draft.among<std::string>({"causal", "none"}) +
                     draft.maybe(20, " window = 3") + draft.maybe(20, " soft_cap = 20.0");
  auto parts = draft.emitMany(3, "xf.attention_backward " + q.name + ", " + k.name + ", " + v.name + ", " + dy.name +
                                     tail + " : (" + q.type() + ", " + k.type() + ", " + v.type() + ", " + dy.type() +
                                     ") -> (" + q.type() + ", " + k.type() + ", " + v.type() + ")");
  draft.keep({parts[1], k.width});
  draft.keep({parts[2], v.width});
  return draft.linear({parts[0], q.width}, x.width);
}

llvm::ArrayRef<Family> attentionFamilies() {
  static constexpr Family families[] = {
      {"attention", attention}, {"attention", attention},    {"attention", attention},        {"rope", rope},
      {"heads", heads},         {"head_linear", headLinear}, {"attention_backward", backward}};
  return families;
}

} // namespace ph::proof
