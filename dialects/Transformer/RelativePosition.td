// Biases of attention that depend on how far apart two positions are.
#ifndef PH_DIALECTS_TRANSFORMER_RELATIVE_POSITION
#define PH_DIALECTS_TRANSFORMER_RELATIVE_POSITION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_RelativePositionBiasOp : XF_Op<"relative_position_bias", [Pure, AttrSizedOperandSegments]> {
  let summary = "the learned bias of each distance (Raffel et al., 2019, arXiv:1910.10683)";
  let description = [{
    y[b, h, s, j] = table[bucket(j - i), h], where i is the position of query row s: past[b] + s, or s without `past`. Buckets are those of
    T5. With n buckets (half of those of `table` where `bidirectional`), e = n / 2 and distance d = |j - i| where bidirectional, else max(i - j, 0):

        bucket = d                                                               d < e
        bucket = min(n - 1, e + ⌊ln(d / e) / ln(max_distance / e) · (n - e)⌋)    otherwise

    and n more where bidirectional and j > i. The logarithms are taken in f32, as T5 does.

    Operands: `table`, [buckets, heads]; `query`, an activation whose batch and sequence the result has; `keys`, an activation
    whose rows are the positions j; `past`, for each sequence how many positions are before its first row. Without `keys` the positions are
    the rows of `query`, and with `past` those of the sequence that is furthest, max past + sequence.

    Constraints:

    * (C1) `query` and `keys` have rank 3;
    * (C2) `past` has the batch of `query`;
    * (C3) `table` has at least 2 buckets, an even number of at least 4 where bidirectional;
    * (C4) `max_distance` is above e;
    * (C5) the result is [1, heads, sequence, positions], or [batch, heads, sequence, positions] with `past`.

    Example:

    ```mlir
    func.func @biases(%table: tensor<32x8xf32>, %x: tensor<?x?x64xf32>, %past: tensor<?xi32>)
        -> (tensor<1x8x?x?xf32>, tensor<?x8x?x?xf32>) {
      %encoder = xf.relative_position_bias %table query(%x) max_distance = 128 bidirectional
        : (tensor<32x8xf32>, tensor<?x?x64xf32>) -> tensor<1x8x?x?xf32>
      %decoder = xf.relative_position_bias %table query(%x) past(%past) max_distance = 128
        : (tensor<32x8xf32>, tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x8x?x?xf32>
      return %encoder, %decoder : tensor<1x8x?x?xf32>, tensor<?x8x?x?xf32>
    }
    ```
  }];
  let arguments = (ins
    XF_Matrix:$table, XF_FloatActivationTensor:$query, Optional<XF_FloatActivationTensor>:$keys, Optional<XF_Indices>:$past,
    ConfinedAttr<I64Attr, [IntPositive]>:$max_distance, UnitAttr:$bidirectional);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $table `query` `(` $query `)` (`keys` `(` $keys^ `)`)? (`past` `(` $past^ `)`)? `max_distance` `=` $max_distance
    (`bidirectional` $bidirectional^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The bucket of key position minus query position.
    int64_t getBucket(int64_t distance);
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_RELATIVE_POSITION
