// The cache type, and the constraints on tensors that the ops share.
#ifndef PH_DIALECTS_TRANSFORMER_TYPES
#define PH_DIALECTS_TRANSFORMER_TYPES

include "dialects/Transformer/Dialect.td"
include "mlir/IR/AttrTypeBase.td"

def XF_CacheType : TypeDef<XF_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "the keys and values of the tokens so far";
  let description = [{
    The keys and values of every layer for each sequence of a batch, by position: `layers × heads × head_dim`, where `heads` are
    key/value heads. Values of this type are immutable, as tensors are: `xf.cache_append` makes a new one. How many sequences and
    positions one holds is not part of its type.

    Constraints:

    * (C1) layers, heads and head_dim are positive, at most 2^31, and their product is at most 2^40;
    * (C2) elements are f32 or f16.

    Example:

    ```mlir
    func.func private @step(!xf.cache<30 x 3 x 64, f32>) -> !xf.cache<30 x 3 x 64, f32>
    ```
  }];
  let parameters = (ins "int64_t":$layers, "int64_t":$heads, "int64_t":$headDim, "::mlir::Type":$elementType);
  let builders = [
    TypeBuilderWithInferredContext<(ins "int64_t":$layers, "int64_t":$heads, "int64_t":$headDim,
                                        "::mlir::Type":$elementType), [{
      return $_get(elementType.getContext(), layers, heads, headDim, elementType);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

class XF_Tensor<string predicate, string summary> :
    Type<CPred<"::ph::xf::" # predicate # "($_self)">, summary, "::mlir::RankedTensorType">;

def XF_ActivationTensor : XF_Tensor<"isPlainActivation",
  "an activation (rank 2 or more, f32, static last dimension, no encoding)">;
def XF_FloatActivationTensor : XF_Tensor<"isFloatActivation",
  "an activation of floats (rank 2 or more, f32, static last dimension, no encoding or f16 or bf16)">;
def XF_AnyActivationTensor : XF_Tensor<"isActivation",
  "an activation (rank 2 or more, f32, static last dimension, no encoding or an activation encoding)">;
def XF_Matrix : XF_Tensor<"isMatrix", "a weight matrix (static, rank 2, f32, no encoding or a storage format)">;
def XF_Vector : XF_Tensor<"isVector", "a weight vector (static, rank 1, f32, no encoding or a storage format)">;
def XF_Weight : XF_Tensor<"isWeight", "a weight (static, rank 1 or more, f32, no encoding or a storage format)">;
def XF_ExpertMatrices : XF_Tensor<"isExpertMatrices",
  "weight matrices of experts (static, rank 3, f32, no encoding or a storage format)">;
def XF_FloatTensor : XF_Tensor<"isFloatTensor", "a ranked tensor of f32 without an encoding">;
def XF_IntTensor : XF_Tensor<"isIntTensor", "a ranked tensor of i32 without an encoding">;
def XF_BoolTensor : XF_Tensor<"isBoolTensor", "a ranked tensor of i1 without an encoding">;
def XF_PlainTensor : XF_Tensor<"isPlainTensor", "a ranked tensor of f32, i32 or i1 without an encoding">;
def XF_Tokens : XF_Tensor<"isTokens", "a tensor<?x?xi32> (batch, sequence)">;
def XF_Indices : XF_Tensor<"isIndices", "a tensor<?xi32>">;

#endif // PH_DIALECTS_TRANSFORMER_TYPES
