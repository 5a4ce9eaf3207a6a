// Ops on the cache of keys and values.
#ifndef PH_DIALECTS_TRANSFORMER_CACHE
#define PH_DIALECTS_TRANSFORMER_CACHE

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_CacheAppendOp : XF_Op<"cache_append", [Pure, AllTypesMatch<["cache", "result"]>]> {
  let summary = "put the keys and values of new tokens into a layer of the cache";
  let description = [{
    The result is `cache` but for positions past[b] + s of sequence b in the given layer, which hold row s of
    `keys[b]` and `values[b]`. A cache of f16 rounds them to the nearest.

    With `rope(%positions, #xf.rope<…>)` the heads of `keys` are rotated as `xf.rope` does before they are stored.

    Operands: `cache` and `layer`, what to change; `keys` and `values`, [batch, sequence, kv heads · head_dim]; `past`, for each sequence
    how many positions it has already; `positions`, of the tokens, for the rotation.

    Constraints:

    * (C1) `keys` and `values` have the same shape;
    * (C2) their features are heads · head_dim of the cache;
    * (C3) `past` has the batch of `keys`;
    * (C4) `positions` are given with a rope, have batch and sequence of `keys`, and its dim is not beyond head_dim.

    Example:

    ```mlir
    func.func @append(%cache: !xf.cache<2 x 2 x 16, f32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>,
                      %past: tensor<?xi32>, %positions: tensor<?x?xi32>) -> !xf.cache<2 x 2 x 16, f32> {
      %layer = arith.constant 0 : index
      %new = xf.cache_append %cache[%layer], %k, %v, %past rope(%positions, #xf.rope<dim = 16, base = 1.0e4, style = half>)
        : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<?x?xi32>)
        -> !xf.cache<2 x 2 x 16, f32>
      return %new : !xf.cache<2 x 2 x 16, f32>
    }
    ```
  }];
  let arguments = (ins
    XF_CacheType:$cache, Index:$layer, XF_FloatActivationTensor:$keys, XF_FloatActivationTensor:$values, XF_Indices:$past,
    Optional<XF_Tokens>:$positions, OptionalAttr<XF_RopeAttr>:$rope);
  let results = (outs XF_CacheType:$result);
  let assemblyFormat = [{
    $cache `[` $layer `]` `,` $keys `,` $values `,` $past (`rope` `(` $positions^ `,` qualified($rope) `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_CACHE
