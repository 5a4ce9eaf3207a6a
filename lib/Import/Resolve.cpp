#include "Resolve.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/PackedLayout.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace ph {
namespace {

class Resolver {
public:
  Resolver(const SourceModel &model, ResolvedModel &out)
      : model(model), out(out), family(*out.architecture), ecosystem(model.ecosystem()) {}

  Status resolve() {
    if (auto name = model.architecture())
      out.architectureName = *name;
    else
      out.architectureName = family.family; // a description was given for a file that names none
    for (const ConfigEntry &entry : family.config)
      if (Status error = resolveConfig(entry))
        return error;
    for (const CheckEntry &check : family.checks)
      if (Status error = resolveCheck(check))
        return error;
    for (const auto &[name, reason] : listed(family.refusedTensors))
      for (int64_t layer = 0; layer < (isPerLayer(name) ? out.integer("layers") : 1); ++layer)
        if (model.findTensor(withLayer(name, layer)))
          return bad("tensor " + quoteText(withLayer(name, layer)) + ": " + reason);
    for (const WeightEntry &entry : family.weights)
      if (Status error = resolveWeight(entry))
        return error;
    if (Status error = findUnusedTensors())
      return error;
    warnOfUnknownKeys();
    return {};
  }

private:
  Error bad(const std::string &message) const { return {ErrorCode::BadModel, model.path() + ": " + message}; }

  template <class T> T listed(const std::map<std::string, T> &byEcosystem) const {
    auto it = byEcosystem.find(ecosystem);
    return it == byEcosystem.end() ? T() : it->second;
  }

  std::string expand(std::string key) const {
    size_t at = key.find("{architecture}");
    return at == std::string::npos ? key : key.replace(at, 14, out.architectureName);
  }

  ScalarLookup lookup() const {
    return [this](const std::string &name) { return out.lookup(name); };
  }

  /// rows(weight) and columns(weight): what the tensor in the checkpoint has.
  ScalarCall shapeCall() const {
    return [this](const Expression &call) -> std::optional<Expected<Scalar>> {
      if ((call.text != "rows" && call.text != "columns") || call.arguments.size() != 1)
        return std::nullopt;
      const WeightEntry *entry = family.findWeight(call.arguments[0].text);
      auto fail = [&](const std::string &why) { return Expected<Scalar>(Error{ErrorCode::BadModel, why}); };
      if (!entry || !call.arguments[0].is(Expression::Kind::Name))
        return fail(call.text + " needs the name of a weight");
      auto sources = listed(entry->sources);
      if (sources.empty())
        return fail("\"" + entry->name + "\" has no tensor in " + ecosystem + " files");
      const std::string name = withLayer(sources[0].tensor, 0);
      const SourceTensor *tensor = model.findTensor(name);
      if (!tensor)
        return fail("tensor " + quoteText(name) + " is missing");
      size_t dimension = call.text == "rows" ? 0 : 1;
      if (tensor->shape.size() <= dimension)
        return fail("tensor " + quoteText(name) + " has no " + call.text);
      return Expected<Scalar>(Scalar(tensor->shape[dimension]));
    };
  }

  Expected<Scalar> readKey(const ConfigEntry &entry, const std::string &key, bool &found) const {
    auto use = [&](auto value) -> Expected<Scalar> {
      if (!value)
        return value.error();
      found = value->has_value();
      return found ? Scalar(**value) : Scalar();
    };
    switch (entry.type) {
    case ConfigEntry::Type::Integer:
      return use(model.integer(key));
    case ConfigEntry::Type::Number:
      return use(model.number(key));
    case ConfigEntry::Type::String:
      return use(model.string(key));
    case ConfigEntry::Type::Boolean:
      return use(model.boolean(key));
    }
    return Scalar();
  }

  Status resolveConfig(const ConfigEntry &entry) {
    Scalar value;
    bool found = false;
    std::string origin;
    const std::vector<std::string> keys = listed(entry.keys);
    for (const std::string &key : keys) {
      std::string expanded = expand(key);
      named.insert(expanded);
      if (found)
        continue;
      Expected<Scalar> read = readKey(entry, expanded, found);
      if (!read)
        return read.error();
      if (found)
        value = *read, origin = "key " + quoteText(expanded);
    }
    if (!found) {
      if (!entry.fallback)
        return bad("key " + quoteText(keys.empty() ? entry.name : expand(keys[0])) + " is missing (" + entry.name +
                   " of the family " + family.family + ")");
      Expected<Scalar> computed = evaluate(*entry.fallback, lookup(), shapeCall());
      if (!computed)
        return bad(entry.name + " = " + entry.fallback->source + ": " + computed.error().message);
      value = *computed;
      origin = entry.name + " (by default " + entry.fallback->source + ")";
    }
    if (entry.type == ConfigEntry::Type::Number)
      if (auto *integer = std::get_if<int64_t>(&value))
        value = static_cast<double>(*integer);
    if (Status error = checkValue(entry, value, origin))
      return error;
    out.config.emplace_back(entry.name, std::move(value));
    return {};
  }

