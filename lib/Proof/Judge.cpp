#include "lib/Proof/Judge.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Proof/Weights.h"

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

/// Passes of the pass manager itself and of ValueVerifier.
static bool isMachinery(Pass *pass) {
  return pass->getName().contains("OpToOpPassAdaptor") || pass->getName() == kEndOfVerification;
}

std::optional<Difference> compareSample(func::FuncOp before, Recorded &recorded, func::FuncOp after,
                                        const ValueChange *change, reference::WeightProvider &weights, Outcome &got) {
  got = runFunction(after, recorded.inputs, weights, Precision::F64);
  if (!got.refusal.empty())
    return Difference{"it can't be run any more: " + got.refusal};
  auto rounded = [&]() -> const Outcome & {
    if (!recorded.rounded)
      recorded.rounded = runFunction(before, recorded.inputs, weights, Precision::F32);
    return *recorded.rounded;
  };
  bool large = recorded.sample.fill == Fill::Large;
  if (change) {
    // Saturated functions change wildly with a small change of a value, which declares nothing about those.
    return large ? std::nullopt : findDifference(recorded.exact, got, *change);
  }
  if (std::optional<Difference> difference = findDifference(recorded.exact, got, rounded))
    return difference;
  if (!large || !rounded().refusal.empty())
    return std::nullopt;
  return findOverflow(rounded(), runFunction(after, recorded.inputs, weights, Precision::F32));
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
  std::string refusal;
  for (const Sample &sample : planSamples(function, options)) {
    Recorded recorded{sample, makeSample(function, sample, refusal), {}, {}};
    if (!refusal.empty())
      break;
    recorded.exact = runFunction(function, recorded.inputs, *weights, Precision::F64);
    if (!recorded.exact.refusal.empty())
      refusal = recorded.exact.refusal;
    else
      record.samples.push_back(std::move(recorded));
  }
  // Sizes that a function does not take are no reason not to compare it for others.
  if (record.samples.empty())
    record.refusal = refusal;
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
                                const ValueChange *change) {
  ++counts.differences;
  std::string path = pathOf(function), reproducer;
  if (!options.reproducer.empty()) {
    Finding finding{frame.pipeline, path, sample, std::nullopt};
    if (change)
      finding.change = *change;
    reproducer = writeReproducer(*frame.module, finding, options, *weights);
  }
  InFlightDiagnostic diagnostic = emitError(function.getLoc());
  diagnostic << frame.pipeline << " changes the values of " << path << ": " << what << " on " << sample.describe();
  if (!reproducer.empty())
    diagnostic << "; " << reproducer;
}

void ValueVerifier::Judge::judge(Frame &frame, func::FuncOp before, func::FuncOp after, Records &next) {
  std::string path = pathOf(before);
  if (!after || after.isExternal())
    return skip(frame.pipeline, path, "the pass removes it");
  if (before.getFunctionType() != after.getFunctionType())
    return skip(frame.pipeline, path, "the pass changes its signature");
  std::optional<ValueChange> change;
  if (auto *changes = dynamic_cast<ChangesValues *>(frame.pass))
    change = changes->getValueChange();
  if (change && change->admitted == 0)
    change.reset();
  if (change && !std::isfinite(change->admitted))
    return skip(frame.pipeline, path, "the pass changes what is computed (" + change->why.str() + ")");
  if (std::string choice = findChoice(before); change && !choice.empty())
    return skip(frame.pipeline, path, choice + " jumps with small changes (" + change->why.str() + ")");
  if (!frame.records.count(path))
    frame.records[path] = record(before);
  Record &known = frame.records[path];
  if (!known.refusal.empty())
    return skip(frame.pipeline, path, known.refusal);
  if (std::string reason = findMissingSemantics(after); !reason.empty())
    return skip(frame.pipeline, path, "after it " + reason);
  ++counts.functions;
  Record &gotten = next[path];
  for (Recorded &recorded : known.samples) {
    ++counts.comparisons;
    Outcome got;
    if (std::optional<Difference> difference =
            compareSample(before, recorded, after, change ? &*change : nullptr, *weights, got))
      return fail(frame, after, recorded.sample, difference->what, change ? &*change : nullptr);
    gotten.samples.push_back({recorded.sample, recorded.inputs, std::move(got), std::nullopt});
  }
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
  out << "verify-values: " << counts.passes << " passes, of which " << counts.passes - counts.unchanged
      << " changed the IR; " << counts.functions << " functions × samples = " << counts.comparisons << " comparisons, "
      << counts.differences << " differences\n";
}

} // namespace ph::proof
