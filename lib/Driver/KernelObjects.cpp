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

std::string symbolOf(const std::string &level) {
  std::string symbol = (kStepFunction + "_" + level).str();
  llvm::replace(symbol, '-', '_');
  return symbol;
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

Expected<std::vector<LevelCode>> generateLevels(ModuleOp module, const std::vector<std::string> &levels, EmitKind emit,
                                                CompileRecord &record, bool verbose) {
  {
    StageTimer timer(record, "plan", verbose);
    if (auto status = runPasses(module, buildStepPipeline, record))
      return status.error();
  }
  auto step = module->getAttrOfType<DictionaryAttr>(kStepAttr);
  record.arenaPerRow = step.getAs<IntegerAttr>("arena_per_row").getInt();
  for (auto buffer : module->getAttrOfType<ArrayAttr>(kArenaAttr).getAsRange<DictionaryAttr>()) {
    auto number = [&](StringRef name) { return buffer.getAs<IntegerAttr>(name).getInt(); };
    record.arena.push_back({buffer.getAs<StringAttr>("holder").str(), number("offset"), number("bytes_per_row"),
                            number("first"), number("last")});
  }
  record.cachePerPosition = step.getAs<IntegerAttr>("cache_per_position").getInt();

  std::vector<LevelCode> result;
  OwningOpRef<ModuleOp> all; // kernels of several levels
  if (emit == EmitKind::Kernels && levels.size() > 1)
    all = ModuleOp::create(UnknownLoc::get(module.getContext()));
  for (const std::string &level : levels) {
    OwningOpRef<ModuleOp> copy = module.clone();
    LevelCode code{level, symbolOf(level), ""};
    {
      StageTimer timer(record, "kernels", verbose);
      if (auto status = runPasses(*copy, [&](OpPassManager &pm) { buildKernelPipeline(pm, level); }, record))
        return status.error();
    }
    copy->lookupSymbol<func::FuncOp>(kStepFunction).setSymName(code.symbol);
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
