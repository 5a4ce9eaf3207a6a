// Mixtures of experts with tokens sorted by expert, so that each expert's matrix is read once.
#ifndef PH_DIALECTS_TRANSFORMER_GROUPEDEXPERTS
#define PH_DIALECTS_TRANSFORMER_GROUPEDEXPERTS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_SortByExpertOp : XF_Op<"sort_by_expert", [Pure]> {
  let summary = "sort the slots of all tokens by expert";
  let description = [{
    Slot t · k + j is choice j of token t, where tokens are the rows of `chosen`. `order` lists all slots such that their experts rise; slots of
    one expert keep their order. The slots of expert e are order[offsets[e]] … order[offsets[e + 1] - 1].

    Operands: `chosen`, […, k], numbers from 0 to `experts` - 1.
    Results: `order`, [tokens · k]; `offsets`, [experts + 1], from 0 to tokens · k.

    Constraints:

    * (C1) `chosen` has rank 2 or more and a static last dimension;
    * (C2) `order` has as many elements as `chosen`;
    * (C3) `offsets` has `experts` + 1 elements.

    Example:

    ```mlir
    func.func @sort(%chosen: tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<9xi32>) {
      %order, %offsets = xf.sort_by_expert %chosen experts = 8 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<9xi32>)
      return %order, %offsets : tensor<?xi32>, tensor<9xi32>
    }
    ```
  }];
  let arguments = (ins XF_IntTensor:$chosen, ConfinedAttr<I64Attr, [IntPositive]>:$experts);
  let results = (outs XF_Indices:$order, XF_Indices:$offsets);
  let assemblyFormat = "$chosen `experts` `=` $experts attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The results' types follow from the operand.
    OpBuilder<(ins "::mlir::Value":$chosen, "int64_t":$experts)>
  ];
  let hasVerifier = 1;
}

def XF_GatherTokensOp : XF_Op<"gather_tokens", [Pure]> {
  let summary = "bring the rows of tokens into the order of their experts";
  let description = [{
    y[r] = row order[r] / top_k, rounded down, of `input`: the token that slot order[r] belongs to. With `top_k` = 1 `order` numbers
    the rows themselves.

    Operands: `input`, […, K]; `order`, of `xf.sort_by_expert`.

    Constraints:

    * (C1) `top_k` is positive;
    * (C2) the result is [elements of `order`, K].

    Example:

    ```mlir
    func.func @gather(%x: tensor<?x?x64xf32>, %order: tensor<?xi32>) -> tensor<?x64xf32> {
      %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
      return %rows : tensor<?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$input, XF_Indices:$order, ConfinedAttr<I64Attr, [IntPositive]>:$top_k);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = "$input `,` $order `top_k` `=` $top_k attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$order, "int64_t":$top_k)>
  ];
  let hasVerifier = 1;
}

def XF_GroupedLinearOp : XF_Op<"grouped_linear", [Pure]> {
  let summary = "multiply runs of rows with the weight matrix of their expert";
  let description = [{
    y[r] = W_e x[r] + bias_e for the expert e with offsets[e] ≤ r < offsets[e + 1].

    Operands: `input`, [rows, K], sorted by expert; `weight`, [E, N, K]; `offsets`, [E + 1], of `xf.sort_by_expert`; `bias`, [E, N].

    Constraints:

    * (C1) `input` has rank 2, and its last dimension is that of `weight`;
    * (C2) `offsets` has E + 1 elements;
    * (C3) the result is [rows, N];
    * (C4) `bias` is [E, N].

    Example:

    ```mlir
    func.func @grouped(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %b: tensor<8x96xf32>, %offsets: tensor<9xi32>) -> tensor<?x96xf32> {
      %y = xf.grouped_linear %x, %w, %offsets bias %b
        : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<8x96xf32>) -> tensor<?x96xf32>
      return %y : tensor<?x96xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$input, XF_ExpertMatrices:$weight, XF_Indices:$offsets,
                       Optional<XF_Matrix>:$bias);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $offsets (`bias` $bias^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the operands.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight, "::mlir::Value":$offsets,
                   CArg<"::mlir::Value", "{}">:$bias)>
  ];
  let hasVerifier = 1;
}

def XF_ScatterCombineOp : XF_Op<"scatter_combine", [Pure]> {
  let summary = "bring rows back to their tokens and add them up, each as much as it counts";
  let description = [{
    y[t] = Σ_j weights[t][j] · input[r] with order[r] = t · k + j, in the order of j: what `xf.combine_experts` does of rows that
    `xf.sort_by_expert` has moved.

    Operands: `input`, [rows, N]; `order`, a permutation of 0 … rows - 1; `weights`, […, k], of `xf.router`.

    Constraints:

    * (C1) `input` has rank 2 and as many rows as `order` and `weights` have elements;
    * (C2) the result has the shape of `weights` but for the last dimension, which is N.

    Example:

    ```mlir
    func.func @scatter(%y: tensor<?x64xf32>, %order: tensor<?xi32>, %weights: tensor<?x?x2xf32>) -> tensor<?x?x64xf32> {
      %sum = xf.scatter_combine %y, %order, %weights
        : (tensor<?x64xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      return %sum : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$input, XF_Indices:$order, XF_ActivationTensor:$weights);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = "$input `,` $order `,` $weights attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_GROUPEDEXPERTS
