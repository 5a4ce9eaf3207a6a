#include "lib/Proof/Judge.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Proof/CacheTensors.h"
#include "lib/Proof/Steps.h"
#include "lib/Proof/Weights.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <set>

using namespace mlir;
using ph::reference::Fill;
using ph::reference::Precision;

namespace ph::proof {

/// The outermost module that `op` is in.
static ModuleOp moduleOf(Operation *op) {
  ModuleOp module;
  for (; op; op = op->getParentOp())
    if (auto outer = dyn_cast<ModuleOp>(op))
      module = outer;
  return module;
}

std::string pathOf(func::FuncOp function) {
  std::string path = "@" + function.getSymName().str();
  for (Operation *op = function->getParentOp(); op && op->getParentOp(); op = op->getParentOp())
    if (auto name = op->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName()))
      path = "@" + name.str() + "::" + path;
  return path;
}

func::FuncOp findFunction(Operation *root, StringRef path) {
  func::FuncOp found;
  root->walk([&](func::FuncOp function) {
    if (pathOf(function) != path)
      return WalkResult::advance();
    found = function;
    return WalkResult::interrupt();
  });
  return found;
}

/// The flag of a pass with its options.
static std::string pipelineOf(Pass *pass) {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (pass->getArgument().empty())
    out << pass->getName();
  else
    pass->printAsTextualPipeline(out);
  // Options without a value leave spaces: "xf-do-thing{a=1 }", "xf-do-thing{ }".
  auto [name, options] = StringRef(text).split('{');
  options.consume_back("}");
  options = options.trim();
  return options.empty() ? name.str() : (name + "{" + options + "}").str();
}

/// `outcome` with NaN, which says nothing, where both runs that show hidden rows have it. What depends on such rows
/// before the pass is what it may change: rows that only it hides are not excused. (After it as well: where primitives
/// add a mask, NaN of keys that a query does not see reaches it nevertheless.)
static Outcome withoutHidden(Outcome outcome, const Outcome &before, const Outcome &after) {
  outcome.refusal = !before.refusal.empty() ? before.refusal : after.refusal;
  for (auto &[name, tensor] : outcome.results) {
    auto own = before.results.find(name), other = after.results.find(name);
    if (own == before.results.end() || other == after.results.end() || other->second.shape != tensor.shape)
      continue;
    for (auto [x, a, b] : llvm::zip_equal(tensor.data, own->second.data, other->second.data))
      if (std::isnan(a) && std::isnan(b))
        x = a;
  }
  return outcome;
}

/// Whether nothing in the results can be compared.
static bool saysNothing(const Outcome &outcome) {
  return llvm::all_of(outcome.results, [](const auto &result) {
    return llvm::all_of(result.second.data, [](double x) { return std::isnan(x); });
  });
}

/// Whether weights after a pass are products of what was stored before: columns of `after` that `before` has not.
static bool foldsWeights(func::FuncOp before, func::FuncOp after) {
  auto columnsOf = [](func::FuncOp function) {
    std::set<std::string> columns;
    moduleOf(function).walk([&](xf::WeightOp weight) {
      if (std::optional<ArrayAttr> sources = weight.getSources())
        for (auto source : sources->getAsRange<xf::SourceAttr>())
          if (!source.getColumns().empty())
            columns.insert(source.getTensor().str() + " " + source.getColumns().str());
    });
    return columns;
  };
  std::set<std::string> own = columnsOf(before), other = columnsOf(after);
  return !std::includes(own.begin(), own.end(), other.begin(), other.end());
}

/// Passes of the pass manager itself and of ValueVerifier.
static bool isMachinery(Pass *pass) {
  return pass->getName().contains("OpToOpPassAdaptor") || pass->getName() == kEndOfVerification;
}

static bool isHalfCache(Type type) {
  auto cache = dyn_cast<xf::CacheType>(type);
  return cache && cache.getElementType().isF16();
}

/// Whether values of the function are rounded to less than f32: which way may turn on the last bit.
static bool keepsLessThanF32(func::FuncOp function) {
  auto isEncoded = [](Type type) { return isHalfCache(type) || (isa<ShapedType>(type) && xf::getFormat(type)); };
  return function
             .walk([&](Operation *op) {
               bool encoded = llvm::any_of(op->getResultTypes(), isEncoded) && !isa<xf::LoadWeightOp>(op);
               return encoded ? WalkResult::interrupt() : WalkResult::advance();
             })
             .wasInterrupted() ||
         llvm::any_of(function.getArgumentTypes(), isEncoded);
}

