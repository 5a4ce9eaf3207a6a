#include "powerhouse/Driver/Compile.h"

#include "KernelObjects.h"
#include "Report.h"
#include "WriteArtifact.h"
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Conversion/WeightPlan.h"
#include "powerhouse/Import/Import.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Target/X86.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Progress.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sstream>

using namespace mlir;

namespace ph {
namespace {

void loadDialects(MLIRContext &context) {
  context.loadDialect<xf::XFDialect, arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                      memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
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

Expected<std::vector<std::string>> parseLevels(const std::string &target) {
  std::vector<std::string> levels;
  std::stringstream list(target);
  for (std::string name; std::getline(list, name, ',');) {
    if (name == "native") {
      auto native = target::nativeX86Level();
      if (!native)
        return native.error();
      name = *native;
    }
    if (auto known = target::x86OptionsForLevel(name); !known)
      return known.error();
    if (!llvm::is_contained(levels, name))
      levels.push_back(name);
  }
  if (levels.empty())
    return Error{ErrorCode::Usage, "--target names no level"};
  return levels;
}

Status checkOptions(const CompileOptions &options) {
  if (options.activations != "f32" && options.activations != "int8")
    return Error{ErrorCode::Usage, "unknown --activations '" + options.activations + "': use f32 or int8"};
  if (!options.cacheType.empty() && options.cacheType != "f32" && options.cacheType != "f16")
    return Error{ErrorCode::Usage, "unknown --cache-type '" + options.cacheType + "': use f32 or f16"};
  bool text = options.emit == EmitKind::Transformer || options.emit == EmitKind::Kernels ||
              options.emit == EmitKind::LLVM || options.emit == EmitKind::Assembly;
  if (options.output == "-" && !text)
    return Error{ErrorCode::Usage, "a binary can't go to standard output: name a file with -o"};
  return {};
}

Status writeText(const std::string &path, const std::string &text) {
  if (path == "-") {
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
  return file->commit();
}

void countCost(const conversion::WeightPlan &plan, CompileRecord &record) {
  for (const conversion::PlannedWeight &entry : plan.weights) {
    if (!entry.product)
      continue;
    int64_t layers = std::max<int64_t>(entry.layers, 1);
    record.weightBytesPerToken += entry.bytes * layers;
    if (entry.matrix)
      record.flopPerToken += 2 * entry.rows * entry.columns * (entry.up ? 2 : 1) * layers;
  }
}

Status compile(const CompileOptions &options, CompileRecord &record) {
  if (auto status = checkOptions(options))
    return status;
  auto levels = parseLevels(options.target);
  if (!levels)
    return levels.error();
  record.levels = *levels;
  bool int8 = options.activations == "int8";
  std::string cacheType = !options.cacheType.empty() ? options.cacheType : int8 ? "f16" : "f32";

  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadDialects(context);
  ImportedModel model;
  std::unique_ptr<SourceModel> source;
  {
    Progress progress("import");
    StageTimer timer(record, "import", options.verbose);
    auto opened = openSource(options.source);
    if (!opened)
      return opened.error();
    source = std::move(*opened);
    ImportOptions importOptions;
    importOptions.architectureFile = options.architecture;
    importOptions.halfCache = cacheType == "f16";
    auto imported = importModel(context, *source, importOptions);
    if (!imported)
      return imported.error();
    model = std::move(*imported);
  }
  for (const std::string &warning : model.warnings)
    llvm::errs() << "phc: warning: " << warning << "\n";
  for (const SourceTensor &tensor : source->tensors())
    record.sourceBytes += tensor.data.size();

  ModuleOp module = *model.module;
  {
    StageTimer timer(record, "optimize", options.verbose);
    if (auto status = runPasses(module, [&](OpPassManager &pm) { buildTransformerPipeline(pm, int8); }, record))
      return status;
  }
  if (options.emit == EmitKind::Transformer) {
    std::string text;
    llvm::raw_string_ostream(text) << module;
    return writeText(options.output, text);
  }

  // The plan refers to the weights' declarations, which the conversion of the copy leaves alone.
  OwningOpRef<ModuleOp> kernels = module.clone();
  auto plan = conversion::planWeights(module);
  if (failed(plan))
    return Error{ErrorCode::Failed, "the weights can't be planned"};
  countCost(*plan, record);
  std::vector<LevelCode> code;
  std::string elf;
  {
    Progress progress("compile");
    auto generated = generateLevels(*kernels, *levels, options.emit, record, options.verbose);
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
      text += (options.emit == EmitKind::LLVM       ? "; "
               : options.emit == EmitKind::Assembly ? "# "
                                                    : "// ") +
              level.level + "\n" + level.text;
    return writeText(options.output, text);
  }

  ArtifactInfo info{options.activations, cacheType, module->getAttrOfType<DictionaryAttr>("xf.model")};
  for (Type type : module.lookupSymbol<func::FuncOp>("forward").getArgumentTypes())
    if (auto cache = dyn_cast<xf::CacheType>(type)) {
      info.kvHeads = cache.getHeads();
      info.headDim = cache.getHeadDim();
    }
  return writeArtifact(options, *source, info, *plan, code, elf, record);
}

} // namespace

Expected<EmitKind> parseEmitKind(const std::string &name) {
  if (name == "xf")
    return EmitKind::Transformer;
  if (name == "kernels")
    return EmitKind::Kernels;
  if (name == "llvm")
    return EmitKind::LLVM;
  if (name == "asm")
    return EmitKind::Assembly;
  if (name == "exe")
    return EmitKind::Executable;
  if (name == "phx")
    return EmitKind::Artifact;
  return Error{ErrorCode::Usage, "unknown --emit '" + name + "': use xf, kernels, llvm, asm, exe or phx"};
}

Status compileModel(const CompileOptions &options) {
  SignalHandlers handlers;
  CompileRecord record;
  if (auto status = compile(options, record))
    return status;
  if (options.report.empty())
    return {};
  return writeReport(options, record);
}

} // namespace ph
