// Primitives that sum along dimensions of tensors of any shape.
#ifndef PH_DIALECTS_TRANSFORMER_CONTRACTION
#define PH_DIALECTS_TRANSFORMER_CONTRACTION

include "dialects/Transformer/Elementwise.td"

def XF_ReduceKind : XF_PrimitiveEnum<"ReduceKind", "what a set of numbers is reduced to", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Mean", 1, "mean">,
    I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">]>;

def XF_ReduceKindAttr : EnumAttr<XF_Dialect, XF_ReduceKind, "reduction"> {
  let summary = "what a set of numbers is reduced to";
  let description = "`sum`, `mean`, `max`, `min`. Of no numbers: 0, NaN, -∞ and ∞.";
}

def XF_MatmulOp : XF_Op<"matmul", [Pure]> {
  let summary = "multiply matrices";
  let description = [{
    y[…, m, n] = Σ_k lhs[…, m, k] rhs[…, k, n], with lhs[…, k, m] for `transpose_a` and rhs[…, n, k] for `transpose_b`. The leading dimensions are broadcast to one another as by `xf.elementwise`.

    Operands: `lhs`, […, M, K], or […, K, M] with `transpose_a`; `rhs`, […, K, N], or […, N, K] with `transpose_b`.

    Constraints:

    * (C1) `lhs` and `rhs` have rank 2 or more;
    * (C2) their K are equal;
    * (C3) their leading dimensions can be broadcast to one another;
    * (C4) the result is […, M, N], with the leading dimensions that they are broadcast to.

    Example:

    ```mlir
    func.func @scores(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32> {
      %y = xf.matmul %q, %k transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
      return %y : tensor<?x4x?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$lhs, XF_FloatTensor:$rhs, UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`transpose_a` $transpose_a^)? (`transpose_b` $transpose_b^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the operands, which must fit.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, CArg<"bool", "false">:$transposeB,
                   CArg<"bool", "false">:$transposeA)>
  ];
  let hasVerifier = 1;
}

def XF_ReduceOp : XF_Op<"reduce", [Pure]> {
  let summary = "the sum, mean, largest or smallest along dimensions";
  let description = [{
    Each element of the result is the sum, mean, largest or smallest of the elements of `input` along `axes`. With `keepdims` these dimensions stay, of size
    1; otherwise they are left out.

    Operands: `input`, what is reduced.

    Constraints:

    * (C1) `axes` are dimensions of `input`, at least one, in ascending order;
    * (C2) the result has the shape of `input` but for `axes`, which are 1 with `keepdims` and left out otherwise.

    Example:

    ```mlir
    func.func @mean(%x: tensor<?x?x64xf32>) -> tensor<?x?x1xf32> {
      %y = xf.reduce mean %x axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
      return %y : tensor<?x?x1xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input, XF_ReduceKindAttr:$kind, DenseI64ArrayAttr:$axes, UnitAttr:$keepdims);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    `` $kind $input `axes` `=` $axes (`keepdims` $keepdims^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the input.
    OpBuilder<(ins "ReduceKind":$kind, "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$axes,
                   CArg<"bool", "true">:$keepdims)>
  ];
  let hasVerifier = 1;
}

def XF_SoftmaxOp : XF_Op<"softmax", [Pure]> {
  let summary = "exponentials that sum up to 1";
  let description = [{
    y_i = e^(x_i - m) / Σ_j e^(x_j - m) along dimension `axis`, where m is the largest x_j. Where all x_j are -∞ the result is NaN, as in other frameworks.

    Operands: `input`, x.

    Constraints:

    * (C1) `axis` is a dimension of `input`;
    * (C2) the result has the shape of `input`.

    Example:

    ```mlir
    func.func @weights(%scores: tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32> {
      %y = xf.softmax %scores axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
      return %y : tensor<?x4x?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$input `axis` `=` $axis attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result has the type of the input.
    OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis)>
  ];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_CONTRACTION
