// The loop over layers.
#ifndef PH_DIALECTS_TRANSFORMER_REPEAT
#define PH_DIALECTS_TRANSFORMER_REPEAT

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/LoopLikeInterface.td"

def XF_RepeatOp : XF_Op<"repeat", [
    RecursiveMemoryEffects, RecursivelySpeculatable, SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<RegionBranchOpInterface, ["getEntrySuccessorOperands", "getRegionInvocationBounds"]>,
    DeclareOpInterfaceMethods<LoopLikeOpInterface, ["getInitsMutable", "getRegionIterArgs",
                                                    "getYieldedValuesMutable", "getLoopResults",
                                                    "getLoopInductionVars", "getLoopLowerBounds",
                                                    "getLoopUpperBounds", "getLoopSteps"]>]> {
  let summary = "repeat a region, as often as there are layers";
  let description = [{
    Runs the region `count` times. It gets the number of the iteration, from 0, and the values that the iteration
    before yielded (those of `iter` at first). The results are what the last iteration yielded. Values from outside may be used inside.

    Operands: `init_values`, the values with which the first iteration starts.

    Constraints:

    * (C1) `count` is positive;
    * (C2) the region has one block, whose arguments are an index and one value for each of `init_values`, of the same type;
    * (C3) results and yielded values have the types of `init_values`.

    Example:

    ```mlir
    func.func @layers(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x64xf32> {
        %next = xf.add %h, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
        xf.yield %next : tensor<?x?x64xf32>
      }
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive]>:$count, Variadic<AnyType>:$init_values);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let skipDefaultBuilders = 1;
  let builders = [
    // Makes the block with its arguments, and lets `fill` fill it (it must end with the yield). Without `fill` the
    // block stays empty.
    OpBuilder<(ins "int64_t":$count, "::mlir::ValueRange":$inits,
      CArg<"::llvm::function_ref<void(::mlir::OpBuilder &, ::mlir::Location, ::mlir::Value, ::mlir::ValueRange)>",
           "nullptr">:$fill)>
  ];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::BlockArgument getLayer() { return getBody().getArgument(0); }
    ::mlir::Block *getBlock() { return &getBody().front(); }
    YieldOp getYield();
  }];
}

def XF_YieldOp : XF_Op<"yield", [Pure, Terminator, ReturnLike, ParentOneOf<["RepeatOp"]>]> {
  let summary = "end an iteration";
  let description = [{
    Gives the values that the next iteration of `xf.repeat` starts with, or its results after the last one.

    Operands: `values`, one for each value that the loop carries.

    Constraints:

    * (C1) it stands at the end of an `xf.repeat`.

    Example:

    ```mlir
    func.func @nothing(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x64xf32> {
        xf.yield %h : tensor<?x?x64xf32>
      }
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ /* yields nothing */ }]>];
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // PH_DIALECTS_TRANSFORMER_REPEAT