  Status checkValue(const ConfigEntry &entry, const Scalar &value, const std::string &origin) const {
    static constexpr const char *kinds[] = {"an integer", "a number", "a string", "true or false"};
    const bool fits[] = {std::holds_alternative<int64_t>(value), std::holds_alternative<double>(value),
                         std::holds_alternative<std::string>(value), std::holds_alternative<bool>(value)};
    if (!fits[static_cast<int>(entry.type)])
      return bad(origin + " is " + toString(value) + ", but " + kinds[static_cast<int>(entry.type)] + " is needed");
    if (entry.range) {
      double number = *asReal(value);
      if (!(number >= entry.range->first && number <= entry.range->second))
        return bad(origin + " is " + toString(value) + ", but the family " + family.family + " allows " +
                   toString(Scalar(entry.range->first)) + " to " + toString(Scalar(entry.range->second)));
    }
    if (!entry.oneOf.empty() &&
        std::find(entry.oneOf.begin(), entry.oneOf.end(), std::get<std::string>(value)) == entry.oneOf.end()) {
      std::string known;
      for (const std::string &name : entry.oneOf)
        known += (known.empty() ? "" : ", ") + name;
      return bad(origin + " is " + toString(value) + ", but the family " + family.family + " supports only " + known);
    }
    return {};
  }

  Status resolveCheck(const CheckEntry &check) {
    Expected<Scalar> holds = evaluate(check.condition, lookup(), shapeCall());
    if (!holds)
      return family.errorAt(check.line, holds.error().message);
    auto *truth = std::get_if<bool>(&*holds);
    if (!truth)
      return family.errorAt(check.line, "\"" + check.condition.source + "\" is no condition");
    if (*truth)
      return {};
    std::string values;
    for (const auto &[name, value] : out.config)
      if (mentions(check.condition, name))
        values += (values.empty() ? "" : ", ") + name + " = " + toString(value);
    return bad(expand(check.message) + " (" + values + ")");
  }

  static bool mentions(const Expression &expression, const std::string &name) {
    if (expression.is(Expression::Kind::Name) && expression.text == name)
      return true;
    return std::any_of(expression.arguments.begin(), expression.arguments.end(),
                       [&](const Expression &argument) { return mentions(argument, name); });
  }

  Expected<int64_t> size(const Expression &expression, int line) const {
    Expected<Scalar> value = evaluate(expression, lookup(), shapeCall());
    if (!value)
      return family.errorAt(line, value.error().message);
    auto *integer = std::get_if<int64_t>(&*value);
    if (!integer || *integer < 0)
      return family.errorAt(line, "\"" + expression.source + "\" is " + toString(*value) + ", which is no size");
    return *integer;
  }

  Status resolveWeight(const WeightEntry &entry) {
    ResolvedWeight weight;
    weight.entry = &entry;
    std::string expectedShape;
    for (const Expression &expression : entry.shape) {
      Expected<int64_t> extent = size(expression, entry.line);
      if (!extent)
        return extent.error();
      weight.shape.push_back(*extent);
      expectedShape += (expectedShape.empty() ? "" : " x ") + expression.source;
    }
    if (entry.stacked) {
      Expected<int64_t> first = entry.first ? size(*entry.first, entry.line) : Expected<int64_t>(int64_t(0));
      Expected<int64_t> count = entry.count ? size(*entry.count, entry.line)
                                            : Expected<int64_t>(out.integer("layers") - (first ? *first : 0));
      if (!first || !count)
        return !first ? first.error() : count.error();
      if (*count < 1 || *first + *count > out.integer("layers"))
        return family.errorAt(entry.line, "\"" + entry.name + "\" has layers beyond the model's");
      weight.first = *first;
      weight.count = *count;
    }
    std::string missing;
    int64_t found = 0, wanted = 0;
    const std::vector<WeightSource> sources = listed(entry.sources);
    for (int64_t layer = 0; layer < weight.count; ++layer) {
      std::vector<const SourceTensor *> parts;
      for (const WeightSource &source : sources) {
        std::string name = withLayer(source.tensor, weight.first + layer);
        const SourceTensor *tensor = model.findTensor(name);
        ++wanted;
        if (!tensor) {
          missing = missing.empty() ? name : missing;
          continue;
        }
        ++found;
        if (!used.insert(tensor).second)
          return family.errorAt(entry.line, "tensor " + quoteText(name) + " is used by two weights");
        parts.push_back(tensor);
      }
      if (parts.size() == sources.size())
        if (Status error = checkParts(weight, parts, expectedShape))
          return error;
    }
    if (found < wanted && (found > 0 || (entry.otherwise.empty() && !entry.optional)))
      return bad("tensor " + quoteText(missing) + " is missing (" + entry.name + " of the family " + family.family +
                 ")");
    weight.present = found > 0;
    out.weights.push_back(std::move(weight));
    return {};
  }

