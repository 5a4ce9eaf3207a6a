// Losses of what a head of a few outputs gives.
#ifndef PH_DIALECTS_TRAINING_HEADLOSS
#define PH_DIALECTS_TRAINING_HEADLOSS

include "dialects/Training/Dialect.td"
include "mlir/IR/EnumAttr.td"

def Train_ClassificationLossOp : Train_Op<"classification_loss", [Pure]> {
  let summary = "the loss of choosing a class";
  let description = [{
    With log p_c = z_c - log Σ_u e^z_u of a row z of `logits` with label l: sum = -Σ log p_l over the rows whose label isn't `ignore_index`, count = the number of
    these rows. Their quotient is the cross entropy (Bridle, 1990).

    Operands: `logits`, [N, C]; `labels`, [N], from 0 to C - 1 or `ignore_index`.

    Constraints:

    * (C1) `logits` has rank 2, and `labels` as many elements as it has rows;
    * (C2) the results have rank 0.

    Example:

    ```mlir
    func.func @classes(%z: tensor<?x5xf32>, %labels: tensor<?xi32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.classification_loss %z, %labels ignore_index = 0
        : (tensor<?x5xf32>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$logits, XF_IntTensor:$labels, OptionalAttr<I64Attr>:$ignore_index);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $logits `,` $labels (`ignore_index` `=` $ignore_index^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_MultiLabelLossOp : Train_Op<"multi_label_loss", [Pure]> {
  let summary = "the loss of deciding several questions at once";
  let description = [{
    sum = -Σ t log σ(z) + (1 - t) log σ(-z) over all elements z of `logits` and t of `targets`, count = their number. Their quotient is the binary cross entropy.

    Operands: `logits`; `targets`, from 0 to 1.

    Constraints:

    * (C1) `logits` and `targets` have the same shape;
    * (C2) the results have rank 0.

    Example:

    ```mlir
    func.func @questions(%z: tensor<?x5xf32>, %t: tensor<?x5xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.multi_label_loss %z, %t : (tensor<?x5xf32>, tensor<?x5xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$logits, XF_FloatTensor:$targets);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_RegressionKind : I32EnumAttr<"RegressionKind", "how the distance of two numbers counts", [
    I32EnumAttrCase<"Squared", 0, "squared">,
    I32EnumAttrCase<"Absolute", 1, "absolute">,
    I32EnumAttrCase<"Huber", 2, "huber">]> {
  let cppNamespace = "::ph::train";
  let genSpecializedAttr = 0;
}

def Train_RegressionKindAttr : EnumAttr<Train_Dialect, Train_RegressionKind, "regression"> {
  let summary = "how the distance of two numbers counts";
  let description = [{
    With the distance e: `squared` is e²; `absolute` is |e|; `huber` is e²/2 where |e| ≤ delta, and delta (|e| - delta/2) elsewhere (Huber, 1964).
  }];
}

def Train_RegressionLossOp : Train_Op<"regression_loss", [Pure]> {
  let summary = "the loss of estimating numbers";
  let description = [{
    sum = the sum of what the distances of `predictions` and `targets` count (see `#train.regression`), count = the number of elements.

    Operands: `predictions` and `targets`.

    Constraints:

    * (C1) `predictions` and `targets` have the same shape;
    * (C2) `delta` is given if and only if the kind is huber, above 0 and finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @numbers(%y: tensor<?x1xf32>, %t: tensor<?x1xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.regression_loss huber %y, %t delta = 0.5 : (tensor<?x1xf32>, tensor<?x1xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$predictions, XF_FloatTensor:$targets, Train_RegressionKindAttr:$kind,
                       OptionalAttr<F64Attr>:$delta);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    `` $kind $predictions `,` $targets (`delta` `=` $delta^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_HEADLOSS
