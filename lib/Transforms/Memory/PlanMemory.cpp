#include "powerhouse/Analysis/Memory.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

using analysis::Lifetimes, analysis::LiveBuffer, analysis::MemoryPlan, analysis::MemoryPoint;

/// Of sizes that may be multiplied with each other: their products with static sizes must fit 64 bits. More is a slip
/// of the keyboard.
constexpr double kMost = double(int64_t(1) << 44);

struct PlanMemoryPass final : impl::PlanMemoryPassBase<PlanMemoryPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    SmallVector<int64_t> sizes = {int64_t(tokens), int64_t(rows), int64_t(threads) - 1};
    for (const SmallVector<int64_t> &list : {batches(), contexts()})
      for (int64_t size : list)
        sizes.push_back(size - 1);
    if (llvm::any_of(sizes, [](int64_t size) { return size < 0; }))
      return emitError(UnknownLoc::get(context))
             << "xf-plan-memory expects a batch, a context and threads of at least 1, "
                "and tokens and rows of at least 0, but got others";
    for (int64_t sequences : batches())
      for (int64_t positions : contexts()) {
        double step = double(sequences) * double(tokens ? int64_t(tokens) : positions) * double(positions);
        if (std::max({step, double(rows), double(threads)}) > kMost)
          return emitError(UnknownLoc::get(context))
                 << "xf-plan-memory expects batch · tokens · context, rows and threads of at most 2^44, but got more";
      }
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

  LogicalResult plan(func::FuncOp function) {
    FailureOr<Lifetimes> lifetimes = Lifetimes::compute(function);
    if (failed(lifetimes))
      return failure();
    plan(function, ("@" + function.getSymName()).str(), *lifetimes);
    return success();
  }

  /// Prints and marks the plans of a function, or of a thread of an scf.forall.
  void plan(Operation *holder, const std::string &name, const Lifetimes &lifetimes) {
    Builder builder(holder);
    SmallVector<Attribute> plans;
    for (int64_t sequences : batches())
      for (int64_t positions : contexts()) {
        MemoryPoint at{sequences, tokens ? int64_t(tokens) : positions, positions};
        at.rows = rows ? int64_t(rows) : at.batch * at.tokens;
        at.threads = threads;
        MemoryPlan memory = analysis::planMemory(lifetimes, at);
        print(llvm::errs(), name, lifetimes, memory, at);
        SmallVector<int64_t> offsets = llvm::map_to_vector(memory.buffers, [](auto &buffer) { return buffer.offset; });
        auto number = [&](StringRef name, int64_t value) {
          return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
        };
        SmallVector<NamedAttribute> entries = {
            number("arena", memory.arenaBytes), number("batch", at.batch),
            number("context", at.context),      builder.getNamedAttr("offsets", builder.getDenseI64ArrayAttr(offsets)),
            number("peak", memory.peakBytes),   number("rows", at.rows),
            number("tokens", at.tokens)};
        if (auto function = dyn_cast<func::FuncOp>(holder)) {
          entries.push_back(number("cache", analysis::getCacheBytes(function.getArgumentTypes(), at)));
          printCaches(llvm::errs(), function, at);
        }
        plans.push_back(builder.getDictionaryAttr(entries));
      }
    holder->setAttr("xf.memory", builder.getArrayAttr(plans));
    llvm::DenseMap<Operation *, unsigned> nested;
    for (auto [index, buffer] : llvm::enumerate(lifetimes.buffers()))
      if (buffer.nested)
        nested[buffer.owner] = index;
    holder->walk([&](Operation *inner) {
      SmallVector<int64_t> numbers;
      for (Value result : inner->getResults())
        numbers.push_back(int64_t(lifetimes.bufferOf(result).value_or(-1)));
      if (auto found = nested.find(inner); found != nested.end())
        numbers.push_back(found->second);
      if (inner != holder && llvm::any_of(numbers, [](int64_t number) { return number >= 0; }))
        inner->setAttr("xf.buffers", builder.getDenseI64ArrayAttr(numbers));
    });
    for (const LiveBuffer &buffer : lifetimes.buffers())
      if (buffer.nested && !isa<CallOpInterface>(buffer.owner))
        plan(buffer.owner, name + ", a thread of buffer " + std::to_string(nested[buffer.owner]), *buffer.nested);
  }

  static void print(raw_ostream &out, StringRef name, const Lifetimes &lifetimes, const MemoryPlan &memory,
                    const MemoryPoint &at) {
    out << "memory of " << name << " for batch=" << at.batch << " context=" << at.context << " tokens=" << at.tokens
        << " rows=" << at.rows << " threads=" << at.threads << "\n"
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
  }

  static void printCaches(raw_ostream &out, func::FuncOp function, const MemoryPoint &at) {
    out << "cache " << analysis::getCacheBytes(function.getArgumentTypes(), at) << " bytes\n";
    for (Type type : function.getArgumentTypes())
      if (auto cache = dyn_cast<xf::CacheType>(type))
        out << "  " << at.batch << " sequences x " << cache.getLayers() << " layers x (keys, values) x "
            << cache.getHeads() << " heads x " << at.context << " positions x " << cache.getHeadDim() << " x "
            << cache.getElementType() << "\n";
  }
};

} // namespace
} // namespace ph
