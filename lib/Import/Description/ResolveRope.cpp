// Rotary embeddings as checkpoints state them: an object of config.json (rope_parameters, rope_scaling), keys of GGUF.
#include "Resolve.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

struct Scaling {
  std::string_view name;                     ///< in #xf.rope
  std::vector<std::string_view> spellings;   ///< in checkpoints
  std::vector<std::string_view> needed, may; ///< numbers
  bool hasOriginal = false, hasLists = false;
};

const std::vector<Scaling> &scalings() {
  static const std::vector<Scaling> known = {
      {"none", {"none", "default"}, {}, {}},
      {"linear", {"linear"}, {}, {}},
      {"dynamic", {"dynamic"}, {}, {}, true},
      {"yarn", {"yarn"}, {}, {"beta_fast", "beta_slow", "mscale", "mscale_all_dim", "attention_factor"}, true},
      {"llama3", {"llama3"}, {"low_freq_factor", "high_freq_factor"}, {}, true},
      {"longrope", {"longrope", "su"}, {}, {"attention_factor"}, true, true},
  };
  return known;
}

class RopeResolver {
public:
  RopeResolver(ResolveContext &context, const ConfigEntry &entry, std::set<std::string, std::less<>> &named)
      : context(context), entry(entry), named(named), isGguf(context.ecosystem == "gguf") {
    for (const std::string &key : context.listed(entry.keys))
      places.push_back(context.expandKey(key));
  }

  Expected<Scalar> resolve() {
    Status error = readBasics();
    const Scaling *scaling = error ? nullptr : readScaling(error);
    if (!error && scaling->name != "none")
      error = readOptions(*scaling);
    if (!error && isGguf)
      error = readTensors();
    if (error)
      return error.error();
    return Scalar(std::make_shared<const RopeSettings>(std::move(rope)));
  }

private:
  Error fail(const std::string &message) const { return context.family.errorAt(entry.line, message); }

  /// The value of an expression of the entry; `fallback` where it has none.
  Expected<Scalar> part(std::string_view name, Scalar fallback) const {
    auto it = entry.rope.find(name);
    if (it == entry.rope.end())
      return fallback;
    Expected<Scalar> value = context.value(it->second);
    return value ? value : fail(value.error().message);
  }

  int64_t contextLength() const {
    std::optional<Scalar> value = context.lookup("context_length");
    auto *length = value ? std::get_if<int64_t>(&*value) : nullptr;
    return length ? *length : 0;
  }

  Status readBasics() {
    Expected<Scalar> dim = part("dim", int64_t(0)), base = part("base", 0.0),
                     style = part("style", std::string("half"));
    for (const Expected<Scalar> *value : {&dim, &base, &style})
      if (!*value)
        return value->error();
    auto *whole = std::get_if<int64_t>(&*dim);
    auto *name = std::get_if<std::string>(&*style);
    std::optional<double> real = asReal(*base);
    if (!whole || !name || !real)
      return fail("a rope's dim is an integer, its base a number and its style a text");
    rope.dim = *whole;
    rope.base = *real;
    rope.style = *name;
    return {};
  }

  /// The first of the keys that is there, in any of the places.
  std::string findKey(std::initializer_list<std::string_view> names) {
    std::string found;
    for (const std::string &place : places)
      for (std::string_view name : names) {
        std::string key = place + "." + std::string(name);
        named.insert(key);
        if (found.empty() && context.model.config(key))
          found = key;
      }
    return found;
  }

  const Scaling *readScaling(Status &error) {
    // A GGUF file with a factor but no type means the linear one.
    std::string said = isGguf ? "linear" : "none";
    std::string key = isGguf ? findKey({"scaling.type"}) : findKey({"rope_type", "type"});
    if (!key.empty()) {
      Expected<std::optional<std::string>> text = context.model.string(key);
      if (!text) {
        error = text.error();
        return nullptr;
      }
      said = **text;
    }
    std::string known;
    for (const Scaling &scaling : scalings())
      for (std::string_view spelling : scaling.spellings) {
        known += (known.empty() ? "" : ", ") + std::string(spelling);
        if (spelling != said)
          continue;
        rope.scaling = scaling.name;
        return &scaling;
      }
    error =
        context.bad("key " + quoteText(key) + " is " + quoteText(said) + ", but rotary positions know only " + known);
    return nullptr;
  }

