// The derivative of products with experts' matrices by these.
#ifndef PH_DIALECTS_TRAINING_EXPERTOUTERADD
#define PH_DIALECTS_TRAINING_EXPERTOUTERADD

include "dialects/Training/Dialect.td"

def Train_ExpertOuterAddOp : Train_Op<"expert_outer_add", [Pure, AllTypesMatch<["sum", "result"]>]> {
  let summary = "add outer products to the matrices of chosen experts";
  let description = [{
    W = sum, and then for each token and each j of its k experts, in order, with the expert e = experts[…][j]:

        W_e += g xᵀ        g = gradient[…][j],    x = input[…], or input[…][j] where `input` has a dimension for experts

    It is the derivative of `xf.expert_linear` by its matrices: each expert gets the outer products of the tokens that chose it, and costs what these do.

    Operands: `gradient`, […, k, N]; `input`, […, K] or […, k, K]; `sum`, [E, N, K], what is added to, in place where nothing else uses it;
    `experts`, […, k], numbers from 0 to E - 1.

    Constraints:

    * (C1) `sum` has rank 3;
    * (C2) `gradient` has the dimensions of `experts` and then N;
    * (C3) `input` has the dimensions of `experts`, or those but the last, and then K;
    * (C4) the result has the type of `sum`.

    Example:

    ```mlir
    func.func @back(%g: tensor<?x?x2x96xf32>, %x: tensor<?x?x64xf32>, %w: tensor<8x96x64xf32>, %experts: tensor<?x?x2xi32>) -> tensor<8x96x64xf32> {
      %y = train.expert_outer_add %g, %x into %w at %experts
        : (tensor<?x?x2x96xf32>, tensor<?x?x64xf32>, tensor<8x96x64xf32>, tensor<?x?x2xi32>) -> tensor<8x96x64xf32>
      return %y : tensor<8x96x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$gradient, XF_FloatTensor:$input, XF_FloatTensor:$sum, XF_IntTensor:$experts);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $gradient `,` $input `into` $sum `at` $experts attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$input, "::mlir::Value":$sum,
                                 "::mlir::Value":$experts), [{
    build($_builder, $_state, sum.getType(), gradient, input, sum, experts);
  }]>];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// True if each of a token's experts has seen a row of its own.
    bool hasRowPerExpert() { return getInput().getType().getRank() > getExperts().getType().getRank(); }
  }];
}

#endif // PH_DIALECTS_TRAINING_EXPERTOUTERADD
