// The passes from xf to xf. Each is named thrice the same: flag xf-fuse-qkv, class FuseQKVPass, file FuseQKV.cpp.
#ifndef PH_TRANSFORMS_PASSES
#define PH_TRANSFORMS_PASSES

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

    Refused, with a remark: products of different inputs, with a residual, with a bias on some only, weights that aren't
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

    Refused, with a remark: products with bias or residual, with other uses, of different inputs, outside the loop in which the
    activation is, or with weights of different formats.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Pairs that became one op">];
}

def FuseResidualPass : Pass<"xf-fuse-residual"> {
  let summary = "Add residuals where the products are made";
  let description = [{
    `xf.add` of an `xf.linear` and something else becomes the residual of the linear.

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

def QuantizeActivationsPass : Pass<"xf-quantize-activations"> {
  let summary = "Encode the inputs of products with quantized weights as int8";
  let description = [{
    The input of an `xf.linear`, `xf.gated_linear` or `xf.logits` whose weight has a format of integer codes of at most 8 bits goes
    through an `xf.encode`. The blocks have 16 elements (`i8x16`) where a group of the weight's format has, else 32
    (`i8x32`), so that a group's product is one integer dot product. Weights of floats keep f32 inputs.

    This changes values: it is what `--activations=int8` asks for. With `activations=f32` the pass does nothing.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let options = [
    Option<"activations", "activations", "std::string", "\"int8\"", "int8, or f32 to leave inputs as they are">];
  let statistics = [Statistic<"encoded", "encoded", "Inputs that were encoded">];
}

def FoldEncodePass : Pass<"xf-fold-encode"> {
  let summary = "Encode activations where they are made";
  let description = [{
    Equal `xf.encode` ops of one block become one. Then the `xf.encode` of the result of an `xf.rms_norm` or `xf.attention` becomes part of that
    op, which gives the encoded tensor. These ops hold whole rows when they are done, so encoding costs them little; the
    products, whose rows are spread over threads, keep a separate `xf.encode`.

    Refused, with a remark: a result that is also used as it is, and heads of attention that don't divide into blocks.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"merged", "merged", "Encodes that were equal to another">,
                    Statistic<"folded", "folded", "Encodes that became part of what makes their input">];
}

#endif // PH_TRANSFORMS_PASSES
