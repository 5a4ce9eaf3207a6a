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

/// Puts one product where `op` is, which read the result of `product`, with what `op` made of it.
inline xf::LinearOp replaceByProduct(mlir::Operation *op, xf::LinearOp product, mlir::Value bias, mlir::Value residual,
                                     xf::ActivationAttr activation) {
  mlir::OpBuilder builder(op);
  auto fused =
      xf::LinearOp::create(builder, builder.getFusedLoc({product.getLoc(), op->getLoc()}), op->getResult(0).getType(),
                           product.getInput(), product.getWeight(), bias, residual, activation);
  op->replaceAllUsesWith(fused);
  op->erase();
  product.erase();
  return fused;
}

} // namespace ph
