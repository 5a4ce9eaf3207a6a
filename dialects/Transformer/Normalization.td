// Norms.
#ifndef PH_DIALECTS_TRANSFORMER_NORMALIZATION
#define PH_DIALECTS_TRANSFORMER_NORMALIZATION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_RmsNormOp : XF_Op<"rms_norm", [Pure, ResultMayBeEncoded]> {
  let summary = "divide by the root of the mean square";
  let description = [{
    y_i = (w_i + offset) · x_i / √(mean_j x_j² + eps) over the last dimension (Zhang and Sennrich, 2019, arXiv:1910.07467).
    Without a weight y_i = x_i / √(…). offset is 0 where it is not given; Gemma's weights are stored with `offset = 1.0`.

    With `heads = H` the last dimension is H slices of K / H elements, and each is normalized alone.

    Operands: `input`, […, K]; `weight`, [K / H], the same for each head, or [K], one for each element.

    Constraints:

    * (C1) `weight` has as many elements as a slice of `input` that is normalized, or as the last dimension of `input`;
    * (C2) the result has the shape of `input`;
    * (C3) `eps` ≥ 0;
    * (C4) `heads` is positive and divides the last dimension of `input` evenly;
    * (C5) `offset` is given only with a weight.

    Example:

    ```mlir
    func.func @norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>, %wq: tensor<16xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %heads = xf.rms_norm %x, %wq eps = 1.0e-6 offset = 1.0 heads = 4
        : (tensor<?x?x64xf32>, tensor<16xf32>) -> tensor<?x?x64xf32>
      %bare = xf.rms_norm %x eps = 1.0e-6 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      return %y, %heads, %bare : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, Optional<XF_Vector>:$weight, F64Attr:$eps,
                       OptionalAttr<F64Attr>:$offset, OptionalAttr<I64Attr>:$heads);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $input (`,` $weight^)? `eps` `=` $eps (`offset` `=` $offset^)? (`heads` `=` $heads^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_LayerNormOp : XF_Op<"layer_norm", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "subtract the mean and divide by the standard deviation";
  let description = [{
    y_i = (w_i + offset) · (x_i - μ) / √(σ² + eps) + b_i over the last dimension (Ba et al., 2016, arXiv:1607.06450), with
    μ = mean_j x_j and σ² = mean_j (x_j - μ)². Without a weight the factor w_i + offset, without a bias the summand b_i is left out.
    offset is 0 where it is not given; Nemotron's weights are stored with `offset = 1.0`.

    With `heads = H` the last dimension is H slices of K / H elements, and each is normalized alone.

    Operands: `input`, […, K]; `weight` and `bias`, [K / H], the same for each head, or [K], one for each element.

    Constraints:

    * (C1) `weight` has as many elements as a slice of `input` that is normalized, or as the last dimension of `input`;
    * (C2) so has `bias`;
    * (C3) the result has the shape of `input`;
    * (C4) `eps` ≥ 0;
    * (C5) `heads` is positive and divides the last dimension of `input` evenly;
    * (C6) `offset` is given only with a weight.

    Example:

    ```mlir
    func.func @norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>, %b: tensor<64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %y = xf.layer_norm %x, %w bias %b eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %bare = xf.layer_norm %x eps = 1.0e-5 heads = 4 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      return %y, %bare : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, Optional<XF_Vector>:$weight, Optional<XF_Vector>:$bias, F64Attr:$eps,
                       OptionalAttr<F64Attr>:$offset, OptionalAttr<I64Attr>:$heads);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $input (`,` $weight^)? (`bias` $bias^)? `eps` `=` $eps (`offset` `=` $offset^)? (`heads` `=` $heads^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_AddRmsNormOp : XF_Op<"add_rms_norm", [Pure]> {
  let summary = "add two activations and norm the sum";
  let description = [{
    sum = lhs + rhs, as `xf.add` makes it, and norm = what `xf.rms_norm` makes of sum: the residual connection and the norm of the next
    branch, in one pass over memory.

    Operands: `lhs` and `rhs`, […, K], the addends; `weight` as that of `xf.rms_norm`.

    Constraints:

    * (C1) `lhs`, `rhs` and both results have the same shape;
    * (C2) `weight`, `eps`, `offset` and `heads` are as those of `xf.rms_norm`.

    Example:

    ```mlir
    func.func @residual(%x: tensor<?x?x64xf32>, %branch: tensor<?x?x64xf32>, %w: tensor<64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %sum, %norm = xf.add_rms_norm %x, %branch, %w eps = 1.0e-6
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
      return %sum, %norm : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$lhs, XF_FloatActivationTensor:$rhs, Optional<XF_Vector>:$weight, F64Attr:$eps,
                       OptionalAttr<F64Attr>:$offset, OptionalAttr<I64Attr>:$heads);
  let results = (outs XF_FloatActivationTensor:$sum, XF_AnyActivationTensor:$norm);
  let assemblyFormat = [{
    $lhs `,` $rhs (`,` $weight^)? `eps` `=` $eps (`offset` `=` $offset^)? (`heads` `=` $heads^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_AddLayerNormOp : XF_Op<"add_layer_norm", [Pure, AttrSizedOperandSegments]> {
  let summary = "add two activations and norm the sum by mean and variance";
  let description = [{
    sum = lhs + rhs, as `xf.add` makes it, and norm = what `xf.layer_norm` makes of sum.

    Operands: `lhs` and `rhs`, […, K], the addends; `weight` and `bias` as those of `xf.layer_norm`.

    Constraints:

    * (C1) `lhs`, `rhs` and both results have the same shape;
    * (C2) `weight`, `bias`, `eps`, `offset` and `heads` are as those of `xf.layer_norm`.

    Example:

    ```mlir
    func.func @residual(%x: tensor<?x?x64xf32>, %branch: tensor<?x?x64xf32>, %w: tensor<64xf32>, %b: tensor<64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %sum, %norm = xf.add_layer_norm %x, %branch, %w bias %b eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
      return %sum, %norm : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$lhs, XF_FloatActivationTensor:$rhs, Optional<XF_Vector>:$weight,
                       Optional<XF_Vector>:$bias, F64Attr:$eps, OptionalAttr<F64Attr>:$offset, OptionalAttr<I64Attr>:$heads);
  let results = (outs XF_FloatActivationTensor:$sum, XF_AnyActivationTensor:$norm);
  let assemblyFormat = [{
    $lhs `,` $rhs (`,` $weight^)? (`bias` $bias^)? `eps` `=` $eps (`offset` `=` $offset^)? (`heads` `=` $heads^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_NORMALIZATION
