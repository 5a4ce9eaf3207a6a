// Ops that work element by element.
#ifndef PH_DIALECTS_TRANSFORMER_ACTIVATION
#define PH_DIALECTS_TRANSFORMER_ACTIVATION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_ActivationOp : XF_Op<"activation", [Pure, ResultMayBeEncoded]> {
  let summary = "apply a nonlinear function to each element";
  let description = [{
    y = act(x), element by element; `#xf.activation` says which functions there are.

    Operands: `input`, what it is applied to.

    Constraints:

    * (C1) the result has the shape of `input`.

    Example:

    ```mlir
    func.func @activate(%x: tensor<?x?x160xf32>) -> tensor<?x?x160xf32> {
      %y = xf.activation gelu %x : (tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
      return %y : tensor<?x?x160xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_ActivationAttr:$activation);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = "`` $activation $input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_GatedActivationOp : XF_Op<"gated_activation", [Pure, ResultMayBeEncoded]> {
  let summary = "gate a product with an activation";
  let description = [{
    y = act(gate) · (up + up_offset), element by element (Shazeer, 2020, arXiv:2002.05202; with `silu` it is SwiGLU).
    up_offset is 0 where it is not given.

    With `limit = L` the gate is first cut to at most L, and up to -L … L: y = act(min(gate, L)) · (max(-L, min(up, L)) + up_offset),
    as gpt-oss does.

    Operands: `gate`, what the activation is applied to; `up`, what is multiplied with it.

    Constraints:

    * (C1) `gate` and `up` have the same shape;
    * (C2) the result has that shape too;
    * (C3) `limit` > 0 where given.

    Example:

    ```mlir
    func.func @swiglu(%gate: tensor<?x?x160xf32>, %up: tensor<?x?x160xf32>) -> tensor<?x?x160xf32> {
      %y = xf.gated_activation silu %gate, %up
        : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
      %z = xf.gated_activation quick_gelu %gate, %y limit = 7.0 up_offset = 1.0
        : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
      return %z : tensor<?x?x160xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$gate, XF_FloatActivationTensor:$up, XF_ActivationAttr:$activation,
                       OptionalAttr<F64Attr>:$limit, OptionalAttr<F64Attr>:$up_offset);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    `` $activation $gate `,` $up (`limit` `=` $limit^)? (`up_offset` `=` $up_offset^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_AddOp : XF_Op<"add", [Pure, Commutative]> {
  let summary = "add two activations";
  let description = [{
    y = lhs + rhs, element by element: the residual connection.

    Operands: `lhs` and `rhs`, the addends.

    Constraints:

    * (C1) `lhs`, `rhs` and the result have the same shape.

    Example:

    ```mlir
    func.func @residual(%x: tensor<?x?x64xf32>, %branch: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.add %x, %branch : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$lhs, XF_FloatActivationTensor:$rhs);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_MulOp : XF_Op<"mul", [Pure]> {
  let summary = "multiply two activations";
  let description = [{
    y = lhs · rhs, element by element. Where the last dimension of `rhs` is 1, its element is a factor of the whole row: a gate for
    each token.

    Operands: `lhs` and `rhs`, the factors.

    Constraints:

    * (C1) `lhs` and the result have the same shape;
    * (C2) `rhs` has that shape too, but that its last dimension may be 1.

    Example:

    ```mlir
    func.func @gate(%x: tensor<?x?x64xf32>, %gate: tensor<?x?x1xf32>) -> tensor<?x?x64xf32> {
      %y = xf.mul %x, %gate : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$lhs, XF_FloatActivationTensor:$rhs);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_ScaleOp : XF_Op<"scale", [Pure]> {
  let summary = "multiply an activation with a constant";
  let description = [{
    y = factor · x, element by element.

    Operands: `input`, what is multiplied.

    Constraints:

    * (C1) the result has the shape of `input`;
    * (C2) `factor` is finite.

    Example:

    ```mlir
    func.func @halve(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.scale %x by 0.5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, F64Attr:$factor);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$input `by` $factor attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_ACTIVATION
