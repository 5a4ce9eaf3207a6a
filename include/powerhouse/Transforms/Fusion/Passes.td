// Passes that join ops, so that values needn't be written and read again.
#ifndef PH_TRANSFORMS_FUSION_PASSES
#define PH_TRANSFORMS_FUSION_PASSES

include "mlir/Pass/PassBase.td"

def FuseQKVPass : Pass<"xf-fuse-qkv", "::mlir::ModuleOp"> {
  let summary = "Make one matrix product of those for queries, keys and values";
  let description = [{
    Where the query, the keys and the values of an `xf.attention` (with its `xf.cache_append`) come, perhaps through `xf.rope`,
    from `xf.linear` ops of one input, their weights become one new `xf.weight`, whose sources are those of the old ones in order,
    and their results parts of an `xf.split`. The input is read once, and one larger product keeps more threads busy.
    Weights that nothing uses any more are removed.

    Only weights of the same format are joined, so that none is stored wider than it was: in a model that keeps its values in
    another format, queries and keys alone are joined.

    Refused, with a remark: products of different inputs, with an activation or a residual, with a bias on some only, weights that aren't
    `xf.weight` symbols, of different layers, or without sources.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Products that were joined with others">];
}

def FuseGateUpPass : Pass<"xf-fuse-gate-up"> {
  let summary = "Make an xf.gated_linear of two products and their gated activation";
  let description = [{
    `xf.gated_activation` of two `xf.linear` ops of one input becomes `xf.gated_linear`: the input is read once, and gate and up
    of a feature meet in registers. Their biases become those of the pair.

    Refused, with a remark: an activation with a limit or an offset, products with activation or residual, with other
    uses, of different inputs, with encoded results, outside the loop in which the activation is, or with weights of
    different formats.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Pairs that became one op">];
}

def FuseResidualPass : Pass<"xf-fuse-residual"> {
  let summary = "Add residuals where the products are made";
  let description = [{
    `xf.add` of an `xf.linear` and something else becomes the residual of the linear, which is added after the linear's activation
    where it has one.

    Refused, with a remark: a linear with other uses, with a residual already, with an encoded result, or outside the loop in which
    the addition is.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Additions that became part of a product">];
}

def FuseRopePass : Pass<"xf-fuse-rope"> {
  let summary = "Rotate queries in attention and keys where they are cached";
  let description = [{
    An `xf.rope` that only the query of an `xf.attention`, or the keys of an `xf.cache_append`, use becomes an attribute
    of that op: rotated heads needn't be written and read again. An attention over plain keys takes over the rotations of
    query and keys together, or none.

    Refused, with a remark: a rotation with other uses, with an encoded result, of other heads than the op's, outside the
    loop in which the op is, and of only one of query and plain keys.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Rotations that became part of another op">];
}

def FuseNormLinearPass : Pass<"xf-fuse-norm-linear", "::mlir::ModuleOp"> {
  let summary = "Scale the columns of matrices by the weight of the norm before them";
  let description = [{
    Where only products read a norm, its weight (with its offset) becomes a scale of the columns of their matrices: the sources of their
    `xf.weight` name the norm's tensor as `columns`, and the norm stays without a weight. W (w ∘ x̂) = (W diag w) x̂, so this
    saves a multiplication for each element, and a vector that is read.

    Values are scaled when the weights are read, so only matrices that are stored as f32 are: codes of a block format, or f16, would not be
    what the checkpoint holds.

    Refused, with a remark: a norm with a bias, with an encoded result, of heads with a weight for one head, whose weight isn't a symbol
    with one source, or that something else than a product reads; a matrix that is no symbol with sources, is stored
    in a format, has scaled columns already, is of another layer, or is read by something that doesn't read this norm.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Norms whose weights became part of matrices">];
}

def FuseResidualNormPass : Pass<"xf-fuse-residual-norm"> {
  let summary = "Make one op of a residual addition and the norm of its sum";
  let description = [{
    `xf.add` and the `xf.rms_norm` or `xf.layer_norm` of its sum become `xf.add_rms_norm` or `xf.add_layer_norm`, which stands where
    the addition was and gives the sum too: it needn't be read again to be normed. Of several norms of one sum the first is taken.

    Refused, with a remark: a sum that another norm has taken, or made outside the loop in which the norm is; a vector of the norm that is
    made after the sum and isn't a weight.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Additions that became one op with a norm">];
}

def FuseBiasPass : Pass<"xf-fuse-bias"> {
  let summary = "Add vectors where the products are made";
  let description = [{
    The sum (`xf.elementwise add`, or `xf.add`) of an `xf.linear` and a vector with an element for each feature, perhaps repeated by
    `xf.broadcast` or made a row by `xf.reshape`, becomes an `xf.linear` with that vector as its bias.

    Refused, with a remark: a linear with other uses, with a bias or an activation already, with an encoded result, outside the loop
    in which the sum is, or of another shape than the sum, which may also be seen only at run time.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Sums that became part of a product">];
}

def FuseActivationPass : Pass<"xf-fuse-activation"> {
  let summary = "Apply activations where the products are made";
  let description = [{
    `xf.activation`, or `xf.unary` of `tanh` or `sigmoid`, of an `xf.linear` becomes the activation of the linear.

    Refused, with a remark: a linear with other uses, with a residual or an activation already, with an encoded result, or outside the
    loop in which the activation is.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Activations that became part of a product">];
}

def FuseLogitsSamplingPass : Pass<"xf-fuse-logits-sampling"> {
  let summary = "Choose tokens without keeping all scores";
  let description = [{
    `xf.argmax`, or `xf.sample` with `temperature = 0` and without a penalty, of `xf.logits` becomes `xf.logits_argmax`; any other `xf.sample` of them becomes
    `xf.logits_sample`. Of neither a row of scores has to be in memory.

    Refused, with a remark: scores with other uses, or made outside the loop in which the token is chosen.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Choices that became one op with the scores">];
}

def FoldEmbeddingScalePass : Pass<"xf-fold-embedding-scale"> {
  let summary = "Make constant factors part of embeddings and logits";
  let description = [{
    The `xf.scale` of an `xf.embedding` or of `xf.logits` without a soft cap becomes part of their `scale`; and so does that of the
    input of `xf.logits`, `xf.logits_argmax` or `xf.logits_sample`.

    Refused, with a remark: values that are used elsewhere too, encoded between, or in different loops; logits that are capped before they are scaled.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"folded", "folded", "Factors that became part of another op">];
}

#endif // PH_TRANSFORMS_FUSION_PASSES
