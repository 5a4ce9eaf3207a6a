#include "powerhouse/Driver/Compile.h"

#include "Adapters.h"
#include "GraphModel.h"
#include "InputLimits.h"
#include "KernelObjects.h"
#include "Options.h"
#include "Report.h"
#include "WriteArtifact.h"
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Conversion/WeightPlan.h"
#include "powerhouse/Import/FourBitSource.h"
#include "powerhouse/Import/Import.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Training/TrainingModule.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Progress.h"
#include "runtime/chat/ChatFormat.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

using namespace mlir;

namespace ph {
namespace {

void loadDialects(MLIRContext &context) {
  DialectRegistry models;
  registerProgramDialects(models);
  analysis::registerCostModels(models);
  autodiff::registerDerivativeRules(models);
  context.appendDialectRegistry(models);
  context.loadDialect<train::TrainDialect, xf::XFDialect, arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                      math::MathDialect, memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

/// This library's handlers know its unfinished files, the caller's don't; these come back at the end.
class SignalHandlers {
public:
  SignalHandlers() {
    for (size_t i = 0; i < std::size(signals); ++i)
      sigaction(signals[i], nullptr, &before[i]);
    handleInterrupts(OnInterrupt::Exit);
  }
  ~SignalHandlers() {
    for (size_t i = 0; i < std::size(signals); ++i)
      sigaction(signals[i], &before[i], nullptr);
  }

private:
  static constexpr int signals[] = {SIGINT, SIGTERM, SIGXFSZ};
  struct sigaction before[std::size(signals)];
};

Status writeText(const std::string &path, const std::string &text, llvm::function_ref<Status()> beforeCommit) {
  if (path == "-") {
    if (auto status = beforeCommit())
      return status;
    // Not llvm::outs(): it ends the process where the disk is full.
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout))
      return Error{ErrorCode::Disk, std::string("can't write to standard output: ") + std::strerror(errno)};
    return {};
  }
  auto file = AtomicFile::create(path);
  if (!file)
    return file.error();
  if (auto status = file->write(text.data(), text.size()))
    return status;
  if (auto status = beforeCommit())
    return status;
  return file->commit();
}

/// Whether the model has matrices that int8 activations are for.
bool hasCodes(const SourceModel &source) {
  return llvm::any_of(source.tensors(), [](const SourceTensor &tensor) {
    return tensor.shape.size() > 1 && tensor.format && tensor.format->kind == FormatKind::Affine &&
           tensor.format->bits <= 8;
  });
}

bool hasEncodedActivations(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        bool encoded = llvm::any_of(op->getResultTypes(), [](Type type) {
          xf::FormatAttr format = xf::getFormat(type);
          return format && format.isInt8();
        });
        return encoded ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Whether the model is a stack of layers, and each op of its optimized @forward has a kernel: then it is a step, else
/// programs.
bool isStep(ModuleOp module) {
  auto model = module->getAttrOfType<DictionaryAttr>(xf::XFDialect::getModelAttrName());
  if (!model || !model.contains("layers"))
    return false;
  OwningOpRef<ModuleOp> copy = module.clone();
  FirstError unheard(module.getContext());
  PassManager pm(module.getContext());
  buildCheckedStepPipeline(pm);
  return succeeded(pm.run(*copy));
}

/// Puts the model's matrices into NF4 where that is wanted: they are those that an import finds.
Status loadInFourBits(MLIRContext &context, const CompileOptions &options, std::unique_ptr<SourceModel> &source) {
  bool wanted = options.loadIn4bit;
  if (!wanted && !options.training.empty()) {
    auto training = TrainingOptions::parse(options.training);
    if (!training)
      return training.error();
    wanted = training->loadIn4bit;
  }
  if (!wanted || source->ecosystem() == "onnx")
    return wanted
               ? Error{ErrorCode::Usage, source->path() + ": graphs can't be loaded in 4 bits; give the model's folder"}
               : Status();
  ImportOptions importOptions;
  importOptions.architectureFile = options.architecture;
  auto imported = importModel(context, *source, importOptions);
  if (!imported)
    return imported.error();
  const std::set<std::string> tensors = fourBitTensors(*source, *imported->module);
  if (tensors.empty())
    return options.loadIn4bit
               ? Error{ErrorCode::Usage, source->path() + ": has no matrices of floats in its layers that "
                                                          "could be loaded in 4 bits"}
               : Status();
  auto quantized = quantizeToFourBits(std::move(source), tensors);
  if (!quantized)
    return quantized.error();
  source = std::move(*quantized);
  return {};
}

/// `beforeCommit` runs when all is written, just before the output appears.
Status compile(const CompileOptions &options, CompileRecord &record, llvm::function_ref<Status()> beforeCommit) {
  if (auto status = checkCompileOptions(options))
    return status;
  auto levels = parseLevels(options.target);
  if (!levels)
    return levels.error();
  record.levels = *levels;
  bool int8 = options.activations == "int8";

  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadDialects(context);
  ImportedModel model;
  std::unique_ptr<SourceModel> source;
  UnmergedAdapters *unmerged = nullptr;
  {
    Progress progress("import");
    StageTimer timer(record, "import", options.verbose);
    auto opened = openSource(options.source);
    if (!opened)
      return opened.error();
    source = std::move(*opened);
    if (auto status = loadInFourBits(context, options, source))
      return status;
    auto applied = applyAdapters(options, source);
    if (!applied)
      return applied.error();
    unmerged = *applied;
    if (auto status = checkChatTemplate(source->metadata().bytes, source->metadata().count, source->path()))
      return status;
    record.cacheType = !options.cacheType.empty() ? options.cacheType : int8 && hasCodes(*source) ? "f16" : "f32";
    ImportOptions importOptions;
    importOptions.architectureFile = options.architecture;
    importOptions.halfCache = record.cacheType == "f16";
    importOptions.hubNames = unmerged || !options.training.empty();
    auto imported = source->ecosystem() == "onnx"
                        ? importGraphModel(context, *source, importOptions, options.form == "graph", record)
                        : importModel(context, *source, importOptions);
    if (!imported)
      return imported.error();
    model = std::move(*imported);
    if (unmerged)
      if (auto status = addAdapters(*model.module, *unmerged, /*exact=*/!int8))
        return status;
  }
  for (const std::string &warning : model.warnings)
    llvm::errs() << "phc: warning: " << warning << "\n";
  for (const SourceTensor &tensor : source->tensors())
    record.sourceBytes += tensor.data.size();

  if (!options.training.empty()) {
    Progress progress("differentiate");
    StageTimer timer(record, "differentiate", options.verbose);
    auto training = TrainingOptions::parse(options.training);
    if (!training)
      return training.error();
    FirstError firstError(&context);
    if (failed(makeTrainingModule(*model.module, *training)))
      return firstError.error();
  }
  OwningOpRef<ModuleOp> imported = model.module->clone();
  std::optional<int64_t> limit = positionLimit(*imported), tokens = tokenLimit(*imported);
  ModuleOp module = *model.module;
  if (options.training.empty()) {
    StageTimer timer(record, "optimize", options.verbose);
    if (auto status = runPasses(module, [&](OpPassManager &pm) { buildTransformerPipeline(pm, int8); }, record))
      return status;
  }
  record.cost = analysis::computeCost(module);
  if (options.emit == EmitKind::Transformer) {
    std::string text;
    llvm::raw_string_ostream(text) << module;
    return writeText(options.output, text, beforeCommit);
  }

  // Kernels of steps add in another order than training does.
  const bool asTrained = unmerged && !int8;
  bool step = options.training.empty() && options.form != "programs" && !asTrained && isStep(module);
  if (!step) {
    StageTimer timer(record, "tensors", options.verbose);
    module = *imported;
    auto lower = [&](OpPassManager &pm) {
      if (options.training.empty())
        buildTransformerPipeline(pm, /*int8Activations=*/false);
      buildTensorPipeline(pm);
    };
    if (auto status = runPasses(module, lower, record))
      return status;
  }
  // The plan refers to the weights' declarations, which the conversion of the copy leaves alone.
  OwningOpRef<ModuleOp> kernels = module.clone();
  FirstError firstError(&context);
  auto plan = conversion::planWeights(module);
  if (failed(plan))
    return firstError.error();
  for (const conversion::PlannedWeight &entry : plan->weights)
    record.packedBytesPerToken += entry.product ? entry.bytes * std::max<int64_t>(entry.layers, 1) : 0;
  std::vector<LevelCode> code;
  std::string elf;
  {
    Progress progress("compile");
    auto generated = generateLevels(*kernels, step ? buildStepPipeline : buildProgramPipeline, *levels, options.emit,
                                    record, options.verbose);
    if (!generated)
      return generated.error();
    code = std::move(*generated);
    if (options.emit == EmitKind::Artifact || options.emit == EmitKind::Executable) {
      auto linked = linkLevels(code, record, options.verbose);
      if (!linked)
        return linked.error();
      elf = std::move(*linked);
      record.codeBytes = elf.size();
    }
  }
  if (elf.empty()) {
    std::string text;
    for (const LevelCode &level : code)
      text += level.text;
    return writeText(options.output, text, beforeCommit);
  }

  ArtifactInfo info{hasEncodedActivations(module) ? "int8" : "f32", record.cacheType,
                    module->getAttrOfType<DictionaryAttr>("xf.model"),
                    kernels->getOperation()->getAttrOfType<ArrayAttr>(conversion::kProgramsAttr)};
  info.positionLimit = limit;
  info.adapters = unmerged && !unmerged->list()[0].name.empty() ? unmerged : nullptr;
  info.training = module->getAttrOfType<DictionaryAttr>(kTrainingAttr);
  // A graph that stays one says neither.
  if (source->ecosystem() == "onnx" && !info.model.contains("vocabulary") && tokens) {
    info.vocabulary = *tokens;
    info.contextLength = model.contextLength.value_or(limit.value_or(INT32_MAX));
  }
  if (auto forward = model.module->lookupSymbol<func::FuncOp>("forward"))
    for (Type type : forward.getArgumentTypes())
      if (auto cache = dyn_cast<xf::CacheType>(type)) {
        info.kvHeads = cache.getHeads();
        info.headDim = cache.getHeadDim();
      }
  return writeArtifact(options, *source, info, *plan, code, elf, record, beforeCommit);
}

} // namespace

Status compileModel(const CompileOptions &options) {
  SignalHandlers handlers;
  CompileRecord record;
  bool reported = false;
  // Before the output appears: a report that can't be written leaves neither.
  auto report = [&]() -> Status {
    if (options.report.empty())
      return {};
    auto status = writeReport(options, record);
    reported = !status;
    return status;
  };
  auto status = compile(options, record, report);
  std::error_code ignored;
  if (status && reported && std::filesystem::is_regular_file(options.report, ignored))
    std::filesystem::remove(options.report, ignored);
  return status;
}

} // namespace ph
