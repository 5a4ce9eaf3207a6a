// Primitives that work element by element, on tensors of any shape: what graphs of exporters are spelled out in.
#ifndef PH_DIALECTS_TRANSFORMER_ELEMENTWISE
#define PH_DIALECTS_TRANSFORMER_ELEMENTWISE

include "dialects/Transformer/Dialect.td"
include "dialects/Transformer/Types.td"
include "mlir/IR/EnumAttr.td"

class XF_PrimitiveEnum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_BinaryKind : XF_PrimitiveEnum<"BinaryKind", "a function of two numbers", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Sub", 1, "sub">,
    I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Div", 3, "div">,
    I32EnumAttrCase<"Max", 4, "max">,
    I32EnumAttrCase<"Min", 5, "min">,
    I32EnumAttrCase<"Pow", 6, "pow">,
    I32EnumAttrCase<"And", 7, "and">,
    I32EnumAttrCase<"Or", 8, "or">]>;

def XF_BinaryKindAttr : EnumAttr<XF_Dialect, XF_BinaryKind, "binary"> {
  let summary = "a function of two numbers";
  let description = [{
    | name                       | function                            | elements  |
    |----------------------------|-------------------------------------|-----------|
    | `add` `sub` `mul`          | a + b, a - b, a · b                 | f32, i32  |
    | `div`                      | a / b, of integers rounded to zero  | f32, i32  |
    | `max` `min`                | the larger, the smaller             | f32, i32  |
    | `pow`                      | a to the power of b                 | f32       |
    | `and` `or`                 | both, at least one                  | i1        |
  }];
}

def XF_UnaryKind : XF_PrimitiveEnum<"UnaryKind", "a function of one number", [
    I32EnumAttrCase<"Neg", 0, "neg">,
    I32EnumAttrCase<"Abs", 1, "abs">,
    I32EnumAttrCase<"Exp", 2, "exp">,
    I32EnumAttrCase<"Log", 3, "log">,
    I32EnumAttrCase<"Sqrt", 4, "sqrt">,
    I32EnumAttrCase<"Rsqrt", 5, "rsqrt">,
    I32EnumAttrCase<"Reciprocal", 6, "reciprocal">,
    I32EnumAttrCase<"Tanh", 7, "tanh">,
    I32EnumAttrCase<"Erf", 8, "erf">,
    I32EnumAttrCase<"Sigmoid", 9, "sigmoid">,
    I32EnumAttrCase<"Sin", 10, "sin">,
    I32EnumAttrCase<"Cos", 11, "cos">,
    I32EnumAttrCase<"Floor", 12, "floor">,
    I32EnumAttrCase<"Not", 13, "not">]>;

def XF_UnaryKindAttr : EnumAttr<XF_Dialect, XF_UnaryKind, "unary"> {
  let summary = "a function of one number";
  let description = [{
    | name                        | function                            | elements  |
    |-----------------------------|-------------------------------------|-----------|
    | `neg` `abs`                 | -x, \|x\|                           | f32, i32  |
    | `exp` `log`                 | e^x, the natural logarithm          | f32       |
    | `sqrt` `rsqrt` `reciprocal` | √x, 1/√x, 1/x                       | f32       |
    | `tanh` `erf` `sigmoid`      | tanh x, erf x, 1 / (1 + e^-x)       | f32       |
    | `sin` `cos`                 | of x in radians                     | f32       |
    | `floor`                     | the largest integer ≤ x             | f32       |
    | `not`                       | true where x is false               | i1        |
  }];
}

def XF_CompareKind : XF_PrimitiveEnum<"CompareKind", "a relation of two numbers", [
    I32EnumAttrCase<"Eq", 0, "eq">,
    I32EnumAttrCase<"Ne", 1, "ne">,
    I32EnumAttrCase<"Lt", 2, "lt">,
    I32EnumAttrCase<"Le", 3, "le">,
    I32EnumAttrCase<"Gt", 4, "gt">,
    I32EnumAttrCase<"Ge", 5, "ge">]>;

def XF_CompareKindAttr : EnumAttr<XF_Dialect, XF_CompareKind, "relation"> {
  let summary = "a relation of two numbers";
  let description = "`eq` =, `ne` ≠, `lt` <, `le` ≤, `gt` >, `ge` ≥. A NaN is only `ne` to anything.";
}

