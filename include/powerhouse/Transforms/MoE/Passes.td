// Passes on mixtures of experts.
#ifndef PH_TRANSFORMS_MOE_PASSES
#define PH_TRANSFORMS_MOE_PASSES

include "mlir/Pass/PassBase.td"

def GroupExpertsPass : Pass<"xf-group-experts"> {
  let summary = "Sort tokens by expert, so that each expert's matrix is read once";
  let description = [{
    What `xf.combine_experts` adds up, `xf.expert_linear` ops and what is done element by element between them, becomes the same on rows that
    are sorted by expert: one `xf.sort_by_expert`, an `xf.gather_tokens` for each input, an `xf.grouped_linear` for each product, and one
    `xf.scatter_combine`. A product reads each matrix once for all its tokens, not once for each token.

    Sums are formed in the same order, so values are equal.

    Refused, with a remark: products of different choices of experts, values that are used elsewhere too, are made outside the loop, or come
    from an op that doesn't work element by element.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"grouped", "grouped", "Products of experts that were grouped">];
}

def PruneExpertsPass : Pass<"xf-prune-experts", "::mlir::ModuleOp"> {
  let summary = "Remove experts that are never chosen";
  let description = [{
    Experts are removed from an `xf.router` that can never choose them, since the constant bias with which it chooses, or that of the
    linear that makes its logits, is -∞ for them, and those that the options list: `experts` names those to remove, `keep` those to leave.
    The rows of the router's matrix and the matrices of these experts go; weights that take their place have fewer rows of the same sources. The others keep
    their order, and get new numbers.

    Values stay as they are if the experts that the options list are indeed never chosen.

    Refused, with a remark: fewer experts left than a token chooses, experts in groups, a softmax that would count the removed experts in what
    the others weigh (it is neither normalized nor after the choice, or only the bias keeps an expert out), logits or choices that something else uses too,
    logits that aren't made by a plain linear, and weights that aren't `xf.weight` symbols with sources that can be cut.
  }];
  let options = [
    ListOption<"experts", "experts", "int64_t", "Numbers of experts to remove">,
    ListOption<"keep", "keep", "int64_t", "Numbers of the experts to leave">
  ];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"pruned", "pruned", "Experts that were removed">];
}

def UpcycleDensePass : Pass<"xf-upcycle-dense", "::mlir::ModuleOp"> {
  let summary = "Make mixtures of experts of gated MLPs";
  let description = [{
    A gated MLP, two `xf.linear` with `xf.gated_activation` or an `xf.gated_linear`, and the `xf.linear` behind it, becomes a mixture of
    `experts` experts of which each token chooses `top-k` (sparse upcycling, Komatsuzaki et al., 2023, arXiv:2212.05055). Each expert is a copy: its
    weights have the MLP's sources, with `copied`. The router is a new weight @G_router, whose source is that of the gate's weight @G
    with `.router` before a last `.weight`. The chosen weights are normalized, so as long as experts are equal, values are those of the
    MLP, whatever the router holds.

    Refused, with a remark: weights that aren't `xf.weight` symbols with one source that is a whole tensor, values that are used
    elsewhere too, made outside the loop or encoded, and products with residuals inside the MLP or activations of their own.
  }];
  let options = [
    Option<"experts", "experts", "int64_t", "8", "How many experts">,
    Option<"topK", "top-k", "int64_t", "2", "How many of them a token chooses">
  ];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"upcycled", "upcycled", "MLPs that became mixtures of experts">];
}

def DensifyExpertsPass : Pass<"xf-densify-experts", "::mlir::ModuleOp"> {
  let summary = "Make one MLP of a mixture of equal experts";
  let description = [{
    Where all experts of what `xf.combine_experts` adds up have the same sources, or there is only one expert, `xf.expert_linear` ops become `xf.linear`, and the
    sum of what a token's experts gave, which are all equal, becomes that of one. A router whose results nothing uses any more is removed.

    Refused, with a remark: experts with different sources or with sources that can't be said for a single matrix, weights of a router that needn't sum up to 1 (they do
    with a softmax that is normalized, after the choice, or of all experts, without a scale), and what `xf-group-experts` refuses.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"densified", "densified", "Mixtures that became dense">];
}

#endif // PH_TRANSFORMS_MOE_PASSES
