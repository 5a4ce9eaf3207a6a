// The extension point of autodiff: what an op's derivative is.
#ifndef PH_INTERFACES_DIFFERENTIABLEOPINTERFACE
#define PH_INTERFACES_DIFFERENTIABLEOPINTERFACE

include "mlir/IR/OpBase.td"

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::ph";
  let description = [{
    The derivative of an op, as IR. Ops get it as an external model (lib/Autodiff/Rules); one that has none can't stand between what is
    differentiated and by what.
  }];
  let methods = [
    InterfaceMethod<[{
        Reverse mode: from the gradients of the results, adds to those of the operands that want one. A failure has been reported at
        the op.
      }],
      "::llvm::LogicalResult", "pullback", (ins "::ph::autodiff::Pullback &":$pull)>,
    InterfaceMethod<[{
        Forward mode: from the tangents of the operands, gives those of the results. A failure has been reported at the op.
      }],
      "::llvm::LogicalResult", "pushforward", (ins "::ph::autodiff::Pushforward &":$push)>
  ];
}

#endif // PH_INTERFACES_DIFFERENTIABLEOPINTERFACE
