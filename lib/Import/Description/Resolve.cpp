#include "Resolve.h"
#include "runtime/base/Quote.h"
#include <algorithm>

namespace ph {

std::string replaced(std::string text, const std::string &place, const std::string &by) {
  for (size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += by.size())
    text.replace(at, place.size(), by);
  return text;
}

std::string ResolveContext::expandKey(std::string key) const {
  return replaced(std::move(key), "{architecture}", out.architectureName);
}

std::string ResolveContext::expandTensor(std::string name) const {
  for (const auto &[prefix, text] : prefixes)
    name = replaced(std::move(name), "{" + prefix + "}", text);
  return name;
}

std::string ResolveContext::expandPattern(std::string pattern) const {
  pattern = expandTensor(std::move(pattern));
  for (const auto &[name, value] : out.config)
    if (auto *number = std::get_if<int64_t>(&value))
      pattern = replaced(std::move(pattern), "{" + name + "}", std::to_string(*number));
  return pattern;
}

/// As the range of "layers" allows.
static constexpr int64_t mostLayers = 1024;

std::optional<Expected<Scalar>> ResolveContext::shapeCall(const Expression &call) const {
  if ((call.text != "rows" && call.text != "columns" && call.text != "given") || call.arguments.size() != 1)
    return std::nullopt;
  const WeightEntry *entry = family.findWeight(call.arguments[0].text);
  auto fail = [&](const std::string &why) { return Expected<Scalar>(Error{ErrorCode::BadModel, why}); };
  if (!entry || !call.arguments[0].is(Expression::Kind::Name))
    return fail(call.text + " needs the name of a weight");
  std::string missing;
  for (const WeightEntry::Parts &parts : listed(entry->sources)) {
    const std::string pattern = withNumber(expandTensor(parts[0].tensor), "{expert}", 0);
    std::string name = withNumber(pattern, "{layer}", 0);
    const SourceTensor *tensor = model.findTensor(name);
    // Not each layer need have it.
    for (int64_t layer = 1; !tensor && layer < mostLayers && name != pattern; ++layer)
      tensor = model.findTensor(withNumber(pattern, "{layer}", layer));
    missing = missing.empty() ? name : missing;
    if (!tensor)
      continue;
    if (call.text == "given")
      return Expected<Scalar>(Scalar(true));
    bool transposed = std::any_of(parts[0].transforms.begin(), parts[0].transforms.end(),
                                  [](const Expression &transform) { return transform.text == "transposed"; });
    size_t dimension = (call.text == "rows") == transposed ? 1 : 0;
    if (tensor->shape.size() <= dimension)
      return fail("tensor " + quoteText(name) + " has no " + call.text);
    return Expected<Scalar>(Scalar(tensor->shape[dimension]));
  }
  if (call.text == "given")
    return Expected<Scalar>(Scalar(false));
  return fail(missing.empty() ? "\"" + entry->name + "\" has no tensor in " + ecosystem + " files"
                              : "tensor " + quoteText(missing) + " is missing");
}

Expected<Scalar> ResolveContext::value(const Expression &expression) const {
  return evaluate(expression, lookup, [this](const Expression &call) { return shapeCall(call); });
}

Expected<Scalar> ResolveContext::value(const Expression &expression, int64_t layer) const {
  return evaluate(
      expression,
      [&](const std::string &name) { return name == "layer" ? std::optional<Scalar>(layer) : lookup(name); },
      [this](const Expression &call) { return shapeCall(call); });
}

Expected<bool> ResolveContext::truth(const Expression &expression, int line, std::optional<int64_t> layer) const {
  Expected<Scalar> result = layer ? value(expression, *layer) : value(expression);
  if (!result)
    return family.errorAt(line, result.error().message);
  if (auto *truth = std::get_if<bool>(&*result))
    return *truth;
  return family.errorAt(line, "\"" + expression.source + "\" is no condition");
}

Expected<int64_t> ResolveContext::size(const Expression &expression, int line) const {
  Expected<Scalar> result = value(expression);
  if (!result)
    return family.errorAt(line, result.error().message);
  auto *integer = std::get_if<int64_t>(&*result);
  if (!integer || *integer < 0)
    return family.errorAt(line, "\"" + expression.source + "\" is " + toString(*result) + ", which is no size");
  return *integer;
}

bool isLike(std::string_view name, const std::string &pattern) {
  const std::string stars = replaced(replaced(pattern, "{layer}", "*"), "{expert}", "*");
  size_t n = 0, p = 0, star = std::string::npos, resume = 0;
  while (n < name.size()) {
    if (p < stars.size() && stars[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < stars.size() && stars[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return stars.find_first_not_of('*', p) == std::string::npos;
}

namespace {

class Resolver {
public:
  explicit Resolver(ResolveContext &context) : context(context), out(context.out), family(context.family) {}

  Status resolve() {
    choosePrefixes();
    std::set<std::string, std::less<>> named;
    if (Status error = resolveConfig(context, named))
      return error;
    for (const CheckEntry &check : family.checks)
      if (Status error = resolveCheck(check))
        return error;
    for (const auto &[pattern, reason] : context.listed(family.refusedTensors))
      for (const SourceTensor &tensor : context.model.tensors())
        if (isLike(tensor.name, context.expandPattern(pattern)))
          return context.bad("tensor " + quoteText(tensor.name) + ": " + reason);
    std::set<const SourceTensor *> used = context.consumed;
    if (Status error = resolveWeights(context, used))
      return error;
    if (Status error = findUnusedTensors(used))
      return error;
    warnOfUnknownKeys(named);
    for (const FunctionEntry &function : family.functions) {
      Expected<bool> wanted = function.when ? context.truth(*function.when, function.line) : Expected<bool>(true);
      if (!wanted)
        return wanted.error();
      if (*wanted)
        out.functions.push_back(&function);
    }
    return {};
  }

private:
  /// Each stands for the first of its texts with which a tensor's name begins, or for the last.
  void choosePrefixes() {
    for (const auto &[name, choices] : context.listed(family.prefixes)) {
      std::string &chosen = context.prefixes[name] = choices.back();
      for (const std::string &choice : choices)
        if (std::any_of(context.model.tensors().begin(), context.model.tensors().end(),
                        [&](const SourceTensor &tensor) { return tensor.name.starts_with(choice); })) {
          chosen = choice;
          break;
        }
    }
  }

  Status resolveCheck(const CheckEntry &check) {
    Expected<bool> holds = context.truth(check.condition, check.line);
    if (!holds)
      return holds.error();
    if (*holds)
      return {};
    std::string values;
    for (const auto &[name, value] : out.config)
      if (check.condition.mentions(name))
        values += (values.empty() ? "" : ", ") + name + " = " + toString(value);
    return context.bad(context.expandKey(check.message) + " (" + values + ")");
  }

  Status findUnusedTensors(const std::set<const SourceTensor *> &used) {
    const std::vector<std::string> ignored = context.listed(family.ignoredTensors);
    std::string extra;
    int64_t count = 0;
    for (const SourceTensor &tensor : context.model.tensors()) {
      if (used.count(&tensor) || std::any_of(ignored.begin(), ignored.end(), [&](const std::string &pattern) {
            return isLike(tensor.name, context.expandPattern(pattern));
          }))
        continue;
      if (++count <= 3)
        extra += (extra.empty() ? "" : ", ") + quoteText(tensor.name);
    }
    if (count == 0)
      return {};
    return context.bad(std::string(count == 1 ? "tensor " : "tensors ") + extra +
                       (count > 3 ? " and " + std::to_string(count - 3) + " more" : "") + ": the family " +
                       family.family + " has no use for " + (count == 1 ? "it" : "them") +
                       ", so its result would be wrong; give a description of this model with --architecture FILE");
  }

  /// Keys of this architecture that the description doesn't name may change the model's meaning: say so.
  void warnOfUnknownKeys(std::set<std::string, std::less<>> &named) {
    for (const std::string &key : context.listed(family.ignoredKeys))
      named.insert(context.expandKey(key));
    for (std::string_view key : context.model.configKeys())
      if (key.starts_with(out.architectureName + ".") && !named.count(key))
        out.warnings.push_back(context.model.path() + ": key " + quoteText(key) + " is not known to the family " +
                               family.family + " and has no effect");
  }

  ResolveContext &context;
  ResolvedModel &out;
  const Architecture &family;
};

} // namespace

std::optional<int64_t> ResolvedWeight::placeOf(int64_t layer) const {
  auto it = std::lower_bound(layers.begin(), layers.end(), layer);
  if (it == layers.end() || *it != layer)
    return std::nullopt;
  return it - layers.begin();
}

std::optional<Scalar> ResolvedModel::lookup(std::string_view name) const {
  if (name == "ecosystem")
    return Scalar(ecosystem);
  for (const auto &[key, value] : config)
    if (key == name)
      return value;
  return std::nullopt;
}

std::optional<int64_t> ResolvedModel::integer(std::string_view name) const {
  std::optional<Scalar> value = lookup(name);
  auto *integer = value ? std::get_if<int64_t>(&*value) : nullptr;
  return integer ? std::optional<int64_t>(*integer) : std::nullopt;
}

const ResolvedWeight *ResolvedModel::findWeight(std::string_view name) const {
  for (const ResolvedWeight &weight : weights)
    if (weight.entry->name == name)
      return &weight;
  return nullptr;
}

Expected<ResolvedModel> applyArchitecture(const SourceModel &model, std::shared_ptr<const Architecture> architecture) {
  ResolvedModel result;
  result.architecture = std::move(architecture);
  result.ecosystem = model.ecosystem();
  if (auto name = model.architecture())
    result.architectureName = *name;
  else
    result.architectureName = result.architecture->family; // a description was given for a file that names none
  ResolveContext context{model, result, *result.architecture, result.ecosystem, {}, {}, {}};
  context.lookup = [&result](const std::string &name) { return result.lookup(name); };
  if (Status failure = Resolver(context).resolve())
    return failure.error();
  return result;
}

} // namespace ph
