// Leaving elements out at random.
#ifndef PH_DIALECTS_TRAINING_DROPOUT
#define PH_DIALECTS_TRAINING_DROPOUT

include "dialects/Training/Dialect.td"

def Train_DropoutOp : Train_Op<"dropout", [Pure]> {
  let summary = "leave elements out at random";
  let description = [{
    y_i = x_i / (1 - probability) where the number drawn for i is below 1 - probability, 0 elsewhere (Srivastava et al., 2014). Its derivative is itself with the same numbers: dx = dropout(dy).

    Numbers are drawn by a counter (Philox 4×32 with 10 rounds; Salmon et al., SC 2011), so that they depend on nothing but the key, `stream`, `layer`, and the place i of the element in row-major order, however many
    threads there are. Of the four words that key (k₀, k₁) and counter (⌊i / 4⌋, 0, stream, layer) give, element i has word i mod 4, w; its number is ⌊w / 256⌋ / 2²⁴.

    Operands: `input`, x, of less than 2³² elements; `key`, [2], say a seed and the number of the step; `layer`, 0 where it is not given.

    Constraints:

    * (C1) the result has the type of `input`;
    * (C2) `key` has 2 elements;
    * (C3) 0 ≤ `probability` < 1;
    * (C4) 0 ≤ `stream` < 2³¹.

    Example:

    ```mlir
    func.func @dropout(%x: tensor<?x?x64xf32>, %key: tensor<2xi32>, %layer: index) -> tensor<?x?x64xf32> {
      %y = train.dropout %x, %key layer(%layer) stream = 3 probability = 0.1
        : (tensor<?x?x64xf32>, tensor<2xi32>, index) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input, XF_IntTensor:$key, Optional<Index>:$layer, I64Attr:$stream, F64Attr:$probability);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $key (`layer` `(` $layer^ `)`)? `stream` `=` $stream `probability` `=` $probability attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_DROPOUT
