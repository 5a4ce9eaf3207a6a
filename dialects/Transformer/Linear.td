// Products with weight matrices.
#ifndef PH_DIALECTS_TRANSFORMER_LINEAR
#define PH_DIALECTS_TRANSFORMER_LINEAR

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_LinearOp : XF_Op<"linear", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "multiply with a weight matrix";
  let description = [{
    y = x Wᵀ + bias + residual, where bias and residual are given: y[…][n] = Σ_k x[…][k] w[n][k] + bias[n] + residual[…][n].

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
      return %y : tensor<?x?x96xf32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$weight, Optional<XF_Vector>:$bias,
                       Optional<XF_FloatActivationTensor>:$residual);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? (`residual` $residual^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the operands; it has no encoding.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight, CArg<"::mlir::Value", "{}">:$bias,
                   CArg<"::mlir::Value", "{}">:$residual)>
  ];
  let hasVerifier = 1;
}

def XF_GatedLinearOp : XF_Op<"gated_linear", [Pure, ResultMayBeEncoded]> {
  let summary = "a gated pair of products with weight matrices";
  let description = [{
    y = act(x Wgᵀ) · (x Wuᵀ), element by element: two `xf.linear` and the `xf.gated_activation` of their results, in one.

    Operands: `input`, […, K], maybe encoded; `gate`, Wg, [N, K]; `up`, Wu, [N, K].

    Constraints:

    * (C1) the last dimensions of `input`, `gate` and `up` are equal;
    * (C2) `gate` and `up` have the same number of rows N;
    * (C3) the result has the shape of `input` but for the last dimension, which is N.

    Example:

    ```mlir
    func.func @swiglu_of_linear(%x: tensor<?x?x64xf32>, %wg: tensor<160x64xf32>, %wu: tensor<160x64xf32>)
        -> tensor<?x?x160xf32, #xf.format<i8x32>> {
      %y = xf.gated_linear silu %x, %wg, %wu
        : (tensor<?x?x64xf32>, tensor<160x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32, #xf.format<i8x32>>
      return %y : tensor<?x?x160xf32, #xf.format<i8x32>>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$gate, XF_Matrix:$up, XF_ActivationAttr:$activation);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = "`` $activation $input `,` $gate `,` $up attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_LINEAR
