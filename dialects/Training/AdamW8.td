// AdamW, with states of 8 bits.
#ifndef PH_DIALECTS_TRAINING_ADAMW8
#define PH_DIALECTS_TRAINING_ADAMW8

include "dialects/Training/Dialect.td"

def Train_Codes : 2DTensorOf<[I8]>;

def Train_AdamW8Op : Train_Op<"adamw8", [Pure, AttrSizedOperandSegments]> {
  let summary = "a step of AdamW whose states have 8 bits";
  let description = [{
    What `train.adamw` does, with the moments kept in blocks of 256 elements, one after the other in the parameter's order (Dettmers et al., arXiv:2110.02861). A block has the largest magnitude of its elements, a, and
    for each element a code of 8 bits: c from -128 to 127 stands for a · q[c + 128], where q is the dynamic map of bitsandbytes, in ascending order. With the decades d = 0 … 6, the map of first moments has

        ±10^(d - 6) (0.1 + 0.9 (k + ½) / 2^d)  for k < 2^d,  0 and 1

    and that of second moments, which aren't negative,

        10^(d - 6) (0.1 + 0.9 (k + ½) / 2^(d + 1))  for k < 2^(d + 1),  0 and 1.

    A new moment becomes the code of the nearest element of the map. The parameter changes by the moments before they become codes.

    Operands: `parameter`, w; `gradient`, g; `first` and `second`, codes, [blocks, 256], of any values at first; `first_scale` and `second_scale`, the magnitudes a, [blocks], at first 0; `learning_rate`, `step`, `scale` and `finite` as of `train.adamw`.

    The results are the new parameter, codes, and magnitudes, in the order of the operands.

    Constraints:

    * (C1) `parameter` is static, and `gradient` and the first result have its type;
    * (C2) `parameter` has a multiple of 256 elements; there is a code for each, and a magnitude for each 256: others are better kept whole;
    * (C3) the other results have the types of `first`, `second`, `first_scale` and `second_scale`;
    * (C4) `learning_rate`, `step`, `scale` and `finite` have rank 0;
    * (C5) `beta1`, `beta2`, `eps` and `weight_decay` as of `train.adamw`.

    Example:

    ```mlir
    func.func @adamw8(%w: tensor<8x64xf32>, %g: tensor<8x64xf32>, %lr: tensor<f32>)
        -> (tensor<8x64xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>) {
      %step = arith.constant dense<1> : tensor<i32>
      %codes = arith.constant dense<0> : tensor<2x256xi8>
      %none = arith.constant dense<0.0> : tensor<2xf32>
      %w1, %m, %v, %a, %b = train.adamw8 %w, %g, %codes, %codes, %none, %none lr(%lr) step(%step)
        beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
        : (tensor<8x64xf32>, tensor<8x64xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<i32>)
        -> (tensor<8x64xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>)
      return %w1, %m, %v, %a, %b : tensor<8x64xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$parameter, XF_FloatTensor:$gradient, Train_Codes:$first, Train_Codes:$second,
                       XF_FloatTensor:$first_scale, XF_FloatTensor:$second_scale, XF_FloatTensor:$learning_rate,
                       XF_IntTensor:$step, Optional<XF_FloatTensor>:$scale, Optional<XF_BoolTensor>:$finite, F64Attr:$beta1,
                       F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay);
  let results = (outs XF_FloatTensor:$new_parameter, Train_Codes:$new_first, Train_Codes:$new_second,
                      XF_FloatTensor:$new_first_scale, XF_FloatTensor:$new_second_scale);
  let assemblyFormat = [{
    $parameter `,` $gradient `,` $first `,` $second `,` $first_scale `,` $second_scale `lr` `(` $learning_rate `)`
    `step` `(` $step `)` (`scale` `(` $scale^ `)`)? (`finite` `(` $finite^ `)`)? `beta1` `=` $beta1 `beta2` `=` $beta2 `eps` `=` $eps
    `weight_decay` `=` $weight_decay attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Elements of a block.
    static constexpr int64_t kBlock = 256;
  }];
}

#endif // PH_DIALECTS_TRAINING_ADAMW8
