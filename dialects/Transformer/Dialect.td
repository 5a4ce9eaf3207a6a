// The xf dialect itself, and the base of its ops.
#ifndef PH_DIALECTS_TRANSFORMER_DIALECT
#define PH_DIALECTS_TRANSFORMER_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def XF_Dialect : Dialect {
  let name = "xf";
  let cppNamespace = "::ph::xf";
  let summary = "What a transformer computes";
  let description = [{
    One op for each thing that a transformer model does, at the level at which a paper describes it. Values are
    immutable tensors; weights are symbols, never constants; the layers of a model are one loop (`xf.repeat`).

    **Shapes.** An activation is `tensor<?x?xKxf32>`: batch, sequence, features. Heads stay folded in the features.
    Batch, sequence and the past length are dynamic; features are static.

    **Encodings.** A tensor's shape and element type say what it means, its encoding says how it is stored:
    `tensor<576x1536xf32, #xf.format<q4_1>>` is a matrix of real numbers kept in 4-bit blocks. No encoding means f32. An op whose
    result has an activation encoding computes its f32 result and encodes it as `xf.encode` does; one that takes an encoded activation computes
    with the values that the encoding keeps.

    **Models.** The module that holds a model carries the attribute `xf.model`, a dictionary with at least
    `architecture` and `name` (strings), `vocabulary`, `context_length` and `layers` (positive integers). Arguments and
    results of its functions may be named with `xf.name` (a string).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    /// The attribute of a module that describes its model.
    static constexpr ::llvm::StringLiteral getModelAttrName() { return "xf.model"; }
    /// The attribute that names an argument or a result of a function.
    static constexpr ::llvm::StringLiteral getNameAttrName() { return "xf.name"; }

    void registerAttributes();
    void registerTypes();
  }];
}

class XF_Op<string mnemonic, list<Trait> traits = []> : Op<XF_Dialect, mnemonic, traits>;

/// The result may have an activation encoding: the op then encodes what it computed, as xf.encode does.
def ResultMayBeEncoded : NativeOpTrait<"ResultMayBeEncoded"> {
  let cppNamespace = "::ph::xf";
}

#endif // PH_DIALECTS_TRANSFORMER_DIALECT
