// Attributes of xf: storage formats, sources of weights, activations, masks; rotary embeddings have their own file.
#ifndef PH_DIALECTS_TRANSFORMER_ATTRIBUTES
#define PH_DIALECTS_TRANSFORMER_ATTRIBUTES

include "dialects/Transformer/Dialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"

class XF_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<XF_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def XF_FormatAttr : XF_Attr<"Format", "format", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "how a tensor is stored";
  let description = [{
    A tensor encoding. The parameter is the name of a storage format (`runtime/quant/Format.h`: `f16`, `q4_1`,
    `q6_k`, …), or one of the activation encodings:

    | name    | block | meaning                                                                       |
    |---------|-------|-------------------------------------------------------------------------------|
    | `i8x32` | 32    | int8 codes and one f32 scale for each 32 elements along the last dimension     |
    | `i8x16` | 16    | the same for each 16 elements                                                   |
    | `f16`   | 1     | each element rounded to the nearest of f16, ties to even                        |
    | `bf16`  | 1     | each element rounded to the nearest of bf16, ties to even                       |

    with scale = max|x| / 127 over the block and code = x / scale, rounded to the nearest integer, ties to even; a block of zeros has scale
    0 and codes 0. `f16` and `bf16` are storage formats too.

    Constraints:

    * (C1) the name is a known format;
    * (C2) the tensor's elements are f32, whatever the format;
    * (C3) the tensor's last dimension is static and a multiple of the format's block.

    Example:

    ```mlir
    func.func private @stored(tensor<576x1536xf32, #xf.format<q4_1>>, tensor<?x?x576xf32, #xf.format<i8x32>>)
    ```
  }];
  let parameters = (ins StringRefParameter<"name of the format">:$name);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// True for what an activation can have: i8x32, i8x16, f16 and bf16.
    bool isActivation() const;
    /// True for i8x32 and i8x16.
    bool isInt8() const;
    /// Elements of a block along the last dimension.
    int64_t getBlockElements() const;
    /// The row of the storage formats' table; null for i8x32 and i8x16.
    const ::ph::Format *getStorage() const;
  }];
}

