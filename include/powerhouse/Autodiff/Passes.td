// Passes that make derivatives.
#ifndef PH_AUTODIFF_PASSES
#define PH_AUTODIFF_PASSES

include "mlir/Pass/PassBase.td"

def AutodiffPass : Pass<"xf-autodiff", "::mlir::ModuleOp"> {
  let summary = "Make the function that gives a function's gradients";
  let description = [{
    Beside the function `function` a function `<function>_gradient` appears that gives what the function gives, and after that the derivatives of
    its result `of` by each of its arguments `wrt`, in reverse mode. Arguments and results are called by their `xf.name`, or by their number where they have none; a derivative by w is
    called `grad.w`. Where `of` is no scalar, its own gradient is one more argument, `grad.<of>`, and the derivatives are vector-Jacobian products.

    With `accumulate` the gradients that were there before are arguments too, `grad.w` for each w, and the results are the sums: in a program
    they are added to in place.

    Loops (`xf.repeat`) are reversed as loops. What a loop carries is kept for each iteration in a stack, and the rest of an iteration is computed again
    when it is reversed (Chen et al., 2016, arXiv:1604.06174). What depends on no `wrt`, or what `of` does not depend on, gets no gradient.

    Refused, with an error: ops without a derivative rule in between, caches, and sizes that a broadcast may or may not have repeated.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::ph::train::TrainDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let options = [Option<"function", "function", "std::string", "\"forward\"", "The function to differentiate">,
                 Option<"of", "of", "std::string", "\"loss\"", "The result to differentiate">,
                 ListOption<"wrt", "wrt", "std::string", "The arguments to differentiate by; all of floats if none are given">,
                 Option<"accumulate", "accumulate", "bool", "false", "Add to gradients that are given">];
}

def JvpPass : Pass<"xf-jvp", "::mlir::ModuleOp"> {
  let summary = "Make the function that gives a function's directional derivative";
  let description = [{
    Beside the function `function` a function `<function>_tangent` appears that gives what the function gives, and after that the derivative of
    its results `of` along a direction, in forward mode: `tangent.w` for each argument w of `wrt` are further arguments, and `tangent.<of>` is the last result.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::ph::train::TrainDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let options = [Option<"function", "function", "std::string", "\"forward\"", "The function to differentiate">,
                 Option<"of", "of", "std::string", "\"loss\"", "The result to differentiate">,
                 ListOption<"wrt", "wrt", "std::string", "The arguments to differentiate by; all of floats if none are given">];
}

#endif // PH_AUTODIFF_PASSES
