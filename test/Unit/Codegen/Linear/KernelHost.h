// Compiles generated kernels for one level and runs them in this process.
#pragma once
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Codegen/CPU/Embedding.h"
#include "powerhouse/Codegen/CPU/Linear.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mlir {
class ModuleOp;
namespace func {
class FuncOp;
}
} // namespace mlir

namespace llvm::orc {
class LLJIT;
}

namespace ph::test {

/// A compiled kernel; holds its machine code. Failure to compile aborts with a message: nothing to test then.
class HostedKernel {
public:
  using Build = std::function<mlir::func::FuncOp(mlir::ModuleOp)>;
  /// `build` adds the kernel to an empty module. `parameters[i]` says which argument of the kernel the i-th argument of
  /// the hosted function becomes; -1 is not passed on. That gives kernels that differ in arguments one C++ type.
  HostedKernel(const codegen::CpuLevel &level, const Build &build, const std::vector<int> &parameters);
  HostedKernel(HostedKernel &&) noexcept;
  ~HostedKernel();

  template <class Function> Function *as() const { return reinterpret_cast<Function *>(address); }
  void *address = nullptr;

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// A kernel as assembly of its level.
std::string kernelAssembly(const codegen::CpuLevel &level, const HostedKernel::Build &build);

using LinearFn = void(const uint8_t *weights, const void *x, const float *scales, const float *sums, float *y,
                      const float *residual, const float *bias, int64_t tile0, int64_t tile1, int64_t rows);
/// The kernel as assembly of its level.
std::string linearAssembly(const codegen::CpuLevel &level, const codegen::LinearSpec &spec);
HostedKernel hostLinear(const codegen::CpuLevel &level, const codegen::LinearSpec &spec);

using GatedFn = void(const uint8_t *weights, const void *x, const float *scales, const float *sums, float *y,
                     const float *gateBias, const float *upBias, int64_t tile0, int64_t tile1, int64_t rows);
/// A gated product without a residual.
HostedKernel hostGated(const codegen::CpuLevel &level, const codegen::LinearSpec &spec);

using EmbeddingFn = void(const uint8_t *table, const int32_t *tokens, float *y, int64_t row0, int64_t row1);
HostedKernel hostEmbedding(const codegen::CpuLevel &level, const codegen::EmbeddingSpec &spec);

} // namespace ph::test
