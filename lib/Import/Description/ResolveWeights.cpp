// The weights of a checkpoint: each one's tensors, and that every tensor is used exactly once.
#include "Resolve.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/PackedLayout.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

constexpr int64_t kMostExperts = 1 << 16;

/// Rows of a tensor that a weight takes, or a part of their elements.
struct Use {
  int64_t from, rows, part, parts;
  const WeightEntry *entry;

  bool overlaps(const Use &other) const {
    bool sameRows = from < other.from + other.rows && other.from < from + rows;
    return sameRows && (!parts || !other.parts || parts != other.parts || part == other.part);
  }
};

class WeightResolver {
public:
  WeightResolver(ResolveContext &context) : context(context), family(context.family) {}

  Status resolve(std::set<const SourceTensor *> &used) {
    for (const WeightEntry &entry : family.weights) {
      ResolvedWeight weight;
      weight.entry = &entry;
      if (Status error = resolveWeight(entry, weight))
        return error;
      context.out.weights.push_back(std::move(weight));
    }
    for (const auto &[tensor, list] : uses) {
      if (Status error = checkCoverage(*tensor, list))
        return error;
      used.insert(tensor);
    }
    return {};
  }

private:
  Status resolveWeight(const WeightEntry &entry, ResolvedWeight &weight) {
    if (entry.when) {
      Expected<bool> wanted = context.truth(*entry.when, entry.line);
      if (!wanted)
        return wanted.error();
      if (!*wanted)
        return {};
    }
    expectedShape.clear();
    for (const Expression &expression : entry.shape) {
      Expected<int64_t> extent = context.size(expression, entry.line);
      if (!extent)
        return extent.error();
      weight.shape.push_back(*extent);
      expectedShape += (expectedShape.empty() ? "" : " x ") + expression.source;
    }
    if (Status error = resolveLayers(entry, weight))
      return error;
    if (weight.layers.empty())
      return {};
    const std::vector<WeightEntry::Parts> alternatives = context.listed(entry.sources);
    const WeightEntry::Parts *chosen = nullptr;
    for (const WeightEntry::Parts &parts : alternatives)
      if (context.model.findTensor(nameOf(parts[0], weight.layers[0], 0))) {
        chosen = &parts;
        break;
      }
    if (!chosen && alternatives.empty() && entry.otherwise.empty() && !entry.optional)
      return context.bad("the family " + family.family + " names no tensor of " + context.ecosystem + " files for " +
                         entry.name);
    if (!chosen && alternatives.empty())
      return {};
    chosen = chosen ? chosen : &alternatives[0];
    for (const WeightSource &source : *chosen) {
      auto resolved = resolveSource(source, weight);
      if (!resolved)
        return resolved.error();
      weight.sources.push_back(std::move(*resolved));
    }
    if (Status error = findTensors(*chosen, weight))
      return error;
    if (!weight.present)
      return {};
    if (Status error = finishSources(weight))
      return error;
    return findHubSource(entry, weight);
  }

  /// What the family calls a whole weight in folders of Hugging Face; other weights have no such name.
  Status findHubSource(const WeightEntry &entry, ResolvedWeight &weight) {
    constexpr const char *hub = "huggingface";
    auto named = entry.sources.find(hub);
    if (context.ecosystem == hub || named == entry.sources.end() || weight.sources.size() != 1 ||
        named->second[0].size() != 1)
      return {};
    WeightSource source = named->second[0][0];
    if (auto prefixes = family.prefixes.find(hub); prefixes != family.prefixes.end())
      for (const auto &[name, choices] : prefixes->second)
        source.tensor = replaced(source.tensor, "{" + name + "}", choices.front());
    auto resolved = resolveSource(source, weight);
    if (!resolved) // of quantities that only folders have
      return {};
    const bool whole = !resolved->rowsStated && !resolved->transposed && !resolved->parts;
    if (!whole || isPerExpert(resolved->tensor) || isPerLayer(resolved->tensor) != isPerLayer(weight.sources[0].tensor))
      return {};
    resolved->first = weight.sources[0].first;
    resolved->step = weight.sources[0].step;
    weight.hub = std::move(*resolved);
    return {};
  }

  Status resolveLayers(const WeightEntry &entry, ResolvedWeight &weight) {
    if (!entry.stacked) {
      weight.layers = {0};
      return {};
    }
    Expected<int64_t> count =
        entry.count ? context.size(*entry.count, entry.line) : Expected<int64_t>(*context.out.integer("layers"));
    if (!count)
      return count.error();
    if (*count > 65536)
      return family.errorAt(entry.line, "\"" + entry.name + "\" has " + std::to_string(*count) + " layers");
    for (int64_t layer = 0; layer < *count; ++layer) {
      Expected<bool> has = entry.where ? context.truth(*entry.where, entry.line, layer) : Expected<bool>(true);
      if (!has)
        return has.error();
      if (*has)
        weight.layers.push_back(layer);
    }
    return {};
  }

