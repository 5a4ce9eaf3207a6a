// The kernels of an artifact, loaded for this CPU.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/StepABI.h"
#include <cstdint>
#include <span>
#include <string>

namespace ph {

/// One entry of the manifest's "levels".
struct KernelLevel {
  std::string name;   ///< see CpuFeatures.h
  std::string symbol; ///< of its StepFn in the shared object; empty if there are only programs
};

/// A loaded shared object and the step function of the best level that this machine runs.
class KernelLibrary {
public:
  KernelLibrary() = default;
  KernelLibrary(KernelLibrary &&other) noexcept { *this = std::move(other); }
  KernelLibrary &operator=(KernelLibrary &&other) noexcept;
  ~KernelLibrary();

  /// Loads the ELF shared object of `elfBytes` at `offset` of `path`. At offset 0 the file itself is loaded; elsewhere
  /// (a program with an artifact appended) its bytes are copied to a nameless file first. Runs code of the file.
  /// Errors: BadModel when the object can't be loaded, lacks the level's symbol, or has no level for this CPU (named,
  /// with what is missing); Failed when the system refuses.
  static Expected<KernelLibrary> load(const std::string &path, uint64_t offset, uint64_t elfBytes,
                                      std::span<const KernelLevel> levels);

  /// Null if there are only programs.
  StepFn step() const { return function; }
  /// The function of this level that a manifest names `symbol` (ProgramABI.h); null if it is missing.
  void *find(const std::string &symbol) const;
  const std::string &level() const { return levelName; }

private:
  void *handle = nullptr;
  StepFn function = nullptr;
  std::string levelName;
};

} // namespace ph
