// Passes that answer questions and change nothing.
#ifndef PH_ANALYSIS_PASSES
#define PH_ANALYSIS_PASSES

include "mlir/Pass/PassBase.td"

def PrintCostPass : Pass<"xf-print-cost", "::mlir::ModuleOp"> {
  let summary = "Print what the ops of each function cost";
  let description = [{
    Prints, to the standard error stream, a table for each function that has a body: for each op how often it runs, its FLOP, and the bytes of
    weights, activations and cache that it reads or writes, over all its runs; then the totals. All are closed forms of `CostOpInterface`,
    evaluated for `tokens` new tokens of one sequence, the last of which sees `context` positions.

    Dynamic dimensions stand for the tokens; but the last one of a tensor of rank 3 or more is the context, and the leading one, where
    another is dynamic too, is the batch, 1. Ops in an `xf.repeat` count once for each iteration. Ops that have no closed form are listed as not counted.
  }];
  let options = [
    Option<"tokens", "tokens", "int64_t", /*default=*/"1", "New tokens of the sequence">,
    Option<"context", "context", "int64_t", /*default=*/"0",
           "Positions that the last token sees, itself included; 0: as many as there are tokens">,
    Option<"function", "function", "std::string", /*default=*/"", "Only this function">
  ];
}

#endif // PH_ANALYSIS_PASSES