  Status checkParts(ResolvedWeight &weight, const std::vector<const SourceTensor *> &parts,
                    const std::string &expectedShape) {
    int64_t rows = 0;
    for (const SourceTensor *const &part : parts) {
      auto describe = [&](const std::string &what) { return bad("tensor " + quoteText(part->name) + " " + what); };
      bool fits = part->shape.size() == weight.shape.size() &&
                  std::equal(part->shape.begin() + 1, part->shape.end(), weight.shape.begin() + 1);
      if (!fits || (parts.size() == 1 && part->shape[0] != weight.shape[0]))
        return describe("has the shape " + shapeString(part->shape) + ", but " + shapeString(weight.shape) + " (" +
                        expectedShape + ") is expected");
      size_t index = &part - parts.data();
      if (weight.rows.size() <= index)
        weight.rows.push_back(part->shape[0]);
      if (weight.rows[index] != part->shape[0])
        return describe("has " + std::to_string(part->shape[0]) + " rows, but " + std::to_string(weight.rows[index]) +
                        " in the first layer");
      rows += part->shape[0];
      if (part->format->kind == FormatKind::Opaque)
        return describe("has the type " + std::string(part->format->label) +
                        ", which is not supported yet; requantize the model, for instance to Q4_1, Q4_K or Q8_0");
      if (part->format->kind == FormatKind::Integer)
        return describe("has the integer type " + std::string(part->format->label) + ", but weights are numbers");
      if (part->shape.size() == 2 && !PackedLayout::choose(*part->format, part->shape[1]))
        return describe("has the type " + std::string(part->format->label) +
                        ", which no kernel multiplies by; requantize the model, for instance to F32, Q8_0 or Q4_1");
      if (std::find(weight.formats.begin(), weight.formats.end(), part->format) == weight.formats.end())
        weight.formats.push_back(part->format);
      weight.format = weight.format ? joinFormats(weight.format, part->format) : part->format;
    }
    if (rows != weight.shape[0])
      return bad("tensor " + quoteText(parts[0]->name) + " and its " + std::to_string(parts.size() - 1) +
                 " companions have " + std::to_string(rows) + " rows, but " + std::to_string(weight.shape[0]) +
                 " are expected");
    return {};
  }

  /// One name for tensors of several formats: the one that asks most of kernels. A float beats codes, a group of 16
  /// beats 32, more bits beat fewer.
  static const Format *joinFormats(const Format *a, const Format *b) {
    auto demand = [](const Format *format) {
      bool isFloat = format->kind == FormatKind::Float;
      return std::tuple(isFloat, isFloat ? format->blockBytes : 0, format->groupElements == 16, format->bits);
    };
    return demand(a) < demand(b) ? b : a;
  }

  Status findUnusedTensors() {
    std::set<std::string> ignored;
    for (const std::string &name : listed(family.ignoredTensors))
      for (int64_t layer = 0; layer < (isPerLayer(name) ? out.integer("layers") : 1); ++layer)
        ignored.insert(withLayer(name, layer));
    std::string extra;
    int64_t count = 0;
    for (const SourceTensor &tensor : model.tensors()) {
      if (used.count(&tensor) || ignored.count(tensor.name))
        continue;
      if (++count <= 3)
        extra += (extra.empty() ? "" : ", ") + quoteText(tensor.name);
    }
    if (count == 0)
      return {};
    return bad(std::string(count == 1 ? "tensor " : "tensors ") + extra +
               (count > 3 ? " and " + std::to_string(count - 3) + " more" : "") + ": the family " + family.family +
               " has no use for " + (count == 1 ? "it" : "them") +
               ", so its result would be wrong; give a description of this model with --architecture FILE");
  }

  /// Keys of this architecture that the description doesn't name may change the model's meaning: say so.
  void warnOfUnknownKeys() {
    for (const std::string &key : listed(family.ignoredKeys))
      named.insert(expand(key));
    for (std::string_view key : model.configKeys())
      if (key.starts_with(out.architectureName + ".") && !named.count(key))
        out.warnings.push_back(model.path() + ": key " + quoteText(key) + " is not known to the family " +
                               family.family + " and has no effect");
  }

  const SourceModel &model;
  ResolvedModel &out;
  const Architecture &family;
  std::string ecosystem;
  std::set<std::string, std::less<>> named;
  std::set<const SourceTensor *> used;
};

} // namespace

std::optional<Scalar> ResolvedModel::lookup(std::string_view name) const {
  for (const auto &[key, value] : config)
    if (key == name)
      return value;
  return std::nullopt;
}

int64_t ResolvedModel::integer(std::string_view name) const { return std::get<int64_t>(*lookup(name)); }

const ResolvedWeight *ResolvedModel::findWeight(std::string_view name) const {
  for (const ResolvedWeight &weight : weights)
    if (weight.entry->name == name)
      return &weight;
  return nullptr;
}

Expected<ResolvedModel> applyArchitecture(const SourceModel &model, std::shared_ptr<const Architecture> architecture) {
  ResolvedModel result;
  result.architecture = std::move(architecture);
  if (Status failure = Resolver(model, result).resolve())
    return failure.error();
  return result;
}

} // namespace ph
