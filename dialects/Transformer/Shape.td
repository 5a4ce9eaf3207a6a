// Primitives that move elements of tensors of any shape, and those that make tensors of shapes and numbers.
#ifndef PH_DIALECTS_TRANSFORMER_SHAPE
#define PH_DIALECTS_TRANSFORMER_SHAPE

include "dialects/Transformer/Dialect.td"
include "dialects/Transformer/Types.td"

def XF_TransposeOp : XF_Op<"transpose", [Pure]> {
  let summary = "permute the dimensions";
  let description = [{
    Dimension d of the result is dimension permutation[d] of `input`.

    The identity folds away; a transpose of a transpose becomes one.

    Operands: `input`, what is permuted.

    Constraints:

    * (C1) `permutation` has each dimension of `input` once;
    * (C2) the result has the elements of `input` and its dimensions, permuted.

    Example:

    ```mlir
    func.func @heads_first(%x: tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32> {
      %y = xf.transpose %x [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
      return %y : tensor<?x4x?x16xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$input $permutation attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the input.
    OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$permutation)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def XF_ReshapeOp : XF_Op<"reshape", [Pure]> {
  let summary = "the same elements in another shape";
  let description = [{
    The elements of `input` in their order (row-major), in the shape that the list says, as ONNX has it: 0 is the dimension of `input` at the same place, at
    most one entry is -1, what is left over. An entry may be an index computed at run time, which stands for itself: 0 and -1 have no other meaning there.

    A reshape to the shape that the input has folds away; a reshape of a reshape becomes one where its list does not copy what the first one computes.

    Operands: `input`; `sizes`, the entries that are computed.

    Constraints:

    * (C1) an entry is -1 or more, and at most one is -1;
    * (C2) an entry that is 0 has a dimension of `input` at its place;
    * (C3) the result has the elements of `input`, and as many dimensions as the list, each what it says;
    * (C4) `input` and result have as many elements.

    Example:

    ```mlir
    func.func @split_heads(%x: tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32> {
      %y = xf.reshape %x [0, 0, 4, -1] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
      return %y : tensor<?x?x4x16xf32>
    }
    func.func @join_heads(%x: tensor<?x?x4x16xf32>, %batch: index, %sequence: index) -> tensor<?x?x64xf32> {
      %y = xf.reshape %x [%batch, %sequence, 64] : (tensor<?x?x4x16xf32>, index, index) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, Variadic<Index>:$sizes, DenseI64ArrayAttr:$shape);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($sizes, $shape) attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the input and the list; an entry is an I64 attribute or a value.
    OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<::mlir::OpFoldResult>":$shape)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The entries of the list: attributes, and the operands where they are computed.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedShape();
  }];
}

def XF_BroadcastOp : XF_Op<"broadcast", [Pure]> {
  let summary = "repeat a tensor along dimensions of size 1";
  let description = [{
    `input`, broadcast to the shape that the list says as NumPy does (ONNX's Expand): aligned at the last dimension, a dimension of size 1, or one that `input` does not
    have, is repeated. Where the list has 1, the dimension of `input` stays. An entry may be an index computed at run time.

    Where nothing is repeated it folds away.

    Operands: `input`; `sizes`, the entries that are computed.

    Constraints:

    * (C1) an entry is 0 or more, and there are as many as `input` has dimensions, or more;
    * (C2) each dimension of `input` is 1, or its entry is 1 or the same;
    * (C3) the result has the elements of `input` and the shape that it is broadcast to.

    Example:

    ```mlir
    func.func @repeat_heads(%k: tensor<?x2x1x?x16xf32>) -> tensor<?x2x3x?x16xf32> {
      %y = xf.broadcast %k [1, 1, 3, 1, 1] : (tensor<?x2x1x?x16xf32>) -> tensor<?x2x3x?x16xf32>
      return %y : tensor<?x2x3x?x16xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, Variadic<Index>:$sizes, DenseI64ArrayAttr:$shape);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($sizes, $shape) attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the input and the list; an entry is an I64 attribute or a value.
    OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<::mlir::OpFoldResult>":$shape)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The entries of the list: attributes, and the operands where they are computed.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedShape();
  }];
}

def XF_ConcatOp : XF_Op<"concat", [Pure]> {
  let summary = "put tensors one after the other";
  let description = [{
    The inputs, one after the other along dimension `axis`. One input alone folds away.

    Operands: `inputs`, what is put together.

    Constraints:

    * (C1) there is at least one input, and all have the elements and the rank of the result;
    * (C2) `axis` is a dimension;
    * (C3) all dimensions but `axis` are those of the result, whose dimension `axis` is the sum of theirs.

    Example:

    ```mlir
    func.func @grow(%past: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
      %y = xf.concat %past, %k axis = 2 : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
      return %y : tensor<?x4x?x16xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<XF_PlainTensor>:$inputs, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$inputs `axis` `=` $axis attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the inputs, which must fit.
    OpBuilder<(ins "::mlir::ValueRange":$inputs, "int64_t":$axis)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def XF_SliceOp : XF_Op<"slice", [Pure]> {
  let summary = "a part of one dimension";
  let description = [{
    The elements from, from + step, … before `to` of dimension `axis`, where the list is [from, to]. As in Python an entry below 0 counts from the end
    of the dimension, and both are then clamped to 0 … size. An entry may be an index computed at run time.

    A slice of everything folds away.

    Operands: `input`, what is cut; `bounds`, the entries that are computed.

    Constraints:

    * (C1) `axis` is a dimension of `input`;
    * (C2) the list has two entries;
    * (C3) `step` is positive;
    * (C4) the result has the elements of `input` and its dimensions but for `axis`, which is the number of those chosen.

    Example:

    ```mlir
    func.func @second_half(%x: tensor<?x?x64xf32>) -> tensor<?x?x32xf32> {
      %y = xf.slice %x axis = 2 [32, 64] : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
      return %y : tensor<?x?x32xf32>
    }
    func.func @first_rows(%x: tensor<1024x64xf32>, %n: index) -> tensor<?x64xf32> {
      %y = xf.slice %x axis = 0 [0, %n] : (tensor<1024x64xf32>, index) -> tensor<?x64xf32>
      return %y : tensor<?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis, Variadic<Index>:$bounds,
                       DenseI64ArrayAttr:$static_bounds, DefaultValuedAttr<I64Attr, "1">:$step);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = [{
    $input `axis` `=` $axis custom<DynamicIndexList>($bounds, $static_bounds) (`step` `=` $step^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the input and the list; an entry is an I64 attribute or a value.
    OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis, "::mlir::OpFoldResult":$from, "::mlir::OpFoldResult":$to,
                   CArg<"int64_t", "1">:$step)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The entries of the list: an attribute, or the operand where it is computed.
    ::mlir::OpFoldResult getFrom();
    ::mlir::OpFoldResult getTo();
  }];
}

def XF_GatherOp : XF_Op<"gather", [Pure]> {
  let summary = "pick parts by their numbers";
  let description = [{
    y[…, i…, …] = input[…, indices[i…], …]: dimension `axis` of `input` is replaced by the dimensions of `indices` (ONNX's Gather). An index below 0 counts from the end.

    Operands: `input`, what is picked from; `indices`, the numbers, each from -size to size - 1.

    Constraints:

    * (C1) `axis` is a dimension of `input`;
    * (C2) the result has the elements of `input` and the shape said above.

    Example:

    ```mlir
    func.func @embed(%table: tensor<40x64xf32>, %tokens: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
      %y = xf.gather %table, %tokens axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, XF_IntTensor:$indices, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$input `,` $indices `axis` `=` $axis attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands, which must fit.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$indices, "int64_t":$axis)>
  ];
  let hasVerifier = 1;
}

def XF_DimOp : XF_Op<"dim", [Pure]> {
  let summary = "the size of a dimension";
  let description = [{
    The size of dimension `axis` of `input`.

    Where the type says it, it folds to a constant; where ops that keep the dimension made `input`, to that of what they were made of.

    Operands: `input`, a tensor of any type.

    Constraints:

    * (C1) `axis` is a dimension of `input`.

    Example:

    ```mlir
    func.func @sequence(%tokens: tensor<?x?xi32>) -> index {
      %y = xf.dim %tokens axis = 1 : (tensor<?x?xi32>) -> index
      return %y : index
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs Index:$result);
  let assemblyFormat = "$input `axis` `=` $axis attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def XF_IotaOp : XF_Op<"iota", [Pure]> {
  let summary = "the numbers from 0";
  let description = [{
    y[i] = i for 0 ≤ i < size.

    Operands: `size`, how many, where the type of the result does not say it.

    Constraints:

    * (C1) the result has rank 1 and elements of i32 or f32;
    * (C2) `size` is given if and only if the dimension of the result is dynamic.

    Example:

    ```mlir
    func.func @numbers(%n: index) -> (tensor<?xi32>, tensor<8xf32>) {
      %a = xf.iota %n : (index) -> tensor<?xi32>
      %b = xf.iota : () -> tensor<8xf32>
      return %a, %b : tensor<?xi32>, tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Optional<Index>:$size);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "($size^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_ScalarOp : XF_Op<"scalar", [Pure]> {
  let summary = "an index as a tensor of rank 0";
  let description = [{
    A tensor without dimensions that holds `value`, so that it can be broadcast against others.

    Operands: `value`, the number; it must fit the result's elements.

    Constraints:

    * (C1) the result has rank 0 and an element of i32 or f32.

    Example:

    ```mlir
    func.func @shifted(%past: index, %i: tensor<?xi32>) -> tensor<?xi32> {
      %p = xf.scalar %past : (index) -> tensor<i32>
      %y = xf.elementwise add %i, %p : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
      return %y : tensor<?xi32>
    }
    ```
  }];
  let arguments = (ins Index:$value);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_SHAPE
