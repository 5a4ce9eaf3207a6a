// What the passes that make an op part of the product before it have in common.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// Why `op`, which reads the result of `product`, can't become part of it; empty if nothing stands against it.
inline std::string refusalToAbsorb(xf::LinearOp product, mlir::Operation *op) {
  if (!product->hasOneUse())
    return "the product is used elsewhere too";
  if (product->getBlock() != op->getBlock())
    return "the product is made outside the loop";
  if (xf::getFormat(product.getType()))
    return "the product is encoded before";
  return "";
}

} // namespace ph
