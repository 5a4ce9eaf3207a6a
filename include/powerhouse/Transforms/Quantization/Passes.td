// Passes that choose how weights and activations are stored.
#ifndef PH_TRANSFORMS_QUANTIZATION_PASSES
#define PH_TRANSFORMS_QUANTIZATION_PASSES

include "mlir/Pass/PassBase.td"

def QuantizeActivationsPass : Pass<"xf-quantize-activations"> {
  let summary = "Encode the inputs of products with quantized weights as int8";
  let description = [{
    The input of an `xf.linear`, `xf.gated_linear` or `xf.logits` whose weight has a format of integer codes of at most 8 bits goes
    through an `xf.encode`. The blocks have 16 elements (`i8x16`) where a group of the weight's format has, else 32
    (`i8x32`), so that a group's product is one integer dot product. Weights of floats keep f32 inputs.

    Refused, with a remark: weights of floats, and inputs whose features don't fill blocks.

    This changes values: it is what `--activations=int8` asks for. With `activations=f32` the pass does nothing.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let options = [
    Option<"activations", "activations", "std::string", "\"int8\"", "int8, or f32 to leave inputs as they are">];
  let statistics = [Statistic<"encoded", "encoded", "Inputs that were encoded">];
}

def FoldEncodePass : Pass<"xf-fold-encode"> {
  let summary = "Encode activations where they are made";
  let description = [{
    Equal `xf.encode` ops of one block become one. Then the `xf.encode` of the result of an `xf.rms_norm` or `xf.attention` becomes part of that
    op, which gives the encoded tensor. These ops hold whole rows when they are done, so encoding costs them little; the
    products, whose rows are spread over threads, keep a separate `xf.encode`.

    Refused, with a remark: what other ops make, a result that is also used as it is, and heads of attention that don't divide into blocks.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let statistics = [Statistic<"merged", "merged", "Encodes that were equal to another">,
                    Statistic<"folded", "folded", "Encodes that became part of what makes their input">];
}

def QuantizeWeightsPass : Pass<"xf-quantize-weights", "::mlir::ModuleOp"> {
  let summary = "Change the storage format of weights";
  let description = [{
    Each weight whose name has a match of the regular expression `match` in it, and which is a matrix or more, gets the storage format `format`: the
    symbol and whatever loads it, stacked or not. It becomes `requantized`: its values are those of the source, encoded anew. A weight that
    was given in several `formats` has one from then on.

    `format` is one that the encoders know: f16, bf16, q4_0, q4_1, q5_0, q5_1, q8_0, q2_k, q3_k, q4_k, q5_k or q6_k.

    Refused, with a remark: vectors, which are small; a weight that has the format already; columns that don't fill blocks; a table that
    `xf.embedding` looks up (rows of it are added into every layer's input), unless `embeddings=true`; a weight whose value goes to what is no op of xf, or is
    carried by a loop, as these state its type too. A `match` that no weight's name has is a warning.

    This changes values.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let options = [
    Option<"format", "format", "std::string", "\"\"", "Name of the format">,
    Option<"match", "match", "std::string", "\".\"", "Regular expression for the names of weights; all without one">,
    Option<"embeddings", "embeddings", "bool", "false", "Also tables that are looked up">];
  let statistics = [Statistic<"changed", "changed", "Weights that got the format">];
}

def ReducePrecisionPass : Pass<"xf-reduce-precision", "::mlir::ModuleOp"> {
  let summary = "Store activations as f16 or bf16 where the error stays within a budget";
  let description = [{
    The results of ops that `allow` names (`linear`, `add`, …, without the dialect's name) become activations of `type`, one op after the other, the cheapest first, as long as the
    results of the function stay within `budget` of what they were: ‖after - before‖ / ‖before‖ for each result, the largest of them, in Euclidean norms.

    The interpreter measures: the function runs on seeded inputs as it is, then with each op alone changed. To first order the errors of several ops add up, so ops are
    changed while this sum stays within the budget. Then the function runs with all of them, and if the error is beyond the budget after all, the most expensive are changed back. An op in an
    `xf.repeat` is changed in all iterations. Weights are those of the file `weights` (safetensors), or seeded values.

    Refused, with a remark that gives the error: an op that would go beyond the budget. Refused with the reason: an op that gives no activation without an encoding, or one that goes to what states its type or
    doesn't take it, such as a function's return. A name that is no op of xf is an error; a function that the interpreter can't run is left as it is, with a warning.

    This changes values.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let options = [
    Option<"type", "type", "std::string", "\"bf16\"", "f16 or bf16">,
    ListOption<"allow", "allow", "std::string", "Names of the ops that may be changed">,
    Option<"budget", "budget", "double", "1e-2", "Largest error of a result">,
    Option<"function", "function", "std::string", "\"\"", "Only this function">,
    Option<"seed", "seed", "uint64_t", "0", "Of inputs and weights">,
    Option<"weights", "weights", "std::string", "\"\"", "File with the sources of weights">];
  let statistics = [Statistic<"reduced", "reduced", "Ops whose results have 16 bits">];
}

#endif // PH_TRANSFORMS_QUANTIZATION_PASSES