  std::string nameOf(const WeightSource &source, int64_t layer, int64_t expert) const {
    return withNumber(withNumber(context.expandTensor(source.tensor), "{layer}", layer), "{expert}", expert);
  }

  Expected<ResolvedSource> resolveSource(const WeightSource &source, const ResolvedWeight &weight) {
    ResolvedSource resolved;
    resolved.tensor = context.expandTensor(source.tensor);
    resolved.line = source.line;
    for (const Expression &transform : source.transforms) {
      std::vector<int64_t> numbers;
      for (const Expression &argument : transform.arguments) {
        Expected<int64_t> number = context.size(argument, source.line);
        if (!number)
          return number.error();
        if (*number > (int64_t(1) << 31))
          return family.errorAt(source.line, "\"" + transform.source + "\" has a number above 2^31");
        numbers.push_back(*number);
      }
      auto is = [&](std::string_view name, size_t count) { return transform.text == name && numbers.size() == count; };
      if (is("transposed", 0)) {
        resolved.transposed = true;
      } else if (is("rope_halves", 1) && numbers[0] >= 1) {
        resolved.ropeHalves = numbers[0];
      } else if (is("rows", 2)) {
        resolved.from = numbers[0];
        resolved.rows = numbers[1];
        resolved.rowsStated = true;
      } else if ((is("part", 2) || is("interleaved", 2)) && numbers[0] < numbers[1]) {
        resolved.part = numbers[0];
        resolved.parts = numbers[1];
        resolved.interleaved = transform.text == "interleaved";
      } else {
        return family.errorAt(source.line, "unknown transform \"" + transform.source +
                                               "\"; known are transposed, rows(from, count), part(i, n), "
                                               "interleaved(i, n) and rope_halves(heads)");
      }
    }
    bool needsColumns = resolved.transposed || resolved.parts || isPerExpert(resolved.tensor);
    if (needsColumns && weight.shape.size() < 2)
      return family.errorAt(source.line,
                            "\"" + weight.entry->name + "\" needs two dimensions for what its source does");
    return resolved;
  }

  Status findTensors(const WeightEntry::Parts &parts, ResolvedWeight &weight) {
    const WeightEntry &entry = *weight.entry;
    std::string missing;
    int64_t found = 0, wanted = 0;
    for (int64_t layer : weight.layers) {
      for (size_t i = 0; i < parts.size(); ++i) {
        const ResolvedSource &source = weight.sources[i];
        // Rows that are tensors of their own: those that are stated, or all.
        int64_t experts = !isPerExpert(parts[i].tensor) ? 1 : source.rowsStated ? source.rows : weight.shape[0];
        if (experts > kMostExperts)
          return family.errorAt(entry.line, "\"" + entry.name + "\" has " + std::to_string(experts) + " experts");
        for (int64_t expert = 0; expert < experts; ++expert) {
          const std::string name = nameOf(parts[i], layer, source.from + expert);
          const SourceTensor *tensor = context.model.findTensor(name);
          ++wanted;
          if (!tensor) {
            missing = missing.empty() ? name : missing;
            continue;
          }
          ++found;
          if (Status error = addTensor(*tensor, weight, i, parts.size()))
            return error;
        }
      }
    }
    if (found < wanted && (found > 0 || (entry.otherwise.empty() && !entry.optional)))
      return context.bad("tensor " + quoteText(missing) + " is missing (" + entry.name + " of the family " +
                         family.family + ")");
    weight.present = found > 0;
    return {};
  }

  /// Checks a tensor against what source `index` of the weight wants, and notes its use.
  Status addTensor(const SourceTensor &tensor, ResolvedWeight &weight, size_t index, size_t count) {
    ResolvedSource &source = weight.sources[index];
    bool perExpert = isPerExpert(source.tensor);
    auto describe = [&](const std::string &what) {
      return context.bad("tensor " + quoteText(tensor.name) + " " + what);
    };
    std::vector<int64_t> stored = weight.shape;
    // The dimension of the tensor that rows are in.
    size_t rowDimension = source.transposed && stored.size() == 2 ? 1 : 0;
    int64_t there = tensor.shape.size() > rowDimension ? tensor.shape[rowDimension] : 0;
    if (!source.rowsStated && !perExpert && count > 1) {
      if (source.rows && source.rows != there)
        return describe("has " + std::to_string(there) + " rows, but " + std::to_string(source.rows) +
                        " in the first layer");
      source.rows = there;
    }
    if (source.rowsStated && !perExpert) {
      if (source.from + source.rows > there)
        return describe("has " + std::to_string(there) + " rows, but rows " + std::to_string(source.from) + " to " +
                        std::to_string(source.from + source.rows - 1) + " are wanted");
      source.of = there;
    }
    stored[0] = source.of ? source.of : source.rows ? source.rows : stored[0];
    if (source.parts)
      stored[1] *= source.parts;
    if (source.transposed)
      std::swap(stored[stored.size() - 1], stored[stored.size() - 2]);
    if (perExpert)
      stored.erase(stored.begin());
    if (tensor.shape != stored)
      return describe("has the shape " + shapeString(tensor.shape) + ", but " + shapeString(stored) + " (" +
                      expectedShape + ") is expected");
    if (Status error = checkFormat(tensor))
      return error;
    if (std::find(weight.formats.begin(), weight.formats.end(), tensor.format) == weight.formats.end())
      weight.formats.push_back(tensor.format);
    weight.format = weight.format ? joinFormats(weight.format, tensor.format) : tensor.format;
    int64_t rows = perExpert ? 1 : source.rows ? source.rows : weight.shape[0];
    return note(tensor, {perExpert ? 0 : source.from, rows, source.part, source.parts, weight.entry});
  }

