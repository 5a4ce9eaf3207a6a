// The extension point of the cost analysis: what an op costs.
#ifndef PH_INTERFACES_COSTOPINTERFACE
#define PH_INTERFACES_COSTOPINTERFACE

include "mlir/IR/OpBase.td"

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::ph";
  let description = [{
    The arithmetic and the bytes of an op as a closed form in the number of tokens and the context. Ops get it as an external
    model (lib/Analysis/Cost). An op with a region that runs several times costs nothing itself: what is in the region does.
  }];
  let methods = [
    InterfaceMethod<[{
        The cost of running the op once for `at.tokens` rows of each activation, the last of which sees `at.context` positions.
      }],
      "::ph::Cost", "getCost", (ins "const ::ph::CostPoint &":$at)>
  ];
}

#endif // PH_INTERFACES_COSTOPINTERFACE
