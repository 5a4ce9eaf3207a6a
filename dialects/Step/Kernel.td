// Kernels that a code generator knows, on tensors or on memory.
#ifndef PH_DIALECTS_STEP_KERNEL
#define PH_DIALECTS_STEP_KERNEL

include "dialects/Step/Dialect.td"

def Step_KernelOp : Step_Op<"kernel", [
    AttrSizedOperandSegments, DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "fill a tensor by a generated kernel";
  let description = [{
    What the kernel of `options` (include/powerhouse/Interfaces/KernelDeclaration.h) makes of `inputs` and of weights, written to `output`. On
    tensors the result is the output with its new values; on memory there is no result.

    Operands: `weights`, the bytes from the beginning of the packed weights to each one that the kernel reads, in its order; `inputs`, row after row without
    gaps; `output`, what to write to, all of it.

    `tiles` is how many units the threads share; without it, a unit is a row of the output: all of its elements with the same last index.

    Constraints:

    * (C1) `options` has a string `kind`;
    * (C2) on tensors there is one result of the output's type, on memory there is none;
    * (C3) `tiles` is positive.

    Example:

    ```mlir
    func.func @project(%x: tensor<?x64xf32>, %y: tensor<?x96xf32>, %weight: index) -> tensor<?x96xf32> {
      %z = step.kernel {kind = "linear", rows = 96, columns = 64} weights(%weight) ins(%x : tensor<?x64xf32>)
        outs(%y : tensor<?x96xf32>) tiles = 6 -> tensor<?x96xf32>
      return %z : tensor<?x96xf32>
    }
    ```
  }];
  let arguments = (ins DictionaryAttr:$options, Variadic<Index>:$weights, Variadic<AnyShaped>:$inputs, AnyShaped:$output,
                       OptionalAttr<I64Attr>:$tiles);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let assemblyFormat = [{
    $options (`weights` `(` $weights^ `)`)? (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $output `:` type($output) `)`
    (`tiles` `=` $tiles^)? attr-dict (`->` type($result)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::StringRef getKind() { return getOptions().getAs<::mlir::StringAttr>("kind").getValue(); }
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutputMutable(); }
  }];
}

#endif // PH_DIALECTS_STEP_KERNEL
