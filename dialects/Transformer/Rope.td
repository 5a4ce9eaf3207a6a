// Rotary position embeddings.
#ifndef PH_DIALECTS_TRANSFORMER_ROPE
#define PH_DIALECTS_TRANSFORMER_ROPE

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_RopeOp : XF_Op<"rope", [Pure]> {
  let summary = "rotate the heads of an activation by the tokens' positions";
  let description = [{
    For a token at position p, in each head, pair i (elements a and b, see `#xf.rope`) becomes

        y_a = m (x_a cos(p θ_i) - x_b sin(p θ_i))        y_b = m (x_b cos(p θ_i) + x_a sin(p θ_i))

    with the angles θ_i and the attention factor m of the rope. Where its angles depend on a length, that is one more than the largest of
    `positions`.

    Operands: `input`, [batch, sequence, heads · head_dim]; `positions`, [batch, sequence].

    Constraints:

    * (C1) `input` has rank 3 and its features are divided evenly into `heads`;
    * (C2) `positions` have batch and sequence of `input`;
    * (C3) the rope's dim is not beyond head_dim;
    * (C4) the result has the shape of `input`.

    Example:

    ```mlir
    func.func @rope(%x: tensor<?x?x64xf32>, %positions: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
      %y = xf.rope %x, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_Tokens:$positions, ConfinedAttr<I64Attr, [IntPositive]>:$heads,
                       XF_RopeAttr:$rope);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $positions `rope` `=` qualified($rope) `heads` `=` $heads attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_ROPE
