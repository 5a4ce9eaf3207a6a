// Repeats: which layers are alike, and the loops over them.
#include "FunctionBuilder.h"

using namespace mlir;

namespace ph {

/// Says in what the layers of a repeat differ: two layers with the same trace have the same code.
class LayerTracer {
public:
  explicit LayerTracer(FunctionBuilder &function) : function(function) {}

  Expected<std::string> trace(const Statement &repeat, int64_t layer) {
    function.layers = FunctionBuilder::Layers{layer, 1, 1, {}};
    auto outer = function.scalars;
    text.clear();
    local.clear();
    Status error = lines(repeat.body);
    function.scalars = std::move(outer);
    function.layers.reset();
    return error ? Expected<std::string>(error.error()) : Expected<std::string>(text);
  }

private:
  bool dependsOnLayer(const Expression &e) const {
    if (e.is(Expression::Kind::Name) && (e.text == "layer" || local.count(e.text)))
      return true;
    // Whether a weight is given may differ between layers.
    return llvm::any_of(e.arguments, [&](const Expression &argument) { return dependsOnLayer(argument); }) ||
           (e.is(Expression::Kind::Call) && e.text == "given");
  }

  Status note(const Expression &e) {
    if (!dependsOnLayer(e))
      return {};
    Expected<Scalar> value = function.scalar(e);
    if (!value)
      return value.error();
    text += toString(*value) + ";";
    return {};
  }

  Status visit(const Expression &e) {
    if (function.isScalar(e))
      return note(e);
    if (e.is(Expression::Kind::Name))
      if (const ResolvedWeight *weight = function.model.findWeight(e.text); weight && weight->entry->stacked)
        text += weight->placeOf(function.layers->first) ? "+" : "-";
    for (const Expression &argument : e.arguments)
      if (Status error = visit(argument))
        return error;
    return {};
  }

  Status lines(const std::vector<Statement> &body) {
    for (const Statement &statement : body) {
      function.line = statement.line;
      if (statement.kind == Statement::Kind::Repeat)
        return function.fail("a repeat inside a repeat");
      if (statement.kind == Statement::Kind::If) {
        Expected<bool> holds = function.truth(statement.value);
        if (!holds)
          return holds.error();
        text += *holds ? "T" : "F";
        if (Status error = lines(*holds ? statement.body : statement.otherwise))
          return error;
        continue;
      }
      if (Status error = visit(statement.value))
        return error;
      if (statement.targets.size() == 1 && function.isScalar(statement.value)) {
        Expected<Scalar> value = function.scalar(statement.value);
        if (!value)
          return value.error();
        function.scalars[statement.targets[0]] = *value;
        if (dependsOnLayer(statement.value))
          local.insert(statement.targets[0]);
      }
    }
    return {};
  }

