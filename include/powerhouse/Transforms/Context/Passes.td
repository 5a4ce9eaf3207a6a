// Passes that change how long a context a model takes, and how it knows positions.
#ifndef PH_TRANSFORMS_CONTEXT_PASSES
#define PH_TRANSFORMS_CONTEXT_PASSES

include "mlir/Pass/PassBase.td"

/// How to extend, beyond method and original: the options of #xf.rope by the same names, with dashes.
defvar XF_ExtensionOptions = [
  Option<"factor", "factor", "double", /*default=*/"0.0", "How many times longer the context gets">,
  Option<"original", "original", "int64_t", /*default=*/"0",
         "Positions that the model was trained on; 0: the context_length of xf.model">,
  Option<"betaFast", "beta-fast", "double", "0.0", "yarn: pairs that turn more often are left as they are; 0: 32">,
  Option<"betaSlow", "beta-slow", "double", "0.0", "yarn: pairs that turn less often are interpolated; 0: 1">,
  Option<"mscale", "mscale", "double", "0.0", "yarn: numerator of the attention factor; 0: not given">,
  Option<"mscaleAllDim", "mscale-all-dim", "double", "0.0", "yarn: denominator of the attention factor; 0: not given">,
  Option<"attentionFactor", "attention-factor", "double", "0.0", "yarn, longrope: the attention factor; 0: the method's own">,
  Option<"truncate", "truncate", "bool", "true", "yarn: round the ends of the ramp to whole pairs">,
  Option<"lowFreqFactor", "low-freq-factor", "double", "0.0",
         "llama3: waves longer than original / this are interpolated; 0: 1">,
  Option<"highFreqFactor", "high-freq-factor", "double", "0.0",
         "llama3: waves shorter than original / this are left as they are; 0: 4">,
  ListOption<"shortFactor", "short-factor", "double", "longrope: a divisor for each pair, up to the original context">,
  ListOption<"longFactor", "long-factor", "double", "longrope: a divisor for each pair, beyond the original context">
];

def ExtendContextPass : Pass<"xf-extend-context", "::mlir::ModuleOp"> {
  let summary = "Stretch rotary positions, so that a model takes a longer context than it was trained on";
  let description = [{
    Every `#xf.rope` of the module, in `xf.rope`, `xf.attention` and `xf.cache_append`, gets the scaling `method` with `factor`, and
    the `context_length` of `xf.model` becomes original · factor (its `rope_scaling` and `rope_factor` follow where it has them). `#xf.rope` has
    the formulas; in words:

    * `linear`, position interpolation (Chen et al., 2023, arXiv:2306.15595): all pairs turn slower by the factor, so that no
      angle is new to the model. Positions close to each other become hard to tell apart, so it wants fine-tuning beyond small factors;
    * `ntk`, NTK-aware scaling (bloc97, 2023): a larger base. The fastest pair keeps its speed, the slowest is interpolated, those
      between in part. Works without fine-tuning, up to somewhat less than the factor;
    * `dynamic`, dynamic NTK (emozilla, 2023): the same with a base that grows with the length of the sequence: nothing changes until
      the original context is exceeded. Keys in a cache keep the angles of the step in which they came;
    * `yarn` (Peng et al., 2023, arXiv:2309.00071): pairs that turn often within the original context stay, those that turn less than once are
      interpolated, a ramp between; and the scores are sharpened by the attention factor, as cos and sin are multiplied with it;
    * `llama3` (Llama 3.1, 2024): bands of wavelengths as in YaRN, smoothed over 1/wavelength, without an attention factor;
    * `longrope` (Ding et al., 2024, arXiv:2402.13753): a searched divisor for each pair, in two lists, for sequences within and beyond the
      original context, and an attention factor.

    What is computed changes, also for short sequences but with `dynamic`.

    Contradictory settings fail: no or an unknown method; a factor that is not above 1; an original context above the model's
    `context_length`, or one that times the factor isn't beyond it; options of another method; lists of other lengths than there are
    pairs; a module that has no rotary positions, whose rotary positions are scaled already, or whose attention uses ALiBi. Nothing is changed then.
  }];
  let options = [Option<"method", "method", "std::string", /*default=*/"",
                        "linear, ntk, dynamic, yarn, llama3 or longrope">] # XF_ExtensionOptions;
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"extended", "extended", "Ops whose rotation was stretched">];
}

