// The quantities of a checkpoint: what its configuration says, or the description's defaults.
#include "Resolve.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

using Type = ConfigEntry::Type;

class ConfigResolver {
public:
  ConfigResolver(ResolveContext &context, std::set<std::string, std::less<>> &named)
      : context(context), out(context.out), family(context.family), named(named) {}

  /// In any order: an entry whose default needs another one waits for it.
  Status resolve() {
    ScalarLookup outer = std::exchange(context.lookup, [this](const std::string &name) { return lookup(name); });
    for (const ConfigEntry &entry : family.config)
      if (Status error = resolveOnce(entry))
        return error;
    context.lookup = std::move(outer);
    // In the order of the description.
    for (const ConfigEntry &entry : family.config)
      out.config.emplace_back(entry.name, std::move(values.at(entry.name)));
    return {};
  }

private:
  std::optional<Scalar> lookup(const std::string &name) {
    const ConfigEntry *entry = family.findConfig(name);
    if (!entry)
      return out.lookup(name);
    if (Status error = resolveOnce(*entry)) {
      if (!failure)
        failure = error.error();
      return std::nullopt;
    }
    return values.at(name);
  }

  Status resolveOnce(const ConfigEntry &entry) {
    if (values.count(entry.name))
      return {};
    if (!underWay.insert(entry.name).second)
      return family.errorAt(entry.line, "\"" + entry.name + "\" needs itself");
    Expected<Scalar> value = entry.type == Type::Rope ? resolveRope(context, entry, named) : resolve(entry);
    if (failure) // of an entry that this one needs, which says more
      return *failure;
    if (!value)
      return value.error();
    values[entry.name] = std::move(*value);
    return {};
  }

  Expected<Scalar> resolve(const ConfigEntry &entry) {
    std::optional<Scalar> value;
    std::string origin;
    const std::vector<std::string> keys = context.listed(entry.keys);
    for (const std::string &key : keys) {
      std::string expanded = context.expandKey(key);
      named.insert(expanded);
      if (value)
        continue;
      Expected<std::optional<Scalar>> read = entry.isList ? readList(entry, expanded) : readKey(entry, expanded);
      if (!read)
        return read.error();
      value = std::move(*read);
      origin = "key " + quoteText(expanded);
      if (value || !entry.ofNull || !context.model.isNull(expanded))
        continue;
      Expected<Scalar> computed = context.value(*entry.ofNull);
      if (!computed)
        return context.bad(entry.name + " = " + entry.ofNull->source + ": " + computed.error().message);
      value = *computed;
    }
    if (!value) {
      const Expression *fallback = entry.fallbackIn(context.ecosystem);
      if (!fallback)
        return context.bad("key " + quoteText(keys.empty() ? entry.name : context.expandKey(keys[0])) +
                           " is missing (" + entry.name + " of the family " + family.family + ")");
      Expected<Scalar> computed = context.value(*fallback);
      if (!computed)
        return context.bad(entry.name + " = " + fallback->source + ": " + computed.error().message);
      value = *computed;
      origin = entry.name + " (by default " + fallback->source + ")";
    }
    if (Status error = entry.isList ? checkList(entry, *value, origin) : checkValue(entry, *value, origin))
      return error.error();
    return std::move(*value);
  }

  template <class T> static Expected<std::optional<Scalar>> asScalar(const Expected<std::optional<T>> &read) {
    if (!read)
      return read.error();
    return *read ? std::optional<Scalar>(**read) : std::nullopt;
  }

  Expected<std::optional<Scalar>> readKey(const ConfigEntry &entry, const std::string &key) const {
    const SourceModel &model = context.model;
    std::optional<ConfigValue> said = model.config(key);
    bool isMapped = std::any_of(entry.oneOf.begin(), entry.oneOf.end(), [](auto &one) { return one.second; });
    if (said && isMapped && std::holds_alternative<std::string>(*said))
      return std::optional<Scalar>(std::get<std::string>(*said));
    switch (entry.type) {
    case Type::Integer:
      return asScalar(model.integer(key));
    case Type::Number:
      return asScalar(model.number(key));
    case Type::String:
    case Type::Activation:
      return asScalar(model.string(key));
    case Type::Boolean:
      return asScalar(model.boolean(key));
    case Type::Rope:
      break;
    }
    return std::optional<Scalar>();
  }

