// Passes that find attention and change how it is computed.
#ifndef PH_TRANSFORMS_ATTENTION_PASSES
#define PH_TRANSFORMS_ATTENTION_PASSES

include "mlir/Pass/PassBase.td"

def FlashAttentionPass : Pass<"xf-flash-attention"> {
  let summary = "Compute attention and its derivatives tile by tile, without a matrix of scores";
  let description = [{
    `xf.attention` becomes an `scf.forall` over sequences, heads and tiles of queries, which threads can share, and in it a loop over tiles of keys
    that carries, for each query of the tile, the largest score so far, the sum of exponentials and the weighted sum of values (online softmax:
    Milakov and Gimelshein, 2018, arXiv:1805.02867; Dao et al., 2022, arXiv:2205.14135). What is held at a time is tiles, whatever the context, and
    no tile is larger than its options say. Tiles of keys that no query of the tile sees, because they are after the last of them or before its
    window, are not visited. Keys and values in a cache are read as `xf.cache_keys` and `xf.cache_values`; a bias that
    `xf.relative_position_bias` makes is made for each tile anew, and rotations are of tiles too, but for those whose angles depend on the length.

    `xf.attention_backward` is computed the same way: for each tile of queries once over the keys for sums and largest scores, and once more
    for the derivatives, which makes the scores anew instead of keeping them. Heads of keys, with those of queries that see them, are computed at once.

    Refused, with a remark: a query, keys, values or gradients that are encoded.
  }];
  let options = [
    Option<"tileQueries", "tile-queries", "int64_t", "64", "Queries of a tile">,
    Option<"tileKeys", "tile-keys", "int64_t", "64", "Keys of a tile">];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"rewritten", "rewritten", "Attentions and derivatives that became loops">];
}

def RecognizeAttentionPass : Pass<"xf-recognize-attention"> {
  let summary = "Make xf.attention of attention that is spelled out in primitives";
  let description = [{
    What exporters write as softmax(scale · Q Kᵀ + mask) V becomes one `xf.attention`. It is found from its last product of matrices
    upwards, whatever of this is there:

    * a scale, before the product on queries, on keys or on both, or after it, multiplied or divided;
    * keys transposed by any permutation, or by the product;
    * key and value heads that are repeated in groups (reshape, broadcast, reshape), or one head that is broadcast; or products of rank 5, [batch, groups, heads of a group, …], of
      keys and values that are the same for the heads of a group;
    * a soft cap c · tanh(z / c);
    * masks, added to the scores or scores chosen by them: causal ones and windows, of constants, slices of constants or compared numbers of
      rows and columns, or how far these are apart, become `mask = causal` and `window`; numbers that are 1 where a key is and 0 where none is, for all heads or scores without heads, become `valid`; every
      other one of scores [batch, heads, queries, keys] becomes the `bias`;
    * a softmax spelled out, and NaN replaced by 0 after it.

    Rows that see nothing give zeros in `xf.attention`; spelled out they give NaN or a mean of all values, which no model wants. Padding masks
    are taken to hold 0 and 1, and scores of -1e4 or below to be masked.

    Constants must have been folded (`xf-propagate-constants`, `canonicalize`). Where the results of ops in between are used
    elsewhere too, they are computed there still.

    Refused, with a remark: a softmax along another dimension, a scale that is computed, masks that widen the scores, numbers of
    heads or batches that don't go together or may not at run time (dynamic sizes of arguments are taken to be of one batch), key heads repeated in turns; of scores without heads, or of rank 5, what is added but can't be said in options.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Attentions that became one op">];
}

def RecognizeAlibiPass : Pass<"xf-recognize-alibi"> {
  let summary = "Make the option alibi of a bias that grows with the number of the key";
  let description = [{
    Where the `bias` of an `xf.attention` is a slope of each head times the number of the key, and the slopes are those of an `#xf.alibi`, the attention has
    that instead. Exporters write m · j; with m · (j - i) each row of scores is less by one number, which a softmax doesn't see.

    Refused, with a remark: other slopes, an attention with sinks, whose score would be seen.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Biases that became ALiBi">];
}

def SplitKvPass : Pass<"xf-split-kv"> {
  let summary = "Attend to several parts of a long context independently, for few queries";
  let description = [{
    When tokens are generated one by one there is one query for each sequence and head, and only the context is long. The positions that
    the queries see are split into `parts` parts of the same length; each gives largest scores, sums and weighted values of its own, which needn't wait
    for another part, and these are combined at the end.

    Where the number of queries is dynamic, both ways are kept and chosen from at run time by `max-queries`.

    Refused, with a remark: more queries than `max-queries`, and a query, keys or values that are encoded.
  }];
  let options = [
    Option<"parts", "parts", "int64_t", "8", "Parts of the context">,
    Option<"tileKeys", "tile-keys", "int64_t", "64", "Keys of a tile, within a part">,
    Option<"maxQueries", "max-queries", "int64_t", "16", "The most queries of a sequence for which keys are split">];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"changed", "split", "Attentions whose keys are split">];
}

#endif // PH_TRANSFORMS_ATTENTION_PASSES
