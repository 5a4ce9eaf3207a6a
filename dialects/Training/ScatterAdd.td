// The derivative of looking rows up.
#ifndef PH_DIALECTS_TRAINING_SCATTERADD
#define PH_DIALECTS_TRAINING_SCATTERADD

include "dialects/Training/Dialect.td"

def Train_ScatterAddOp : Train_Op<"scatter_add", [Pure, AllTypesMatch<["sum", "result"]>]> {
  let summary = "add rows to those that are numbered";
  let description = [{
    y = sum, and then y[indices[i]] += values[i] for each i, in order. It is the transpose of `xf.embedding`, of `xf.gather` along the first dimension and of
    `xf.select_rows`: rows that were looked up several times get the gradients of all.

    Operands: `values`, [I…, R…]; `sum`, [V, R…], what they are added to, in place where nothing else uses it; `indices`, [I…], from 0 to V - 1.

    Constraints:

    * (C1) `sum` has rank 1 or more;
    * (C2) `values` have the dimensions of `indices` and then those of `sum` without its first;
    * (C3) the result has the type of `sum`.

    Example:

    ```mlir
    func.func @back(%g: tensor<?x?x64xf32>, %table: tensor<320x64xf32>, %tokens: tensor<?x?xi32>) -> tensor<320x64xf32> {
      %y = train.scatter_add %g into %table at %tokens : tensor<?x?x64xf32> into tensor<320x64xf32> at tensor<?x?xi32>
      return %y : tensor<320x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$values, XF_FloatTensor:$sum, XF_IntTensor:$indices);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $values `into` $sum `at` $indices attr-dict `:` type($values) `into` type($sum) `at` type($indices)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$values, "::mlir::Value":$sum, "::mlir::Value":$indices), [{
    build($_builder, $_state, sum.getType(), values, sum, indices);
  }]>];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_SCATTERADD
