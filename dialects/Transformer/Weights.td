// Weights: symbols of the module, and their use.
#ifndef PH_DIALECTS_TRANSFORMER_WEIGHTS
#define PH_DIALECTS_TRANSFORMER_WEIGHTS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"
include "mlir/IR/SymbolInterfaces.td"

def XF_WeightOp : XF_Op<"weight", [DeclareOpInterfaceMethods<Symbol, ["getVisibility"]>]> {
  let summary = "a weight of the model";
  let description = [{
    Declares a weight: its name in the module, its type and where its values are in the source model. It never holds values. With `stacked`
    the first dimension is the layer, and each layer is loaded alone.

    Several sources are concatenated along the first dimension of a layer, in their order; without any the values are those of the tensor that
    has the weight's name, with all its dimensions.

    Where the layers of a stack are stored in several formats, `formats` lists them and the type has one that can stand for all; the bytes of
    each layer stay in their own format.

    With `requantized` the values of the source are encoded anew in the format of the type, as ggml does, rather than stored in it already: the values of the
    weight are what decoding that gives.

    Attributes: `sym_name`, what `xf.load_weight` calls it; `type`, of all layers together; `stacked`; `sources`; `formats`; `requantized`.

    Nothing outside the module can refer to a weight, so one that is not used can be removed.

    Constraints:

    * (C1) with `stacked` the type has rank 2 or more;
    * (C2) with `stacked` the name of each source has a `{layer}`, or lists as many as there are layers; without it none does;
    * (C3) where there are several sources each states its `rows`;
    * (C4) where rows are stated they sum up to the first dimension of a layer;
    * (C5) a source with `rope_halves` of H heads has an even number of rows for each of them;
    * (C6) `formats`, where given, are several different storage formats;
    * (C7) where a source states `of`, its rows end there;
    * (C8) a layer has the dimensions that sources need: rank 2 or more with rows that are tensors of their own, `part` or `interleaved`; and
      tensors of rank 2 or more with `transposed`;
    * (C9) a source whose columns are scaled is that of a matrix, and the weight has no encoding: other values than those of
      the source model can't be kept in its format, unless it is `requantized`;
    * (C10) with `requantized` the type has a format that can be encoded, and there are no `formats`.

    Example:

    ```mlir
    xf.weight @norm : tensor<576xf32> sources [#xf.source<"output_norm.weight">]
    xf.weight @qkv : tensor<30x960x576xf32, #xf.format<q4_1>> stacked sources [
      #xf.source<"blk.{layer}.attn_q.weight", rows = 576, rope_halves<9>>,
      #xf.source<"blk.{layer}.attn_k.weight", rows = 192, rope_halves<3>>,
      #xf.source<"blk.{layer}.attn_v.weight", rows = 192>]
    xf.weight @gate : tensor<1536x512xf32, #xf.format<q4_k>> sources [#xf.source<"gate.weight">] requantized
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<XF_Weight>:$type, UnitAttr:$stacked,
                       OptionalAttr<XF_SourceArrayAttr>:$sources, OptionalAttr<XF_FormatArrayAttr>:$formats, UnitAttr:$requantized);
  let assemblyFormat = [{
    $sym_name `:` $type (`stacked` $stacked^)? (`sources` $sources^)? (`formats` $formats^)?
    (`requantized` $requantized^)? attr-dict
  }];
  let builders = [
    // A weight whose layers have one format. `stacked` and `sources` may be null.
    OpBuilder<(ins "::mlir::StringAttr":$sym_name, "::mlir::TypeAttr":$type, "::mlir::UnitAttr":$stacked,
                   "::mlir::ArrayAttr":$sources), [{
      build($_builder, $_state, sym_name, type, stacked, sources, /*formats=*/::mlir::ArrayAttr());
    }]>,
    // A weight that is stored in its format already.
    OpBuilder<(ins "::mlir::StringAttr":$sym_name, "::mlir::TypeAttr":$type, "::mlir::UnitAttr":$stacked,
                   "::mlir::ArrayAttr":$sources, "::mlir::ArrayAttr":$formats), [{
      build($_builder, $_state, sym_name, type, stacked, sources, formats, /*requantized=*/::mlir::UnitAttr());
    }]>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The type of one layer if stacked, otherwise the type: what load_weight gives.
    ::mlir::RankedTensorType getLoadedType();
    /// Layers of the stack; 1 if not stacked.
    int64_t getLayers();
    /// The format of the values as they are stored; null for f32 without an encoding.
    FormatAttr getFormat();
    /// How many rows (of the first dimension of a layer) source `index` gives.
    int64_t getSourceRows(unsigned index);
  }];
}

def XF_LoadWeightOp : XF_Op<"load_weight", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a weight, or one layer of a stacked one, as a value";
  let description = [{
    The tensor that an `xf.weight` declares, or its layer number `layer`. Nothing is copied: the value is a name for where the weight is.

    Operands: `layer`, which layer of a stacked weight.

    Constraints:

    * (C1) the symbol is an `xf.weight` of the module;
    * (C2) `layer` is given if and only if the weight is stacked;
    * (C3) the result has the type of the weight, without the first dimension if it is stacked.

    Example:

    ```mlir
    xf.weight @norms : tensor<30x576xf32> stacked
    func.func @second() -> tensor<576xf32> {
      %layer = arith.constant 1 : index
      %w = xf.load_weight @norms[%layer] : tensor<576xf32>
      return %w : tensor<576xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight, Optional<Index>:$layer);
  let results = (outs XF_Weight:$result);
  let assemblyFormat = "$weight (`[` $layer^ `]`)? attr-dict `:` type($result)";
  let builders = [
    // The value of `weight`; `layer` must be given if it is stacked.
    OpBuilder<(ins "WeightOp":$weight, CArg<"::mlir::Value", "{}">:$layer)>
  ];
}

#endif // PH_DIALECTS_TRANSFORMER_WEIGHTS
