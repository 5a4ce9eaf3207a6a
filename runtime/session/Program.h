// Programs of a compiled model: functions on named tensors.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/Memory.h"
#include "runtime/formats/ProgramABI.h"
#include "runtime/session/ProgramInfo.h"
#include "runtime/threads/Team.h"
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ph {

/// A tensor in the caller's memory, row-major without gaps.
struct HostTensor {
  TensorElement element = TensorElement::F32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;

  int64_t elements() const;
  std::span<const float> floats() const { return {reinterpret_cast<const float *>(bytes.data()), bytes.size() / 4}; }
  static HostTensor ofFloats(std::vector<int64_t> shape, std::span<const float> values);
  static HostTensor ofIntegers(std::vector<int64_t> shape, std::span<const int32_t> values);
};

/// One program, ready to be called.
class Program {
public:
  Program(const ProgramInfo &info, ProgramFn function, ProgramPlanFn plan)
      : about(info), function(function), planFunction(plan) {}

  const ProgramInfo &info() const { return about; }

  /// What a call with these dynamic sizes of the inputs needs: bytes of the arena, then the dynamic sizes of the
  /// results.
  std::vector<int64_t> plan(std::span<const int64_t> sizes) const;

  /// Calls the program on memory that the caller has: inputs, then results, as ProgramFn takes them.
  void call(Team &team, const uint8_t *weights, uint8_t *arena, std::span<void *const> tensors,
            std::span<const int64_t> sizes) const;

  /// Calls it with all inputs by name. The result has the results in order. The arena is `kept`, which grows where it
  /// is too small; without it, memory for this call alone. Errors: Usage (an input is missing, or of another type or
  /// shape), WontFit.
  Expected<std::vector<HostTensor>> run(Team &team, const uint8_t *weights,
                                        const std::map<std::string, HostTensor> &inputs, Region *kept = nullptr) const;

private:
  ProgramInfo about;
  ProgramFn function;
  ProgramPlanFn planFunction;
};

} // namespace ph
