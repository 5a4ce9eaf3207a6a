// Stacks: tensors whose first dimension counts layers, read and written layer by layer.
#ifndef PH_DIALECTS_TRANSFORMER_STACK
#define PH_DIALECTS_TRANSFORMER_STACK

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_StackEmptyOp : XF_Op<"stack_empty", [Pure]> {
  let summary = "a stack to be filled";
  let description = [{
    A stack of `count` tensors of the shape of `like`. What it holds is not specified until `xf.stack_write` says it; the
    reference interpreter takes zeros.

    Operands: `like`, of which only the shape counts.

    Constraints:

    * (C1) `count` is positive;
    * (C2) the result is [count, …], with the shape of `like` behind.

    Example:

    ```mlir
    func.func @room(%x: tensor<?x?x64xf32>) -> tensor<30x?x?x64xf32> {
      %saved = xf.stack_empty 30 of %x : (tensor<?x?x64xf32>) -> tensor<30x?x?x64xf32>
      return %saved : tensor<30x?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$like, ConfinedAttr<I64Attr, [IntPositive]>:$count);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$count `of` $like attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from `like`.
    OpBuilder<(ins "::mlir::Value":$like, "int64_t":$count)>
  ];
  let hasVerifier = 1;
}

def XF_StackReadOp : XF_Op<"stack_read", [Pure]> {
  let summary = "one tensor of a stack";
  let description = [{
    y = stack[index].

    Operands: `stack`, [count, …]; `index`, from 0 to count - 1.

    Constraints:

    * (C1) `stack` has rank 1 or more;
    * (C2) the result has the shape of `stack` without its first dimension.

    Example:

    ```mlir
    func.func @third(%weights: tensor<30x576x64xf32>) -> tensor<576x64xf32> {
      %layer = arith.constant 2 : index
      %w = xf.stack_read %weights[%layer] : tensor<30x576x64xf32> -> tensor<576x64xf32>
      return %w : tensor<576x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$stack, Index:$index);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$stack `[` $index `]` attr-dict `:` type($stack) `->` type($result)";
  let builders = [
    // The result's type follows from the stack's.
    OpBuilder<(ins "::mlir::Value":$stack, "::mlir::Value":$index)>
  ];
  let hasVerifier = 1;
}

def XF_StackWriteOp : XF_Op<"stack_write", [Pure, AllTypesMatch<["stack", "result"]>]> {
  let summary = "a stack with one of its tensors replaced";
  let description = [{
    y = stack, but y[index] = value. Where nothing else uses `stack` it is changed in its own memory.

    Operands: `value`, the new tensor; `stack`, [count, …]; `index`, from 0 to count - 1.

    Constraints:

    * (C1) `stack` has rank 1 or more;
    * (C2) `value` has the shape of `stack` without its first dimension;
    * (C3) the result has the type of `stack`.

    Example:

    ```mlir
    func.func @save(%x: tensor<4x64xf32>, %saved: tensor<30x4x64xf32>, %layer: index) -> tensor<30x4x64xf32> {
      %y = xf.stack_write %x into %saved[%layer] : tensor<4x64xf32> into tensor<30x4x64xf32>
      return %y : tensor<30x4x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$value, XF_PlainTensor:$stack, Index:$index);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$value `into` $stack `[` $index `]` attr-dict `:` type($value) `into` type($stack)";
  let builders = [OpBuilder<(ins "::mlir::Value":$value, "::mlir::Value":$stack, "::mlir::Value":$index), [{
    build($_builder, $_state, stack.getType(), value, stack, index);
  }]>];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_STACK
