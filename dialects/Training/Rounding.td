// Numbers of 16 bits in products of training.
#ifndef PH_DIALECTS_TRAINING_ROUNDING
#define PH_DIALECTS_TRAINING_ROUNDING

include "dialects/Training/Dialect.td"
include "mlir/IR/EnumAttr.td"

def Train_Half : I32EnumAttr<"Half", "a format of 16 bits", [I32EnumAttrCase<"BF16", 0, "bf16">, I32EnumAttrCase<"F16", 1, "f16">]> {
  let cppNamespace = "::ph::train";
  let genSpecializedAttr = 0;
}

def Train_HalfAttr : EnumAttr<Train_Dialect, Train_Half, "half"> {
  let summary = "a format of 16 bits";
  let description = [{
    `bf16` has the exponents of f32 and 8 bits of precision; `f16` has 11 bits, and numbers from 65520 on are infinite.
  }];
}

def Train_RoundOp : Train_Op<"round", [Pure, SameOperandsAndResultType]> {
  let summary = "what a format of 16 bits holds";
  let description = [{
    y = the nearest number to x that the format holds, ties to even. Its derivative is taken to be 1 (a straight-through estimator: Bengio et al., arXiv:1308.3432), so that what trains are the numbers before
    (mixed precision: Micikevicius et al., arXiv:1710.03740).

    Operands: `input`, x.

    Constraints:

    * (C1) the result has the type of `input`.

    Example:

    ```mlir
    func.func @round(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %y = train.round bf16 %x : tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins Train_HalfAttr:$format, XF_FloatTensor:$input);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "`` $format $input attr-dict `:` type($result)";
}

def Train_RoundGradientOp : Train_Op<"round_gradient", [Pure, SameOperandsAndResultType]> {
  let summary = "the same value, whose gradient is rounded";
  let description = [{
    y = x, and dx = `train.round` of dy: products of derivatives, too, are to have operands of 16 bits.

    Operands: `input`, x.

    Constraints:

    * (C1) the result has the type of `input`.

    Example:

    ```mlir
    func.func @gradient(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %y = train.round_gradient f16 %x : tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins Train_HalfAttr:$format, XF_FloatTensor:$input);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "`` $format $input attr-dict `:` type($result)";
}

#endif // PH_DIALECTS_TRAINING_ROUNDING
