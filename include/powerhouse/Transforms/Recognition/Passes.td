// Passes that find what primitives spell out.
#ifndef PH_TRANSFORMS_RECOGNITION_PASSES
#define PH_TRANSFORMS_RECOGNITION_PASSES

include "mlir/Pass/PassBase.td"

def RecognizeNormsPass : Pass<"xf-recognize-norms"> {
  let summary = "Make xf.rms_norm and xf.layer_norm of norms that are spelled out";
  let description = [{
    x / √(mean(x²) + eps) along the last dimension becomes `xf.rms_norm`, and `xf.layer_norm` where x is y - mean(y); the root may be
    divided by, or its inverse multiplied with. A vector that the norm is multiplied with becomes its weight (with `offset = 1.0` where it is w + 1), one
    that is added to a layer norm its bias.

    A norm of parts of the features, [batch, sequence, heads, head_dim], between the reshapes that make and undo them becomes one with `heads`.

    Refused, with a remark: the root of another tensor's mean square, dynamic last dimensions, norms that are used without their weight too.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Norms that became one op">];
}

def RecognizeActivationsPass : Pass<"xf-recognize-activations"> {
  let summary = "Make xf.activation of activations that are spelled out";
  let description = [{
    silu (x · sigmoid(x), x / (1 + e^-x)), gelu with erf and with tanh, quick-gelu and relu become `xf.activation`, in whatever order their factors are
    multiplied, and what is left of tanh. An activation times another tensor of its shape becomes `xf.gated_activation`.

    Refused, with a remark: dynamic last dimensions, activations that are used beside the gate.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Activations and gates that became one op">];
}

def RecognizeEmbeddingPass : Pass<"xf-recognize-embedding"> {
  let summary = "Make xf.embedding of rows that tokens pick";
  let description = [{
    `xf.gather` of the rows of a static matrix by [batch, sequence] tokens becomes `xf.embedding`. Tokens are taken to be 0 or more: a gather would count others from the end.

    Refused, with a remark: tables that aren't matrices of static shape, rows that something else than [batch, sequence] tokens picks.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Gathers that became embeddings">];
}

def RecognizePatchesPass : Pass<"xf-recognize-patches"> {
  let summary = "Make xf.patch_embedding of convolutions whose places become rows";
  let description = [{
    An `xf.convolution` whose strides are the size of its kernel, without padding and dilation, flattened to [batch, features, places] and transposed to
    [batch, places, features] becomes `xf.patch_embedding`.

    Refused, with a remark: kernels that overlap, leave something out or look beyond the edge; images of dynamic size.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Convolutions that became patches">];
}

def RecognizePositionsPass : Pass<"xf-recognize-positions"> {
  let summary = "Make xf.positions of numbers that count tokens";
  let description = [{
    Where an `xf.gather` picks rows by 0, 1, … up to the length of tokens' sequences, it picks them by `xf.positions` of these tokens, with a past of 0: as
    learned positions are looked up. So does an `xf.rope` whose positions are such numbers. Numbers come of `xf.iota`, or of a constant that is cut to the length.
    Where the rows are those after the first n, an `xf.embedding` with `offset = n` picks them.

    The running sum of a mask of 0 and 1, times that mask, becomes `xf.masked_positions`, whatever is added to it its `offset`.

    Refused, with a remark: a running sum of something else than the mask, or of what isn't 0 or 1; rows that are the same for each sequence, if something else than a sum with rows of the tokens uses them; what is rotated
    where it isn't known to be of those tokens.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Gathers and rotations by positions">];
}

def RecognizeRopePass : Pass<"xf-recognize-rope"> {
  let summary = "Make xf.rope of rotations that are spelled out";
  let description = [{
    x · cos(a) + (-x₂, x₁) · sin(a), where x₁ and x₂ are the halves of each head and a = (p θ, p θ) for positions p and constants θ, becomes `xf.rope` of
    `style = half`; with x₁ and x₂ the elements of even and odd number, and each angle twice in turn, one of `style = interleaved`. Cosine and sine may be
    multiplied with one number. The base, and the factor of a linear scaling, are those whose powers θ are; if there are none, the parameters of `llama3` and
    `yarn` are looked for among the usual ones (an `original` that is a power of two, the default β, frequency factors 1 and 4), and those of
    `longrope` where θ is chosen by the largest position. Where only the first features of each head are
    rotated, and joined with the others, the whole head is rotated by a smaller `dim`.

    Refused, with a remark: angles that are no powers of one base and no usual scaling of them, heads that are rotated by different angles, halves that aren't those of
    the whole head.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Rotations that became one op">];
}

def RecognizeSplitPass : Pass<"xf-recognize-split"> {
  let summary = "Make one xf.split of slices that cut features into parts";
  let description = [{
    Where an activation is cut along its features by `xf.slice` ops that leave nothing out and don't overlap, they become one `xf.split`: queries, keys and
    values out of one product, or gate and up. Slices of heads, [batch, heads, sequence, width], that nothing uses as a whole become one
    `xf.split_heads`.

    Refused, with a remark: slices with gaps between them or overlaps.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Groups of slices that became one op">];
}

def RecognizeLinearPass : Pass<"xf-recognize-linear", "::mlir::ModuleOp"> {
  let summary = "Make xf.linear of products with matrices";
  let description = [{
    `xf.matmul` of an activation with one static matrix becomes `xf.linear`, whose weight is that matrix, transposed where its outputs are columns: an `xf.weight` that is
    loaded is then replaced by one that reads its source transposed. A vector that is added becomes the bias. The sum of two activations that are known to have one shape becomes `xf.add`.

    Refused, with a remark: rows or matrices that aren't static, products that are used without their bias too or have one already, and sums of which an operand may be broadcast.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Products and sums that became one op">];
}

def RecognizeScalePass : Pass<"xf-recognize-scale"> {
  let summary = "Make xf.scale of activations times one number";
  let description = [{
    A product of an activation with one number, or its quotient by one, becomes `xf.scale`. The factor is what the f32 was most likely written as:
    a decimal of few digits, or 1/n, √n and 1/√n of a whole number n, where these round to it.

    Refused, with a remark: what has no static last dimension.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Products that became a scale">];
}

def RecognizeLogitsPass : Pass<"xf-recognize-logits"> {
  let summary = "Make xf.logits of scores that are scaled or capped";
  let description = [{
    Where a function returns an `xf.linear` times a number, or c · tanh(x / c) of it, the scale and the cap become those of `xf.logits`, which takes
    the product's place.

    Refused, with a remark: products with a bias, a residual or an activation; a cap below 0.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Products that became scores">];
}

def RecognizePoolingPass : Pass<"xf-recognize-pooling"> {
  let summary = "Make xf.pool of what gives one row for each sequence";
  let description = [{
    Of [batch, sequence, features], the row that `xf.gather` picks with the number 0 becomes `xf.pool cls`, with -1 `xf.pool last`; the mean of all rows and
    the largest of them become `mean` and `max`.

    Refused, with a remark: rows between the first and the last, features of dynamic size.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Gathers and reductions that became pooling">];
}

def RecognizeRelativePositionsPass : Pass<"xf-recognize-relative-positions"> {
  let summary = "Make xf.relative_position_bias of rows that buckets of distances pick";
  let description = [{
    Rows of a table, [buckets, heads], that a matrix of numbers picks, transposed to [heads, queries, keys], become `xf.relative_position_bias`, where the numbers
    are T5's buckets of how far keys are from queries. They are computed for each distance up to 1024, however primitives
    spell them out, and compared with those of each largest distance, for both directions and for one.

    Refused, with a remark: other buckets of distances, rows and columns of different sequences, a sequence without a known activation.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"recognized", "recognized", "Biases that became one op">];
}

#endif // PH_TRANSFORMS_RECOGNITION_PASSES
