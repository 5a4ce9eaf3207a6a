#include "lib/Transforms/Layers/StackWeights.h"
#include "dialects/Transformer/SourceNames.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ph {

static xf::SourceAttr withName(xf::SourceAttr source, StringRef name, int64_t first, int64_t step) {
  return xf::SourceAttr::get(source.getContext(), name, first, step, source.getRows(), source.getTransform(),
                             source.getHeads(), source.getFrom(), source.getOf(), source.getCopied(),
                             source.getTransposed(), source.getPart(), source.getParts(), source.getInterleaved(),
                             source.getColumns(), source.getOffset());
}

xf::SourceAttr getSourceOfLayer(xf::SourceAttr source, int64_t layer) {
  int64_t number = source.getFirst() + source.getStep() * layer;
  xf::SourceAttr named = withName(source.withColumns("", 0), xf::nameOfLayer(source.getTensor(), layer, number), 0, 1);
  if (source.getColumns().empty())
    return named;
  return named.withColumns(source.getColumnsOfLayer(layer), source.getOffset().convertToDouble());
}

namespace {
/// Names that are prefix + (first + step · i) + suffix.
struct Counting {
  StringRef prefix, suffix;
  int64_t first, step;
};
} // namespace

/// The number between `prefix` and `suffix`; nothing where there is none, or one that isn't written as to_string does.
static std::optional<int64_t> numberIn(StringRef name, StringRef prefix, StringRef suffix) {
  int64_t number;
  if (name.size() <= prefix.size() + suffix.size() || !name.consume_front(prefix) || !name.consume_back(suffix) ||
      !llvm::all_of(name, llvm::isDigit) || name.getAsInteger(10, number) || std::to_string(number) != name)
    return std::nullopt;
  return number;
}

/// Tries each number in the first name.
static std::optional<Counting> findCounting(ArrayRef<StringRef> names) {
  StringRef head = names.front();
  for (size_t begin = 0, end; begin < head.size(); begin = end) {
    end = begin + 1;
    if (!llvm::isDigit(head[begin]))
      continue;
    while (end < head.size() && llvm::isDigit(head[end]))
      ++end;
    Counting counting = {head.take_front(begin), head.drop_front(end), 0, 1};
    std::optional<int64_t> first = numberIn(names[0], counting.prefix, counting.suffix);
    std::optional<int64_t> second = numberIn(names[1], counting.prefix, counting.suffix);
    if (!first || !second || *second <= *first)
      continue;
    counting.first = *first;
    counting.step = *second - *first;
    bool counts = true;
    for (auto [index, name] : llvm::enumerate(names))
      counts &= numberIn(name, counting.prefix, counting.suffix) == counting.first + counting.step * int64_t(index);
    if (counts)
      return counting;
  }
  return std::nullopt;
}

/// prefix{a|b|c}suffix of names that don't count; empty where they can't be listed.
static std::string listNames(ArrayRef<StringRef> names) {
  StringRef prefix = names.front(), suffix = names.front();
  for (StringRef name : names) {
    if (name.find_first_of("{|}") != StringRef::npos)
      return "";
    while (!name.starts_with(prefix))
      prefix = prefix.drop_back();
  }
  suffix = suffix.drop_front(prefix.size());
  for (StringRef name : names)
    while (!name.drop_front(prefix.size()).ends_with(suffix))
      suffix = suffix.drop_front();
  auto middles =
      llvm::map_range(names, [&](StringRef name) { return name.drop_front(prefix.size()).drop_back(suffix.size()); });
  return (prefix + "{" + llvm::join(middles, "|") + "}" + suffix).str();
}

static StringRef nameOf(xf::WeightOp weight) { return weight.getSymName(); }

std::string stackName(ArrayRef<xf::WeightOp> weights) {
  SmallVector<StringRef> names = llvm::map_to_vector(weights, nameOf);
  std::optional<Counting> counting = findCounting(names);
  if (counting && !(counting->prefix.rtrim("._") + counting->suffix).str().empty())
    return (counting->prefix.rtrim("._") + counting->suffix).str();
  StringRef prefix = names.front();
  for (StringRef name : names)
    while (!name.starts_with(prefix))
      prefix = prefix.drop_back();
  prefix = prefix.rtrim("._");
  return (prefix.empty() ? names.front() : prefix).str();
}

ArrayAttr stackSources(ArrayRef<xf::WeightOp> weights, std::string &reason) {
  MLIRContext *context = weights.front()->getContext();
  bool anew = xf::WeightOp(weights.front()).getRequantized();
  if (llvm::any_of(weights, [&](xf::WeightOp weight) { return weight.getRequantized() != anew; })) {
    reason = "only some of the weights are encoded anew";
    return {};
  }
  // Without sources a weight is the tensor of its name.
  auto sourcesOf = [&](xf::WeightOp weight) {
    return weight.getSources() ? llvm::to_vector(weight.getSources()->getAsRange<xf::SourceAttr>())
                               : SmallVector<xf::SourceAttr>{xf::SourceAttr::get(context, weight.getSymName())};
  };
  SmallVector<SmallVector<xf::SourceAttr>> sources = llvm::map_to_vector(weights, sourcesOf);
  SmallVector<Attribute> stacked;
  for (size_t index = 0; index < sources.front().size(); ++index) {
    SmallVector<StringRef> names;
    xf::SourceAttr first = sources.front()[index];
    if (!first.getColumns().empty()) {
      reason = ("the columns of the weight @" + nameOf(weights.front()) + " are scaled by another tensor").str();
      return {};
    }
    for (auto [weight, each] : llvm::zip_equal(weights, sources)) {
      if (each.size() != sources.front().size() ||
          withName(each[index], first.getTensor(), 0, 1) != withName(first, first.getTensor(), 0, 1)) {
        reason = ("the weights @" + nameOf(weights.front()) + " and @" + nameOf(weight) +
                  " come from their sources in different ways")
                     .str();
        return {};
      }
      names.push_back(each[index].getTensor());
    }
    std::optional<Counting> counting = findCounting(names);
    if (!counting) {
      std::string listed = listNames(names);
      if (listed.empty()) {
        reason =
            ("the names \"" + names[0] + "\" and \"" + names[1] + "\" of tensors can be neither counted nor listed")
                .str();
        return {};
      }
      stacked.push_back(withName(first, listed, 0, 1));
      continue;
    }
    stacked.push_back(
        withName(first, (counting->prefix + "{layer}" + counting->suffix).str(), counting->first, counting->step));
  }
  return ArrayAttr::get(context, stacked);
}

} // namespace ph
