// What may be asked of attention beyond query, keys and values. Transformer.h includes this where its types are known.
#pragma once
#include <optional>

namespace ph::xf {

/// The options that xf.attention and xf.attention_backward share; operands that are not given are null.
struct AttentionOptions {
  mlir::Value bias, sinks, prefix, documents, valid;
  int64_t heads = 1;
  double scale = 1;
  Mask mask = Mask::Causal;
  std::optional<int64_t> window;
  std::optional<double> softCap;
  AlibiAttr alibi;
  std::optional<int64_t> keep;

  /// Those of an op that has them.
  template <class Op> static AttentionOptions of(Op op) {
    AttentionOptions options = {op.getBias(),
                                op.getSinks(),
                                op.getPrefix(),
                                op.getDocuments(),
                                op.getValid(),
                                int64_t(op.getHeads()),
                                op.getScale().convertToDouble(),
                                op.getMask(),
                                std::nullopt,
                                std::nullopt,
                                op.getAlibiAttr(),
                                std::nullopt};
    if (auto window = op.getWindow())
      options.window = int64_t(*window);
    if (auto keep = op.getKeep())
      options.keep = int64_t(*keep);
    if (auto cap = op.getSoftCap())
      options.softCap = cap->convertToDouble();
    return options;
  }

  /// Checks them against the shapes of `query` and, where they are tensors, `keys`. The message is emitted at `op`.
  mlir::LogicalResult verify(mlir::Operation *op, mlir::Value query, mlir::Value keys) const;
};

} // namespace ph::xf