/// Runs that are moved at random in the last place, to see what rounding can do.
static constexpr uint64_t kJitters = 6;

/// `rounded` with what is farther from `exact` in runs that are moved at random.
static Outcome widened(const Outcome &exact, Outcome rounded, function_ref<Outcome(uint64_t)> run) {
  for (uint64_t jitter = 1; jitter <= kJitters; ++jitter) {
    Outcome moved = run(jitter);
    for (auto &[name, tensor] : rounded.results) {
      auto wanted = exact.results.find(name);
      auto other = moved.results.find(name);
      if (wanted == exact.results.end() || other == moved.results.end() ||
          other->second.data.size() != tensor.data.size() || wanted->second.data.size() != tensor.data.size())
        continue;
      for (auto [x, y, right] : llvm::zip_equal(tensor.data, other->second.data, wanted->second.data))
        if (std::fabs(y - right) > std::fabs(x - right))
          x = y;
    }
  }
  return rounded;
}

/// Caches of f16 and encoded activations, which both functions have, round the same in both, but which way may turn on
/// the last bit of what is put into them. So what they give without that is compared.
static std::optional<Difference> compareUnencoded(func::FuncOp before, ArrayRef<reference::Value> inputs,
                                                  func::FuncOp after, reference::WeightProvider &weights,
                                                  bool exactActivations) {
  reference::Deviations deviations;
  deviations.exactCaches = true;
  deviations.exactActivations = exactActivations;
  auto run = [&](func::FuncOp function, Precision precision) {
    return runFunction(function, inputs, weights, precision, deviations);
  };
  Outcome exact = run(before, Precision::F64), got = run(after, Precision::F64);
  Outcome rounded = run(before, Precision::F32), gotRounded = run(after, Precision::F32);
  for (const Outcome *outcome : {&exact, &got, &rounded, &gotRounded})
    if (!outcome->refusal.empty())
      return Difference{outcome->refusal};
  const Outcome *folded = foldsWeights(before, after) ? &gotRounded : nullptr;
  auto compare = [&]() -> std::optional<Difference> {
    if (std::optional<Difference> difference =
            findDifference(exact, got, [&]() -> const Outcome & { return rounded; }, [&] { return folded; }))
      return difference;
    return findRoundingDifference(exact, rounded, gotRounded);
  };
  if (!compare())
    return std::nullopt;
  rounded = widened(exact, std::move(rounded), [&](uint64_t jitter) {
    reference::Deviations moved = deviations;
    moved.jitter = jitter;
    return runFunction(before, inputs, weights, Precision::F32, moved);
  });
  return compare();
}

