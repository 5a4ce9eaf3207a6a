#include "lib/Proof/Judge.h"
#include "lib/Proof/Reduce.h"
#include "lib/Proof/Steps.h"
#include "lib/Proof/Weights.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using ph::reference::Precision;

namespace ph::proof {

/// Each is a run of the pass and up to three of the function.
static constexpr unsigned kTries = 1000;

/// Whether the pass changes what the function gives for the sample.
static bool shows(ModuleOp module, const Finding &finding, reference::WeightProvider &weights) {
  func::FuncOp before = findFunction(module, finding.function);
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager manager(module.getContext(), ModuleOp::getOperationName(), PassManager::Nesting::Implicit);
  if (!before || !findMissingSemantics(before).empty() ||
      failed(parsePassPipeline(finding.pass, manager, llvm::nulls())) || failed(manager.run(*copy)))
    return false;
  func::FuncOp after = findFunction(*copy, finding.function);
  if (!after ||
      (after.getFunctionType() != before.getFunctionType() &&
       !takesSteps(before.getFunctionType(), after.getFunctionType())) ||
      !findMissingSemantics(after).empty())
    return false;
  std::string refusal;
  Recorded recorded{finding.sample, makeSample(before, finding.sample, refusal), {}, {}};
  if (!refusal.empty())
    return false;
  recorded.exact = runFunction(before, recorded.inputs, weights, Precision::F64);
  Gotten got;
  return recorded.exact.refusal.empty() && compareSample(before, recorded, after, finding.change, weights, got);
}

/// "xf-do-thing{option=1}" as a flag.
static std::string flagOf(StringRef pass) {
  auto [name, options] = pass.split('{');
  options.consume_back("}");
  return ("--" + name + (options.empty() ? "" : "=\"" + options + "\"")).str();
}

std::string writeReproducer(ModuleOp module, const Finding &finding, const VerifyOptions &options,
                            reference::WeightProvider &weights) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  // In a context of its own, so that trying the pass says nothing where this one's diagnostics and remarks go.
  MLIRContext context(module.getContext()->getDialectRegistry(), MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler silent(&context, [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> reduced = parseSourceString<ModuleOp>(text, &context);
  if (!reduced)
    return "no reproducer: the module can't be parsed as it is printed";
  // The command has one seed, for weights and inputs.
  std::unique_ptr<reference::WeightProvider> seeded;
  reference::WeightProvider *source = &weights;
  if (options.weights.empty()) {
    seeded = rememberWeights(reference::makeSeededWeights(finding.sample.seed));
    source = seeded.get();
  }
  bool shown = shows(*reduced, finding, *source);
  if (shown)
    reduceModule(
        reduced, finding.function, [&](ModuleOp candidate) { return shows(candidate, finding, *source); }, kTries);
  std::error_code error;
  llvm::raw_fd_ostream out(options.reproducer, error);
  if (error)
    return "no reproducer: " + options.reproducer + ": " + error.message();
  out << "// RUN: ph-opt %s --verify-values=1 --verify-sizes=" << finding.sample.batch << "x" << finding.sample.sequence
      << " --seed=" << finding.sample.seed << (options.weights.empty() ? "" : " --weights=" + options.weights) << " "
      << flagOf(finding.pass) << "\n";
  out << *reduced << "\n";
  return (shown ? "reduced to " : "not reduced, since the pass alone does not show it: ") + options.reproducer;
}

} // namespace ph::proof
