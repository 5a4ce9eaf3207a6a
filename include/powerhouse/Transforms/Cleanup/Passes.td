// Passes that tidy what there is, so that others see through it and nothing is made in vain.
#ifndef PH_TRANSFORMS_CLEANUP_PASSES
#define PH_TRANSFORMS_CLEANUP_PASSES

include "mlir/Pass/PassBase.td"

def PropagateConstantsPass : Pass<"xf-propagate-constants"> {
  let summary = "Compute what is known";
  let description = [{
    Primitives whose operands are constants become constants: they are run on the reference interpreter, so a constant is what the op would have given. So do
    sizes and positions that arithmetic on indices makes of constants. What changes nothing goes: x + 0, x - 0, x · 1, x / 1, x¹, true and x,
    false or x, a choice whose condition is known; powers of 2, -½ and -1 become products, roots and reciprocals. What isn't equal is compared so,
    and whole numbers that become floats, to which a whole number is added, before they are whole numbers again, stay such.

    Refused, with a remark: constants of more than `most` elements, which would swell the module (weights are never in the IR), and neutral operands and known choices where something may be broadcast.
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
    What is cut or picked of dimensions that features were split into, is cut of the features.

    Refused, with a remark: operands that are moved differently, of which only one is moved, or that are broadcast, merged batches that aren't known to be the same, and rows that are picked in another order.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"moved", "moved", "Transposes and reshapes that were moved">];
}

def RemoveDeadWeightsPass : Pass<"xf-remove-dead-weights", "::mlir::ModuleOp"> {
  let summary = "Remove weights that nothing reads, and private functions that nothing calls";
  let description = [{
    Private functions that can't be reached from what else the module holds are removed, then loads of weights whose value isn't used, then each
    `xf.weight` that nothing loads.

    Refused, with a remark: a module with an op of an unknown dialect that has regions, which may hold uses of symbols that can't be seen.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [
    Statistic<"functions", "functions", "Functions that were removed">,
    Statistic<"weights", "weights", "Weights that were removed">
  ];
}

def ShareAcrossBlocksPass : Pass<"xf-share-across-blocks"> {
  let summary = "Compute once what several blocks compute";
  let description = [{
    Ops without effects that don't depend on the iteration of the loop around them leave it, from the innermost loop outwards; then of
    equal ops those that another one dominates are replaced by it. So what two loops compute, or a loop and what stands
    before it, is computed once: masks, positions, encodings, loads of weights.

    Refused, with a remark: ops whose operands come from outside the loop but that may have effects.
  }];
  let statistics = [
    Statistic<"hoisted", "hoisted", "Ops that left a loop">,
    Statistic<"removed", "removed", "Ops that were replaced by an equal one, or that nothing read">
  ];
}

#endif // PH_TRANSFORMS_CLEANUP_PASSES
