// The flags of `ph-opt --run`.
#pragma once
#include "powerhouse/Reference/Run.h"
#include <memory>
#include <optional>

/// Registers the flags while it lives; make it before the command line is parsed.
class RunFlags {
public:
  RunFlags();
  ~RunFlags();
  /// What was asked for; nothing without --run.
  std::optional<ph::reference::RunOptions> get() const;
  /// The flags as they are, also without --run.
  ph::reference::RunOptions options() const;

private:
  struct Flags;
  std::unique_ptr<Flags> flags;
};
