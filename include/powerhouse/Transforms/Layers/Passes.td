// Passes between layers one by one and loops over them.
#ifndef PH_TRANSFORMS_LAYERS_PASSES
#define PH_TRANSFORMS_LAYERS_PASSES

include "mlir/Pass/PassBase.td"

def OutlineLayersPass : Pass<"xf-outline-layers", "::mlir::ModuleOp"> {
  let summary = "Roll layers that are equal into loops";
  let description = [{
    Ops of a function that do the same several times one after the other, each time with the results of the time before and with other
    weights, become one `xf.repeat`. What is repeated may be several layers of different kinds: the longest stretch of ops that repeats is
    rolled, by the shortest period, and then the next one. Of the places where it may begin, the one that carries the fewest values is taken.

    The weights of all layers become one stacked `xf.weight`. Its sources are theirs with `{layer}` in place of the number by which their
    names differ (0, 1, 2, … or any other first number and step), or with the names listed where they don't count; a weight without sources is the tensor of its own name. Layers that load the same
    weight go on loading it. Indices that count with the layers (of a cache, of stacked weights) are computed from the layer's number.

    Refused, with a remark: layers whose ops are the same but for attributes, types or constants, that use values from before the layer
    before them, whose results in between are used after them, or whose weights come from their sources in different ways.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"outlined", "outlined", "Loops that were made">];
}

def UnrollPass : Pass<"xf-unroll", "::mlir::ModuleOp"> {
  let summary = "Make copies of the layers that loops repeat";
  let description = [{
    Each `xf.repeat` becomes as many copies of its body, with the number of the layer as a constant. A stacked weight that a copy loads
    becomes a weight of its own for each layer, with the names of that layer's tensors. Where a stack names no sources, or keeps its
    layers in several formats, it stays and its layers are loaded by their numbers.

    `most` bounds the ops that are made: a loop that would make more is refused, with a remark.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"most", "most", "int64_t", "100000", "Ops that unrolling a loop may make">];
  let statistics = [Statistic<"unrolled", "unrolled", "Loops that were unrolled">];
}

#endif // PH_TRANSFORMS_LAYERS_PASSES
