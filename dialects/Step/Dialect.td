// The step dialect itself, and the base of its ops.
#ifndef PH_DIALECTS_STEP_DIALECT
#define PH_DIALECTS_STEP_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Step_Dialect : Dialect {
  let name = "step";
  let cppNamespace = "::ph::step";
  let summary = "What the threads of a team do together";
  let description = [{
    A step is a function that every thread of a team runs: what it computes of sizes each computes alone, and what it computes of tensors they
    share, in phases whose units they claim. The ops here are what stands between tensors and such phases.
  }];
}

class Step_Op<string mnemonic, list<Trait> traits = []> : Op<Step_Dialect, mnemonic, traits>;

#endif // PH_DIALECTS_STEP_DIALECT
