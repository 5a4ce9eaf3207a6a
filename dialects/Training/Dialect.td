// The train dialect itself, and the base of its ops.
#ifndef PH_DIALECTS_TRAINING_DIALECT
#define PH_DIALECTS_TRAINING_DIALECT

include "dialects/Transformer/Types.td"

def Train_Dialect : Dialect {
  let name = "train";
  let cppNamespace = "::ph::train";
  let summary = "What training adds to a transformer";
  let description = [{
    Losses, optimizers, and what stands between them and a model of `xf` ops. Values are immutable tensors here too: an optimizer gives a new parameter and new
    state, which a program writes over the old ones.

    **Losses** are ops on log-probabilities of tokens or of sequences. Each gives two scalars, a sum and a count: the loss is their quotient. So what is accumulated
    over several micro-batches, sums and counts each, is exactly what one large batch gives, however long their sequences are. `train-expand` turns losses
    into primitives of xf, whose derivatives are known: a loss needs no derivative of its own.

    **Log-probabilities** (`train.token_logp`, `train.token_kl`) are made from the hidden activations and the vocabulary matrix a few rows at a time, so that the logits
    are never in memory as a whole. These have ops for their derivatives.

    **A loss of one's own** is a function `@loss` of a module in a .mlir file. Its arguments are found by their `xf.name`; it takes those that it needs:

    | `xf.name`              | type               | what                                                          |
    |------------------------|--------------------|---------------------------------------------------------------|
    | `logp`                 | `tensor<?x?xf32>`  | log-probability of each label, 0 where it is ignored          |
    | `labels`               | `tensor<?x?xi32>`  | the labels, -100 where ignored                                |
    | `chosen`, `rejected`   | `tensor<?xf32>`    | sums of log-probabilities of a pair's completions             |
    | `chosen_tokens`, `rejected_tokens` | `tensor<?xf32>` | how many tokens these have                           |
    | `ref_chosen`, `ref_rejected` | `tensor<?xf32>` | those sums by the reference model                          |
    | `logits`               | `tensor<?xCxf32>`  | what a head for C classes or numbers gives                    |
    | `targets`              | `tensor<?xCxf32>`  | what they should be                                           |

    It returns `(tensor<f32>, tensor<f32>)`, a sum and a count, and may use any op of xf with a derivative, and any loss of this dialect.
  }];
  let dependentDialects = ["::ph::xf::XFDialect"];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = "void registerAttributes();";
}

class Train_Op<string mnemonic, list<Trait> traits = []> : Op<Train_Dialect, mnemonic, traits>;

#endif // PH_DIALECTS_TRAINING_DIALECT
