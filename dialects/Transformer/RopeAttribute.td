// #xf.rope: a rotary position embedding and how its angles are stretched beyond the trained context.
#ifndef PH_DIALECTS_TRANSFORMER_ROPEATTRIBUTE
#define PH_DIALECTS_TRANSFORMER_ROPEATTRIBUTE

include "dialects/Transformer/Attributes.td"

def XF_RopeStyle : I32EnumAttr<"RopeStyle", "which elements of a head a rotation pairs", [
    I32EnumAttrCase<"Half", 0, "half">,
    I32EnumAttrCase<"Interleaved", 1, "interleaved">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_RopeScaling : I32EnumAttr<"RopeScaling", "how rotary angles are stretched beyond the trained context", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Linear", 1, "linear">,
    I32EnumAttrCase<"Ntk", 2, "ntk">,
    I32EnumAttrCase<"Dynamic", 3, "dynamic">,
    I32EnumAttrCase<"Yarn", 4, "yarn">,
    I32EnumAttrCase<"Llama3", 5, "llama3">,
    I32EnumAttrCase<"LongRope", 6, "longrope">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_RopeAttr : XF_Attr<"Rope", "rope"> {
  let summary = "a rotary position embedding (Su et al., 2021, arXiv:2104.09864)";
  let description = [{
    The first `dim` elements of each head are rotated in pairs; pair i of a token at position p by the angle
    p · θ_i with θ_i = base^(-2i/dim), 0 ≤ i < dim/2. Elements from `dim` on are left as they are.

    `style = half` pairs element i with i + dim/2 (GPT-NeoX, Hugging Face's Llama), `interleaved` pairs 2i with
    2i + 1 (the paper, GPT-J, Llama's rows in GGUF files).

    A model that was trained on contexts of `original` positions is run on longer ones, about `factor` times as long, by turning some or all
    pairs more slowly. λ_i = 2π/θ_i is the wavelength of pair i; primes mark what is used in place of θ_i and base:

    | `scaling`  | angles                                                                                                     |
    |------------|------------------------------------------------------------------------------------------------------------|
    | `none`     | θ'_i = θ_i                                                                                                  |
    | `linear`   | θ'_i = θ_i / factor: position interpolation (Chen et al., 2023, arXiv:2306.15595)                           |
    | `ntk`      | base' = base · factor^(dim/(dim-2)): NTK-aware (bloc97, 2023); the last pair is interpolated, the first not |
    | `dynamic`  | base' = base · (factor · n/original - (factor - 1))^(dim/(dim-2)) with n = max(length, original): dynamic NTK (emozilla, 2023) |
    | `yarn`     | θ'_i = (1 - γ_i) θ_i + γ_i θ_i / factor, γ_i = clamp((i - low) / (high - low), 0, 1): YaRN (Peng et al., 2023, arXiv:2309.00071) |
    | `llama3`   | θ'_i = θ_i where λ_i < original / high_freq_factor, θ_i / factor where λ_i > original / low_freq_factor, between them (1 - s) θ_i / factor + s θ_i with s = (original/λ_i - low_freq_factor) / (high_freq_factor - low_freq_factor) (Llama 3.1) |
    | `longrope` | θ'_i = θ_i / short_factor[i] where length ≤ original, θ_i / long_factor[i] beyond: LongRoPE (Ding et al., 2024, arXiv:2402.13753) |

    Here length is one more than the largest position of all tokens that are rotated together, as in transformers. In YaRN low and high are
    the pairs that turn `beta_fast` (32 where not given) and `beta_slow` (1) times within the original context,
    dim · ln(original / (2π β)) / (2 ln base), rounded down and up unless `truncate = false`, low at least 0 and high at most dim - 1; where
    they are equal, high is 0.001 more.

    cos and sin are multiplied with an attention factor, which is 1 but for `yarn` and `longrope`: it is `attention_factor` where that is
    given, otherwise with m(x) = 0.1 x ln factor + 1

    * `yarn`: m(1), or m(mscale) / m(mscale_all_dim) where these are given;
    * `longrope`: √(1 + ln factor / ln original).

    Constraints:

    * (C1) `dim` is positive and even, and at least 4 for `ntk` and `dynamic`;
    * (C2) `base` > 0, and > 1 for `yarn`;
    * (C3) `factor` > 0, 1 without a scaling, and at least 1 with one that is not `linear`;
    * (C4) `original` is given for `dynamic`, `yarn`, `llama3` and `longrope` and for no other; it is at least 1, at least 2 for `longrope`, and below 2^31;
    * (C5) `beta_fast`, `beta_slow`, `mscale`, `mscale_all_dim` and `truncate` are given for `yarn` only; the numbers are positive and
      `beta_fast` > `beta_slow`;
    * (C6) `mscale` and `mscale_all_dim` are given together, and not where `attention_factor` is;
    * (C7) `attention_factor` is given for `yarn` and `longrope` only and positive;
    * (C8) `low_freq_factor` and `high_freq_factor` are given for `llama3` and for no other; they are positive and the high one is larger;
    * (C9) `short_factor` and `long_factor` are given for `longrope` and for no other, dim/2 positive numbers each.

    Example:

    ```mlir
    func.func @rotate(%x: tensor<?x?x128xf32>, %positions: tensor<?x?xi32>) -> tensor<?x?x128xf32> {
      %y = xf.rope %x, %positions rope = #xf.rope<dim = 64, base = 1.0e5, style = half, scaling = linear, factor = 2.0> heads = 2
        : (tensor<?x?x128xf32>, tensor<?x?xi32>) -> tensor<?x?x128xf32>
      %z = xf.rope %y, %positions
        rope = #xf.rope<dim = 64, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 4096, beta_fast = 16.0> heads = 2
        : (tensor<?x?x128xf32>, tensor<?x?xi32>) -> tensor<?x?x128xf32>
      return %z : tensor<?x?x128xf32>
    }
    ```
  }];
  let parameters = (ins
    "int64_t":$dim, APFloatParameter<"the base of the angles">:$base, "RopeStyle":$style,
    "RopeScaling":$scaling, APFloatParameter<"the factor of the scaling">:$factor,
    "::mlir::DictionaryAttr":$options); // of the scaling, by their names; what is not given is not in it
  let builders = [
    AttrBuilder<(ins "int64_t":$dim, "double":$base, CArg<"RopeStyle", "RopeStyle::Half">:$style,
                     CArg<"RopeScaling", "RopeScaling::None">:$scaling, CArg<"double", "1.0">:$factor,
                     CArg<"::llvm::ArrayRef<::mlir::NamedAttribute>", "{}">:$options), [{
      return $_get($_ctxt, dim, ::llvm::APFloat(base), style, scaling, ::llvm::APFloat(factor),
                   ::mlir::DictionaryAttr::get($_ctxt, options));
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether the angles depend on how long the sequence is: `dynamic` and `longrope`.
    bool dependsOnLength() const;
    /// θ'_i for each of the dim/2 pairs, in radians for each position, in a sequence of `length` positions (one more than
    /// the largest), which matters only where dependsOnLength().
    ::llvm::SmallVector<double> getFrequencies(int64_t length) const;
    /// θ_i, without any scaling.
    ::llvm::SmallVector<double> getUnscaledFrequencies() const;
    /// What cos and sin are multiplied with.
    double getAttentionFactor() const;
    /// The positions that the model was trained on; 0 where the scaling doesn't need to know.
    int64_t getOriginal() const;
    /// The two elements of a head that pair `i` rotates.
    std::pair<int64_t, int64_t> getPair(int64_t i) const;
    /// A number among the options; `otherwise` where it isn't given.
    double getOption(::llvm::StringRef name, double otherwise) const;
    /// The names of all options, of any scaling.
    static ::llvm::SmallVector<::llvm::StringRef> getOptionNames();
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_ROPEATTRIBUTE
