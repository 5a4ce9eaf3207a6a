// Passes that tidy graphs of primitives, so that others see through them.
#ifndef PH_TRANSFORMS_CLEANUP_PASSES
#define PH_TRANSFORMS_CLEANUP_PASSES

include "mlir/Pass/PassBase.td"

def PropagateConstantsPass : Pass<"xf-propagate-constants"> {
  let summary = "Compute what is known";
  let description = [{
    Primitives whose operands are constants become constants: they are run on the reference interpreter, so a constant is what the op would have given. So do
    sizes and positions that arithmetic on indices makes of constants. What changes nothing goes: x + 0, x - 0, x · 1, x / 1, x¹, true and x,
    false or x, a choice whose condition is known; powers of 2, -½ and -1 become products, roots and reciprocals.

    Refused, with a remark: constants of more than `most` elements, which would swell the module (weights are never in the IR).
  }];
  let options = [Option<"most", "most", "int64_t", "65536", "Elements that a constant may have">];
  let statistics = [Statistic<"folded", "folded", "Ops that became constants or went away">];
}

def PropagateLayoutPass : Pass<"xf-propagate-layout"> {
  let summary = "Move transposes and reshapes to where they cancel";
  let description = [{
    Transposes and reshapes sink through ops that work element by element, if all operands are moved in the same way or the others are
    numbers, or vectors along dimensions that stay, until they meet their inverses and fold. Transposed matrices on the right of an `xf.matmul` become its `transpose_b`. Rows that are folded into one
    dimension for a product with one matrix, and unfolded after it, stay unfolded, and so do batches and heads that are merged into one batch of matrices.

    Refused, with a remark: operands that are moved differently, of which only one is moved, or that are broadcast.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"moved", "moved", "Transposes and reshapes that were moved">];
}

#endif // PH_TRANSFORMS_CLEANUP_PASSES
