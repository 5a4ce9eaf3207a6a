// Changes of how activations are stored.
#ifndef PH_DIALECTS_TRANSFORMER_ENCODING
#define PH_DIALECTS_TRANSFORMER_ENCODING

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_EncodeOp : XF_Op<"encode", [Pure]> {
  let summary = "store an activation in another encoding";
  let description = [{
    The same tensor in the encoding of the result type (see `#xf.format`). It is lossy: as int8 codes a value x of a block with
    scale d = max|x| / 127 becomes d · round(x / d), half to even; as f16 or bf16 it becomes the nearest such number, half to even.

    Encoding what has the encoding already is the identity, and folds away.

    Operands: `input`, the tensor to encode.

    Constraints:

    * (C1) the result has an activation encoding;
    * (C2) `input` has no encoding, or that of the result;
    * (C3) `input` and result have the same shape.

    Example:

    ```mlir
    func.func @quantize(%x: tensor<?x?x64xf32>)
        -> (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<?x?x64xf32, #xf.format<bf16>>) {
      %y = xf.encode %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
      %z = xf.encode %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<bf16>>
      return %y, %z : tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<?x?x64xf32, #xf.format<bf16>>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input);
  let results = (outs XF_AnyActivationTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_ENCODING
