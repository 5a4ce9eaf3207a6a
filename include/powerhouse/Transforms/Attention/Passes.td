// Passes that find attention and change how it is computed.
#ifndef PH_TRANSFORMS_ATTENTION_PASSES
#define PH_TRANSFORMS_ATTENTION_PASSES

include "mlir/Pass/PassBase.td"

def RecognizeAttentionPass : Pass<"xf-recognize-attention"> {
  let summary = "Make xf.attention of attention that is spelled out in primitives";
  let description = [{
    What exporters write as softmax(scale · Q Kᵀ + mask) V becomes one `xf.attention`. It is found from its last product of matrices
    upwards, whatever of this is there:

    * a scale, before the product on queries, on keys or on both, or after it, multiplied or divided;
    * keys transposed by any permutation, or by the product;
    * key and value heads that are repeated in groups (reshape, broadcast, reshape), or one head that is broadcast;
    * a soft cap c · tanh(z / c);
    * masks, added to the scores or scores chosen by them: causal ones and windows, of constants, slices of constants or compared numbers of
      rows and columns, become `mask = causal` and `window`; numbers that are 1 where a key is and 0 where none is become `valid`; every
      other one becomes the `bias`;
    * a softmax spelled out, and NaN replaced by 0 after it.

    Rows that see nothing give zeros in `xf.attention`; spelled out they give NaN or a mean of all values, which no model wants. Padding masks
    are taken to hold 0 and 1, and scores of -1e4 or below to be masked.

    Constants must have been folded (`xf-propagate-constants`, `canonicalize`). Where the results of ops in between are used
    elsewhere too, they are computed there still.

    Refused, with a remark: a softmax along another dimension, a scale that is computed, masks that widen the scores, numbers of
    heads or batches that don't go together, key heads repeated in turns.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Attentions that became one op">];
}

#endif // PH_TRANSFORMS_ATTENTION_PASSES
