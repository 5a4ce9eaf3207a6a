#include "KernelHost.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Target/X86.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include <cstdio>
#include <cstdlib>

using namespace mlir;

namespace ph::test {
namespace {

[[noreturn]] void die(const std::string &what) {
  std::fprintf(stderr, "kernel host: %s\n", what.c_str());
  std::abort();
}

template <class T> T orDie(Expected<T> value) {
  if (!value)
    die(value.error().message);
  return std::move(*value);
}

template <class T> T orDie(llvm::Expected<T> value) {
  if (!value)
    die(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// `name`, public, which calls the kernel with the arguments that `parameters` picks.
void addEntry(func::FuncOp kernel, const std::vector<int> &parameters) {
  OpBuilder b(kernel.getContext());
  b.setInsertionPointAfter(kernel);
  SmallVector<Type> types;
  for (int parameter : parameters)
    types.push_back(parameter < 0 ? b.getIndexType() : kernel.getArgumentTypes()[parameter]);
  auto entry = func::FuncOp::create(b, kernel.getLoc(), "ph_kernel", b.getFunctionType(types, {}));
  Block *body = entry.addEntryBlock();
  b.setInsertionPointToStart(body);
  SmallVector<Value> arguments(kernel.getNumArguments());
  for (auto [i, parameter] : llvm::enumerate(parameters))
    if (parameter >= 0)
      arguments[parameter] = body->getArgument(i);
  func::CallOp::create(b, kernel.getLoc(), kernel, arguments);
  func::ReturnOp::create(b, kernel.getLoc());
}

std::string compile(const codegen::CpuLevel &level, const HostedKernel::Build &build,
                    const std::vector<int> &parameters, bool assembly) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<func::FuncDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  func::FuncOp kernel = build(*module);
  std::vector<int> all(kernel.getNumArguments());
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = int(i);
  addEntry(kernel, parameters.empty() ? all : parameters);
  if (failed(verify(*module)))
    die("the kernel does not verify");
  PassManager passes(&context);
  target::buildLowerToLLVMPipeline(passes);
  if (failed(passes.run(*module)))
    die("the kernel does not lower");
  target::X86Options options = orDie(target::x86OptionsForLevel(level.name.str()));
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> code = orDie(target::translateToLLVM(*module, options, llvmContext));
  return orDie(target::emitMachineCode(*code, options, assembly));
}

} // namespace

HostedKernel::HostedKernel(const codegen::CpuLevel &level, const Build &build, const std::vector<int> &parameters) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::string object = compile(level, build, parameters, /*assembly=*/false);
  jit = orDie(llvm::orc::LLJITBuilder().create());
  if (llvm::Error error = jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object, "kernel.o")))
    die(llvm::toString(std::move(error)));
  address = orDie(jit->lookup("ph_kernel")).toPtr<void *>();
}

HostedKernel::HostedKernel(HostedKernel &&) noexcept = default;
HostedKernel::~HostedKernel() = default;

std::string kernelAssembly(const codegen::CpuLevel &level, const HostedKernel::Build &build) {
  return compile(level, build, {}, /*assembly=*/true);
}

std::string linearAssembly(const codegen::CpuLevel &level, const codegen::LinearSpec &spec) {
  return compile(
      level, [&](ModuleOp module) { return codegen::buildLinear(module, level, spec); }, {}, /*assembly=*/true);
}

/// A product whose kernel has weights, x, scales, sums, y, two more if they are there, tile0, tile1 and rows.
static HostedKernel hostProduct(const codegen::CpuLevel &level, const codegen::LinearSpec &spec, bool first,
                                bool second) {
  int next = 2;
  std::vector<int> parameters = {0, 1};
  for (bool present : {spec.inputGroup != 0, spec.inputGroup != 0, true, first, second, true, true, true})
    parameters.push_back(present ? next++ : -1);
  return HostedKernel(level, [&](ModuleOp module) { return codegen::buildLinear(module, level, spec); }, parameters);
}

HostedKernel hostLinear(const codegen::CpuLevel &level, const codegen::LinearSpec &spec) {
  return hostProduct(level, spec, spec.residual, spec.bias);
}

HostedKernel hostGated(const codegen::CpuLevel &level, const codegen::LinearSpec &spec) {
  return hostProduct(level, spec, spec.gateBias, spec.upBias);
}

HostedKernel hostEmbedding(const codegen::CpuLevel &level, const codegen::EmbeddingSpec &spec) {
  return HostedKernel(level, [&](ModuleOp module) { return codegen::buildEmbedding(module, level, spec); },
                      {0, 1, 2, 3, 4});
}

} // namespace ph::test
