// --verify-values: every function runs on the interpreter before and after every pass, and must give the same.
#pragma once
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Reference/Run.h"
#include <memory>
#include <set>

namespace ph::proof {

/// What to compare, and on which inputs.
struct VerifyOptions {
  unsigned samples = 2; ///< random inputs for each size; zeros, large and tiny ones and masked rows come on top
  std::vector<std::pair<int64_t, int64_t>> sizes = {{1, 1}, {2, 3}, {1, 17}}; ///< of dynamic batch and sequence
  uint64_t seed = 0;
  std::string weights; ///< file with the sources of weights; empty: made from the seed
  /// Opens `weights`; empty: as a safetensors file.
  std::function<Expected<std::unique_ptr<reference::WeightProvider>>(const std::string &)> openWeights;
  std::string reproducer; ///< where a reduced module that shows a difference goes; empty: nowhere
};

/// What has been compared so far.
struct VerifyCounts {
  uint64_t passes = 0;      ///< runs of passes
  uint64_t unchanged = 0;   ///< of these, how many left the IR as it was
  uint64_t functions = 0;   ///< functions compared, each time anew
  uint64_t comparisons = 0; ///< functions × inputs
  uint64_t differences = 0;
  uint64_t notCompared = 0;                    ///< functions that were not compared, each time anew
  std::set<std::pair<int64_t, int64_t>> sizes; ///< batch and sequence of what was compared
};

/// Judges the passes of pass managers, one after the other or for several modules. A difference is reported as an error
/// at the function; the pass manager then fails, at the latest before the pass after the next.
///
/// A pass must give the same values up to what rounding explains, unless it is one that ChangesValues. Functions are
/// run in f64 without rounding, where a rewrite that is right differs by nearly nothing even if sums are formed in
/// another order: 1e-6 of the largest value in the row (along the last dimension) is admitted, or four times what f32
/// does to the function before; and where a pass multiplies weights, which f32 stores, what f32 does to the function
/// after, up to 1e-5. In f32 the function after may be off from the f64 run by 1e-5 of the row's largest, or eight
/// times what the function before was. Where one f32 run of it doesn't explain a difference, some more are made, in
/// which each value is moved at random in its last place. What was finite in f32 must stay finite in f32 on large
/// inputs. Public functions stay, with their signatures.
class ValueVerifier {
public:
  explicit ValueVerifier(VerifyOptions options);
  ~ValueVerifier();

  /// Watches the passes that the manager has and gets until it has run, and adds one that fails it after a difference.
  /// Passes run on one thread from then on.
  void watch(mlir::PassManager &manager);
  const VerifyCounts &counts() const;
  bool hasFailed() const { return counts().differences != 0; }
  /// Whether passes changed modules with functions and none was compared: that proves nothing.
  bool hasComparedNothing() const { return counts().comparisons == 0 && counts().notCompared != 0; }
  /// What was compared, and what was skipped and why, a line each.
  void report(llvm::raw_ostream &out) const;

  class Judge;

private:
  std::shared_ptr<Judge> judge;
};

} // namespace ph::proof