def XF_SourceTransform : I32EnumAttr<"SourceTransform", "what is done to a source tensor when it is read", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"RopeHalves", 1, "rope_halves">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_SourceAttr : XF_Attr<"Source", "source"> {
  let summary = "where the values of a weight are in the source model";
  let description = [{
    Names a tensor of the source model. In the weight of a layer stack `{layer}` in the name stands for the layer's
    number there: `first + step * i` for layer i of the stack. Where names don't count, `{a|b|c}` lists what stands there in each layer.

    `rows` is how many rows (of the first dimension of one layer) this source gives; it may be left out where a weight
    has only one source.

    `rope_halves<H>` permutes rows: GGUF files of the Llama family keep the rows of W_q and W_k such that rotary pairs are
    adjacent; the permutation puts the pairs' first elements before the second ones. In each of the H heads of d rows, new row i is old row 2i
    for i < d/2 and 2(i - d/2) + 1 otherwise.

    With `of = n` the tensor has n rows, and the source gives those that start at number `from`. With `{expert}` in the name each row is a
    tensor of its own, and `{expert}` stands for its number, `from` + i for row i; with `copied` each row is the same whole tensor.

    `transposed` swaps the last two dimensions: where a matrix [N, K] is wanted, [K, N] is stored. `part<i, n>` and `interleaved<i, n>`
    choose along the second dimension of what is wanted, N of experts' matrices [E, N, K], of which the tensor has n times as many elements: the
    part number i of n, or the elements i, i + n, i + 2n, …. A tensor that is transposed has this dimension where the swap takes it from, and one for each row, which has
    no dimension of rows, has it first.

    `columns = "n"` scales columns: each element of column k is multiplied with n_k + offset, where n is another tensor of the source model,
    a vector with as many elements as the rows have, and `offset` is 0 where it is not given. `{layer}` stands for the same number in both names.

    Constraints:

    * (C1) the name is not empty, and where it lists layers it has no `{layer}`, `first` or `step`;
    * (C2) `first` ≥ 0, `step` ≥ 1, `rows` ≥ 1 where given, and none of these, nor the heads, is above 2^31;
    * (C3) `rope_halves` has at least one head, and where rows are given they are divided evenly into heads of an even number of rows;
    * (C4) 0 ≤ `from` and `from` + `rows` ≤ `of` ≤ 2^31; `from` needs `of` or `{expert}`, and `of` has neither `{expert}` nor `copied`;
    * (C5) `copied` and `rope_halves` are not with `{expert}`, nor with each other;
    * (C6) `part` and `interleaved` have 0 ≤ i < n, 2 ≤ n ≤ 2^31, and only one of them is given;
    * (C7) `columns` has a `{layer}` if and only if the name has one; `offset` is finite, and given only with `columns`.

    Example:

    ```mlir
    xf.weight @q : tensor<30x576x576xf32, #xf.format<q4_1>> stacked sources [
      #xf.source<"blk.{layer}.attn_q.weight", rope_halves<9>>]
    xf.weight @up : tensor<30x8x160x64xf32> stacked sources [
      #xf.source<"model.layers.{layer}.block_sparse_moe.experts.{expert}.w3.weight">]
    xf.weight @gate : tensor<30x2x160x64xf32> stacked sources [
      #xf.source<"model.layers.{layer}.mlp.experts.gate_up_proj", rows = 2, from = 4, of = 8, transposed, interleaved<0, 2>>]
    xf.weight @normed : tensor<30x576x576xf32> stacked sources [
      #xf.source<"blk.{layer}.attn_v.weight", columns = "blk.{layer}.attn_norm.weight", offset = 1.0>]
    ```
  }];
  let parameters = (ins
    StringRefParameter<"the tensor's name, with {layer} for the layer's number">:$tensor,
    "int64_t":$first, "int64_t":$step,
    "int64_t":$rows, // 0: not given
    "SourceTransform":$transform,
    "int64_t":$heads, // of the transform, 0 if it has none
    "int64_t":$from,
    "int64_t":$of, // 0: not given
    "bool":$copied, "bool":$transposed,
    "int64_t":$part,
    "int64_t":$parts, // 0: neither part nor interleaved
    "bool":$interleaved,
    StringRefParameter<"the tensor that scales columns; empty: none">:$columns,
    APFloatParameter<"what is added to it">:$offset
  );
  let builders = [
    AttrBuilder<(ins "::llvm::StringRef":$tensor, CArg<"int64_t", "0">:$ropeHalvesHeads, CArg<"int64_t", "0">:$rows,
                     CArg<"int64_t", "0">:$first, CArg<"int64_t", "1">:$step), [{
      return $_get($_ctxt, tensor, first, step, rows,
                   ropeHalvesHeads ? SourceTransform::RopeHalves : SourceTransform::None, ropeHalvesHeads, /*from=*/0,
                   /*of=*/0, /*copied=*/false, /*transposed=*/false, /*part=*/0, /*parts=*/0, /*interleaved=*/false,
                   /*columns=*/"", /*offset=*/::llvm::APFloat(0.0));
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// True if the name has a {layer} in it.
    bool isPerLayer() const;
    /// True if the name has an {expert} in it.
    bool isPerExpert() const;
    /// True if each row is a whole tensor.
    bool isPerRow() const { return isPerExpert() || getCopied(); }
    /// True if the rows are all those of one tensor, stored as they are wanted, but for the order of rope_halves.
    bool isWhole() const { return !isPerRow() && getOf() == 0 && !getTransposed() && getParts() == 0; }
    /// The name of the tensor for layer `index` of the stack, and for row `row` where each has a tensor.
    std::string getTensorOfLayer(int64_t index, int64_t row = 0) const;
    /// The name of the tensor that scales the columns of layer `index`; empty if none does.
    std::string getColumnsOfLayer(int64_t index) const;
    /// The row of the source tensor that becomes row `row`, where the source has `rows` rows.
    int64_t getSourceRow(int64_t row, int64_t rows) const;
    /// Multiplies each element of column k of `rows` with columns[k] + offset, rounded to f32 once.
    void scaleColumns(::llvm::MutableArrayRef<float> rows, ::llvm::ArrayRef<float> columns) const;
    /// The same source with its number of rows stated.
    SourceAttr withRows(int64_t rows) const;
    /// `count` of this source's `rows` rows, from number `begin` on; the order of the rows must be the source's.
    SourceAttr slice(int64_t begin, int64_t count, int64_t rows) const;
    /// Along the dimension of `part` and `interleaved`: the tensor's element that becomes element `index` of `size`.
    int64_t getSourceColumn(int64_t index, int64_t size) const {
      return getParts() == 0 ? index : getInterleaved() ? index * getParts() + getPart() : getPart() * size + index;
    }
    /// The same source with its columns scaled by the tensor `columns` plus `offset`.
    SourceAttr withColumns(::llvm::StringRef columns, double offset) const;
  }];
}

def XF_Activation : I32EnumAttr<"Activation", "a nonlinear function, applied to each element", [
    I32EnumAttrCase<"Silu", 0, "silu">,
    I32EnumAttrCase<"Gelu", 1, "gelu">,
    I32EnumAttrCase<"GeluTanh", 2, "gelu_tanh">,
    I32EnumAttrCase<"Relu", 3, "relu">,
    I32EnumAttrCase<"QuickGelu", 4, "quick_gelu">,
    I32EnumAttrCase<"Relu2", 5, "relu2">,
    I32EnumAttrCase<"Tanh", 6, "tanh">,
    I32EnumAttrCase<"Sigmoid", 7, "sigmoid">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_ActivationAttr : EnumAttr<XF_Dialect, XF_Activation, "activation"> {
  let summary = "a nonlinear function, applied to each element";
  let description = [{
    | name         | function                                                   |
    |--------------|------------------------------------------------------------|
    | `silu`       | x / (1 + e^-x)                                             |
    | `gelu`       | x Φ(x) = x/2 (1 + erf(x/√2))                               |
    | `gelu_tanh`  | x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))                   |
    | `relu`       | max(x, 0)                                                  |
    | `quick_gelu` | x / (1 + e^(-1.702 x))                                     |
    | `relu2`      | max(x, 0)²                                                 |
    | `tanh`       | tanh(x)                                                    |
    | `sigmoid`    | 1 / (1 + e^-x)                                             |
  }];
}

def XF_Mask : I32EnumAttr<"Mask", "which positions a query sees", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Causal", 1, "causal">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_MaskAttr : EnumAttr<XF_Dialect, XF_Mask, "mask"> {
  let summary = "which positions a query sees";
  let description = "`causal`: itself and what is before it; `none`: everything.";
}

include "dialects/Transformer/RopeAttribute.td"

def XF_FormatArrayAttr : TypedArrayAttrBase<XF_FormatAttr, "array of #xf.format">;
def XF_SourceArrayAttr : TypedArrayAttrBase<XF_SourceAttr, "array of #xf.source">;

#endif // PH_DIALECTS_TRANSFORMER_ATTRIBUTES
