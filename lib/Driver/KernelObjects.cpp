#include "KernelObjects.h"

#include "mlir/Pass/PassInstrumentation.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Target/X86.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace mlir;

namespace ph {
namespace {

/// Records the time of each pass.
class PassTimes : public PassInstrumentation {
public:
  explicit PassTimes(CompileRecord &record) : record(record) {}
  void runBeforePass(Pass *, Operation *) override { starts.push_back(std::chrono::steady_clock::now()); }
  void runAfterPass(Pass *pass, Operation *) override { end(pass); }
  void runAfterPassFailed(Pass *pass, Operation *) override { end(pass); }

private:
  void end(Pass *pass) {
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - starts.back()).count();
    starts.pop_back();
    StringRef name = pass->getArgument().empty() ? pass->getName() : pass->getArgument();
    if (!name.contains("OpToOpPassAdaptor"))
      record.stages.push_back({name.str(), seconds, true});
  }
  CompileRecord &record;
  std::vector<std::chrono::steady_clock::time_point> starts;
};

/// The symbol of a function for one level, as the runtime looks it up (runtime/formats/ProgramABI.h).
std::string symbolOf(StringRef function, const std::string &level) {
  std::string symbol = (function + "_" + level).str();
  llvm::replace(symbol, '-', '_');
  return symbol;
}

/// What the report and the manifest say of the memory of a step.
void recordMemory(ModuleOp module, CompileRecord &record) {
  auto step = module->getAttrOfType<DictionaryAttr>(kStepAttr);
  if (!step) // programs plan their memory when they are called
    return;
  record.arenaPerRow = step.getAs<IntegerAttr>("arena_per_row").getInt();
  for (auto buffer : module->getAttrOfType<ArrayAttr>(kArenaAttr).getAsRange<DictionaryAttr>()) {
    auto number = [&](StringRef name) { return buffer.getAs<IntegerAttr>(name).getInt(); };
    record.arena.push_back({buffer.getAs<StringAttr>("holder").str(), number("offset"), number("bytes_per_row"),
                            number("first"), number("last")});
  }
  record.cachePerPosition = step.getAs<IntegerAttr>("cache_per_position").getInt();
}

} // namespace

FirstError::FirstError(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error && message.empty()) {
          message = diagnostic.str();
          // Only what the importer builds from a description has lines.
          if (auto at = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
            place = at.getFilename().str() + ":" + std::to_string(at.getLine()) + ": ";
        }
        return success();
      }) {}

Error FirstError::error() const {
  return {place.empty() ? ErrorCode::Failed : ErrorCode::BadModel,
          "compilation failed: " + place + (message.empty() ? "a pass gave no reason" : message)};
}

Status runPasses(ModuleOp module, llvm::function_ref<void(OpPassManager &)> build, CompileRecord &record) {
  FirstError firstError(module.getContext());
  PassManager pm(module.getContext());
  pm.enableVerifier(true);
  pm.addInstrumentation(std::make_unique<PassTimes>(record));
  build(pm);
  if (failed(pm.run(module)))
    return firstError.error();
  return {};
}

Expected<std::vector<LevelCode>> generateLevels(ModuleOp module, llvm::function_ref<void(OpPassManager &)> pipeline,
                                                const std::vector<std::string> &levels, EmitKind emit,
                                                CompileRecord &record, bool verbose) {
  {
    StageTimer timer(record, "plan", verbose);
    if (auto status = runPasses(module, pipeline, record))
      return status.error();
  }
  recordMemory(module, record);

  std::vector<LevelCode> result;
  OwningOpRef<ModuleOp> all; // kernels of several levels
  if (emit == EmitKind::Kernels && levels.size() > 1)
    all = ModuleOp::create(UnknownLoc::get(module.getContext()));
  for (const std::string &level : levels) {
    OwningOpRef<ModuleOp> copy = module.clone();
    LevelCode code{level, "", ""};
    {
      StageTimer timer(record, "kernels", verbose);
      if (auto status = runPasses(*copy, [&](OpPassManager &pm) { buildKernelPipeline(pm, level); }, record))
        return status.error();
    }
    if (copy->lookupSymbol(kStepFunction))
      code.symbol = symbolOf(kStepFunction, level);
    for (auto function : copy->getOps<func::FuncOp>())
      if (function.getSymName().starts_with("ph_"))
        function.setSymName(symbolOf(function.getSymName(), level));
    if (all) {
      copy->setSymName(level);
      all->push_back(copy.release());
      continue;
    }
    if (emit == EmitKind::Kernels) {
      llvm::raw_string_ostream(code.text) << *copy;
      result.push_back(std::move(code));
      continue;
    }
    auto options = target::x86OptionsForLevel(level);
    if (!options)
      return options.error();
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> llvmModule;
    {
      StageTimer timer(record, "llvm", verbose);
      if (auto status = runPasses(*copy, target::buildLowerToLLVMPipeline, record))
        return status.error();
      FirstError firstError(module.getContext());
      auto translated = target::translateToLLVM(*copy, *options, context);
      if (!translated)
        return Error{translated.error().code, translated.error().message + ": " + firstError.error().message};
      llvmModule = std::move(*translated);
    }
    if (emit == EmitKind::LLVM) {
      llvm::raw_string_ostream(code.text) << *llvmModule;
    } else {
      StageTimer timer(record, "codegen", verbose);
      auto text = target::emitMachineCode(*llvmModule, *options, emit == EmitKind::Assembly);
      if (!text)
        return text.error();
      code.text = std::move(*text);
    }
    result.push_back(std::move(code));
  }
  if (all) {
    result.push_back({llvm::join(levels, ","), "", ""});
    llvm::raw_string_ostream(result.back().text) << *all;
  }
  return result;
}

Expected<std::string> linkLevels(const std::vector<LevelCode> &levels, CompileRecord &record, bool verbose) {
  StageTimer timer(record, "link", verbose);
  std::vector<llvm::StringRef> objects;
  for (const LevelCode &level : levels)
    objects.push_back(level.text);
  return target::linkSharedObject(objects);
}

} // namespace ph
