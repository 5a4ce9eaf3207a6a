// Attention: one op with everything that attention can be asked for.
#ifndef PH_DIALECTS_TRANSFORMER_ATTENTION
#define PH_DIALECTS_TRANSFORMER_ATTENTION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_AttentionOp : XF_Op<"attention", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "scaled dot-product attention over heads";
  let description = [{
    For each query row and head h (Vaswani et al., 2017, arXiv:1706.03762), with g = h / (heads / kv heads) rounded
    down (grouped-query attention: heads / kv heads queries share a key head):

        p = softmax over visible j of (scale · q_h · k_{g,j})        y_h = Σ_j p_j v_{g,j}

    Keys and values are either given as tensors, `keys(%k) values(%v)`, or are those of a layer of the cache,
    `cache(%cache[%layer], %past)`. With `mask = causal` query row s of sequence b sees positions 0 … past[b] + s of the cache, or rows 0 … s
    of `keys`. With `mask = none` it sees every row of `keys`.

    With `rope(%positions, #xf.rope<…>)` the heads of `query`, and of `keys` where given, are first rotated as `xf.rope` does;
    keys in a cache are used as they are (`xf.cache_append` can rotate them).

    Operands: `query`, [batch, sequence, heads · head_dim]; `keys` and `values`, [batch, positions, kv heads · head_dim];
    `cache` and `layer`, which keys and values; `past`, for each sequence how many positions were in the cache before this step;
    `positions`, of the tokens of the query (and of keys).

    Constraints:

    * (C1) either `keys` and `values`, or `cache`, `layer` and `past` are given;
    * (C2) the features of `query` are divided evenly into `heads`;
    * (C3) `heads` is a multiple of the key/value heads: those of the cache's type, or the features of `keys` / head_dim;
    * (C4) head_dim of query and cache are equal;
    * (C5) `keys` and `values` have the same shape and the batch of `query`;
    * (C6) `mask` is `causal` where a cache is given, and `keys` have the sequence of `query` where it is causal or rotated;
    * (C7) `positions` are given with a rope, have batch and sequence of `query`, and its dim is not beyond head_dim;
    * (C8) the result has the shape of `query`; `past` has its batch.

    Example:

    ```mlir
    func.func @attend(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>,
                      %positions: tensor<?x?xi32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %layer = arith.constant 1 : index
      %cached = xf.attention %q cache(%cache[%layer], %past) rope(%positions, #xf.rope<dim = 16, base = 1.0e4, style = half>)
        heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %plain = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
      return %cached, %plain : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins
    XF_FloatActivationTensor:$query,
    Optional<XF_FloatActivationTensor>:$keys, Optional<XF_FloatActivationTensor>:$values,
    Optional<XF_CacheType>:$cache, Optional<Index>:$layer, Optional<XF_Indices>:$past,
    Optional<XF_Tokens>:$positions, OptionalAttr<XF_RopeAttr>:$rope,
    ConfinedAttr<I64Attr, [IntPositive]>:$heads, F64Attr:$scale, XF_MaskAttr:$mask);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $query (`keys` `(` $keys^ `)`)? (`values` `(` $values^ `)`)?
    (`cache` `(` $cache^ `[` $layer `]` `,` $past `)`)?
    (`rope` `(` $positions^ `,` qualified($rope) `)`)?
    `heads` `=` $heads `scale` `=` $scale `mask` `=` `` $mask attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // Attention over a layer of the cache. `positions` and `rope` may be null.
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$query, "::mlir::Value":$cache, "::mlir::Value":$layer,
                   "::mlir::Value":$past, "int64_t":$heads, "double":$scale,
                   CArg<"::mlir::Value", "{}">:$positions, CArg<"RopeAttr", "{}">:$rope)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getHeadDim() { return getQuery().getType().getShape().back() / int64_t(getHeads()); }
    int64_t getKeyHeads();
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_ATTENTION
