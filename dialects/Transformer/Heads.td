// Ops on the heads that are folded in an activation's features, as latent attention (DeepSeek's MLA) needs them.
#ifndef PH_DIALECTS_TRANSFORMER_HEADS
#define PH_DIALECTS_TRANSFORMER_HEADS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_SplitHeadsOp : XF_Op<"split_heads", [Pure]> {
  let summary = "cut each head of an activation";
  let description = [{
    The features of `input` are `heads` heads of w elements, w = w_0 + w_1 + …; result r has the elements from w_0 + … + w_{r-1} on of
    each head, w_r of them. The results' types say where heads are cut.

    Operands: `input`, [… , heads · w].

    Constraints:

    * (C1) there is at least one result;
    * (C2) the features of `input` and of each result are divided evenly into `heads`;
    * (C3) each result has the shape of `input` but for the last dimension, and their features sum up to those of `input`.

    Example:

    ```mlir
    func.func @parts(%q: tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>) {
      %nope, %rope = xf.split_heads %q heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>)
      return %nope, %rope : tensor<?x?x64xf32>, tensor<?x?x32xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, ConfinedAttr<I64Attr, [IntPositive]>:$heads);
  let results = (outs Variadic<XF_FloatActivationTensor>:$parts);
  let assemblyFormat = "$input `heads` `=` $heads attr-dict `:` functional-type(operands, results)";
  let builders = [
    // Parts of the given sizes within each head.
    OpBuilder<(ins "::mlir::Value":$input, "int64_t":$heads, "::llvm::ArrayRef<int64_t>":$sizes)>
  ];
  let hasVerifier = 1;
}

def XF_JoinHeadsOp : XF_Op<"join_heads", [Pure]> {
  let summary = "make each head of the heads of several activations";
  let description = [{
    Head h of the result is head h of each of `parts`, one after the other: the opposite of `xf.split_heads`. A part whose number is in
    `shared` is one head, which every head of the result has (the rotated key of latent attention).

    Operands: `parts`, each [… , heads · w_r], or [… , w_r] where it is shared.

    Constraints:

    * (C1) there is at least one part;
    * (C2) the numbers in `shared` are those of parts, in rising order;
    * (C3) the features of each part that is not shared are divided evenly into `heads`;
    * (C4) the parts have one shape but for the last dimension, and the result has it too with features heads · (w_0 + w_1 + …).

    Example:

    ```mlir
    func.func @keys(%nope: tensor<?x?x64xf32>, %rope: tensor<?x?x8xf32>) -> tensor<?x?x96xf32> {
      %k = xf.join_heads %nope, %rope heads = 4 shared = [1] : (tensor<?x?x64xf32>, tensor<?x?x8xf32>) -> tensor<?x?x96xf32>
      return %k : tensor<?x?x96xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<XF_FloatActivationTensor>:$parts, ConfinedAttr<I64Attr, [IntPositive]>:$heads,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$shared);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    $parts `heads` `=` $heads (`shared` `=` $shared^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether a part is one head for all.
    bool isShared(int64_t part) { return ::llvm::is_contained(getShared(), part); }
    /// The elements of a part that one head of the result has.
    int64_t getWidth(int64_t part);
  }];
}

def XF_HeadLinearOp : XF_Op<"head_linear", [Pure]> {
  let summary = "multiply each head by a matrix of its own";
  let description = [{
        y_h = W_h x_h        or, where it is transposed, y_h = W_hᵀ x_h

    for each head h of `input`: with the two halves of the matrix that unfolds the latent keys and values of latent attention, queries are
    taken to the latent space and results are taken out of it, so that heads attend to the latent vectors themselves.

    Operands: `input`, [… , heads · columns] (rows where transposed); `weight`, [heads, rows, columns].

    Constraints:

    * (C1) `weight` has rank 3;
    * (C2) the features of `input` are heads · columns of `weight`, or heads · rows where transposed;
    * (C3) the result has the shape of `input` but for its features, heads · rows, or heads · columns where transposed.

    Example:

    ```mlir
    func.func @absorb(%q: tensor<?x?x64xf32>, %w: tensor<4x16x24xf32>) -> tensor<?x?x64xf32> {
      %latent = xf.head_linear %q, %w transposed : (tensor<?x?x64xf32>, tensor<4x16x24xf32>) -> tensor<?x?x96xf32>
      %y = xf.head_linear %latent, %w : (tensor<?x?x96xf32>, tensor<4x16x24xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_Weight:$weight, UnitAttr:$transposed);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`transposed` $transposed^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_HEADS