  Status checkFormat(const SourceTensor &tensor) const {
    auto describe = [&](const std::string &what) {
      return context.bad("tensor " + quoteText(tensor.name) + " has the " + what);
    };
    const std::string label(tensor.format->label);
    if (tensor.format->kind == FormatKind::Opaque)
      return describe("type " + label +
                      ", which is for activations; requantize the model, for instance to Q4_1, Q4_K or Q8_0");
    if (tensor.format->kind == FormatKind::Integer)
      return describe("integer type " + label + ", but weights are numbers");
    if (tensor.shape.size() == 2 && !PackedLayout::choose(*tensor.format, tensor.shape[1]))
      return describe("type " + label +
                      ", which no kernel multiplies by; requantize the model, for instance to F32, Q8_0 or Q4_1");
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

  Status note(const SourceTensor &tensor, Use use) {
    std::vector<Use> &list = uses[&tensor];
    for (const Use &other : list)
      if (other.overlaps(use))
        return family.errorAt(use.entry->line, "tensor " + quoteText(tensor.name) + " is used by two weights");
    list.push_back(use);
    return {};
  }

  Status checkCoverage(const SourceTensor &tensor, const std::vector<Use> &list) const {
    // In the dimension of rows, whichever that is, and a part counts for its share.
    double used = 0;
    for (const Use &use : list)
      used += use.parts ? double(use.rows) / double(use.parts) : double(use.rows);
    const WeightEntry &entry = *list.front().entry;
    const ResolvedWeight &weight = *context.out.findWeight(entry.name);
    bool stated = std::any_of(weight.sources.begin(), weight.sources.end(),
                              [](const ResolvedSource &source) { return source.rowsStated || source.parts; });
    if (!stated)
      return {};
    double all = 0;
    for (const ResolvedSource &source : weight.sources)
      all = std::max(all, isPerExpert(source.tensor) ? 1.0 : double(source.of ? source.of : weight.shape[0]));
    if (used < all - 1e-6)
      return family.errorAt(entry.line, "only a part of tensor " + quoteText(tensor.name) + " is used");
    return {};
  }

  /// Numbers in the stack instead of layers, and rows that add up.
  Status finishSources(ResolvedWeight &weight) {
    int64_t rows = 0;
    bool perExpert = false;
    for (ResolvedSource &source : weight.sources) {
      perExpert |= isPerExpert(source.tensor);
      rows += source.rows ? source.rows : weight.shape[0];
      if (!weight.entry->stacked)
        continue;
      const std::vector<int64_t> &layers = weight.layers;
      source.first = layers.front();
      source.step = layers.size() > 1 ? layers[1] - layers[0] : 1;
      bool regular = true;
      for (size_t i = 0; i < layers.size(); ++i)
        regular &= layers[i] == source.first + source.step * int64_t(i);
      if (regular)
        continue;
      std::string list;
      for (int64_t layer : layers)
        list += (list.empty() ? "{" : "|") + std::to_string(layer);
      source.tensor.replace(source.tensor.find("{layer}"), 7, list + "}");
      source.first = 0;
      source.step = 1;
      if (isPerLayer(source.tensor))
        return family.errorAt(source.line, "layers without a pattern need names with only one {layer}");
    }
    if (rows != weight.shape[0] && !perExpert)
      return context.bad("tensor " + quoteText(withNumber(weight.sources[0].tensor, "{layer}", weight.layers[0])) +
                         " and its " + std::to_string(weight.sources.size() - 1) + " companions have " +
                         std::to_string(rows) + " rows, but " + std::to_string(weight.shape[0]) + " are expected");
    return {};
  }

  ResolveContext &context;
  const Architecture &family;
  std::map<const SourceTensor *, std::vector<Use>> uses;
  std::string expectedShape;
};

} // namespace

Status resolveWeights(ResolveContext &context, std::set<const SourceTensor *> &used) {
  return WeightResolver(context).resolve(used);
}

} // namespace ph
