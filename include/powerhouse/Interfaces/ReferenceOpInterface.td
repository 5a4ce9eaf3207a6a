// The extension point of the interpreter: what an op computes.
#ifndef PH_INTERFACES_REFERENCEOPINTERFACE
#define PH_INTERFACES_REFERENCEOPINTERFACE

include "mlir/IR/OpBase.td"

def ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::ph";
  let description = [{
    The reference semantics of an op: plain loops on host tensors, the judge of every pass and every kernel. Ops get it as
    an external model (lib/Reference); their dialect promises it.
  }];
  let methods = [
    InterfaceMethod<[{
        Computes the results from the values of the operands. `results` is empty at first and gets one value for each result of
        the op. A failure has been reported at the op.
      }],
      "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<::ph::reference::Value>":$inputs,
           "::llvm::SmallVectorImpl<::ph::reference::Value> &":$results,
           "::ph::reference::Context &":$context)>
  ];
}

#endif // PH_INTERFACES_REFERENCEOPINTERFACE
