// Attention, and what gives it positions.
#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result rope(Call &call) {
  Value input = call.activation(0);
  xf::RopeAttr rope = call.rope(1);
  int64_t heads = call.integer("heads");
  Value positions = call.isGiven("positions") ? call.valueNamed("positions") : call.positions();
  if (!positions || !xf::isTokens(positions.getType()))
    call.fail("rope needs positions, which only a function with tokens has");
  if (heads < 1)
    call.fail("rope needs at least one head");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{
      xf::RopeOp::create(call.b, call.at, input.getType(), input, positions, call.b.getI64IntegerAttr(heads), rope)};
}

namespace {
/// The arguments of attention that are there with and without a cache.
struct Options {
  int64_t heads;
  double scale;
  bool causal, cached;
  Value bias, sinks, prefix, documents, valid;
  std::optional<int64_t> window, keep;
  FloatAttr softCap;
  xf::AlibiAttr alibi;

  explicit Options(Call &call) {
    heads = call.integer("heads");
    scale = call.number("scale");
    std::string mask = call.text("mask", call.hasCache() ? "causal" : "none");
    if (mask != "causal" && mask != "none")
      call.fail("a mask is 'causal' or 'none'");
    causal = mask == "causal";
    cached = call.flag("cached", call.hasCache() && causal);
    bias = call.valueNamed("bias");
    sinks = call.weightNamed("sinks", 1);
    prefix = call.valueNamed("prefix");
    documents = call.valueNamed("documents");
    valid = call.valueNamed("valid");
    window = call.integerUnlessZero("window");
    if (window && *window >= call.contextLength()) // never reached
      window.reset();
    keep = call.integerUnlessZero("keep");
    softCap = call.numberUnless("soft_cap", 0);
    double bias = call.number("alibi", 0);
    if (bias > 0)
      alibi = xf::AlibiAttr::get(call.b.getContext(), bias);
    if (heads < 1)
      call.fail("attention needs at least one head");
    if (cached && !causal)
      call.fail("attention over the cache has a causal mask");
    if (cached && !call.hasCache())
      call.fail("this function has no cache");
  }

  void apply(Builder &b, xf::AttentionOp op) const {
    // One after the other: each moves the operands behind it.
    if (bias)
      op.getBiasMutable().assign(bias);
    if (sinks)
      op.getSinksMutable().assign(sinks);
    if (prefix)
      op.getPrefixMutable().assign(prefix);
    if (documents)
      op.getDocumentsMutable().assign(documents);
    if (valid)
      op.getValidMutable().assign(valid);
    op.setMask(causal ? xf::Mask::Causal : xf::Mask::None);
    if (window)
      op.setWindowAttr(b.getI64IntegerAttr(*window));
    if (keep)
      op.setKeepAttr(b.getI64IntegerAttr(*keep));
    if (softCap)
      op.setSoftCapAttr(softCap);
    if (alibi)
      op.setAlibiAttr(alibi);
  }
};
} // namespace

static Call::Result attention(Call &call) {
  Value query = call.activation(0), keys = call.activation(1), values = call.activation(2);
  Options options(call);
  if (call.failed())
    return call.error();
  if (options.cached) {
    Value layer = call.appendToCache(keys, values);
    if (call.failed())
      return call.error();
    auto op = xf::AttentionOp::create(call.b, call.at, query.getType(), query, call.cache(), layer, call.past(),
                                      options.heads, options.scale);
    options.apply(call.b, op);
    return SmallVector<Value>{op};
  }
  // Values may have heads of another size than keys: their number says which.
  int64_t headDim = featuresOf(query) / options.heads;
  int64_t keyHeads = headDim > 0 ? featuresOf(keys) / headDim : 0;
  int64_t valueDim = keyHeads > 0 ? featuresOf(values) / keyHeads : 0;
  if (valueDim < 1 || valueDim > (int64_t(1) << 31) / options.heads) {
    call.fail("the heads of query, keys and values don't fit");
    return call.error();
  }
  xf::AttentionOptions basic;
  basic.heads = options.heads;
  basic.scale = options.scale;
  basic.mask = options.causal ? xf::Mask::Causal : xf::Mask::None;
  auto op = xf::AttentionOp::create(call.b, call.at, withFeatures(query, options.heads * valueDim), query, keys, values,
                                    basic);
  options.apply(call.b, op);
  return SmallVector<Value>{op};
}

static Call::Result relativePositionBias(Call &call) {
  Value table = call.weight(0, 2), query = call.activation(1), keys = call.valueNamed("keys");
  int64_t distance = call.integer("max_distance");
  bool bidirectional = call.flag("bidirectional"), cached = call.flag("cached");
  if (distance < 1)
    call.fail("max_distance is 1 or more");
  if (cached && !call.past())
    call.fail("this function has no cache");
  if (call.failed())
    return call.error();
  ArrayRef<int64_t> shape = shapeOf(query);
  if (shape.size() != 3) {
    call.fail("relative_position_bias needs an activation of sequences");
    return call.error();
  }
  int64_t positions = cached ? ShapedType::kDynamic : keys ? shapeOf(keys)[1] : shape[1];
  auto type =
      RankedTensorType::get({cached ? shape[0] : 1, featuresOf(table), shape[1], positions}, call.b.getF32Type());
  return SmallVector<Value>{xf::RelativePositionBiasOp::create(
      call.b, call.at, type, table, query, keys, cached ? call.past() : Value(), call.b.getI64IntegerAttr(distance),
      bidirectional ? call.b.getUnitAttr() : UnitAttr())};
}

const std::vector<Builtin> &attentionBuiltins() {
  static const std::vector<Builtin> table = {
      {"rope",
       rope,
       2,
       2,
       {"heads", "positions"},
       "rope(x, r, heads = …, positions = positions)",
       "the heads of x rotated by their positions, as the quantity r of type rope says"},
      {"attention",
       attention,
       3,
       3,
       {"heads", "scale", "mask", "cached", "window", "keep", "soft_cap", "alibi", "sinks", "bias", "valid",
        "documents", "prefix"},
       "attention(q, k, v, heads = …, scale = …, mask = 'causal', window = 0, soft_cap = 0, alibi = 0, sinks = w, "
       "bias = x, valid = x, …)",
       "what the heads of q find in k and v: over the cache where the function has one and the mask is causal, else "
       "over k and v themselves"},
      {"relative_position_bias",
       relativePositionBias,
       2,
       2,
       {"keys", "max_distance", "bidirectional", "cached"},
       "relative_position_bias(W, x, max_distance = …, bidirectional = false, keys = x, cached = false)",
       "T5's learned bias of each distance between positions"}};
  return table;
}

} // namespace ph
