// Graphs in graphs. What is decided while compiling is read once or unrolled; a branch that is chosen at run time is a
// selection between what both give, as no operator does anything but compute.
#include "Node.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "runtime/base/Quote.h"

using namespace mlir;

namespace ph::onnx_import {

/// More rounds of a loop than this are refused: each becomes code of its own.
static constexpr int64_t kMostRounds = 1024;

/// The value of one element that is known while compiling.
static std::optional<int64_t> known(const Entry *entry) {
  if (!entry || !entry->elements || entry->elements->values.size() != 1)
    return std::nullopt;
  return getConstantIntValue(entry->elements->values[0]);
}

static const onnx::GraphProto *graphOf(Node &n, StringRef name, size_t inputs) {
  const onnx::GraphProto *graph = n.graph(name);
  if (graph && size_t(graph->input_size()) == inputs)
    return graph;
  n.fail(graph
             ? "has a graph '" + name + "' of " + Twine(graph->input_size()) + " inputs, but gives it " + Twine(inputs)
             : "has no graph '" + name + "'");
  return nullptr;
}

static void branch(Node &n) {
  const onnx::GraphProto *yes = graphOf(n, "then_branch", 0), *no = graphOf(n, "else_branch", 0);
  Entry *condition = n.entry(0);
  if (!yes || !no || !condition)
    return;
  std::optional<int64_t> chosen = known(condition);
  SmallVector<Entry> here = n.g.readGraph(chosen && !*chosen ? *no : *yes, {}, &n.scope), there;
  if (!chosen && !n.b.hasFailed())
    there = n.g.readGraph(*no, {}, &n.scope);
  if (n.b.hasFailed())
    return;
  if (int64_t(here.size()) < n.results() || (!chosen && there.size() != here.size()))
    return void(n.fail("has branches that don't give what it gives"));
  if (chosen) {
    for (int i = 0; i < n.results(); ++i)
      n.give(i, here[i]);
    return;
  }
  Value flag = n.tensor(0);
  if (!flag || TensorBuilder::typeOf(flag).getNumElements() != 1)
    return void(n.fail("expects one condition"));
  flag = n.b.reshape(flag, {});
  for (int i = 0; i < n.results(); ++i) {
    Value x = n.g.tensorOf(here[i]), y = n.g.tensorOf(there[i]);
    if (!x || !y)
      return;
    if (x.getType() != y.getType() || here[i].type != there[i].type)
      return void(n.fail("is decided at run time, but result " + Twine(i) + " has different shapes in its branches"));
    n.give(i, n.b.select(flag, x, y), here[i].type);
  }
}

/// Stacks what each round gave along a new axis.
static Entry stacked(Node &n, MutableArrayRef<Entry> rounds, int64_t axis) {
  SmallVector<Value> parts;
  for (Entry &round : rounds) {
    Value part = n.g.tensorOf(round);
    if (!part)
      return {};
    parts.push_back(n.b.unsqueeze(part, {n.wrapAxis(axis, TensorBuilder::rankOf(part) + 1)}));
  }
  Entry result;
  if (parts.empty() || !parts[0]) {
    n.fail("stacks results of no rounds");
    return result;
  }
  result.type = rounds[0].type;
  result.tensor = n.b.concat(parts, n.wrapAxis(axis, TensorBuilder::rankOf(parts[0])));
  return result;
}

/// Gives what is carried, then what each round's results become together.
static void finish(Node &n, ArrayRef<Entry> carried, MutableArrayRef<SmallVector<Entry>> rounds,
                   llvm::function_ref<int64_t(int64_t)> axisOf) {
  for (auto [i, entry] : llvm::enumerate(carried))
    if (n.wants(int(i)))
      n.give(int(i), entry);
  for (auto [i, each] : llvm::enumerate(rounds))
    if (int place = int(carried.size() + i); n.wants(place)) {
      Entry entry = stacked(n, each, axisOf(int64_t(i)));
      if (n.b.hasFailed())
        return;
      n.give(place, entry);
    }
}

static void loop(Node &n) {
  const size_t carriedCount = size_t(std::max(n.inputs() - 2, 0));
  const onnx::GraphProto *body = graphOf(n, "body", carriedCount + 2);
  if (!body)
    return;
  std::optional<int64_t> most = INT64_MAX, goesOn = 1;
  if (n.has(0) && !(most = known(n.entry(0))))
    return void(n.fail("has a number of rounds that only run time tells"));
  if (n.has(1) && !(goesOn = known(n.entry(1))))
    return void(n.fail("has a condition that only run time tells"));
  if (size_t(body->output_size()) < carriedCount + 1)
    return void(n.fail("has a body that gives too little"));
  SmallVector<Entry> carried;
  for (size_t i = 0; i < carriedCount; ++i) {
    Entry *entry = n.entry(int(i) + 2);
    if (!entry)
      return;
    carried.push_back(*entry);
  }
  SmallVector<SmallVector<Entry>> rounds(size_t(body->output_size()) - carriedCount - 1);
  for (int64_t round = 0; round < *most && *goesOn; ++round) {
    if (round == kMostRounds)
      return void(n.fail("has more than " + Twine(kMostRounds) + " rounds"));
    Entry number, flag;
    number.type = int64Type();
    number.elements = Elements{{}, {n.b.size(round)}};
    flag.type = boolType();
    flag.elements = Elements{{}, {n.b.size(1)}};
    SmallVector<Entry> inputs{number, flag};
    inputs.append(carried);
    SmallVector<Entry> outputs = n.g.readGraph(*body, inputs, &n.scope);
    if (n.b.hasFailed())
      return;
    goesOn = known(&outputs[0]);
    if (!goesOn)
      return void(n.fail("has a condition that only run time tells"));
    carried.assign(outputs.begin() + 1, outputs.begin() + 1 + ptrdiff_t(carriedCount));
    for (auto [each, output] : llvm::zip_equal(rounds, ArrayRef(outputs).drop_front(carriedCount + 1)))
      each.push_back(output);
  }
  finish(n, carried, rounds, [](int64_t) { return 0; });
}

/// One number for each scanned operand or result; `otherwise` for all where the attribute isn't given.
static std::optional<SmallVector<int64_t>> perScan(Node &n, StringRef name, int64_t count) {
  auto list = n.integerList(name);
  if (!list)
    return SmallVector<int64_t>(size_t(count), 0);
  if (int64_t(list->size()) == count)
    return list;
  n.fail("expects " + Twine(count) + " numbers as '" + name + "'");
  return std::nullopt;
}

static void scan(Node &n) {
  const int64_t scans = n.integer("num_scan_inputs", 0), states = n.inputs() - scans;
  const onnx::GraphProto *body = graphOf(n, "body", size_t(n.inputs()));
  if (!body)
    return;
  if (scans < 1 || states < 0 || body->output_size() < states)
    return void(n.fail("has a body that doesn't fit its operands"));
  const int64_t results = body->output_size() - states;
  auto axes = perScan(n, "scan_input_axes", scans), directions = perScan(n, "scan_input_directions", scans);
  auto axesOut = perScan(n, "scan_output_axes", results), directionsOut = perScan(n, "scan_output_directions", results);
  if (!axes || !directions || !axesOut || !directionsOut)
    return;
  SmallVector<Entry> carried;
  SmallVector<Value> scanned;
  for (int i = 0; i < n.inputs(); ++i) {
    Entry *entry = n.entry(i);
    if (entry && i < states)
      carried.push_back(*entry);
    else
      scanned.push_back(n.tensor(i));
    if (n.b.hasFailed())
      return;
  }
  int64_t length = -1;
  for (auto [x, axis] : llvm::zip_equal(scanned, *axes)) {
    axis = n.wrapAxis(axis, TensorBuilder::rankOf(x));
    if (n.b.hasFailed())
      return;
    const int64_t size = TensorBuilder::typeOf(x).getDimSize(axis);
    if (ShapedType::isDynamic(size) || (length >= 0 && size != length) || size > kMostRounds)
      return void(n.fail("expects one known length of at most " + Twine(kMostRounds) + " for all that it scans"));
    length = size;
  }
  SmallVector<SmallVector<Entry>> rounds(static_cast<size_t>(results));
  for (int64_t round = 0; round < length; ++round) {
    SmallVector<Entry> inputs = carried;
    for (auto [i, x] : llvm::enumerate(scanned)) {
      const int64_t at = (*directions)[i] ? length - 1 - round : round, axis = (*axes)[i];
      Sizes sizes = n.b.dims(x);
      sizes.erase(sizes.begin() + axis);
      Entry entry;
      entry.type = n.type(int(states + int64_t(i)));
      entry.tensor = n.b.reshapeTo(n.b.slice(x, axis, n.b.size(at), n.b.size(at + 1)), sizes);
      inputs.push_back(entry);
    }
    SmallVector<Entry> outputs = n.g.readGraph(*body, inputs, &n.scope);
    if (n.b.hasFailed())
      return;
    carried.assign(outputs.begin(), outputs.begin() + states);
    for (auto [each, output] : llvm::zip_equal(rounds, ArrayRef(outputs).drop_front(size_t(states))))
      each.push_back(output);
  }
  for (auto [each, backwards] : llvm::zip_equal(rounds, *directionsOut))
    if (backwards)
      std::reverse(each.begin(), each.end());
  finish(n, carried, rounds, [&](int64_t i) { return (*axesOut)[size_t(i)]; });
}

ArrayRef<Operator> controlOperators() {
  static constexpr Operator operators[] = {{"If", branch}, {"Loop", loop}, {"Scan", scan, 9}};
  return operators;
}

} // namespace ph::onnx_import