  Status readNumber(std::string_view name, std::string_view option, bool needed) {
    const std::string key = findKey({name});
    if (key.empty())
      return needed ? Status(context.bad("key " + quoteText(places.front() + "." + std::string(name)) +
                                         " is missing; rotary positions of type " + rope.scaling + " need it"))
                    : Status();
    Expected<std::optional<double>> value = context.model.number(key);
    if (!value)
      return value.error();
    if (!(**value >= 0 && **value <= 1e6))
      return context.bad("key " + quoteText(key) + " is " + toString(**value) + ", but 0 to 1e+06 is allowed");
    if (**value != 0) // transformers takes 0 as not given
      rope.options[std::string(option)] = **value;
    return {};
  }

  Status readOptions(const Scaling &scaling) {
    if (scaling.hasOriginal)
      if (Status error = readOriginal(scaling))
        return error;
    if (Status error = readFactor(scaling))
      return error;
    if (!isGguf) {
      for (std::string_view name : scaling.needed)
        if (Status error = readNumber(name, name, true))
          return error;
      for (std::string_view name : scaling.may)
        if (Status error = readNumber(name, name, false))
          return error;
    } else if (scaling.name == "yarn") {
      if (Status error = readGgufYarn())
        return error;
    }
    // One of the two alone has no meaning.
    if (rope.options.count("mscale") != rope.options.count("mscale_all_dim"))
      rope.options.erase("mscale"), rope.options.erase("mscale_all_dim");
    if (rope.options.count("attention_factor"))
      rope.options.erase("mscale"), rope.options.erase("mscale_all_dim");
    if (scaling.name == "yarn")
      if (std::string key = findKey({"truncate"}); !key.empty()) {
        Expected<std::optional<bool>> flag = context.model.boolean(key);
        if (!flag)
          return flag.error();
        if (!**flag)
          rope.options["truncate"] = false;
      }
    if (scaling.hasLists && !isGguf) // those are tensors
      for (std::string_view name : {"short_factor", "long_factor"})
        if (Status error = readFactors(name))
          return error;
    return {};
  }

  /// GGUF's names of YaRN's numbers. Files that have the multiplier of the logarithm count it into the scale of the
  /// scores, and rotate without one.
  Status readGgufYarn() {
    for (auto [key, option] : {std::pair("scaling.yarn_beta_fast", "beta_fast"),
                               {"scaling.yarn_beta_slow", "beta_slow"},
                               {"scaling.yarn_attn_factor", "attention_factor"}})
      if (Status error = readNumber(key, option, false))
        return error;
    if (!findKey({"scaling.yarn_log_multiplier"}).empty())
      rope.options["attention_factor"] = 1.0;
    return {};
  }

  /// For how many positions the model was trained. Dynamic scaling starts at the context length itself.
  Status readOriginal(const Scaling &scaling) {
    Expected<Scalar> value = part("original", contextLength());
    if (!value)
      return value.error();
    std::optional<double> original = asReal(*value);
    if (scaling.name != "dynamic") {
      std::string key =
          isGguf ? findKey({"scaling.original_context_length"}) : findKey({"original_max_position_embeddings"});
      // Phi-3 states it outside of the object, which counts first.
      if (!isGguf && context.model.config("original_max_position_embeddings"))
        key = "original_max_position_embeddings";
      if (!key.empty()) {
        Expected<std::optional<double>> said = context.model.number(key);
        if (!said)
          return said.error();
        original = **said;
      }
    }
    if (!original || !(*original >= 1 && *original <= 16777216))
      return fail("rotary positions of type " + rope.scaling + " need the number of positions of the training");
    rope.options["original"] = static_cast<int64_t>(*original);
    return {};
  }

