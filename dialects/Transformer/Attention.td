// Attention: one op with everything that attention can be asked for, and its derivative.
#ifndef PH_DIALECTS_TRANSFORMER_ATTENTION
#define PH_DIALECTS_TRANSFORMER_ATTENTION

include "dialects/Transformer/Alibi.td"
include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

/// What may be asked for beyond query, keys and values (AttentionOptions.h); a verifier's (O1) to (O7).
defvar XF_AttentionOptions = (ins
  Optional<XF_FloatTensor>:$bias, Optional<XF_Vector>:$sinks, Optional<XF_Indices>:$prefix,
  Optional<XF_Tokens>:$documents, Optional<XF_Tokens>:$valid,
  ConfinedAttr<I64Attr, [IntPositive]>:$heads, F64Attr:$scale, XF_MaskAttr:$mask,
  OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$window, OptionalAttr<F64Attr>:$soft_cap,
  OptionalAttr<XF_AlibiAttr>:$alibi, OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$keep);

def XF_AttentionOp : XF_Op<"attention", [Pure, ResultMayBeEncoded, AttrSizedOperandSegments]> {
  let summary = "scaled dot-product attention over heads";
  let description = [{
    For each query row and head h (Vaswani et al., 2017, arXiv:1706.03762), with g = h / (heads / kv heads) rounded
    down (grouped-query attention: heads / kv heads queries share a key head):

        p = softmax over visible j of (scale · q_h · k_{g,j})        y_h = Σ_j p_j v_{g,j}

    A row that sees no position gives zeros.

    Keys and values are either given as tensors, `keys(%k) values(%v)`, or are those of a layer of the cache,
    `cache(%cache[%layer], %past)`. Row s of sequence b is the query at position i = past[b] + s with a cache, and at i = s without.
    With `mask = causal` it sees positions j ≤ i; with `mask = none` it sees every row of `keys`, which may be of another
    sequence (cross attention).

    What is seen can be narrowed or widened:

    * `window = W`: only j with i - j < W under a causal mask, |i - j| < W under none. (Mistral's sliding window of W is
      `window = W`; ModernBERT's local attention of L, L / 2 to each side, is `mask = none` and `window = L / 2 + 1`.)
    * `keep = N`: under a causal mask the first N positions stay visible, though they are outside the window (the attention sinks of StreamingLLM,
      Xiao et al., 2023, arXiv:2309.17453; positions, and so rotations, stay those of the text);
    * `prefix(%p)`: the first p[b] positions of sequence b see each other in both directions, whatever the mask and the window;
    * `documents(%d)`: a query sees only rows of its own document, those with d[b, j] = d[b, s];
    * `valid(%m)`: positions with m[b, j] = 0 are padding, which no query sees.

    Scores can be changed before the softmax, in this order:

    * `soft_cap = c`: z becomes c · tanh(z / c) (z is scaled already);
    * `bias(%b)`: b[b, h, s, j] is added;
    * `alibi = #xf.alibi<…>`: slope_h · (j - i) is added;

    and with `sinks(%s)` (Xiao et al., 2023, arXiv:2309.17453; gpt-oss) each head has one more score s_h, of a position without a value, so that
    the weights of what a row sees add up to less than 1.

    With `rope(%positions, #xf.rope<…>)` the heads of `query`, and of `keys` where given, are first rotated as `xf.rope` does;
    keys in a cache are used as they are (`xf.cache_append` can rotate them).

    Operands: `query`, [batch, sequence, heads · head_dim]; `keys`, [batch, positions, kv heads · head_dim]; `values`,
    [batch, positions, kv heads · value_head_dim]; `cache` and `layer`, which keys and values; `past`, for each sequence how
    many positions were in the cache before this step; `positions`, of the tokens of the query (and of keys); `bias`, [1 or batch, 1 or heads,
    sequence, positions]; `sinks`, [heads]; `prefix`, [batch]; `documents`, [batch, sequence]; `valid`, [batch, positions]. With a
    cache `bias` and `valid` cover at least the positions up to the last query's.

    Constraints:

    * (C1) either `keys` and `values`, or `cache`, `layer` and `past` are given;
    * (C2) the features of `query` are divided evenly into `heads`;
    * (C3) `heads` is a multiple of the key/value heads: those of the cache's type, or the features of `keys` / head_dim;
    * (C4) head_dim of query and cache are equal;
    * (C5) `keys` and `values` have the same positions, the batch of `query`, and values are divided evenly into the key/value heads;
    * (C6) `mask` is `causal` where a cache is given, and `keys` have the sequence of `query` where it is causal or rotated;
    * (C7) `positions` are given with a rope, have batch and sequence of `query`, and its dim is not beyond head_dim;
    * (C8) the result has the shape of `query` but for its features, heads · value_head_dim (a cache's is its head_dim); `past`
      has its batch;
    * (C9) `bias` is [1 or batch, 1 or heads, sequence, positions];
    * (C10) `sinks` are as many as heads;
    * (C11) `prefix` has the batch of `query`, and the mask is causal;
    * (C12) `documents` have batch and sequence of `query`, are given with `keys`, and `keys` have its sequence;
    * (C13) `valid` has the batch of `query`, and the positions of `keys` where they are given;
    * (C14) `soft_cap` > 0 where given;
    * (C15) `keep` is given with a window and a causal mask only.

    Example:

    ```mlir
    func.func @attend(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>,
                      %positions: tensor<?x?xi32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x24xf32>, %sinks: tensor<4xf32>,
                      %bias: tensor<1x4x?x?xf32>, %prefix: tensor<?xi32>, %documents: tensor<?x?xi32>, %valid: tensor<?x?xi32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x48xf32>, tensor<?x?x48xf32>) {
      %layer = arith.constant 1 : index
      %cached = xf.attention %q cache(%cache[%layer], %past) rope(%positions, #xf.rope<dim = 16, base = 1.0e4, style = half>)
        sinks(%sinks) heads = 4 scale = 0.25 mask = causal window = 128 keep = 4
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>, tensor<4xf32>) -> tensor<?x?x64xf32>
      %cross = xf.attention %q keys(%k) values(%v) bias(%bias) valid(%valid) heads = 4 scale = 1.0 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x24xf32>, tensor<1x4x?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x48xf32>
      %packed = xf.attention %q keys(%k) values(%v) prefix(%prefix) documents(%documents) heads = 4 scale = 0.25 mask = causal
        soft_cap = 50.0
        : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x24xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x48xf32>
      return %cached, %cross, %packed : tensor<?x?x64xf32>, tensor<?x?x48xf32>, tensor<?x?x48xf32>
    }
    ```
  }];
  let arguments = !con((ins
    XF_FloatActivationTensor:$query,
    Optional<XF_FloatActivationTensor>:$keys, Optional<XF_FloatActivationTensor>:$values,
    Optional<XF_CacheType>:$cache, Optional<Index>:$layer, Optional<XF_Indices>:$past,
    Optional<XF_Tokens>:$positions, OptionalAttr<XF_RopeAttr>:$rope), XF_AttentionOptions);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = [{
    $query (`keys` `(` $keys^ `)`)? (`values` `(` $values^ `)`)?
    (`cache` `(` $cache^ `[` $layer `]` `,` $past `)`)?
    (`rope` `(` $positions^ `,` qualified($rope) `)`)?
    (`bias` `(` $bias^ `)`)? (`sinks` `(` $sinks^ `)`)? (`prefix` `(` $prefix^ `)`)?
    (`documents` `(` $documents^ `)`)? (`valid` `(` $valid^ `)`)? (`alibi` `=` qualified($alibi)^)?
    `heads` `=` $heads `scale` `=` $scale `mask` `=` `` $mask
    (`window` `=` $window^)? (`keep` `=` $keep^)? (`soft_cap` `=` $soft_cap^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // Attention over a layer of the cache. `positions` and `rope` may be null.
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$query, "::mlir::Value":$cache, "::mlir::Value":$layer,
                   "::mlir::Value":$past, "int64_t":$heads, "double":$scale,
                   CArg<"::mlir::Value", "{}">:$positions, CArg<"RopeAttr", "{}">:$rope)>,
    // Attention over keys and values.
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$query, "::mlir::Value":$keys, "::mlir::Value":$values,
                   "const ::ph::xf::AttentionOptions &":$options)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getHeadDim() { return getQuery().getType().getShape().back() / int64_t(getHeads()); }
    int64_t getKeyHeads();
    int64_t getValueHeadDim();
  }];
}

def XF_AttentionBackwardOp : XF_Op<"attention_backward", [Pure, AttrSizedOperandSegments]> {
  let summary = "the derivatives of attention by query, keys and values";
  let description = [{
    For `xf.attention` of the same operands and options, whose result is y, and a loss L of which `gradient` is ∂L/∂y: the results are ∂L/∂query,
    ∂L/∂keys and ∂L/∂values. With p the weights of the row of query i and head h, z its scores before the soft cap, dy_h its part of `gradient`, and g
    the key head of h:

        d_j = p_j (dy_h · v_{g,j} - Σ_l p_l dy_h · v_{g,l}) (1 - tanh(z_j / soft_cap)²)
        ∂q_h = scale Σ_j d_j k_{g,j}        ∂k_{g,j} = scale Σ_{i,h} d_j q_h        ∂v_{g,j} = Σ_{i,h} p_j dy_h

    where the last factor of d_j is there with a soft cap only, and the heads of a group add up in their key head. Bias and sinks are taken as constants.

    Operands: `query`, `keys`, `values`, `bias`, `sinks`, `prefix`, `documents` and `valid` as in `xf.attention`; `gradient`, by its
    result.

    Constraints:

    * (C1) `query`, `keys`, `values` and the options are as `xf.attention` wants them;
    * (C2) `gradient` has the shape that its result has;
    * (C3) the results have the shapes of `query`, `keys` and `values`.

    Example:

    ```mlir
    func.func @derive(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>, %dy: tensor<?x?x64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
      %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
      return %dq, %dk, %dv : tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
    }
    ```
  }];
  let arguments = !con((ins
    XF_ActivationTensor:$query, XF_ActivationTensor:$keys, XF_ActivationTensor:$values, XF_ActivationTensor:$gradient),
    XF_AttentionOptions);
  let results = (outs XF_ActivationTensor:$query_gradient, XF_ActivationTensor:$keys_gradient,
                      XF_ActivationTensor:$values_gradient);
  let assemblyFormat = [{
    $query `,` $keys `,` $values `,` $gradient
    (`bias` `(` $bias^ `)`)? (`sinks` `(` $sinks^ `)`)? (`prefix` `(` $prefix^ `)`)?
    (`documents` `(` $documents^ `)`)? (`valid` `(` $valid^ `)`)? (`alibi` `=` qualified($alibi)^)?
    `heads` `=` $heads `scale` `=` $scale `mask` `=` `` $mask
    (`window` `=` $window^)? (`keep` `=` $keep^)? (`soft_cap` `=` $soft_cap^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getHeadDim() { return getQuery().getType().getShape().back() / int64_t(getHeads()); }
    int64_t getKeyHeads() { return getKeys().getType().getShape().back() / getHeadDim(); }
    int64_t getValueHeadDim() { return getValues().getType().getShape().back() / getKeyHeads(); }
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_ATTENTION
