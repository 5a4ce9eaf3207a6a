// Ops that work element by element.
#ifndef PH_DIALECTS_TRANSFORMER_ACTIVATION
#define PH_DIALECTS_TRANSFORMER_ACTIVATION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_GatedActivationOp : XF_Op<"gated_activation", [Pure, ResultMayBeEncoded]> {
  let summary = "gate a product with an activation";
  let description = [{
    y = act(gate) · up, element by element (Shazeer, 2020, arXiv:2002.05202; with `silu` it is SwiGLU).

    Operands: `gate`, what the activation is applied to; `up`, what is multiplied with it.

    Constraints:

    * (C1) `gate` and `up` have the same shape;
    * (C2) the result has that shape too.

    Example:

    ```mlir
    func.func @swiglu(%gate: tensor<?x?x160xf32>, %up: tensor<?x?x160xf32>) -> tensor<?x?x160xf32> {
      %y = xf.gated_activation silu %gate, %up
        : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
      return %y : tensor<?x?x160xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$gate, XF_FloatActivationTensor:$up, XF_ActivationAttr:$activation);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = "`` $activation $gate `,` $up attr-dict `:` functional-type(operands, results)";
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

#endif // PH_DIALECTS_TRANSFORMER_ACTIVATION
