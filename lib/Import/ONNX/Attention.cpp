// Attention and rotations, spelled out.
#include "Node.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace ph::onnx_import {

/// [batch, sequence, heads · width] as [batch, heads, sequence, width].
static Value splitHeads(TensorBuilder &b, Value x, int64_t heads) {
  if (!x)
    return {};
  Sizes d = b.dims(x);
  Value parts = b.reshapeTo(x, {d[0], d[1], b.size(heads), b.div(d[2], b.size(heads))});
  return b.transpose(parts, {0, 2, 1, 3});
}

static Value joinHeads(TensorBuilder &b, Value x) {
  if (!x)
    return {};
  Sizes d = b.dims(x);
  return b.reshapeTo(b.transpose(x, {0, 2, 1, 3}), {d[0], d[2], b.mul(d[1], d[3])});
}

static void rotaryEmbedding(Node &n) {
  Value x = n.tensor(0), cos = n.tensor(1), sin = n.tensor(2), positions = n.optional(3);
  if (!x || !cos || !sin)
    return;
  TensorBuilder &b = n.b;
  bool flat = TensorBuilder::rankOf(x) == 3;
  int64_t heads = n.integer("num_heads", 0), rotated = n.integer("rotary_embedding_dim", 0);
  bool interleaved = n.integer("interleaved", 0);
  if (flat && heads < 1)
    return void(n.fail("expects a number of heads"));
  if (flat)
    x = splitHeads(b, x, heads);
  if (!x || TensorBuilder::rankOf(x) != 4)
    return void(n.fail("expects heads of a batch of sequences"));
  int64_t width = TensorBuilder::typeOf(x).getDimSize(3);
  if (ShapedType::isDynamic(width) || rotated < 0 || rotated > width || width % 2)
    return void(n.fail("expects heads of a known width"));
  if (rotated == 0)
    rotated = width;
  if (positions) {
    cos = b.gather(cos, positions, 0);
    sin = b.gather(sin, positions, 0);
  }
  if (!cos || !sin || TensorBuilder::rankOf(cos) != 3 || TensorBuilder::rankOf(sin) != 3)
    return void(n.fail("expects tables of each sequence"));
  cos = b.slice(b.unsqueeze(cos, {1}), 3, b.size(0), b.size(rotated / 2));
  sin = b.slice(b.unsqueeze(sin, {1}), 3, b.size(0), b.size(rotated / 2));
  Value turned = b.slice(x, 3, b.size(0), b.size(rotated)), rest = b.slice(x, 3, b.size(rotated), b.size(width));
  Value first = interleaved ? b.slice(turned, 3, b.size(0), b.size(rotated), 2)
                            : b.slice(turned, 3, b.size(0), b.size(rotated / 2));
  Value second = interleaved ? b.slice(turned, 3, b.size(1), b.size(rotated), 2)
                             : b.slice(turned, 3, b.size(rotated / 2), b.size(rotated));
  Value real = b.sub(b.mul(cos, first), b.mul(sin, second)), imaginary = b.add(b.mul(sin, first), b.mul(cos, second));
  Value y;
  if (interleaved)
    y = b.reshapeTo(b.concat({b.unsqueeze(real, {4}), b.unsqueeze(imaginary, {4})}, 4), b.dims(turned));
  else
    y = b.concat({real, imaginary}, 3);
  if (rotated < width)
    y = b.concat({y, rest}, 3);
  n.give(0, flat ? joinHeads(b, y) : y);
}

