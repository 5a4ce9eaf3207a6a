// From a row for each token to one for each sequence.
#ifndef PH_DIALECTS_TRANSFORMER_POOLING
#define PH_DIALECTS_TRANSFORMER_POOLING

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_Pooling : I32EnumAttr<"Pooling", "how the rows of a sequence become one", [
    I32EnumAttrCase<"Cls", 0, "cls">,
    I32EnumAttrCase<"Last", 1, "last">,
    I32EnumAttrCase<"Mean", 2, "mean">,
    I32EnumAttrCase<"Max", 3, "max">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_PoolingAttr : EnumAttr<XF_Dialect, XF_Pooling, "pooling"> {
  let summary = "how the rows of a sequence become one";
  let description = [{
    `cls`: the first row; `last`: the last; `mean`: the mean of all, element by element; `max`: the largest of all, element by element.
  }];
}

def XF_PoolOp : XF_Op<"pool", [Pure]> {
  let summary = "one row for each sequence";
  let description = [{
    With the valid positions s_1 < … < s_n of sequence b, those where `valid` is not 0, or all of them where it is not given:

    | kind   | y[b]                     |
    |--------|--------------------------|
    | `cls`  | x[b][s_1]                |
    | `last` | x[b][s_n]                |
    | `mean` | 1/n Σ_i x[b][s_i]        |
    | `max`  | max_i x[b][s_i]          |

    and a row of zeros where n = 0.

    Operands: `input`, [batch, sequence, features]; `valid`, [batch, sequence], 0 for padding.

    Constraints:

    * (C1) `input` has rank 3;
    * (C2) `valid` has batch and sequence of `input`;
    * (C3) the result is [batch, features].

    Example:

    ```mlir
    func.func @sentence(%x: tensor<?x?x64xf32>, %valid: tensor<?x?xi32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
      %mean = xf.pool mean %x valid(%valid) : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x64xf32>
      %first = xf.pool cls %x : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
      return %mean, %first : tensor<?x64xf32>, tensor<?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, Optional<XF_Tokens>:$valid, XF_PoolingAttr:$kind);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    `` $kind $input (`valid` `(` $valid^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_POOLING
