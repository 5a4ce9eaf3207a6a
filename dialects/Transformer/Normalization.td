// Norms.
#ifndef PH_DIALECTS_TRANSFORMER_NORMALIZATION
#define PH_DIALECTS_TRANSFORMER_NORMALIZATION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_RmsNormOp : XF_Op<"rms_norm", [Pure, ResultMayBeEncoded]> {
  let summary = "divide by the root of the mean square";
  let description = [{
    y_i = w_i x_i / √(mean_j x_j² + eps) over the last dimension (Zhang and Sennrich, 2019, arXiv:1910.07467).

    Operands: `input`, […, K]; `weight`, [K].

    Constraints:

    * (C1) `weight` has as many elements as the last dimension of `input`;
    * (C2) the result has the shape of `input`;
    * (C3) `eps` ≥ 0.

    Example:

    ```mlir
    func.func @norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_Vector:$weight, F64Attr:$eps);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = "$input `,` $weight `eps` `=` $eps attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_NORMALIZATION
