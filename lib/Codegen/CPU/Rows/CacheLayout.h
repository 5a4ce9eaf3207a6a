// Where things are in the cache, for the kernel that writes it and the one that reads it.
#pragma once
#include "RowBuilder.h"

namespace ph::codegen {

/// Positions that lie side by side in the part of the keys; heads are a multiple of it too.
inline constexpr int64_t kCacheBlock = 16;

std::optional<std::string> whyUnsupported(const CacheShape &cache);

/// Parts of kernels' names.
std::string cacheName(const CacheShape &cache);
std::string ropeName(const std::optional<RopeSpec> &rope);
mlir::Type cacheElement(mlir::MLIRContext *context, const CacheShape &cache);

/// First elements of one head's keys [context/16][headDim][16] and values [context][headDim].
struct CacheParts {
  mlir::Value keys, values;
};
CacheParts cacheParts(KernelBuilder &b, const CacheShape &cache, mlir::Value slot, mlir::Value layer,
                      mlir::Value kvHead, mlir::Value context);

} // namespace ph::codegen
