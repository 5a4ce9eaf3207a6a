// The pre-tokenizers by name, as data. Patterns are those of the models' own tokenizer.json.
#include "runtime/tokenizer/PreTokenizer.h"

namespace ph {
namespace {

// clang-format off
#define PH_CONTRACTION R"re((?i:'s|'t|'re|'ve|'m|'ll|'d))re"
#define PH_SPACES R"re(\s*[\r\n]+|\s+(?!\S)|\s+)re"
#define PH_UPPER R"re([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])re"
#define PH_LOWER R"re([\p{Ll}\p{Lm}\p{Lo}\p{M}])re"
// Words in mixed case, as o200k and its descendants cut them.
#define PH_CASED(tail) \
  R"re([^\r\n\p{L}\p{N}]?)re" PH_UPPER "*" PH_LOWER "+" tail R"re(|[^\r\n\p{L}\p{N}]?)re" PH_UPPER "+" PH_LOWER "*" tail
#define PH_PUNCTUATED \
  R"re([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|)re" PH_SPACES
#define PH_HAN_KANA R"re([\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)re"
#define PH_HAN_HANGUL R"re([\x{4e00}-\x{9fa5}\x{0800}-\x{4e00}\x{ac00}-\x{d7ff}]+)re"
#define PH_WORDS_OF_BLOOM R"re( ?[^(\s|.,!?…。，、।۔،)]+)re"

constexpr const char *gpt2[] = {gpt2Pattern};
constexpr const char *digitsThenGpt2[] = {R"re(\p{N})re", gpt2Pattern};
constexpr const char *fallback[] = {R"re([\p{P}\$\+<=>\^~\|]+)re", gpt2Pattern, R"re(\p{N}+)re", "[0-9][0-9][0-9]"};
constexpr const char *falcon[] = {R"re([\p{P}\$\+<=>\^~\|`]+)re", gpt2Pattern, "[0-9][0-9][0-9]"};
constexpr const char *llama3[] = {
    PH_CONTRACTION R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" PH_SPACES};
constexpr const char *qwen2[] = {
    PH_CONTRACTION R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" PH_SPACES};
constexpr const char *qwen35[] = {
    PH_CONTRACTION R"re(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)re" PH_SPACES};
constexpr const char *deepseekLlm[] = {"[\r\n]", R"re(\s?[\p{Lu}\p{Ll}\p{Lt}]+)re",
    R"re(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)re",
    R"re(\s+\z)re", PH_HAN_HANGUL, R"re(\p{N}+)re"};
constexpr const char *deepseekCoder[] = {"[\r\n]", R"re(\s?\p{L}+)re", R"re(\s?\p{P}+)re", PH_HAN_HANGUL, R"re(\p{N})re"};
constexpr const char *deepseekV3[] = {R"re(\p{N}{1,3})re", PH_HAN_KANA, PH_PUNCTUATED};
constexpr const char *bloom[] = {PH_WORDS_OF_BLOOM};
constexpr const char *viking[] = {PH_WORDS_OF_BLOOM, R"re(\p{N})re"};
constexpr const char *tekken[] = {PH_CASED("") R"re(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)re" PH_SPACES};
constexpr const char *gpt4o[] = {
    PH_CASED(PH_CONTRACTION "?") R"re(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)re" PH_SPACES};
constexpr const char *tinyAya[] = {R"re(\d{1,3}(?=(?:\d{3})*\b))re",
    PH_CASED(PH_CONTRACTION "?") R"re(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)re" PH_SPACES};
constexpr const char *chameleon[] = {"<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )",
    R"re(\p{N})re", R"re([\p{P}!-/:-@\[-`{-~])re", gpt2Pattern};
constexpr const char *superBpe[] = {R"re(\p{N}+)re", R"re((?=(\d{3})+(?!\d)))re"};
constexpr const char *bailing[] = {
    R"re('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)re"};
constexpr const char *seedCoder[] = {
    PH_CONTRACTION R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|)re" PH_SPACES};
constexpr const char *exaoneMoe[] = {PH_CONTRACTION
    R"re(|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+)re"};
constexpr const char *miniCpm5[] = {R"re(\p{N}{1,3})re",
    PH_CONTRACTION R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" PH_SPACES};
// Kimi K2: Han runs are words of their own, so no other alternative may take a Han character.
constexpr const char *kimiK2[] = {R"re(\p{Han}+|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han}))re" PH_UPPER R"re()*(?:(?!\p{Han}))re" PH_LOWER
    R"re()+)re" PH_CONTRACTION R"re(?|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han}))re" PH_UPPER R"re()+(?:(?!\p{Han}))re" PH_LOWER
    R"re()*)re" PH_CONTRACTION R"re(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" PH_SPACES};

using Names = std::string_view;
constexpr Names gpt2Names[] = {"gpt-2", "phi-2", "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
    "roberta-bpe", "gigachat", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4"};
constexpr Names digitNames[] = {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"};
constexpr Names fallbackNames[] = {"default"};
constexpr Names falconNames[] = {"falcon"};
constexpr Names llama3Names[] = {"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"};
constexpr Names llama3PlainNames[] = {"dbrx", "smaug-bpe", "glm4", "chatglm-bpe"};
constexpr Names qwen2Names[] = {"qwen2", "stablelm2", "deepseek-r1-qwen", "megrez", "hunyuan", "grok-2", "solar-open", "kormo", "f2llmv2"};
constexpr Names qwen35Names[] = {"qwen35"};
constexpr Names deepseekLlmNames[] = {"deepseek-llm"};
constexpr Names deepseekCoderNames[] = {"deepseek-coder"};
constexpr Names deepseekV3Names[] = {"deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"};
constexpr Names bloomNames[] = {"bloom", "poro-chat", "gpt3-finnish"};
constexpr Names vikingNames[] = {"viking"};
constexpr Names tekkenNames[] = {"tekken"};
constexpr Names gpt4oNames[] = {"gpt-4o", "llama4", "kanana2", "minimax-m2", "talkie"};
constexpr Names tinyAyaNames[] = {"tiny_aya", "cohere2moe"};
constexpr Names chameleonNames[] = {"chameleon"};
constexpr Names superBpeNames[] = {"superbpe"};
constexpr Names bailingNames[] = {"bailingmoe", "bailingmoe2", "llada-moe"};
constexpr Names seedCoderNames[] = {"seed-coder"};
constexpr Names exaoneMoeNames[] = {"exaone-moe"};
constexpr Names miniCpm5Names[] = {"minicpm5"};
constexpr Names kimiK2Names[] = {"kimi-k2"};

constexpr PreTokenizerSpec table[] = {
    {gpt2Names, gpt2},
    {digitNames, digitsThenGpt2},
    {fallbackNames, fallback},
    {falconNames, falcon},
    {llama3Names, llama3, /*wholeWordsFirst=*/true, /*addBos=*/true},
    {llama3PlainNames, llama3},
    {qwen2Names, qwen2},
    {qwen35Names, qwen35},
    {deepseekLlmNames, deepseekLlm},
    {deepseekCoderNames, deepseekCoder},
    {deepseekV3Names, deepseekV3},
    {bloomNames, bloom},
    {vikingNames, viking},
    {tekkenNames, tekken, /*wholeWordsFirst=*/true, /*addBos=*/true},
    {gpt4oNames, gpt4o},
    {tinyAyaNames, tinyAya},
    {chameleonNames, chameleon, /*wholeWordsFirst=*/false, /*addBos=*/true},
    {superBpeNames, superBpe},
    {bailingNames, bailing},
    {seedCoderNames, seedCoder},
    {exaoneMoeNames, exaoneMoe},
    {miniCpm5Names, miniCpm5, /*wholeWordsFirst=*/true},
    {kimiK2Names, kimiK2},
};
// clang-format on

} // namespace

std::span<const PreTokenizerSpec> preTokenizers() { return table; }

const PreTokenizerSpec *findPreTokenizer(std::string_view name) {
  for (const PreTokenizerSpec &spec : table)
    for (std::string_view candidate : spec.names)
      if (candidate == name)
        return &spec;
  return nullptr;
}

Expected<Splitters> makeSplitters(const PreTokenizerSpec &spec) {
  Splitters splitters;
  for (const char *pattern : spec.patterns) {
    auto regex = Regex::compile(pattern);
    if (!regex)
      return Error{ErrorCode::Failed,
                   "pre-tokenizer '" + std::string(spec.names.front()) + "': " + regex.error().message};
    splitters.push_back(splitByRegex(std::move(*regex), SplitBehavior::Isolated, /*invert=*/false));
  }
  return splitters;
}

} // namespace ph
