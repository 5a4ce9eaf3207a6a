#include "lib/Transforms/Memory/MemoryBudget.h"
#include "mlir/IR/Diagnostics.h"
#include "runtime/base/ByteCount.h"
#include <limits>

using namespace mlir;

namespace ph {

FailureOr<MemoryBudget> MemoryBudget::read(MLIRContext *context, StringRef pass, const std::string &budget,
                                           int64_t tokens, int64_t positions) {
  auto expects = [&](const std::string &what) {
    return emitError(UnknownLoc::get(context)) << pass << " expects " << what;
  };
  std::optional<int64_t> bytes = budget == "all" ? std::numeric_limits<int64_t>::max() : parseByteCount(budget);
  if (!bytes)
    return expects("budget=SIZE, as 300MiB, 1GiB or 4096, or all, but got '" + budget + "'");
  if (tokens < 1 || positions < 0 || positions > tokens)
    return expects("tokens of at least 1, and a context of at most as many");
  return MemoryBudget{double(*bytes), {tokens, positions ? positions : tokens}};
}

} // namespace ph