std::optional<Difference> compareSample(func::FuncOp before, Recorded &recorded, func::FuncOp after, Change change,
                                        reference::WeightProvider &weights, Gotten &got) {
  ArrayRef<reference::Value> inputs = recorded.inputs;
  // Where caches have become tensors, what is recorded of them is given and taken as tensors.
  bool tensors = takesCachesAsTensors(before.getFunctionType(), after.getFunctionType());
  bool steps = takesSteps(before.getFunctionType(), after.getFunctionType());
  SmallVector<reference::Value> inputsAfter(inputs);
  if (tensors)
    inputsAfter = cachesAsTensors(before, recorded.sample, inputs, recorded.exact);
  auto runAfter = [&](Precision precision, const reference::Deviations &deviations) {
    if (steps)
      return runInSteps(before, after, inputs, weights, precision, deviations);
    Outcome outcome = runFunction(after, inputsAfter, weights, precision, deviations);
    return tensors ? tensorsAsCaches(before, std::move(outcome), recorded.exact) : outcome;
  };
  got.exact = steps ? runAfter(Precision::F64, {}) : runFunction(after, inputsAfter, weights, Precision::F64);
  if (!got.exact.refusal.empty())
    return Difference{"it can't be run any more: " + got.exact.refusal};

  reference::Deviations deviations;
  deviations.exactActivations = change == ValueChange::Activations;
  auto runBefore = [&](Precision precision, uint64_t jitter = 0) {
    reference::Deviations given = deviations;
    given.jitter = jitter;
    if (change != ValueChange::Weights)
      return runFunction(before, inputs, weights, precision, given);
    given.exactWeights = true;
    return runFunction(before, inputs, *takeWeightsOf(after, weights), precision, given);
  };
  std::optional<Outcome> own, ownRounded, ownGot, gotRounded;
  const Outcome *exact = &recorded.exact, *given = &got.exact;
  if (tensors)
    given = &ownGot.emplace(tensorsAsCaches(before, got.exact, recorded.exact));
  if (change == ValueChange::Weights || change == ValueChange::Activations)
    exact = &own.emplace(runBefore(Precision::F64));
  if (change == ValueChange::Activations)
    given = &ownGot.emplace(runAfter(Precision::F64, deviations));
  if (change == ValueChange::HiddenRows) {
    reference::Deviations hiding;
    hiding.hiddenRowsAreNan = true;
    exact = &own.emplace(withoutHidden(recorded.exact, runFunction(before, inputs, weights, Precision::F64, hiding),
                                       runAfter(Precision::F64, hiding)));
    got.hidden = saysNothing(*exact);
  }
  for (const Outcome *outcome : {exact, given})
    if (!outcome->refusal.empty())
      return Difference{outcome->refusal};

  auto rounded = [&]() -> const Outcome & {
    std::optional<Outcome> &kept =
        change == ValueChange::Nothing || change == ValueChange::HiddenRows ? recorded.rounded : ownRounded;
    if (!kept)
      kept = runBefore(Precision::F32);
    return *kept;
  };
  auto roundedAfter = [&]() -> const Outcome & {
    if (!gotRounded)
      gotRounded = runAfter(Precision::F32, deviations);
    return *gotRounded;
  };
  // What rounding can do, asked for where one run of it doesn't explain a difference.
  std::optional<Outcome> wide;
  auto widest = [&]() -> const Outcome & {
    if (!wide)
      wide = widened(*exact, rounded(), [&](uint64_t jitter) { return runBefore(Precision::F32, jitter); });
    return *wide;
  };
  bool same = change == ValueChange::Nothing && !tensors && !steps;
  auto folded = [&] { return foldsWeights(before, after) ? &roundedAfter() : nullptr; };
  std::optional<Difference> difference = findDifference(*exact, *given, rounded, folded);
  if (difference && (difference = findDifference(*exact, *given, widest, folded))) {
    bool ties = same && llvm::any_of(before.getArgumentTypes(), isHalfCache);
    return ties ? compareUnencoded(before, inputs, after, weights, /*exactActivations=*/false) : difference;
  }
  if (!rounded().refusal.empty())
    return std::nullopt;
  if (!roundedAfter().refusal.empty())
    return Difference{"it can't be run in f32 any more: " + roundedAfter().refusal};
  difference = findRoundingDifference(*exact, rounded(), roundedAfter());
  if (difference && (difference = findRoundingDifference(*exact, widest(), roundedAfter())))
    return same && keepsLessThanF32(before)
               ? compareUnencoded(before, inputs, after, weights, /*exactActivations=*/true)
               : difference;
  if (recorded.sample.fill == Fill::Large && change != ValueChange::HiddenRows)
    if (std::optional<Difference> difference = findOverflow(rounded(), roundedAfter()))
      return difference;
  // What a next pass is compared with.
  if (!tensors && change != ValueChange::Activations)
    got.rounded = std::move(gotRounded);
  return std::nullopt;
}

reference::WeightProvider *ValueVerifier::Judge::getWeights(ModuleOp module) {
  if (weights)
    return weights.get();
  if (options.weights.empty()) {
    weights = rememberWeights(reference::makeSeededWeights(options.seed));
    return weights.get();
  }
  Expected<std::unique_ptr<reference::WeightProvider>> opened = [&]() -> decltype(opened) {
    if (options.openWeights)
      return options.openWeights(options.weights);
    auto file = SafetensorsFile::open(options.weights);
    if (!file)
      return file.error();
    return reference::makeFileWeights(*file);
  }();
  if (opened)
    weights = rememberWeights(std::move(*opened));
  else
    emitError(module.getLoc()) << opened.error().message;
  return weights.get();
}

