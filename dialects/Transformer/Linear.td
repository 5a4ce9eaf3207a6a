// Products with weight matrices.
#ifndef PH_DIALECTS_TRANSFORMER_LINEAR
#define PH_DIALECTS_TRANSFORMER_LINEAR

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_LinearOp : XF_Op<"linear", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "multiply with a weight matrix";
  let description = [{
    y = act(x Wᵀ + bias) + residual, where bias, activation and residual are given:
    y[…][n] = act(Σ_k x[…][k] w[n][k] + bias[n]) + residual[…][n].

    Operands: `input`, […, K], maybe encoded; `weight`, [N, K]; `bias`, [N]; `residual`, […, N], what is added to the product.

    Constraints:

    * (C1) the last dimensions of `input` and `weight` are equal;
    * (C2) the result has the shape of `input` but for the last dimension, which is N;
    * (C3) `bias` has N elements;
    * (C4) `residual` has the shape of the result.

    Example:

    ```mlir
    func.func @project(%x: tensor<?x?x64xf32, #xf.format<i8x32>>, %w: tensor<96x64xf32, #xf.format<q4_1>>,
                       %b: tensor<96xf32>, %r: tensor<?x?x96xf32>) -> tensor<?x?x96xf32> {
      %y = xf.linear %x, %w bias %b residual %r
        : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<96x64xf32, #xf.format<q4_1>>, tensor<96xf32>, tensor<?x?x96xf32>)
        -> tensor<?x?x96xf32>
      %z = xf.linear %x, %w bias %b activation = gelu residual %y
        : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<96x64xf32, #xf.format<q4_1>>, tensor<96xf32>, tensor<?x?x96xf32>)
        -> tensor<?x?x96xf32>
      return %z : tensor<?x?x96xf32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$weight, Optional<XF_Vector>:$bias,
                       Optional<XF_FloatActivationTensor>:$residual, OptionalAttr<XF_ActivationAttr>:$activation);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? (`activation` `=` `` $activation^)? (`residual` $residual^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the operands; it has no encoding.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight, CArg<"::mlir::Value", "{}">:$bias,
                   CArg<"::mlir::Value", "{}">:$residual, CArg<"ActivationAttr", "{}">:$activation)>
  ];
  let hasVerifier = 1;
}

def XF_GatedLinearOp : XF_Op<"gated_linear", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "a gated pair of products with weight matrices";
  let description = [{
    y = act(x Wgᵀ + bg) · (x Wuᵀ + bu), element by element: two `xf.linear` and the `xf.gated_activation` of their results, in one.
    A bias that is not given is left out.

    Operands: `input`, […, K], maybe encoded; `gate`, Wg, [N, K]; `up`, Wu, [N, K]; `gate_bias`, bg, [N]; `up_bias`, bu, [N].

    Constraints:

    * (C1) the last dimensions of `input`, `gate` and `up` are equal;
    * (C2) `gate` and `up` have the same number of rows N;
    * (C3) the result has the shape of `input` but for the last dimension, which is N;
    * (C4) `gate_bias` and `up_bias` have N elements.

    Example:

    ```mlir
    func.func @swiglu_of_linear(%x: tensor<?x?x64xf32>, %wg: tensor<160x64xf32>, %wu: tensor<160x64xf32>, %b: tensor<160xf32>)
        -> (tensor<?x?x160xf32, #xf.format<i8x32>>, tensor<?x?x160xf32>) {
      %y = xf.gated_linear silu %x, %wg, %wu
        : (tensor<?x?x64xf32>, tensor<160x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32, #xf.format<i8x32>>
      %z = xf.gated_linear silu %x, %wg, %wu gate_bias %b up_bias %b
        : (tensor<?x?x64xf32>, tensor<160x64xf32>, tensor<160x64xf32>, tensor<160xf32>, tensor<160xf32>) -> tensor<?x?x160xf32>
      return %y, %z : tensor<?x?x160xf32, #xf.format<i8x32>>, tensor<?x?x160xf32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$gate, XF_Matrix:$up, Optional<XF_Vector>:$gate_bias,
                       Optional<XF_Vector>:$up_bias, XF_ActivationAttr:$activation);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    `` $activation $input `,` $gate `,` $up (`gate_bias` $gate_bias^)? (`up_bias` $up_bias^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_LinearBackwardOp : XF_Op<"linear_backward", [Pure]> {
  let summary = "the derivative of a product with a weight matrix by its input";
  let description = [{
    For y = x Wᵀ and a loss of which `gradient` is the derivative by y, the derivative by x: gradient · W, that is
    ∂x[…][k] = Σ_n gradient[…][n] w[n][k]. The matrix stays as `xf.linear` has it.

    Operands: `gradient`, […, N]; `weight`, [N, K].

    Constraints:

    * (C1) the last dimension of `gradient` is the number of rows of `weight`;
    * (C2) the result has the shape of `gradient` but for the last dimension, which is K.

    Example:

    ```mlir
    func.func @back(%dy: tensor<?x?x96xf32>, %w: tensor<96x64xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32> {
      %dx = xf.linear_backward %dy, %w
        : (tensor<?x?x96xf32>, tensor<96x64xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
      return %dx : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$gradient, XF_Matrix:$weight);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$gradient `,` $weight attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands.
    OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$weight)>
  ];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_LINEAR