  Status readFactor(const Scaling &scaling) {
    std::string key = isGguf ? findKey({"scaling.factor", "scale_linear"}) : findKey({"factor"});
    Expected<Scalar> value = part("factor", 1.0);
    if (!value)
      return value.error();
    std::optional<double> factor = asReal(*value);
    if (key.empty() && scaling.name == "longrope" && !entry.rope.count("factor"))
      factor = std::max(1.0, double(contextLength()) / double(std::get<int64_t>(rope.options.at("original"))));
    if (!key.empty()) {
      Expected<std::optional<double>> said = context.model.number(key);
      if (!said)
        return said.error();
      factor = **said;
    }
    if (!factor || !(*factor > 0 && *factor <= 1e6))
      return context.bad("key " + quoteText(key) + " is no factor above 0 and at most 1e+06");
    rope.factor = *factor;
    // One spelling for what is not scaled.
    if (rope.factor == 1 && (scaling.name == "linear" || scaling.name == "dynamic")) {
      rope.scaling = "none";
      rope.options.clear();
    }
    return {};
  }

  Status readFactors(std::string_view name) {
    const std::string key = findKey({name});
    std::optional<ConfigValue> said = key.empty() ? std::nullopt : context.model.config(key);
    auto *list = said ? std::get_if<std::vector<double>>(&*said) : nullptr;
    if (!list || int64_t(list->size()) != rope.dim / 2)
      return context.bad("key " + quoteText((places.empty() ? "" : places.front() + ".") + std::string(name)) +
                         " must be a list of " + std::to_string(rope.dim / 2) + " numbers, one for each pair");
    rope.options[std::string(name)] = *list;
    return {};
  }

  /// GGUF files keep a divisor for each pair in tensors: one for all lengths (Llama 3.1), or LongRoPE's two.
  Status readTensors() {
    const bool hasOne = context.model.findTensor("rope_freqs.weight");
    const bool hasTwo = context.model.findTensor("rope_factors_long.weight");
    if (!hasOne && !hasTwo)
      return rope.scaling == "longrope" ? Status(context.bad("rotary positions of type longrope need the tensor "
                                                             "'rope_factors_long.weight'"))
                                        : Status();
    if (rope.scaling != "none" && rope.scaling != "longrope")
      return context.bad("rotary positions of type " + rope.scaling + " have no tensor of factors");
    Expected<std::vector<double>> longer = readTensor(hasOne ? "rope_freqs.weight" : "rope_factors_long.weight");
    Expected<std::vector<double>> shorter = !longer || hasOne ? longer : readTensor("rope_factors_short.weight");
    if (!shorter)
      return shorter.error();
    if (rope.scaling == "none")
      rope.options["original"] = std::max<int64_t>(contextLength(), 2);
    rope.scaling = "longrope";
    rope.options["short_factor"] = std::move(*shorter);
    rope.options["long_factor"] = std::move(*longer);
    if (hasOne)
      rope.options["attention_factor"] = 1.0;
    return hasOne ? Status() : readNumber("scaling.attn_factor", "attention_factor", false);
  }

  Expected<std::vector<double>> readTensor(const std::string &name) {
    const SourceTensor *tensor = context.model.findTensor(name);
    if (!tensor || tensor->format->name != "f32" || tensor->shape != std::vector<int64_t>{rope.dim / 2})
      return context.bad("tensor " + quoteText(name) + " must be " + std::to_string(rope.dim / 2) +
                         " numbers of F32, one for each pair");
    context.consumed.insert(tensor);
    std::vector<float> values(rope.dim / 2);
    dequantize(*tensor->format, tensor->data.data(), values.data(), values.size());
    return std::vector<double>(values.begin(), values.end());
  }

  ResolveContext &context;
  const ConfigEntry &entry;
  std::set<std::string, std::less<>> &named;
  bool isGguf;
  std::vector<std::string> places; ///< where keys are looked for, the first that has one
  RopeSettings rope;
};

} // namespace

Expected<Scalar> resolveRope(ResolveContext &context, const ConfigEntry &entry,
                             std::set<std::string, std::less<>> &named) {
  return RopeResolver(context, entry, named).resolve();
}

} // namespace ph