  FunctionBuilder &function;
  std::string text;
  std::set<std::string> local; ///< scalars that depend on the layer
};

/// The longest run of layers from `begin` that one loop can do: a period of unlike layers, at least twice unless it is
/// one layer. Of equally long runs that of the shortest period.
static std::pair<int64_t, int64_t> findRun(ArrayRef<std::string> traces, size_t begin) {
  constexpr size_t kLongestPeriod = 64;
  size_t rest = traces.size() - begin;
  std::pair<int64_t, int64_t> best = {1, 1};
  for (size_t period = 1; period <= std::min(kLongestPeriod, rest); ++period) {
    size_t length = period;
    while (begin + length < traces.size() && traces[begin + length] == traces[begin + length - period])
      ++length;
    int64_t count = length / period;
    if ((count > 1 || period == 1) && count * int64_t(period) > best.first * best.second)
      best = {int64_t(period), count};
  }
  return best;
}

Status FunctionBuilder::buildRepeat(const Statement &statement) {
  if (layers)
    return fail("a repeat inside a repeat");
  Expected<Scalar> count = scalar(statement.value);
  if (!count)
    return count.error();
  Expected<Scalar> first = statement.first ? scalar(*statement.first) : Expected<Scalar>(Scalar(layersBefore));
  if (!first)
    return first.error();
  auto *total = std::get_if<int64_t>(&*count), *begin = std::get_if<int64_t>(&*first);
  if (!total || !begin || *total < 0 || *total > 65536 || *begin < 0 || *begin > 65536)
    return fail("the repeat has " + toString(*count) + " layers from number " + toString(*first));
  if (cache && *begin + *total > cast<xf::CacheType>(cache.getType()).getLayers())
    return fail("the repeat's count is " + toString(*count) + ", but the model has " +
                std::to_string(cast<xf::CacheType>(cache.getType()).getLayers() - *begin) + " layers left");
  SmallVector<std::string> traces;
  for (int64_t layer = 0; layer < *total; ++layer) {
    Expected<std::string> trace = LayerTracer(*this).trace(statement, *begin + layer);
    if (!trace)
      return trace.error();
    traces.push_back(std::move(*trace));
  }
  for (int64_t layer = 0; layer < *total;) {
    auto [period, runs] = findRun(traces, layer);
    if (Status error = buildRun(statement, *begin + layer, period, runs))
      return error;
    layer += period * runs;
  }
  layersBefore = *begin + *total;
  return {};
}

/// The names that lines may give a value.
static void collectTargets(const std::vector<Statement> &lines, SmallVectorImpl<std::string> &into) {
  for (const Statement &statement : lines) {
    for (const std::string &target : statement.targets)
      if (!llvm::is_contained(into, target))
        into.push_back(target);
    collectTargets(statement.body, into);
    collectTargets(statement.otherwise, into);
  }
}

Status FunctionBuilder::buildRun(const Statement &statement, int64_t first, int64_t period, int64_t count) {
  auto outerLoaded = std::exchange(loaded, {});
  auto outerIndices = std::exchange(indices, {});
  auto outerNames = names;
  auto outerScalars = scalars;
  // What the body assigns and what was there before is carried from layer to layer; the rest is local to a layer.
  SmallVector<std::string> targets;
  collectTargets(statement.body, targets);
  carried.clear();
  for (const std::string &target : targets)
    if (auto it = names.find(target); it != names.end() && it->second)
      carried.insert(target);
  xf::RepeatOp repeat;
  OpBuilder::InsertionGuard guard(builder);
  if (count > 1) {
    line = statement.line;
    SmallVector<Value> inits;
    for (const std::string &name : carried)
      inits.push_back(names[name]);
    if (cache)
      inits.push_back(cache);
    repeat = xf::RepeatOp::create(builder, here(), count, inits);
    Block *body = repeat.getBlock();
    builder.setInsertionPointToStart(body);
    for (auto [index, name] : llvm::enumerate(carried))
      names[name] = body->getArgument(index + 1);
    if (cache)
      cache = body->getArgument(carried.size() + 1);
  }
  for (int64_t inner = 0; inner < period; ++inner)
    if (Status error = buildLayer(statement, {first + inner, period, count, repeat ? repeat.getLayer() : Value()}))
      return error;
  const std::set<std::string> done = std::exchange(carried, {});
  std::map<std::string, Value, std::less<>> results = std::move(names);
  names = std::move(outerNames);
  scalars = std::move(outerScalars);
  loaded = std::move(outerLoaded);
  indices = std::move(outerIndices);
  if (!repeat) {
    for (const std::string &name : done)
      names[name] = results.at(name);
    return {};
  }
  line = statement.line;
  SmallVector<Value> yields;
  for (const std::string &name : done)
    yields.push_back(results.at(name));
  if (cache)
    yields.push_back(cache);
  if (llvm::is_contained(yields, Value()))
    return fail("a name that is carried from layer to layer becomes none");
  xf::YieldOp::create(builder, here(), yields);
  for (auto [index, name] : llvm::enumerate(done))
    names[name] = repeat.getResult(index);
  if (cache)
    cache = repeat.getResult(done.size());
  return {};
}

Status FunctionBuilder::buildLayer(const Statement &statement, Layers which) {
  layers = which;
  attended = false;
  loaded.clear();
  auto outerNames = names;
  auto outerScalars = scalars;
  Status error = buildLines(statement.body);
  layers.reset();
  if (error)
    return error;
  // Names of this layer alone end with it.
  for (auto it = names.begin(); it != names.end();)
    it = outerNames.count(it->first) ? std::next(it) : names.erase(it);
  scalars = std::move(outerScalars);
  return {};
}

Value FunctionBuilder::indexValue(int64_t start, int64_t step) {
  if (!layers->iteration)
    step = 0;
  if (auto known = indices.find({start, step}); known != indices.end())
    return known->second;
  auto constant = [&](int64_t number) { return arith::ConstantIndexOp::create(builder, here(), number).getResult(); };
  Value value;
  if (!step)
    value = constant(start);
  else if (start)
    value = arith::AddIOp::create(builder, here(), indexValue(0, step), constant(start));
  else if (step == 1)
    value = layers->iteration;
  else
    value = arith::MulIOp::create(builder, here(), layers->iteration, constant(step));
  return indices[{start, step}] = value;
}

} // namespace ph
