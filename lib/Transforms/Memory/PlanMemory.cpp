#include "powerhouse/Analysis/Memory.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

using analysis::ArenaBuffer, analysis::Lifetimes, analysis::MemoryPlan, analysis::MemoryPoint;

// 2^40 of each: more is a slip of the keyboard, and products of them with static sizes might not fit 64 bits.
constexpr int64_t kMost = int64_t(1) << 40;

struct PlanMemoryPass final : impl::PlanMemoryPassBase<PlanMemoryPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    SmallVector<int64_t> sizes = {int64_t(tokens), int64_t(rows)};
    for (const SmallVector<int64_t> &list : {batches(), contexts()})
      for (int64_t size : list)
        sizes.push_back(size - 1);
    if (llvm::any_of(sizes, [](int64_t size) { return size < 0 || size > kMost; }))
      return emitError(UnknownLoc::get(context)) << "xf-plan-memory expects a batch and a context of at least 1, and "
                                                    "tokens and rows of at least 0, but got others";
    return success();
  }

  void runOnOperation() override {
    bool found = function.empty();
    for (auto op : getOperation().getOps<func::FuncOp>()) {
      if (op.isExternal() || (!function.empty() && op.getSymName() != function))
        continue;
      found = true;
      if (failed(plan(op)))
        return signalPassFailure();
    }
    if (!found) {
      getOperation().emitError() << "xf-plan-memory found no function @" << function << " with a body";
      signalPassFailure();
    }
  }

private:
  static SmallVector<int64_t> orOne(SmallVector<int64_t> sizes) {
    if (sizes.empty())
      sizes.push_back(1);
    return sizes;
  }
  SmallVector<int64_t> batches() { return orOne({batch.begin(), batch.end()}); }
  SmallVector<int64_t> contexts() { return orOne({context.begin(), context.end()}); }

  LogicalResult plan(func::FuncOp op) {
    FailureOr<Lifetimes> lifetimes = Lifetimes::compute(op);
    if (failed(lifetimes))
      return failure();
    Builder builder(op);
    SmallVector<Attribute> plans;
    for (int64_t sequences : batches())
      for (int64_t positions : contexts()) {
        MemoryPoint at{sequences, tokens ? int64_t(tokens) : positions, positions};
        at.rows = rows ? int64_t(rows) : at.batch * at.tokens;
        MemoryPlan memory = analysis::planMemory(op, *lifetimes, at);
        print(llvm::errs(), op, *lifetimes, memory, at);
        SmallVector<int64_t> offsets = llvm::map_to_vector(memory.buffers, [](auto &buffer) { return buffer.offset; });
        auto number = [&](StringRef name, int64_t value) {
          return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
        };
        plans.push_back(builder.getDictionaryAttr(
            {number("arena", memory.arenaBytes), number("batch", at.batch), number("cache", memory.cacheBytes),
             number("context", at.context), builder.getNamedAttr("offsets", builder.getDenseI64ArrayAttr(offsets)),
             number("peak", memory.peakBytes), number("rows", at.rows), number("tokens", at.tokens)}));
      }
    op->setAttr("xf.memory", builder.getArrayAttr(plans));
    op.walk([&](Operation *inner) {
      SmallVector<int64_t> numbers;
      for (Value result : inner->getResults())
        numbers.push_back(int64_t(lifetimes->bufferOf(result).value_or(-1)));
      if (llvm::any_of(numbers, [](int64_t number) { return number >= 0; }))
        inner->setAttr("xf.buffers", builder.getDenseI64ArrayAttr(numbers));
    });
    return success();
  }

  static void print(raw_ostream &out, func::FuncOp op, const Lifetimes &lifetimes, const MemoryPlan &memory,
                    const MemoryPoint &at) {
    out << "memory of @" << op.getSymName() << " for batch=" << at.batch << " context=" << at.context
        << " tokens=" << at.tokens << " rows=" << at.rows << "\n"
        << llvm::formatv("{0,6} {1,7} {2,7} {3,14} {4,14}  holder\n", "buffer", "first", "last", "bytes", "offset");
    for (auto [index, buffer] : llvm::enumerate(memory.buffers))
      out << llvm::formatv("{0,6} {1,7} {2,7} {3,14} {4,14}  {5}\n", index, buffer.first, buffer.last, buffer.bytes,
                           buffer.offset, buffer.holder);
    out << "arena " << memory.arenaBytes << " bytes\n";
    StringRef busiest =
        lifetimes.events().empty() ? "" : lifetimes.events()[memory.peakEvent]->getName().getStringRef();
    out << "peak " << memory.peakBytes << " bytes at event " << memory.peakEvent << " (" << busiest << "), held by\n";
    for (unsigned holder : memory.getHolders())
      out << llvm::formatv("{0,6} {1,14}  {2}\n", holder, memory.buffers[holder].bytes, memory.buffers[holder].holder);
    out << "cache " << memory.cacheBytes << " bytes\n";
    for (Type type : op.getArgumentTypes())
      if (auto cache = dyn_cast<xf::CacheType>(type))
        out << "  " << at.batch << " sequences x " << cache.getLayers() << " layers x (keys, values) x "
            << cache.getHeads() << " heads x " << at.context << " positions x " << cache.getHeadDim() << " x "
            << cache.getElementType() << "\n";
  }
};

} // namespace
} // namespace ph