def AuditContextPass : Pass<"xf-audit-context", "::mlir::ModuleOp"> {
  let summary = "Print what a context extension does to each pair of rotated elements";
  let description = [{
    With `method`, prints what `xf-extend-context` with these options would do; without, what the scaling that the module has does.
    Nothing is changed. To the standard error stream goes, for each different `#xf.rope` of the module, a table with a line for each pair:

    * its wavelength in tokens, 2π / θ, before the scaling and after it, in a sequence as long as the extended context;
    * how often it turns within the original context, original · θ / 2π. A pair that turns less than once has never shown the model all its angles
      (Peng et al., 2023, arXiv:2309.00071, section 3.2);
    * its class: `extrapolated` where the wavelength stays, so that long contexts bring new angles; `interpolated` where it is at least
      `factor` times as long, so that they bring none; `mixed` between.

    Fails as `xf-extend-context` does where settings contradict each other. Without `method` the original context is that of the scaling,
    `original` or, divided by the factor, the `context_length` of `xf.model`; two that contradict each other fail too.
  }];
  let options = [Option<"method", "method", "std::string", /*default=*/"",
                        "linear, ntk, dynamic, yarn, llama3 or longrope; empty: the module's own scaling">] # XF_ExtensionOptions;
}

def UseAlibiPass : Pass<"xf-use-alibi", "::mlir::ModuleOp"> {
  let summary = "Replace rotary positions by linear biases";
  let description = [{
    Each attention whose query and keys are rotated gets `alibi = #xf.alibi<max_bias = …>` (Press et al., 2021,
    arXiv:2108.12409) in place of the rotation: scores fall with the distance, faster in some heads than in others, and contexts longer than
    those of training need no scaling. `xf.rope` ops, and the rotations in `xf.attention` and `xf.cache_append`, are removed. Attention that isn't
    rotated (layers without positions, cross attention) stays as it is.

    What is computed changes: a model has to be trained, or trained further, with it.

    Fails, with the reason, and changes nothing where the module has no rotary positions; `max-bias` isn't above 0; a rotated attention isn't
    causal, has a bias or ALiBi already, or its keys aren't rotated like its query; a rotation serves something else than queries and
    keys of attention; or the module has derivatives of attention.
  }];
  let options = [Option<"maxBias", "max-bias", "double", /*default=*/"8.0", "The max_bias of the slopes; the paper's is 8">];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"replaced", "replaced", "Attentions that got linear biases">];
}

def LimitWindowPass : Pass<"xf-limit-window", "::mlir::ModuleOp"> {
  let summary = "Limit causal attention to a sliding window, with attention sinks";
  let description = [{
    Each causal `xf.attention` and `xf.attention_backward` gets `window = W`: a query sees itself and the W - 1 positions before it
    (Beltagy et al., 2020, arXiv:2004.05150; Mistral). With `sinks` = N it gets `keep = N` too: the first N positions stay visible. Models put
    much of their attention there, whatever these tokens say, and break without them (StreamingLLM, Xiao et al., 2023,
    arXiv:2309.17453, which keeps 4). Unlike there, positions stay those of the text.

    What is computed changes for sequences longer than the window.

    Refused, with a remark: attention that is not causal, has a narrower window already, or keeps another number of positions. Fails where
    `window` < 1 or `sinks` < 0, and where the window is not below the `context_length` of `xf.model`, as it would change nothing.
  }];
  let options = [
    Option<"window", "window", "int64_t", /*default=*/"0", "Positions that a query sees, itself included">,
    Option<"sinks", "sinks", "int64_t", /*default=*/"0", "First positions of a sequence that stay visible">
  ];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"limited", "limited", "Attentions that got a window">];
}

#endif // PH_TRANSFORMS_CONTEXT_PASSES
