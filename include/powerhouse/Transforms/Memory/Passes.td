// Passes that decide where activations live.
#ifndef PH_TRANSFORMS_MEMORY_PASSES
#define PH_TRANSFORMS_MEMORY_PASSES

include "mlir/Pass/PassBase.td"

def AddCachePass : Pass<"xf-add-cache", "::mlir::ModuleOp"> {
  let summary = "Let a function of whole texts take them in steps";
  let description = [{
    A `@forward` that gives scores for each token of whole texts, as an exporter writes it (tokens [batch, sequence] to [batch, sequence, vocabulary]), becomes what import makes of the same model's folder:
    `@forward(tokens, past, rows, cache) -> (logits, cache)`. Each causal `xf.attention` over keys and values of the tokens puts these into a layer of the cache (`xf.cache_append`) and attends to the cache; layers are numbered
    in the order of the attentions, and an `xf.repeat` carries the cache through. Positions are counted from `past`. The rows whose scores are wanted are picked before the last norm (`xf.select_rows`), and the last product is `xf.logits`.
    An argument named `attention_mask` goes away: in steps there is no padding.

    `xf.model` gets `layers`, `kv_heads`, `head_dim`, `vocabulary` and, where it has none, `context_length`: the positions that the function has learned numbers for, or all that 32 bits have. `logits_name` is what the scores were called.

    Refused, with a remark that names the op, which is also put into `xf.model` as `uncached`: whatever may let tokens meet otherwise than in such attention. Ops that take each row by itself are known here, others are not; what they
    are given must be rows of tokens, weights, or what is the same for each token. Attention that sees later tokens, has a prefix, documents or a bias, or values of another width than keys; other arguments and results.

    Values don't change, however the tokens are cut into steps; with `half` keys and values are rounded to f16.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"half", "half", "bool", /*default=*/"false", "Keep keys and values as f16">];
  let statistics = [Statistic<"added", "added", "Functions that got a cache">];
}

def ChooseCacheTypePass : Pass<"xf-choose-cache-type", "::mlir::ModuleOp"> {
  let summary = "Store keys and values as f16 where a budget wants it";
  let description = [{
    Where the caches that are arguments of a function need more than `budget` bytes for `batch` sequences of `context` positions, all caches of the module become ones of f16:
    half of what f32 needs, and keys and values are rounded as they come in. How the positions and heads of a cache lie in memory is the target's choice.

    Refused, with a remark: caches that the budget has room for as they are. Caches that it has no room for even as f16 are an error.

    This changes values by what f16 can't hold: keys and values by 2^-11 of themselves, and a weight of attention by less than 1 % where the products of its score sum up to 20 at most. Keys and values beyond 65504 become infinite.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let options = [
    Option<"budget", "budget", "int64_t", /*default=*/"0", "Bytes for the caches; must be given">,
    Option<"batch", "batch", "int64_t", /*default=*/"1", "Sequences">,
    Option<"context", "context", "int64_t", /*default=*/"1", "Positions of each sequence">
  ];
  let statistics = [Statistic<"changed", "changed", "Modules whose caches became f16">];
}

def PlanMemoryPass : Pass<"xf-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Give each activation a place in memory, and print what is needed";
  let description = [{
    Computes when each activation of a function lives, through the iterations of loops too, and gives it an offset in one block of memory, so that what
    is alive at the same time does not overlap. This is done for each combination of `batch` and `context`; what the other dynamic dimensions are:
    `tokens` new ones of each sequence, as many as the context where it is not given, and `rows` picked of all of them, all where it is not given. The last dynamic dimension of a tensor of rank 3 or more
    is the context; a leading one is the batch, but the rows where it is the only one of a tensor of rank 1 or 2; all others are the tokens.

    Prints, to the standard error stream, a certificate for each combination, which a reader can check: every buffer with the first and the last event at which it is
    alive, its bytes, its offset and the op that fills it first; the bytes of all; the most bytes that are alive at one event, which
    no plan can do without, with that event and who holds them; and the bytes of the caches that are arguments, with their layout. An event is an op, in order, or the end of a loop.

    Marks ops with `xf.buffers`, the number of the buffer of each result, -1 for what is not in one, and the function with `xf.memory`: for each combination the sizes, the bytes and the offsets.

    A call has a buffer for all that its function needs while it runs, and one for each result. An `scf.forall` has one for all that its `threads` need, each the
    same at the same time; what one of them needs is planned and printed on its own. Such an op has in `xf.buffers` one number more, of that buffer, and an `scf.forall` has an `xf.memory`.
    Tiles are as large as the arithmetic of their sizes allows at most. What an op of tensors or linalg writes into is where its result is, if nothing reads it afterwards.

    Arguments, weights and constants are not counted: they are the caller's. Memory that kernels need within an op is theirs.

    Errors: an `xf.in_place` that isn't possible; calls of functions without a body, or that call themselves; other regions than those of `xf.repeat`, `scf.for`, `scf.forall`, `scf.if` and structured ops.
  }];
  let options = [
    ListOption<"batch", "batch", "int64_t", "Sequences; 1 where none is given">,
    ListOption<"context", "context", "int64_t", "Positions of each sequence; 1 where none is given">,
    Option<"tokens", "tokens", "int64_t", /*default=*/"0", "New tokens of each sequence; 0: as many as the context">,
    Option<"rows", "rows", "int64_t", /*default=*/"0", "Picked of the tokens of all sequences; 0: all of them">,
    Option<"threads", "threads", "int64_t", /*default=*/"1", "Threads of an scf.forall">,
    Option<"function", "function", "std::string", /*default=*/"", "Only this function">
  ];
}

def ReuseInPlacePass : Pass<"xf-reuse-in-place"> {
  let summary = "Let results take the place of operands that end there";
  let description = [{
    Marks an op with `xf.in_place`, the number of the operand whose memory its first result takes, so that `xf-plan-memory` needs less. The op must read each element before it writes the element's place: those that
    work element by element (`xf.add`, `xf.mul`, `xf.scale`, `xf.activation`, `xf.gated_activation`, `xf.unary`, and `xf.elementwise` of static shapes, which broadcasts nothing), those that hold a row when they write
    it (`xf.rms_norm`, `xf.layer_norm`, `xf.rope`, `xf.softmax`), the sum of an `xf.add_rms_norm` or `xf.add_layer_norm`, the residual of an `xf.linear`, and the cache of an `xf.cache_append`. And the operand must end at the op: nothing reads it afterwards,
    and its type is that of the result.

    Refused, with a remark that gives the reason for each operand: an operand that is used later, that shares its memory with parts of an `xf.split`, that belongs to the caller, or that is also what a product reads.

    Values don't change.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"marked", "marked", "Ops whose result takes the place of an operand">];
}

def RecomputePass : Pass<"xf-recompute", "::mlir::func::FuncOp"> {
  let summary = "Keep values for the way back instead of computing them again, as far as a budget goes";
  let description = [{
    Where `xf-autodiff` reversed a loop, the loop keeps what it carries, a stack for each value, and the loop that goes back computes the rest of an iteration again. This pass finds what is computed again (the ops
    of the second loop that are those of the first, given what is kept and the layer's number) and lets the first loop keep more: each such value becomes one more stack, which the second loop reads; what nobody needs any longer goes.

    Chosen is, one by one, the value that saves most for each of its bytes, until nothing fits: the FLOP and bytes of `CostOpInterface` that need not be computed again because of it, a byte counted as 6 FLOP. Values that cost
    less than 4 times what it costs to write and read them are not kept: norms, activations. Results of products and attention come first. This is the choice of what to save by bytes and cost of
    Korthikanti et al., 2022 (arXiv:2205.05198), with a greedy search.

    `budget` is for all stacks, those of what loops carry included: a number of bytes, KB, MB, GB, KiB, MiB or GiB, or `all`. Sizes are those of a batch of `tokens` rows, sequences of `context` each (as many as tokens, if 0 is given):
    batch and length of a tensor together are the rows.

    Refused, with a remark: a budget that what is carried already exceeds, or that has no room for anything worth it; functions without such loops are left as they are.

    Values don't change: what is read is what would have been computed.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"budget", "budget", "std::string", /*default=*/"\"all\"", "Bytes for what is kept: 300MiB, 1GiB, all">,
    Option<"tokens", "tokens", "int64_t", /*default=*/"1024", "Rows of a batch, all sequences together">,
    Option<"context", "context", "int64_t", /*default=*/"0", "Positions of each sequence; 0: one sequence">
  ];
  let statistics = [Statistic<"keptValues", "kept", "Values that are kept for the way back">];
}

def RemoveCachePass : Pass<"xf-remove-cache", "::mlir::ModuleOp"> {
  let summary = "Let attention see its keys and values themselves, of whole sequences";
  let description = [{
    A function that takes new tokens and a cache of those before becomes one that takes whole sequences, as training does: the arguments
    `past`, `rows` and `cache` go, and so does the new cache among the results. Nothing is past; attention over a layer of a cache becomes attention over the keys and
    values that were appended to it, rotated as they were; and instead of rows that were picked all of them are there, as [tokens of all sequences, features].

    Refused, with a remark: a cache that is read where nothing was appended to that layer before, or that is anything but appended to, read and carried by loops.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"removed", "removed", "Functions that have no cache any more">];
}

def SplitLoopsPass : Pass<"xf-split-loops", "::mlir::func::FuncOp"> {
  let summary = "Make loops over groups of iterations, so that reversing them keeps less";
  let description = [{
    Where what the loops of a function carry takes more than `budget` bytes, kept for each iteration as `xf-autodiff` does, each `xf.repeat` of n iterations becomes one of n / k around one of k, with k near the root of n.
    Reversed, the outer loop keeps what is carried once for a group, and the inner one, computed again, once for each iteration of one group: n / k + k values instead of n, for one more forward computation
    (Chen et al., 2016, arXiv:1604.06174). To be run before `xf-autodiff`.

    Sizes are as in `xf-recompute`.

    Refused, with a remark: loops that the budget has room for, and counts without a divisor.

    Values don't change.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"budget", "budget", "std::string", /*default=*/"\"0\"", "Bytes for what is kept: 300MiB, 1GiB">,
    Option<"tokens", "tokens", "int64_t", /*default=*/"1024", "Rows of a batch, all sequences together">,
    Option<"context", "context", "int64_t", /*default=*/"0", "Positions of each sequence; 0: one sequence">
  ];
  let statistics = [Statistic<"splitLoops", "split", "Loops that became two">];
}

#endif // PH_TRANSFORMS_MEMORY_PASSES
