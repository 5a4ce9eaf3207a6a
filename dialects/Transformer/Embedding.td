// From tokens to activations.
#ifndef PH_DIALECTS_TRANSFORMER_EMBEDDING
#define PH_DIALECTS_TRANSFORMER_EMBEDDING

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_EmbeddingOp : XF_Op<"embedding", [Pure]> {
  let summary = "look up the rows of tokens in a table";
  let description = [{
    y[b][s] = scale · table[tokens[b][s]]; scale is 1 where it is not given.

    Operands: `tokens`, ids below the number of rows; `table`, [vocabulary, features].

    Constraints:

    * (C1) the result is [batch of tokens, sequence of tokens, features of the table].

    Example:

    ```mlir
    func.func @embed(%tokens: tensor<?x?xi32>, %table: tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32> {
      %x = xf.embedding %tokens, %table scale = 8.0
        : (tensor<?x?xi32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
      return %x : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_Tokens:$tokens, XF_Matrix:$table, OptionalAttr<F64Attr>:$scale);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$tokens `,` $table (`scale` `=` $scale^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_PositionsOp : XF_Op<"positions", [Pure]> {
  let summary = "number the tokens of a step";
  let description = [{
    y[b][s] = past[b] + s.

    Operands: `tokens`, of which only the shape counts; `past`, for each sequence how many tokens came before this step.

    Constraints:

    * (C1) `past` has the batch of `tokens`;
    * (C2) the result has the shape of `tokens`.

    Example:

    ```mlir
    func.func @number(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>) -> tensor<?x?xi32> {
      %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
      return %p : tensor<?x?xi32>
    }
    ```
  }];
  let arguments = (ins XF_Tokens:$tokens, XF_Indices:$past);
  let results = (outs XF_Tokens:$result);
  let assemblyFormat = "$tokens `,` $past attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_EMBEDDING
