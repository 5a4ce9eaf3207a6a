// Which keys of quantization_config each scheme has. One that isn't known could say that the codes mean something else.
#include "Quantized.h"
#include "runtime/base/Quote.h"
#include <algorithm>

namespace ph {
namespace {

struct SchemeKeys {
  std::string_view method;
  std::vector<std::string_view> known;   ///< read, seen in the tensors themselves, or of how codes were found
  std::vector<std::string_view> refused; ///< known to change what codes mean, unless they are off
};

const std::vector<SchemeKeys> &schemes() {
  static const std::vector<SchemeKeys> all = {
      {"gptq",
       {"bits",
        "group_size",
        "desc_act",
        "sym",
        "checkpoint_format",
        "format",
        "lm_head",
        "meta",
        "damp_percent",
        "damp_auto_increment",
        "static_groups",
        "true_sequential",
        "mse",
        "act_group_aware",
        "dataset",
        "tokenizer",
        "batch_size",
        "pad_token_id",
        "model_seqlen",
        "cache_block_outputs",
        "model_name_or_path",
        "model_file_base_name",
        "block_name_to_quantize",
        "module_name_preceding_first_block",
        "modules_in_block_to_quantize",
        "use_exllama",
        "disable_exllama",
        "exllama_config",
        "max_input_length",
        "use_cuda_fp16",
        "backend",
        "pack_dtype"},
       {"dynamic", "is_marlin_format", "rotation"}},
      {"awq",
       {"bits", "w_bit", "group_size", "q_group_size", "zero_point", "version", "do_fuse", "backend", "exllama_config",
        "fuse_max_seq_len", "modules_to_fuse", "modules_to_not_convert"},
       {}},
      {"bitsandbytes",
       {"load_in_4bit", "load_in_8bit", "_load_in_4bit", "_load_in_8bit", "bnb_4bit_compute_dtype",
        "bnb_4bit_quant_storage", "bnb_4bit_quant_type", "bnb_4bit_use_double_quant",
        "llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight", "llm_int8_skip_modules", "llm_int8_threshold"},
       {}},
      {"mxfp4", {"modules_to_not_convert", "dequantize"}, {}},
      {"compressed-tensors",
       {"config_groups", "format", "global_compression_ratio", "ignore", "kv_cache_scheme", "quantization_status",
        "version", "sparsity_config"},
       {"transform_config"}},
      {"fp8",
       {"activation_scheme", "fmt", "scale_fmt", "weight_block_size", "modules_to_not_convert", "ignored_layers",
        "dequantize"},
       {}},
  };
  return all;
}

bool isOff(const SourceModel &model, std::string_view key) {
  const std::optional<ConfigValue> value = model.config(key);
  if (!value)
    return model.isNull(key);
  if (const bool *flag = std::get_if<bool>(&*value))
    return !*flag;
  auto *numbers = std::get_if<std::vector<double>>(&*value);
  auto *texts = std::get_if<std::vector<std::string>>(&*value);
  return (numbers && numbers->empty()) || (texts && texts->empty());
}

bool holds(const std::vector<std::string_view> &list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

Status checkQuantizationKeys(const SourceModel &model) {
  constexpr std::string_view kObject = "quantization_config.";
  Expected<std::optional<std::string>> method = model.string("quantization_config.quant_method");
  if (!method)
    return method.error();
  const SchemeKeys *scheme = nullptr;
  for (const SchemeKeys &one : schemes())
    if (*method && **method == one.method)
      scheme = &one;
  for (std::string_view key : model.configKeys()) {
    if (!key.starts_with(kObject) || isOff(model, key))
      continue;
    const std::string_view name = key.substr(kObject.size(), key.find('.', kObject.size()) - kObject.size());
    auto bad = [&](const std::string &what) {
      return Error{ErrorCode::BadModel, model.path() + "/config.json: key " + quoteText(key) + " " + what};
    };
    if (!*method)
      return bad("is set, but 'quantization_config.quant_method' is missing, which says how weights are quantized");
    if (!scheme || name == "quant_method" || holds(scheme->known, name))
      continue;
    if (name == "dynamic")
      return bad(
          "gives some modules settings of their own, which is not supported; quantize all modules alike, or leave "
          "some out");
    if (holds(scheme->refused, name))
      return bad("changes what the codes stand for in a way that is not supported; decode the weights to 16 or 32 bits "
                 "with the program that wrote them");
    return bad("is not known to the scheme " + std::string(scheme->method) +
               ", and could change what the codes stand for; if it doesn't, take it out of config.json");
  }
  return {};
}

} // namespace ph
