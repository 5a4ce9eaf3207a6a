// From tokens to activations.
#ifndef PH_DIALECTS_TRANSFORMER_EMBEDDING
#define PH_DIALECTS_TRANSFORMER_EMBEDDING

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_EmbeddingOp : XF_Op<"embedding", [Pure]> {
  let summary = "look up the rows of tokens in a table";
  let description = [{
    y[b][s] = scale · table[tokens[b][s] + offset]; scale is 1 and offset 0 where they are not given. It also looks up learned
    positions, where `tokens` are those; OPT's table of them has `offset = 2`.

    Operands: `tokens`, ids such that with the offset they are from 0 to the number of rows; `table`, [vocabulary, features].

    Constraints:

    * (C1) the result is [batch of tokens, sequence of tokens, features of the table];
    * (C2) `offset` is from 0 to below the number of rows.

    Example:

    ```mlir
    func.func @embed(%tokens: tensor<?x?xi32>, %table: tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32> {
      %x = xf.embedding %tokens, %table scale = 8.0
        : (tensor<?x?xi32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
      %y = xf.embedding %tokens, %table offset = 2
        : (tensor<?x?xi32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
      %z = xf.add %x, %y : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      return %z : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_Tokens:$tokens, XF_Matrix:$table, OptionalAttr<F64Attr>:$scale, OptionalAttr<I64Attr>:$offset);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    $tokens `,` $table (`scale` `=` $scale^)? (`offset` `=` $offset^)? attr-dict `:` functional-type(operands, results)
  }];
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

def XF_MaskedPositionsOp : XF_Op<"masked_positions", [Pure]> {
  let summary = "number the tokens of each sequence that are no padding";
  let description = [{
    y[b][s] = offset + Σ_{t ≤ s} [mask[b][t] ≠ 0] where mask[b][s] ≠ 0, and offset elsewhere: the first real token has the number
    offset + 1, and all padding shares the number offset (RoBERTa: `offset = 1`, the row of its padding token). offset is 0 where it is
    not given.

    Operands: `mask`, not 0 where a token is no padding.

    Constraints:

    * (C1) the result has the shape of `mask`.

    Example:

    ```mlir
    func.func @number(%mask: tensor<?x?xi32>) -> tensor<?x?xi32> {
      %p = xf.masked_positions %mask offset = 1 : (tensor<?x?xi32>) -> tensor<?x?xi32>
      return %p : tensor<?x?xi32>
    }
    ```
  }];
  let arguments = (ins XF_Tokens:$mask, OptionalAttr<I64Attr>:$offset);
  let results = (outs XF_Tokens:$result);
  let assemblyFormat = "$mask (`offset` `=` $offset^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_EMBEDDING
