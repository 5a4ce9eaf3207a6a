// From scores to tokens.
#ifndef PH_DIALECTS_TRANSFORMER_SAMPLING
#define PH_DIALECTS_TRANSFORMER_SAMPLING

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_ArgmaxOp : XF_Op<"argmax", [Pure]> {
  let summary = "the place of the largest of each row";
  let description = [{
    y[…] is the smallest v whose input[…][v] is the largest of its row. Values that are not finite are never the largest; a row without a finite value is an
    error at run time.

    Operands: `input`, […, V].

    Constraints:

    * (C1) the result has the shape of `input` without the last dimension.

    Example:

    ```mlir
    func.func @greedy(%logits: tensor<?x320xf32>) -> tensor<?xi32> {
      %token = xf.argmax %logits : (tensor<?x320xf32>) -> tensor<?xi32>
      return %token : tensor<?xi32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input);
  let results = (outs XF_IntTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_SampleOp : XF_Op<"sample", [Pure]> {
  let summary = "draw a token for each row of logits";
  let description = [{
    A pure function of logits and a number between 0 and 1 for each row, in the steps of the runtime's sampler (`runtime/sampler/Sampler.h`), each of which is
    left out where its attribute is not given:

    1. `repeat_penalty` divides the positive logits of the tokens of `recent`, and multiplies the others of them; a token that is there twice counts once, and numbers that are no token don't count;
    2. logits that are not finite are dropped (none finite is an error at run time);
    3. with `temperature` = 0 the result is that of `xf.argmax`, and what follows is left out;
    4. `top_k` keeps as many of the largest, or all for 0;
    5. `top_p` keeps of these the smallest number, best first, whose probabilities sum up to at least that part of all (Holtzman et al., 2019, arXiv:1904.09751);
    6. `min_p` keeps those that are at least this fraction as probable as the best (Nguyen et al., 2024, arXiv:2407.01082);
    7. of what is left the first is drawn at which the sum of e^(z / `temperature`) exceeds u times that of all, `temperature` being 1 where it is not given. They stand
       best first after `top_k` or `top_p`; otherwise by number, but for the best, which changed places with the first.

    Of equal logits the one of the smaller number is the better.

    Operands: `logits`, [rows, V]; `uniform`, u for each row, 0 ≤ u < 1; `recent`, [rows, any number], the tokens that the penalty is for.

    Constraints:

    * (C1) `logits` has rank 2;
    * (C2) `uniform` has rank 1 and the rows of `logits`;
    * (C3) `recent` is given if and only if `repeat_penalty` is, and has the rows of `logits`;
    * (C4) `temperature` ≥ 0, `top_k` ≥ 0, 0 < `top_p` ≤ 1, 0 ≤ `min_p` ≤ 1, `repeat_penalty` > 0, and all are finite;
    * (C5) the result has the rows of `logits`.

    Example:

    ```mlir
    func.func @draw(%logits: tensor<?x320xf32>, %u: tensor<?xf32>, %recent: tensor<?x?xi32>) -> tensor<?xi32> {
      %token = xf.sample %logits, %u recent(%recent) temperature = 0.7 top_k = 40 top_p = 0.9 min_p = 0.05 repeat_penalty = 1.1
        : (tensor<?x320xf32>, tensor<?xf32>, tensor<?x?xi32>) -> tensor<?xi32>
      return %token : tensor<?xi32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$logits, XF_FloatTensor:$uniform, Optional<XF_Tokens>:$recent,
                       OptionalAttr<F64Attr>:$temperature, OptionalAttr<I64Attr>:$top_k, OptionalAttr<F64Attr>:$top_p,
                       OptionalAttr<F64Attr>:$min_p, OptionalAttr<F64Attr>:$repeat_penalty);
  let results = (outs XF_Indices:$result);
  let assemblyFormat = [{
    $logits `,` $uniform (`recent` `(` $recent^ `)`)? (`temperature` `=` $temperature^)? (`top_k` `=` $top_k^)?
    (`top_p` `=` $top_p^)? (`min_p` `=` $min_p^)? (`repeat_penalty` `=` $repeat_penalty^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_LogitsSampleOp : XF_Op<"logits_sample", [Pure]> {
  let summary = "draw a token for each row of the input of logits";
  let description = [{
    What `xf.sample` draws from the scores that `xf.logits` makes. The scores of a row needn't all be in memory at once: `top_k` needs as many as it keeps,
    and what takes sums can make the scores again.

    Operands: `input`, [rows, K], maybe encoded; `weight`, [V, K]; `uniform`, u for each row, 0 ≤ u < 1; `recent`, [rows, any number], the tokens that the penalty is for.

    Constraints:

    * (C1) `input` has rank 2;
    * (C2) the last dimensions of `input` and `weight` are equal;
    * (C3) `soft_cap` > 0 where given;
    * (C4) `uniform` has rank 1 and the rows of `input`;
    * (C5) `recent` is given if and only if `repeat_penalty` is, and has the rows of `input`;
    * (C6) `temperature` ≥ 0, `top_k` ≥ 0, 0 < `top_p` ≤ 1, 0 ≤ `min_p` ≤ 1, `repeat_penalty` > 0, and all are finite;
    * (C7) the result has the rows of `input`.

    Example:

    ```mlir
    func.func @draw(%x: tensor<?x64xf32>, %w: tensor<320x64xf32, #xf.format<q8_0>>, %u: tensor<?xf32>) -> tensor<?xi32> {
      %token = xf.logits_sample %x, %w, %u scale = 0.5 temperature = 0.7 top_k = 40 top_p = 0.9
        : (tensor<?x64xf32>, tensor<320x64xf32, #xf.format<q8_0>>, tensor<?xf32>) -> tensor<?xi32>
      return %token : tensor<?xi32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$weight, XF_FloatTensor:$uniform, Optional<XF_Tokens>:$recent,
                       OptionalAttr<F64Attr>:$scale, OptionalAttr<F64Attr>:$soft_cap,
                       OptionalAttr<F64Attr>:$temperature, OptionalAttr<I64Attr>:$top_k, OptionalAttr<F64Attr>:$top_p,
                       OptionalAttr<F64Attr>:$min_p, OptionalAttr<F64Attr>:$repeat_penalty);
  let results = (outs XF_Indices:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $uniform (`recent` `(` $recent^ `)`)? (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)?
    (`temperature` `=` $temperature^)? (`top_k` `=` $top_k^)? (`top_p` `=` $top_p^)? (`min_p` `=` $min_p^)?
    (`repeat_penalty` `=` $repeat_penalty^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_SAMPLING