Record ValueVerifier::Judge::record(func::FuncOp function) {
  Record record;
  if (function.getNumResults() == 0) {
    record.refusal = "it gives no results";
    return record;
  }
  record.refusal = findMissingSemantics(function);
  if (!record.refusal.empty())
    return record;
  for (const Sample &sample : planSamples(function, options)) {
    std::string refusal;
    Recorded recorded{sample, makeSample(function, sample, refusal), {}, {}};
    if (refusal.empty()) {
      recorded.exact = runFunction(function, recorded.inputs, *weights, Precision::F64);
      refusal = recorded.exact.refusal;
    }
    // Sizes that a function does not take are no reason not to compare it for others.
    if (refusal.empty())
      record.samples.push_back(std::move(recorded));
    else
      ++record.refusedSamples[llvm::formatv("batch {0} and sequence {1}: {2}", sample.batch, sample.sequence, refusal)];
    if (record.samples.empty())
      record.refusal = refusal;
    else
      record.refusal.clear();
  }
  return record;
}

void ValueVerifier::Judge::before(Pass *pass, Operation *op) {
  ModuleOp module = moduleOf(op);
  if (isMachinery(pass) || !module)
    return;
  OperationFingerPrint fingerprint(module);
  frames.push_back(
      {pass, pipelineOf(pass), fingerprint, module.clone(), known && *known == fingerprint ? knownRecords : Records()});
}

void ValueVerifier::Judge::afterFailed(Pass *pass) {
  if (!frames.empty() && frames.back().pass == pass)
    frames.pop_back();
}

void ValueVerifier::Judge::fail(Frame &frame, func::FuncOp function, const Sample &sample, const std::string &what,
                                Change change) {
  ++counts.differences;
  std::string path = pathOf(function), reproducer;
  if (!options.reproducer.empty())
    reproducer = writeReproducer(*frame.module, {frame.pipeline, path, sample, change}, options, *weights);
  InFlightDiagnostic diagnostic = emitError(function.getLoc());
  diagnostic << frame.pipeline << " changes the values of " << path << ": " << what << " on " << sample.describe();
  if (!reproducer.empty())
    diagnostic << "; " << reproducer;
}

void ValueVerifier::Judge::failInterface(Frame &frame, func::FuncOp function, StringRef what) {
  ++counts.differences;
  emitError(function.getLoc()) << frame.pipeline << " " << what << " of the public " << pathOf(function)
                               << ", which it does not declare";
}

void ValueVerifier::Judge::judge(Frame &frame, func::FuncOp before, func::FuncOp after, Records &next) {
  std::string path = pathOf(before);
  ValueChange change{ValueChange::Nothing, ""};
  if (auto *changes = dynamic_cast<ChangesValues *>(frame.pass))
    change = changes->getValueChange();
  bool mayGo = change.changesInterface || !before.isPublic();
  if (!after || after.isExternal())
    return mayGo ? skip(frame.pipeline, path, "the pass removes it") : failInterface(frame, before, "removes the body");
  if (before.getFunctionType() != after.getFunctionType() &&
      !takesCachesAsTensors(before.getFunctionType(), after.getFunctionType()) &&
      !takesSteps(before.getFunctionType(), after.getFunctionType()))
    return mayGo ? skip(frame.pipeline, path, "the pass changes its signature")
                 : failInterface(frame, before, "changes the signature");
  if (change.kind == ValueChange::Meaning && change.sameUpTo == 0)
    return skip(frame.pipeline, path, "the pass changes what is computed (" + change.why.str() + ")");
  if (!frame.records.count(path))
    frame.records[path] = record(before);
  if (const std::string &refusal = frame.records[path].refusal; !refusal.empty())
    return skip(frame.pipeline, path, refusal);
  if (std::string reason = findMissingSemantics(after); !reason.empty())
    return skip(frame.pipeline, path, "after it " + reason);
  compare(frame, before, after, change, next);
}

