// Where derivatives end.
#ifndef PH_DIALECTS_TRAINING_STOPGRADIENT
#define PH_DIALECTS_TRAINING_STOPGRADIENT

include "dialects/Training/Dialect.td"

def Train_StopGradientOp : Train_Op<"stop_gradient", [Pure, SameOperandsAndResultType]> {
  let summary = "the same value, as if it were a constant";
  let description = [{
    y = x, but nothing is derived through it: what a formula treats as given though it depends on the parameters.

    Operands: `input`, x.

    Constraints:

    * (C1) the result has the type of `input`.

    Example:

    ```mlir
    func.func @constant(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %y = train.stop_gradient %x : tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

#endif // PH_DIALECTS_TRAINING_STOPGRADIENT
