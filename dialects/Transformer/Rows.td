// Ops that choose parts of an activation.
#ifndef PH_DIALECTS_TRANSFORMER_ROWS
#define PH_DIALECTS_TRANSFORMER_ROWS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_SplitOp : XF_Op<"split", [Pure]> {
  let summary = "cut an activation along its features";
  let description = [{
    The results, one after the other along the last dimension, are `input`. Their types say where it is cut.

    A split into one part folds away.

    Operands: `input`, what is cut.

    Constraints:

    * (C1) there is at least one result;
    * (C2) each result has the shape of `input` but for the last dimension;
    * (C3) the last dimensions of the results sum up to that of `input`.

    Example:

    ```mlir
    func.func @qkv(%x: tensor<?x?x128xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
      %q, %k, %v = xf.split %x : (tensor<?x?x128xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
      return %q, %k, %v : tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input);
  let results = (outs Variadic<XF_FloatActivationTensor>:$parts);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let builders = [
    // Parts of the given sizes along the last dimension.
    OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$sizes)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The last dimension of each part.
    ::llvm::SmallVector<int64_t> getSizes();
  }];
}

def XF_SelectRowsOp : XF_Op<"select_rows", [Pure]> {
  let summary = "pick tokens out of a batch";
  let description = [{
    y[r] is row rows[r] of `input`, where row b · sequence + s is token s of sequence b. Only the rows whose logits are wanted
    need to go through the last matrix.

    Operands: `input`, [batch, sequence, features]; `rows`, which rows, in any order.

    Constraints:

    * (C1) `input` has rank 3;
    * (C2) the result is [number of rows, features].

    Example:

    ```mlir
    func.func @pick(%x: tensor<?x?x64xf32>, %rows: tensor<?xi32>) -> tensor<?x64xf32> {
      %y = xf.select_rows %x, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
      return %y : tensor<?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_Indices:$rows);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$input `,` $rows attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_ROWS
