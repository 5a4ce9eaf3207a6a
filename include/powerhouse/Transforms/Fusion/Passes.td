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
    of a feature meet in registers.

    Refused, with a remark: an activation with a limit or an offset, products with bias, activation or residual, with other uses, of different inputs, outside the loop in which the
    activation is, or with weights of different formats.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Pairs that became one op">];
}

def FuseResidualPass : Pass<"xf-fuse-residual"> {
  let summary = "Add residuals where the products are made";
  let description = [{
    `xf.add` of an `xf.linear` and something else becomes the residual of the linear, which is added after the linear's activation
    where it has one.

    Refused, with a remark: a linear with other uses, with a residual already, or outside the loop in which the addition is.
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

    Refused, with a remark: a rotation with other uses, of other heads than the op's, outside the loop in which the op is, and of only
    one of query and plain keys.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Rotations that became part of another op">];
}

#endif // PH_TRANSFORMS_FUSION_PASSES