static void attention(Node &n) {
  Value q = n.tensor(0), k = n.tensor(1), v = n.tensor(2), mask = n.optional(3);
  if (!q || !k || !v)
    return;
  TensorBuilder &b = n.b;
  bool flat = TensorBuilder::rankOf(q) == 3;
  int64_t heads = n.integer("q_num_heads", 0), kvHeads = n.integer("kv_num_heads", 0);
  if (flat) {
    if (heads < 1 || kvHeads < 1 || TensorBuilder::rankOf(k) != 3 || TensorBuilder::rankOf(v) != 3)
      return void(n.fail("expects numbers of heads"));
    q = splitHeads(b, q, heads);
    k = splitHeads(b, k, kvHeads);
    v = splitHeads(b, v, kvHeads);
  }
  for (Value x : {q, k, v})
    if (!x || TensorBuilder::rankOf(x) != 4 || !TensorBuilder::isFloat(x))
      return void(n.fail("expects heads of a batch of sequences"));
  Value pastKeys = n.optional(4), pastValues = n.optional(5), lengths = n.optional(6);
  Size past = b.size(0);
  if (pastKeys && pastValues) {
    past = b.dim(pastKeys, 2);
    k = b.concat({pastKeys, k}, 2);
    v = b.concat({pastValues, v}, 2);
  }
  if (!k || !v)
    return;
  if (n.wants(1))
    n.give(1, k);
  if (n.wants(2))
    n.give(2, v);
  heads = TensorBuilder::typeOf(q).getDimSize(1);
  kvHeads = TensorBuilder::typeOf(k).getDimSize(1);
  int64_t width = TensorBuilder::typeOf(q).getDimSize(3);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(kvHeads) || ShapedType::isDynamic(width) || kvHeads < 1 ||
      heads % kvHeads)
    return void(n.fail("expects known numbers of heads, those of queries a multiple of those of keys"));
  if (heads != kvHeads) {
    auto repeat = [&](Value x) {
      Sizes d = b.dims(x);
      Value each =
          b.broadcast(b.unsqueeze(x, {2}), {b.size(1), b.size(1), b.size(heads / kvHeads), b.size(1), b.size(1)});
      return b.reshapeTo(each, {d[0], b.size(heads), d[2], d[3]});
    };
    k = repeat(k);
    v = repeat(v);
  }
  double scale = n.attribute("scale") ? n.real("scale", 1) : 1 / std::sqrt(double(width));
  Value scores = b.mul(b.matmul(q, b.transposeLast(k)), b.f32(scale));
  int64_t mode = n.integer("qk_matmul_output_mode", 0);
  if (n.wants(3) && mode == 0)
    n.give(3, scores);
  double cap = n.real("softcap", 0);
  auto capped = [&](Value x) {
    return cap == 0 ? x : b.mul(b.unary(xf::UnaryKind::Tanh, b.div(x, b.f32(cap))), b.f32(cap));
  };
  Size queries = b.dim(scores, 2), keys = b.dim(scores, 3);
  Value low = b.f32(-std::numeric_limits<float>::infinity());
  scores = capped(scores);
  if (n.wants(3) && mode == 1)
    n.give(3, scores);
  Value j = b.unsqueeze(b.iota(keys), {0});
  if (mask) {
    Size covered = b.dim(mask, TensorBuilder::rankOf(mask) - 1);
    auto have = getConstantIntValue(covered), want = getConstantIntValue(keys);
    if (have && want && *have < *want && *have != 1) {
      // Keys beyond the mask are not seen.
      Sizes more = b.dims(mask);
      more.back() = b.size(*want - *have);
      Value unseen = TensorBuilder::isFloat(mask) ? low : b.number(b.getI1Type(), 0);
      mask = b.concat({mask, b.broadcast(unseen, more)}, TensorBuilder::rankOf(mask) - 1);
    }
    if (!mask)
      return;
    scores = TensorBuilder::isFloat(mask) ? b.add(scores, mask) : b.select(mask, scores, low);
  }
  if (lengths)
    scores = b.select(b.compare(xf::CompareKind::Lt, j, b.unsqueeze(lengths, {1, 2, 3})), scores, low);
  const bool causal = n.integer("is_causal", 0) != 0;
  const int64_t left = n.integer("left_window_size", -1), right = n.integer("right_window_size", -1);
  if (left < -1 || right < -1 || left > INT32_MAX || right > INT32_MAX)
    return void(n.fail("has a window of an impossible size"));
  if (causal || left >= 0 || right >= 0) {
    Value shift = b.scalar(past);
    // The queries are the last of each sequence.
    if (lengths)
      shift = b.unsqueeze(b.sub(lengths, b.scalar(queries)), {1, 2, 3});
    Value i = b.add(b.unsqueeze(b.iota(queries), {1}), shift);
    if (causal)
      scores = b.select(b.compare(xf::CompareKind::Le, j, i), scores, low);
    if (left >= 0)
      scores = b.select(b.compare(xf::CompareKind::Le, b.sub(i, j), b.i32(left)), scores, low);
    if (right >= 0)
      scores = b.select(b.compare(xf::CompareKind::Le, b.sub(j, i), b.i32(right)), scores, low);
  }
  if (n.wants(3) && mode == 2)
    n.give(3, scores);
  Value weights = b.softmax(scores, 3);
  if (n.wants(3) && mode == 3) {
    // Rows that see nothing are zero.
    Value most = b.reduce(xf::ReduceKind::Max, scores, {3}, true);
    n.give(3, b.select(b.compare(xf::CompareKind::Eq, most, low), b.f32(0), weights));
  }
  Value y = b.matmul(weights, v);
  n.give(0, flat ? joinHeads(b, y) : y);
}

ArrayRef<Operator> attentionOperators() {
  static constexpr Operator operators[] = {{"Attention", attention, 23}, {"RotaryEmbedding", rotaryEmbedding, 23}};
  return operators;
}

} // namespace ph::onnx_import
