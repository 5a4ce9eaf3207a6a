// "weights" of a description.
#include "DescriptionReader.h"

namespace ph {

Status DescriptionReader::readWeights(const LinedJson &value) {
  for (const auto &[name, entry] : value.members) {
    WeightEntry weight;
    weight.name = name;
    weight.line = entry.line;
    if (!isDescriptionName(name))
      return at(entry, "\"" + name + "\" is no name of small letters, digits and _");
    if (out.findConfig(name))
      return at(entry, "\"" + name + "\" is the name of a quantity already");
    if (!entry.is(Kind::Object))
      return at(entry, "\"" + name + "\" must be an object");
    if (Status error = readWeight(entry, weight))
      return error;
    out.weights.push_back(std::move(weight));
  }
  for (const WeightEntry &weight : out.weights) {
    const WeightEntry *other = weight.otherwise.empty() ? nullptr : out.findWeight(weight.otherwise);
    if (!weight.otherwise.empty() && (!other || !other->otherwise.empty() || other->optional))
      return out.errorAt(weight.line,
                         "\"otherwise\" of \"" + weight.name + "\" must name a weight that is always there");
  }
  return {};
}

Status DescriptionReader::readWeight(const LinedJson &entry, WeightEntry &weight) {
  for (const auto &[key, value] : entry.members) {
    Status error;
    if (key == "about") {
      continue;
    } else if (key == "shape") {
      if (!value.is(Kind::Array) || value.items.empty() || value.items.size() > 4)
        return at(value, "\"shape\" must be a list of one to four sizes, outermost first");
      for (const LinedJson &item : value.items)
        if (Status bad = expression(item, weight.shape.emplace_back()))
          return bad;
    } else if (key == "otherwise" && value.is(Kind::String)) {
      weight.otherwise = value.string;
    } else if (key == "optional" && value.is(Kind::Bool)) {
      weight.optional = value.boolean;
    } else if (key == "when") {
      error = condition(value, weight.when);
    } else if (key == "count") {
      error = condition(value, weight.count);
    } else if (key == "where") {
      error = condition(value, weight.where);
    } else if (isEcosystem(key)) {
      error = readAlternatives(value, weight.sources[key]);
    } else {
      return at(value, "unknown or mistyped key \"" + key + "\" in the weight \"" + weight.name + "\"");
    }
    if (error)
      return error;
  }
  if (weight.shape.empty() || weight.sources.empty())
    return at(entry, "\"" + weight.name + "\" needs a \"shape\" and the tensors' names");
  return checkStacked(entry, weight);
}

Status DescriptionReader::checkStacked(const LinedJson &entry, WeightEntry &weight) {
  std::optional<bool> stacked;
  for (const auto &[ecosystem, alternatives] : weight.sources)
    for (const WeightEntry::Parts &parts : alternatives)
      for (const WeightSource &source : parts) {
        if (stacked.value_or(isPerLayer(source.tensor)) != isPerLayer(source.tensor))
          return at(entry, "either all tensors of \"" + weight.name + "\" are per layer or none");
        stacked = isPerLayer(source.tensor);
      }
  weight.stacked = stacked.value_or(false);
  if (!weight.stacked && (weight.where || weight.count))
    return at(entry, "\"where\" and \"count\" are for weights per layer");
  return {};
}

Status DescriptionReader::readAlternatives(const LinedJson &value, std::vector<WeightEntry::Parts> &alternatives) {
  const LinedJson *choices = value.find("one_of");
  if (!choices)
    return readParts(value, alternatives.emplace_back());
  if (!choices->is(Kind::Array) || choices->items.empty() || value.members.size() != 1)
    return at(value, "\"one_of\" must be a list of sources, and stands alone");
  for (const LinedJson &item : choices->items)
    if (Status error = readParts(item, alternatives.emplace_back()))
      return error;
  return {};
}

Status DescriptionReader::readParts(const LinedJson &value, WeightEntry::Parts &parts) {
  if (!value.is(Kind::Array))
    return readSource(value, parts.emplace_back());
  if (value.items.empty())
    return at(value, "a weight needs at least one tensor");
  for (const LinedJson &item : value.items)
    if (Status error = readSource(item, parts.emplace_back()))
      return error;
  return {};
}

Status DescriptionReader::readSource(const LinedJson &item, WeightSource &source) {
  source.line = item.line;
  if (item.is(Kind::String)) {
    source.tensor = item.string;
    return {};
  }
  const LinedJson *tensor = item.find("tensor"), *transform = item.find("transform");
  if (!tensor || !tensor->is(Kind::String) || !transform || item.members.size() != 2)
    return at(item, "expected a tensor's name or {\"tensor\": name, \"transform\": …}");
  source.tensor = tensor->string;
  if (!transform->is(Kind::Array))
    return expression(*transform, source.transforms.emplace_back());
  for (const LinedJson &one : transform->items)
    if (Status error = expression(one, source.transforms.emplace_back()))
      return error;
  return {};
}

} // namespace ph
