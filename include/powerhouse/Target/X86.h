// From a module of kernels to machine code for one x86-64 level.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "runtime/base/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace ph::target {

/// The CPU that code is made for, in LLVM's words. `vectorBits` is the widest vector that kernels use.
struct X86Options {
  std::string cpu;      ///< -mcpu, e.g. "x86-64-v4"
  std::string features; ///< -mattr, e.g. "+avx512vnni"
  unsigned vectorBits = 256;
};

/// LLVM's name of a powerhouse level: x86-64-v3, x86-64-v4, x86-64-v4-vnni. Error: Usage, with the known ones.
Expected<X86Options> x86OptionsForLevel(const std::string &level);

/// The best level that this machine runs, as `--target=native` means it. Error: Failed below x86-64-v3.
Expected<std::string> nativeX86Level();

/// Adds the passes that take func/scf/arith/math/vector/memref kernels to the llvm dialect (bare pointers).
void buildLowerToLLVMPipeline(mlir::OpPassManager &pm);

/// Translates a module in the llvm dialect and optimizes it. Functions that are not called `ph_*` become internal and
/// are not inlined: each kernel keeps the registers to itself.
Expected<std::unique_ptr<llvm::Module>> translateToLLVM(mlir::ModuleOp module, const X86Options &options,
                                                        llvm::LLVMContext &context);

/// Position-independent machine code of `module`: an ELF relocatable object, or assembly.
Expected<std::string> emitMachineCode(llvm::Module &module, const X86Options &options, bool assembly);

/// Links relocatable objects (their bytes) and returns one ELF shared object (ld.lld, or the system's linker). No file
/// is made.
Expected<std::string> linkSharedObject(llvm::ArrayRef<llvm::StringRef> objects);

} // namespace ph::target
