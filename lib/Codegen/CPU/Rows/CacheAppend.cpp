// Keys and values of new tokens into the cache.
#include "CacheLayout.h"

using namespace mlir;

namespace ph::codegen {

std::optional<std::string> whyUnsupported(const CacheShape &cache) {
  if (cache.layers <= 0 || cache.kvHeads <= 0 || cache.headDim <= 0 || cache.headDim % kCacheBlock)
    return llvm::formatv("a cache of {0} layers, {1} heads of {2} elements: heads must be a multiple of {3}",
                         cache.layers, cache.kvHeads, cache.headDim, kCacheBlock)
        .str();
  return std::nullopt;
}

std::optional<std::string> whyUnsupported(const CacheAppendSpec &spec) {
  if (auto reason = whyUnsupported(spec.cache))
    return reason;
  return spec.rope ? whyUnsupported(*spec.rope, spec.cache.headDim) : std::nullopt;
}

std::string cacheName(const CacheShape &cache) {
  return llvm::formatv("{0}x{1}x{2}_{3}", cache.layers, cache.kvHeads, cache.headDim, cache.half ? "f16" : "f32").str();
}

std::string ropeName(const std::optional<RopeSpec> &rope) {
  if (!rope)
    return "";
  return (rope->style == RopeStyle::Interleaved ? "_interleaved" : "_half") + std::to_string(rope->dim);
}

Type cacheElement(MLIRContext *context, const CacheShape &cache) {
  if (cache.half)
    return Float16Type::get(context);
  return Float32Type::get(context);
}

CacheParts cacheParts(KernelBuilder &b, const CacheShape &cache, Value slot, Value layer, Value kvHead, Value context) {
  Value head = b.mul(context, cache.headDim);
  Value pair = b.add(b.mul(slot, cache.layers), layer);
  Value keys = b.add(b.mul(pair, 2 * cache.kvHeads), kvHead);
  return {b.mul(keys, head), b.mul(b.add(keys, cache.kvHeads), head)};
}

func::FuncOp buildCacheAppend(ModuleOp module, const CpuLevel &level, const CacheAppendSpec &spec) {
  MLIRContext *context = module.getContext();
  const CacheShape &cache = spec.cache;
  Type f32 = flatMemRef(Float32Type::get(context)), i32 = flatMemRef(IntegerType::get(context, 32));
  Type element = cacheElement(context, cache), index = IndexType::get(context);
  SmallVector<KernelArgument> arguments(spec.rope ? 4 : 2, {f32, true});
  arguments.push_back({i32, true});
  arguments.push_back({flatMemRef(element), true});
  arguments.append(7, {index});
  std::string name = "cache_append_" + cacheName(cache) + ropeName(spec.rope) + "_" + level.symbolSuffix();
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange args) {
    ValueRange tail = args.drop_front(spec.rope ? 4 : 2);
    Value past = tail[0], memory = tail[1], layer = tail[2], sequence = tail[5], ldk = tail[6], ldv = tail[7],
          positions = tail[8];
    Value staged = stackBuffer(b, cache.headDim, b.getF32Type());
    Value narrow = cache.half ? stackBuffer(b, cache.headDim, element) : staged;
    auto stored = [&](Value v) { return cache.half ? b.fromF32(v, element) : v; };
    b.loop(tail[3], tail[4], 1, [&](Value m) {
      Value slot = quotient(b, m, sequence);
      Value position = b.add(b.toIndex(b.load(past, slot)), remainder(b, m, sequence));
      Value block = b.mul(b.div(position, kCacheBlock), kCacheBlock * cache.headDim);
      Value keyPlace = b.add(block, b.rem(position, kCacheBlock));
      Value valuePlace = b.mul(position, cache.headDim);
      HeadCopy copy{cache.headDim, spec.rope, {}, {}, {}, 1.0};
      if (spec.rope) {
        copy.cos = args[2];
        copy.sin = args[3];
        copy.tableOffset = b.mul(m, spec.rope->dim / 2);
      }
      Value k = b.mul(m, ldk), v = b.mul(m, ldv), zero = b.index(0);
      b.loop(zero, b.index(cache.kvHeads), 1, [&](Value h) {
        CacheParts parts = cacheParts(b, cache, slot, layer, h, positions);
        Value column = b.mul(h, cache.headDim);
        Value value = b.add(v, column), valueEnd = b.add(parts.values, valuePlace);
        forEachChunk(b, cache.headDim, b.lanes(), [&](Value i, int64_t width) {
          b.storeVector(stored(b.loadVector(args[1], b.add(value, i), 0, width)), memory, b.add(valueEnd, i));
        });
        // Positions lie side by side: a key's elements are a block's width apart.
        copyHead(b, copy, args[0], b.add(k, column), staged, zero);
        if (cache.half)
          forEachChunk(b, cache.headDim, b.lanes(), [&](Value i, int64_t width) {
            b.storeVector(stored(b.loadVector(staged, i, 0, width)), narrow, i);
          });
        Value key = b.add(parts.keys, keyPlace);
        constexpr int64_t unroll = 8;
        b.loop(zero, b.index(cache.headDim), unroll, [&](Value i) {
          Value at = b.add(key, b.mul(i, kCacheBlock));
          for (int64_t j = 0; j < unroll; ++j)
            b.store(b.load(narrow, i, j), memory, at, j * kCacheBlock);
        });
      });
    });
  });
}

} // namespace ph::codegen