void ValueVerifier::Judge::compare(Frame &frame, func::FuncOp before, func::FuncOp after, const ValueChange &change,
                                   Records &next) {
  std::string path = pathOf(before);
  Record &known = frame.records[path];
  for (auto &[what, times] : known.refusedSamples)
    skipped[path + ", " + frame.pipeline + ": " + what] += times;
  // In short contexts the meaning is the same, up to there.
  Change kind = change.kind == ValueChange::Meaning ? ValueChange::Nothing : change.kind;
  bool measured = (kind == ValueChange::Weights || kind == ValueChange::Activations) && !hasChoice(before);
  bool any = false, seen = false; // whether anything was compared, of random inputs as well
  Record gotten;
  gotten.refusedSamples = known.refusedSamples;
  bool tensors = takesCachesAsTensors(before.getFunctionType(), after.getFunctionType());
  for (Recorded &recorded : known.samples) {
    if (change.kind == ValueChange::Meaning && countPositions(recorded.inputs) > change.sameUpTo)
      continue;
    any = true;
    ++counts.comparisons;
    counts.sizes.insert({recorded.sample.batch, recorded.sample.sequence});
    Gotten got;
    if (std::optional<Difference> difference = compareSample(before, recorded, after, kind, *weights, got))
      return fail(frame, after, recorded.sample, difference->what, kind);
    if (measured && recorded.sample.fill == Fill::Random)
      moved[frame.pipeline] = std::fmax(moved[frame.pipeline], findMovement(recorded.exact, got.exact));
    SmallVector<reference::Value> inputs =
        tensors ? cachesAsTensors(before, recorded.sample, recorded.inputs, recorded.exact) : recorded.inputs;
    seen |= recorded.sample.fill == Fill::Random && !got.hidden;
    gotten.samples.push_back({recorded.sample, std::move(inputs), std::move(got.exact), std::move(got.rounded)});
  }
  if (!any)
    return skip(frame.pipeline, path,
                "the pass changes what is computed beyond " + std::to_string(change.sameUpTo) + " positions (" +
                    change.why.str() + ")");
  if (kind == ValueChange::HiddenRows && !seen)
    return skip(frame.pipeline, path, "with random inputs all of it depends on rows that a mask hides before the pass");
  ++counts.functions;
  // Of a function that takes steps now, whole texts are no inputs.
  if (change.kind != ValueChange::Meaning && !takesSteps(before.getFunctionType(), after.getFunctionType()))
    next[path] = std::move(gotten);
}

void ValueVerifier::Judge::after(Pass *pass, Operation *op) {
  if (frames.empty() || frames.back().pass != pass)
    return;
  Frame frame = std::move(frames.back());
  frames.pop_back();
  ++counts.passes;
  ModuleOp module = moduleOf(op);
  OperationFingerPrint fingerprint(module);
  if (fingerprint == frame.fingerprint) {
    ++counts.unchanged;
    return;
  }
  if (!getWeights(module)) {
    ++counts.differences;
    return;
  }
  // A pass on one function changes no other.
  Records next;
  std::string only;
  if (auto function = dyn_cast<func::FuncOp>(op)) {
    only = pathOf(function);
    next = frame.records;
    next.erase(only);
  }
  uint64_t differences = counts.differences;
  frame.module->walk([&](func::FuncOp function) {
    // One difference is enough to look for the bug.
    if (!function.isExternal() && (only.empty() || pathOf(function) == only) && counts.differences == differences)
      judge(frame, function, findFunction(module, pathOf(function)), next);
  });
  known = fingerprint;
  knownRecords = std::move(next);
}

void ValueVerifier::Judge::report(raw_ostream &out) const {
  for (const auto &[what, times] : skipped) {
    out << "verify-values: not compared: " << what;
    if (times > 1)
      out << " (" << times << " times)";
    out << "\n";
  }
  for (const auto &[pass, most] : moved)
    out << "verify-values: storing with fewer bits, " << pass << " moves results of random inputs by up to "
        << llvm::format("%.2g", most) << " of their norm\n";
  out << "verify-values: " << counts.passes << " passes, of which " << counts.passes - counts.unchanged
      << " changed the IR; " << counts.functions << " functions × samples = " << counts.comparisons << " comparisons, "
      << counts.differences << " differences; " << counts.sizes.size() << " sizes, " << counts.notCompared
      << " functions not compared\n";
}

} // namespace ph::proof
