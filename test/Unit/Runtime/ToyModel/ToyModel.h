// An artifact of ToyKernels.c: letters count up, and after 'z' comes the end.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/StepABI.h"
#include <string>

namespace ph::toy {

/// Ids: 0 to 25 are "a" to "z", then these, then the other printable ASCII bytes.
inline constexpr int kEnd = 26, kStart = 27, kVocabulary = 26 + 2 + 71;

struct Options {
  uint64_t arenaPerRow = 16, cachePerPosition = 8; ///< what the kernels need
  std::string level = "x86-64-v3";
  int abi = int(kStepABIVersion);
  uint64_t weightBytes = 5000;
  std::string prefix = {}; ///< bytes before the artifact, as of a program that it is appended to
};

/// Writes the artifact. Its kernels need AVX2 by name only.
Status write(const std::string &path, const Options &options = {});

/// Whether this machine can run it.
bool runs();

/// An artifact in the folder for temporary files, removed with the object.
class File {
public:
  explicit File(const Options &options = {});
  ~File();
  const std::string path;
};

} // namespace ph::toy
