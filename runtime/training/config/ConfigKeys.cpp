#include "runtime/training/config/ConfigKeys.h"

namespace ph::training {
namespace {

using C = TrainingConfig;
constexpr double none = -std::numeric_limits<double>::infinity(), any = std::numeric_limits<double>::infinity();
constexpr double tiny = std::numeric_limits<double>::denorm_min(); // the least number above 0
constexpr double most32 = 2147483647;
constexpr double most53 = 9007199254740992; // integers up to here are doubles

constexpr ConfigKey modelKeys[] = {
    {"base_model",
     &C::baseModel,
     "the model to start from: a folder of the Hugging Face hub, a GGUF file, a known name",
     none,
     any,
     {},
     /*required=*/true},
    {"loss", &C::loss,
     "what is made small: clm (cross entropy of the next token), mlm (of hidden ones), classification, multi_label or "
     "regression (of a model with a head for it), or a file of IR (my.mlir) with a function @loss; with rl, one of "
     "pairs, "
     "instead of the loss that rl names"},
    {"teacher", &C::teacher,
     "a model whose choice of every token is learned instead of the data's tokens; it has the same vocabulary"},
    {"kd_temperature", &C::kdTemperature, "teacher: what scores of both are divided by", tiny, 1e3},
    {"kd_reverse", &C::kdReverse, "teacher: the divergence the other way round, KL(model, teacher)"},
    {"mlm_probability", &C::mlmProbability, "mlm: the part of tokens that is hidden", tiny, 1},
    {"bf16", &C::bf16,
     "products of bfloat16, with sums, weights, gradients and optimizer in f32 (and the memory of f32)"},
    {"fp16", &C::fp16,
     "the same in f16, with a scaled loss; steps whose gradients overflow are skipped, and halve the scale"},
};

constexpr ConfigKey dataKeys[] = {
    {"datasets",
     &C::datasets,
     "files of examples, a list of {path, type}; the types are below",
     none,
     any,
     {},
     /*required=*/true},
    {"test_datasets", &C::testDatasets, "as datasets, for the evaluation loss instead of val_set_size"},
    {"val_set_size", &C::valSetSize, "examples held out for the evaluation loss: below 1 a part of all, else a number",
     0, most32},
    {"sequence_len", &C::sequenceLen, "tokens of a row, at most", 2, 1 << 24},
    {"sample_packing", &C::samplePacking, "several examples in a row, which do not see each other"},
    {"pad_to_sequence_len", &C::padToSequenceLen, "make every row sequence_len long"},
    {"excess_length_strategy", &C::excessLengthStrategy,
     "what becomes of an example longer than sequence_len (texts are always cut into pieces)", none, any,
     "drop truncate raise"},
    {"train_on_inputs", &C::trainOnInputs, "learn prompts too, not only answers"},
    {"skip_bad_lines", &C::skipBadLines,
     "count lines that are no examples and go on, instead of stopping at the first"},
    {"shuffle", &C::shuffle, "another order in each epoch, by seed; false: the order of the files"},
};

constexpr ConfigKey stepKeys[] = {
    {"micro_batch_size", &C::microBatchSize, "rows that are computed at once", 1, 1 << 20},
    {"gradient_accumulation_steps", &C::gradientAccumulationSteps, "micro-batches whose gradients make a step", 1,
     1 << 20},
    {"gradient_checkpointing",
     &C::gradientCheckpointing,
     "compute layers again for their gradients: less memory, more time",
     none,
     any,
     {},
     false,
     OnResume::Free},
    {"recompute_budget",
     &C::recomputeBudget,
     "memory for what is not computed again (300MiB, 1GB), the best first; empty: all that is worth it",
     none,
     any,
     {},
     false,
     OnResume::Free},
    {"eval_batch_size", &C::evalBatchSize, "as micro_batch_size, in evaluation; 0: the same", 0, 1 << 20},
    {"num_epochs", &C::numEpochs, "how often each example is seen", tiny, 1e6},
    {"max_steps", &C::maxSteps, "steps, whatever num_epochs says; 0: by num_epochs", 0, most32},
    {"seed", &C::seed, "of order, validation split, dropout and new weights", 0, most53},
};

constexpr ConfigKey optimizerKeys[] = {
    {"learning_rate", &C::learningRate, "the highest of the schedule", tiny, 1e3, {}, /*required=*/true},
    {"lr_scheduler", &C::lrScheduler, "how it goes on after the warmup", none, any,
     "linear cosine constant constant_with_warmup=constant wsd warmup_stable_decay=wsd"},
    {"warmup_steps", &C::warmupSteps, "steps in which the rate rises from 0", 0, most32},
    {"warmup_ratio", &C::warmupRatio, "the same as a part of all steps", 0, 1},
    {"cosine_min_lr_ratio", &C::cosineMinLrRatio, "cosine: where it ends, as a part of learning_rate", 0, 1},
    {"wsd_decay_ratio", &C::wsdDecayRatio, "wsd: the part of all steps in which the rate falls", 0, 1},
    {"optimizer", &C::optimizer,
     "how weights follow from gradients; 8bit: states of 8 bits, but of tensors with fewer than 4096 elements or no "
     "multiple of 256; paged: states in a file without a name in output_dir, which memory lets go of when it is short; "
     "adafactor: as in PyTorch",
     none, any,
     "adamw adamw_torch=adamw adamw_torch_fused=adamw adamw_hf=adamw sgd lion lion_pytorch=lion adafactor adamw_8bit "
     "adamw_bnb_8bit=adamw_8bit paged_adamw paged_adamw_32bit=paged_adamw paged_adamw_8bit"},
    {"weight_decay", &C::weightDecay, "of matrices", 0, 1e3},
    {"adam_beta1", &C::adamBeta1, "decay of the mean of gradients", 0, 1},
    {"adam_beta2", &C::adamBeta2, "decay of the mean of their squares", 0, 1},
    {"adam_epsilon", &C::adamEpsilon, "added to the root of it", 0, 1},
    {"momentum", &C::momentum, "of sgd", 0, 0.9999},
    {"nesterov", &C::nesterov, "sgd's momentum looks ahead"},
    {"max_grad_norm", &C::maxGradNorm, "gradients with a larger norm are scaled down to it; 0: never", 0, any},
};

constexpr ConfigKey adapterKeys[] = {
    {"adapter", &C::adapter,
     "train low-rank additions only: lora, or qlora, with matrices of floats quantized to NF4 and all that is "
     "quantized as "
     "it is; empty: all weights",
     none, any, "lora qlora"},
    {"load_in_4bit", &C::loadIn4bit, "as qlora does in any case"},
    {"lora_model_dir", &C::loraModelDir, "a folder of PEFT to start from"},
    {"lora_r", &C::loraR, "rank", 1, 1 << 16},
    {"lora_alpha", &C::loraAlpha, "the addition is scaled by lora_alpha / lora_r", tiny, 1e6},
    {"lora_dropout", &C::loraDropout, "part of the inputs of additions that is 0 at a time", 0, 0.999},
    {"lora_target_modules", &C::loraTargetModules, "names of linear layers that get one (q_proj, ...)"},
    {"lora_target_linear", &C::loraTargetLinear, "all linear layers of the blocks get one"},
    {"peft_use_dora", &C::peftUseDora, "DoRA: direction and magnitude of weights apart"},
    {"peft_use_rslora", &C::peftUseRslora, "rsLoRA: scaled by lora_alpha / sqrt(lora_r)"},
};

constexpr ConfigKey preferenceKeys[] = {
    {"rl", &C::rl,
     "learn from pairs of a chosen and a rejected answer; kto: from answers that are good or not; ppo: from a model's "
     "scores of own answers",
     none, any, "dpo ipo orpo simpo kto ppo"},
    {"rl_beta", &C::rlBeta, "beta of dpo, ipo, simpo and kto", tiny, 1e6},
    {"orpo_alpha", &C::orpoAlpha, "weight of orpo's odds ratio", 0, 1e6},
    {"simpo_gamma", &C::simpoGamma, "margin of simpo", 0, 1e6},
    {"kto_desirable_weight", &C::ktoDesirableWeight, "kto: weight of answers that are good", 0, 1e6},
    {"kto_undesirable_weight", &C::ktoUndesirableWeight, "kto: weight of answers that are not", 0, 1e6},
    {"reward_model", &C::rewardModel,
     "true: learn a score from pairs, -log sigmoid(chosen - rejected); for ppo the model that scores, with the same "
     "tokenizer"},
    {"response_length", &C::responseLength, "ppo: tokens of an answer, at most", 1, 1 << 16},
    {"temperature", &C::rolloutTemperature, "ppo: what scores of tokens are divided by where answers are drawn", tiny,
     1e3},
    {"kl_coef", &C::klCoef, "ppo: what it costs to be far from the model at the beginning", 0, 1e6},
    {"vf_coef", &C::vfCoef, "ppo: weight of the value's loss", 0, 1e6},
    {"gamma", &C::gaeGamma, "ppo: what a reward is worth a token earlier", 0, 1},
    {"lam", &C::gaeLambda, "ppo: lambda of the advantages", 0, 1},
    {"cliprange", &C::clipRange, "ppo: how far ratios count", tiny, 1e3},
    {"cliprange_value", &C::clipRangeValue, "ppo: how far values move", tiny, 1e3},
};

constexpr OnResume anew = OnResume::Free;
constexpr ConfigKey outputKeys[] = {
    {"output_dir", &C::outputDir, "folder of checkpoints, the log and the result", none, any, {}, false, anew},
    {"eval_steps", &C::evalSteps, "steps between evaluations; 0: once an epoch", 0, most32, {}, false, anew},
    {"save_steps", &C::saveSteps, "steps between checkpoints; 0: once an epoch", 0, most32, {}, false, anew},
    {"save_total_limit",
     &C::saveTotalLimit,
     "checkpoints that are kept, the latest; 0: all",
     0,
     most32,
     {},
     false,
     anew},
};

constexpr ConfigSection sections[] = {
    {"Model", modelKeys},         {"Data", dataKeys},       {"Steps", stepKeys},
    {"Optimizer", optimizerKeys}, {"Adapter", adapterKeys}, {"Preferences", preferenceKeys},
    {"Output", outputKeys},
};

constexpr DatasetType types[] = {
    {"auto", "what the keys of the first line say, or the ending .txt"},
    {"completion", "{\"text\": ...}, all of it learned; a file ending in .txt is one text"},
    {"prompt_completion", "{\"prompt\": ..., \"completion\": ...}: texts, or lists of messages"},
    {"chat_template", "{\"messages\": [{\"role\": ..., \"content\": ...}, ...]}, through the model's own template"},
    {"preference",
     "{\"prompt\": ..., \"chosen\": ..., \"rejected\": ...}: texts, or lists of messages, where the prompt "
     "may also be the common beginning of both"},
    {"unpaired_preference", "for kto: {\"prompt\": ..., \"completion\": ..., \"label\": true or false}, or "
                            "{\"messages\": [...], \"label\": ...}; "
                            "a preference is two of these"},
    {"prompt", "for ppo: {\"prompt\": ...}: a text, or a list of messages"},
    {"text_label", "{\"text\": ..., \"label\": ...}: for classification a number or name of a class, for multi_label a "
                   "list of them or of "
                   "probabilities, for regression a number or a list of them"},
};

} // namespace

std::span<const ConfigSection> configSections() { return sections; }
std::span<const DatasetType> datasetTypes() { return types; }

const ConfigKey *findConfigKey(std::string_view name) {
  for (const ConfigSection &section : sections)
    for (const ConfigKey &key : section.keys)
      if (key.name == name)
        return &key;
  return nullptr;
}

} // namespace ph::training
