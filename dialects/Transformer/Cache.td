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

class XF_CacheReadOp<string mnemonic> : XF_Op<mnemonic, [Pure]> {
  let arguments = (ins XF_CacheType:$cache, Index:$layer);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = "$cache `[` $layer `]` attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_CacheKeysOp : XF_CacheReadOp<"cache_keys"> {
  let summary = "the keys of a layer of the cache";
  let description = [{
    y[b, j] is the key of position j of sequence b in the given layer; a view of the cache, nothing is copied. Positions that a sequence doesn't have,
    where another has more, are zero.

    Operands: `cache` and `layer`, which keys.

    Constraints:

    * (C1) the result is [batch, positions, heads · head_dim] of the cache's heads.

    Example:

    ```mlir
    func.func @keys(%cache: !xf.cache<2 x 2 x 16, f16>) -> tensor<?x?x32xf32> {
      %layer = arith.constant 0 : index
      %k = xf.cache_keys %cache[%layer] : (!xf.cache<2 x 2 x 16, f16>, index) -> tensor<?x?x32xf32>
      return %k : tensor<?x?x32xf32>
    }
    ```
  }];
}

def XF_CacheValuesOp : XF_CacheReadOp<"cache_values"> {
  let summary = "the values of a layer of the cache";
  let description = [{
    As `xf.cache_keys`, but the values.

    Operands: `cache` and `layer`, which values.

    Constraints:

    * (C1) the result is [batch, positions, heads · head_dim] of the cache's heads.

    Example:

    ```mlir
    func.func @values(%cache: !xf.cache<2 x 2 x 16, f16>) -> tensor<?x?x32xf32> {
      %layer = arith.constant 0 : index
      %v = xf.cache_values %cache[%layer] : (!xf.cache<2 x 2 x 16, f16>, index) -> tensor<?x?x32xf32>
      return %v : tensor<?x?x32xf32>
    }
    ```
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_CACHE