  Expected<std::optional<Scalar>> readList(const ConfigEntry &entry, const std::string &key) const {
    std::optional<ConfigValue> said = context.model.config(key);
    if (!said)
      return std::optional<Scalar>();
    std::vector<Scalar> items;
    auto *numbers = std::get_if<std::vector<double>>(&*said);
    auto *texts = std::get_if<std::vector<std::string>>(&*said);
    bool fits = texts && entry.type == Type::String;
    if (fits)
      items.assign(texts->begin(), texts->end());
    if (numbers) {
      fits = numbers->empty() || entry.type != Type::String;
      for (double number : *numbers) {
        bool isWhole = std::fabs(number) < 9e15 && number == std::floor(number);
        fits = fits && (entry.type == Type::Number || isWhole) &&
               (entry.type != Type::Boolean || number == 0 || number == 1);
        if (!fits)
          break;
        items.push_back(entry.type == Type::Number    ? Scalar(number)
                        : entry.type == Type::Boolean ? Scalar(number == 1)
                                                      : Scalar(static_cast<int64_t>(number)));
      }
    }
    if (!fits)
      return context.bad("key " + quoteText(key) + " must be a list of " +
                         (entry.type == Type::String    ? "strings"
                          : entry.type == Type::Number  ? "numbers"
                          : entry.type == Type::Boolean ? "true and false"
                                                        : "integers"));
    return std::optional<Scalar>(makeList(std::move(items)));
  }

  Status checkList(const ConfigEntry &entry, Scalar &value, const std::string &origin) const {
    auto *list = std::get_if<std::shared_ptr<const ScalarList>>(&value);
    if (!list)
      return context.bad(origin + " is " + toString(value) + ", but a list is expected");
    std::vector<Scalar> items = (*list)->items;
    for (size_t i = 0; i < items.size(); ++i)
      if (Status error = checkValue(entry, items[i], "entry " + std::to_string(i) + " of " + origin))
        return error;
    value = makeList(std::move(items));
    return {};
  }

  Status checkValue(const ConfigEntry &entry, Scalar &value, const std::string &origin) const {
    if (Status error = translate(entry, value, origin))
      return error;
    if (entry.type == Type::Number)
      if (auto *integer = std::get_if<int64_t>(&value))
        value = static_cast<double>(*integer);
    bool fits = entry.type == Type::Integer   ? std::holds_alternative<int64_t>(value)
                : entry.type == Type::Number  ? std::holds_alternative<double>(value)
                : entry.type == Type::Boolean ? std::holds_alternative<bool>(value)
                                              : std::holds_alternative<std::string>(value);
    if (!fits)
      return context.bad(origin + " is " + toString(value) + ", which is of another type than the entry says");
    if (entry.range) {
      double number = *asReal(value);
      if (!(number >= entry.range->first && number <= entry.range->second))
        return context.bad(origin + " is " + toString(value) + ", but the family " + family.family + " allows " +
                           toString(Scalar(entry.range->first)) + " to " + toString(Scalar(entry.range->second)));
    }
    return {};
  }

  /// What the checkpoint says is among the supported ones, and becomes what it means.
  Status translate(const ConfigEntry &entry, Scalar &value, const std::string &origin) const {
    auto *text = std::get_if<std::string>(&value);
    if (entry.oneOf.empty() || !text)
      return {};
    auto it = std::find_if(entry.oneOf.begin(), entry.oneOf.end(), [&](auto &one) { return isLike(*text, one.first); });
    if (it != entry.oneOf.end()) {
      if (it->second)
        value = *it->second;
      return {};
    }
    std::string known;
    for (const auto &[name, meaning] : entry.oneOf)
      known += (known.empty() ? "" : ", ") + name;
    return context.bad(origin + " is " + toString(value) + ", but the family " + family.family + " supports only " +
                       known);
  }

  ResolveContext &context;
  ResolvedModel &out;
  const Architecture &family;
  std::set<std::string, std::less<>> &named;
  std::map<std::string, Scalar> values;
  std::set<std::string> underWay;
  std::optional<Error> failure;
};

} // namespace

Status resolveConfig(ResolveContext &context, std::set<std::string, std::less<>> &named) {
  return ConfigResolver(context, named).resolve();
}

} // namespace ph