def XF_ElementwiseOp : XF_Op<"elementwise", [Pure]> {
  let summary = "a function of two tensors, element by element";
  let description = [{
    y = f(lhs, rhs) with the function named (see `#xf.binary`). The shapes are broadcast to one another as NumPy does: aligned at their last
    dimensions, a dimension that is 1 or missing in one is that of the other.

    Operands: `lhs` and `rhs`, what the function is applied to.

    Constraints:

    * (C1) `lhs`, `rhs` and the result have the same type of elements, one that the function has;
    * (C2) the shapes of `lhs` and `rhs` can be broadcast to one another;
    * (C3) the result has the shape that they are broadcast to.

    Example:

    ```mlir
    func.func @centre(%x: tensor<?x?x64xf32>, %mean: tensor<?x?x1xf32>) -> tensor<?x?x64xf32> {
      %y = xf.elementwise sub %x, %mean : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$lhs, XF_PlainTensor:$rhs, XF_BinaryKindAttr:$kind);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "`` $kind $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands, which must fit.
    OpBuilder<(ins "BinaryKind":$kind, "::mlir::Value":$lhs, "::mlir::Value":$rhs)>
  ];
  let hasVerifier = 1;
}

def XF_UnaryOp : XF_Op<"unary", [Pure]> {
  let summary = "a function of a tensor, element by element";
  let description = [{
    y = f(input) with the function named (see `#xf.unary`).

    `neg` of `neg` and `not` of `not` fold away.

    Operands: `input`, what the function is applied to.

    Constraints:

    * (C1) `input` and the result have the same type of elements, one that the function has;
    * (C2) the result has the shape of `input`.

    Example:

    ```mlir
    func.func @root(%x: tensor<?x?x1xf32>) -> tensor<?x?x1xf32> {
      %y = xf.unary rsqrt %x : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
      return %y : tensor<?x?x1xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input, XF_UnaryKindAttr:$kind);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "`` $kind $input attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result has the type of the input.
    OpBuilder<(ins "UnaryKind":$kind, "::mlir::Value":$input)>
  ];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def XF_CompareOp : XF_Op<"compare", [Pure]> {
  let summary = "compare two tensors, element by element";
  let description = [{
    y is true where lhs and rhs are in the relation named (see `#xf.relation`). Shapes are broadcast as by `xf.elementwise`.

    Operands: `lhs` and `rhs`, what is compared.

    Constraints:

    * (C1) `lhs` and `rhs` have the same type of elements, f32 or i32;
    * (C2) the shapes of `lhs` and `rhs` can be broadcast to one another;
    * (C3) the result has the shape that they are broadcast to.

    Example:

    ```mlir
    func.func @causal(%i: tensor<?x1xi32>, %j: tensor<1x?xi32>) -> tensor<?x?xi1> {
      %y = xf.compare ge %i, %j : (tensor<?x1xi32>, tensor<1x?xi32>) -> tensor<?x?xi1>
      return %y : tensor<?x?xi1>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$lhs, XF_PlainTensor:$rhs, XF_CompareKindAttr:$kind);
  let results = (outs XF_BoolTensor:$result);
  let assemblyFormat = "`` $kind $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands, which must fit.
    OpBuilder<(ins "CompareKind":$kind, "::mlir::Value":$lhs, "::mlir::Value":$rhs)>
  ];
  let hasVerifier = 1;
}

def XF_SelectOp : XF_Op<"select", [Pure]> {
  let summary = "choose between two tensors, element by element";
  let description = [{
    y is `on_true` where `condition` is true, `on_false` elsewhere. The three shapes are broadcast to one another as by `xf.elementwise`.

    Operands: `condition`, which one; `on_true` and `on_false`, what is chosen from.

    Constraints:

    * (C1) `on_true`, `on_false` and the result have the same type of elements;
    * (C2) the shapes of the operands can be broadcast to one another;
    * (C3) the result has the shape that they are broadcast to.

    Example:

    ```mlir
    func.func @masked(%visible: tensor<?x?xi1>, %scores: tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32> {
      %low = arith.constant dense<-1.0e9> : tensor<f32>
      %y = xf.select %visible, %scores, %low : (tensor<?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
      return %y : tensor<?x4x?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_BoolTensor:$condition, XF_PlainTensor:$on_true, XF_PlainTensor:$on_false);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$condition `,` $on_true `,` $on_false attr-dict `:` functional-type(operands, results)";
  let builders = [
    // The result's type follows from the operands, which must fit.
    OpBuilder<(ins "::mlir::Value":$condition, "::mlir::Value":$onTrue, "::mlir::Value":$onFalse)>
  ];
  let hasVerifier = 1;
}

def XF_CastOp : XF_Op<"cast", [Pure]> {
  let summary = "change the type of elements";
  let description = [{
    Floats become the integer towards zero; numbers become true where they are not 0; true becomes 1, false 0; integers become the nearest float.

    A cast to the type that the input has folds away.

    Operands: `input`, what is converted.

    Constraints:

    * (C1) the result has the shape of `input`.

    Example:

    ```mlir
    func.func @as_number(%mask: tensor<?x?xi1>) -> tensor<?x?xf32> {
      %y = xf.cast %mask : (tensor<?x?xi1>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_PlainTensor:$input);
  let results = (outs XF_PlainTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_ELEMENTWISE
