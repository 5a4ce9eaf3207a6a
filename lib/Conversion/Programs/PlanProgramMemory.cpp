#include "MemorySizes.h"
#include "ProgramFunction.h"
#include "SlotPlanner.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

constexpr int64_t kAlignment = 64;

class ProgramPlanner {
public:
  explicit ProgramPlanner(func::FuncOp program)
      : program(program), arguments(ProgramArguments::of(program)), b(program.getLoc(), program.getContext()) {}

  LogicalResult run() {
    resolveMemorySizes(program);
    if (failed(planScratch()) || failed(planArena()))
      return failure();
    return writePlan();
  }

private:
  static bool isShared(Operation *op) { return op->getParentOfType<scf::ForallOp>() == nullptr; }

  /// What a thread needs for itself lies on its stack.
  LogicalResult planScratch() {
    SmallVector<memref::AllocOp> scratch;
    program.walk<WalkOrder::PreOrder>([&](memref::AllocOp op) {
      if (!isShared(op))
        scratch.push_back(op);
    });
    program.walk([&](memref::DeallocOp op) { op.erase(); });
    if (scratch.empty())
      return success();
    SlotPlanner slots(program);
    SmallVector<unsigned> slotOf;
    for (memref::AllocOp op : scratch) {
      std::optional<int64_t> bytes = mostBytes(op);
      if (!bytes)
        return op.emitOpError("expects scratch of a bounded size in what threads share, but got ") << op.getType();
      slotOf.push_back(slots.place(op, {{}, *bytes}));
    }
    SmallVector<int64_t> offsets;
    int64_t total = 0;
    for (const Slot &slot : slots.all()) {
      offsets.push_back(total);
      total += llvm::alignTo(slot.extent.bytes, kAlignment);
    }
    b.setInsertionPointToStart(&program.getBody().front());
    Value stack = memref::AllocaOp::create(b, MemRefType::get({total}, b.getI8Type()), b.getI64IntegerAttr(kAlignment));
    for (auto [op, slot] : llvm::zip_equal(scratch, slotOf)) {
      b.setInsertionPoint(op);
      replaceByView(op, stack, arith::ConstantIndexOp::create(b, offsets[slot]));
    }
    return success();
  }

  void replaceByView(memref::AllocOp op, Value bytes, Value offset) {
    MemRefType type = op.getType();
    Value view = memref::ViewOp::create(b, MemRefType::get(type.getShape(), type.getElementType()), bytes, offset,
                                        op.getDynamicSizes());
    op.getResult().replaceAllUsesWith(view);
    op.erase();
  }

  /// The most that an index can be, where its computation says so.
  static std::optional<int64_t> upperBound(Value value) {
    if (std::optional<int64_t> constant = getConstantIntValue(value))
      return constant;
    Operation *op = value.getDefiningOp();
    if (!isa_and_nonnull<arith::MinSIOp, arith::MinUIOp>(op))
      return std::nullopt;
    std::optional<int64_t> a = upperBound(op->getOperand(0)), b = upperBound(op->getOperand(1));
    return a && b ? std::min(*a, *b) : a ? a : b;
  }

  static int64_t elementBytes(MemRefType type) { return std::max<int64_t>((type.getElementTypeBitWidth() + 7) / 8, 1); }

  static std::optional<int64_t> mostBytes(memref::AllocOp op) {
    int64_t bytes = elementBytes(op.getType());
    for (int64_t size : op.getType().getShape())
      if (!ShapedType::isDynamic(size))
        bytes *= size;
    for (Value size : op.getDynamicSizes()) {
      std::optional<int64_t> bound = upperBound(size);
      if (!bound)
        return std::nullopt;
      bytes *= *bound;
    }
    return bytes;
  }

  /// Whether a size is the same in each iteration of a loop that it is in: what it is computed from can be known
  /// before.
  bool isKnownBefore(Value size) {
    if (hoisted.contains(size))
      return true;
    if (auto argument = dyn_cast<BlockArgument>(size))
      return argument.getOwner() == &program.getBody().front();
    Operation *op = size.getDefiningOp();
    return (isMemoryEffectFree(op) || isa<LLVM::LoadOp>(op)) && !op->getNumRegions() &&
           llvm::all_of(op->getOperands(), [&](Value operand) { return isKnownBefore(operand); });
  }

  /// A copy, before anything else, of what computes `size`.
  FailureOr<Value> hoist(Value size) {
    if (auto known = hoisted.find(size); known != hoisted.end())
      return known->second;
    Operation *op = size.getDefiningOp();
    if (!op || !(isMemoryEffectFree(op) || isa<LLVM::LoadOp>(op)) || op->getNumRegions()) {
      if (auto argument = dyn_cast<BlockArgument>(size); argument && argument.getOwner() == &program.getBody().front())
        return size;
      emitError(size.getLoc()) << "expects the size of a buffer to be a function of the sizes of the inputs";
      return failure();
    }
    IRMapping mapping;
    for (Value operand : op->getOperands()) {
      auto value = hoist(operand);
      if (failed(value))
        return failure();
      mapping.map(operand, *value);
    }
    Operation *copy = b.clone(*op, mapping);
    for (auto [from, to] : llvm::zip_equal(op->getResults(), copy->getResults()))
      hoisted[from] = to;
    return hoisted[size];
  }

  FailureOr<Extent> extentOf(memref::AllocOp op) {
    Extent extent;
    MemRefType type = op.getType();
    extent.bytes = elementBytes(type);
    for (int64_t size : type.getShape())
      if (!ShapedType::isDynamic(size))
        extent.bytes *= size;
    for (Value size : op.getDynamicSizes()) {
      // The rows of a chunk, of which the last one has fewer.
      if (std::optional<int64_t> most = upperBound(size); most && !isKnownBefore(size)) {
        extent.bytes *= *most;
        continue;
      }
      auto value = hoist(size);
      if (failed(value))
        return failure();
      extent.sizes.push_back(*value);
      numbers.try_emplace(*value, numbers.size());
    }
    llvm::sort(extent.sizes, [&](Value a, Value b) { return numbers.lookup(a) < numbers.lookup(b); });
    return extent;
  }

  LogicalResult planArena() {
    SlotPlanner slots(program);
    SmallVector<memref::AllocOp> buffers;
    program.walk<WalkOrder::PreOrder>([&](memref::AllocOp op) { buffers.push_back(op); });
    b.setInsertionPointToStart(&program.getBody().front());
    SmallVector<unsigned> slotOf;
    for (memref::AllocOp op : buffers) {
      auto extent = extentOf(op);
      if (failed(extent))
        return failure();
      slotOf.push_back(slots.place(op, *extent));
    }
    // Offsets, one after the other.
    auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
    Value offset = index(0);
    SmallVector<Value> offsets;
    for (const Slot &slot : slots.all()) {
      offsets.push_back(offset);
      Value bytes = index(slot.extent.bytes);
      for (Value size : slot.extent.sizes)
        bytes = arith::MulIOp::create(b, bytes, size);
      bytes = arith::AddIOp::create(b, bytes, index(kAlignment - 1));
      bytes = arith::MulIOp::create(b, arith::DivUIOp::create(b, bytes, index(kAlignment)), index(kAlignment));
      offset = arith::AddIOp::create(b, offset, bytes);
    }
    total = offset;
    for (auto [op, slot] : llvm::zip_equal(buffers, slotOf)) {
      b.setInsertionPoint(op);
      replaceByView(op, arguments.arena, offsets[slot]);
    }
    return success();
  }

  /// The function that says how many bytes a call needs, and the sizes of its results.
  LogicalResult writePlan() {
    auto entry = program->getAttrOfType<DictionaryAttr>(kProgramAttr);
    b.setInsertionPoint(program);
    Type pointer = LLVM::LLVMPointerType::get(b.getContext());
    auto plan =
        func::FuncOp::create(b, entry.getAs<StringAttr>("plan").getValue(), b.getFunctionType({pointer, pointer}, {}));
    b.setInsertionPointToStart(plan.addEntryBlock());
    hoisted.clear();
    hoisted[arguments.sizes] = plan.getArgument(0);
    int64_t next = 0;
    auto store = [&](Value value) {
      Value at =
          LLVM::GEPOp::create(b, pointer, b.getI64Type(), plan.getArgument(1), ArrayRef<LLVM::GEPArg>{int32_t(next++)});
      LLVM::StoreOp::create(b, arith::IndexCastOp::create(b, b.getI64Type(), value), at);
    };
    auto bytes = hoist(total);
    if (failed(bytes))
      return failure();
    store(*bytes);
    // Until here a program returns the dynamic sizes of its results.
    auto end = cast<func::ReturnOp>(program.getBody().front().getTerminator());
    for (Value size : end.getOperands()) {
      auto value = hoist(size);
      if (failed(value))
        return failure();
      store(*value);
    }
    end->setOperands({});
    program.setType(ProgramArguments::type(b.getContext()));
    func::ReturnOp::create(b);
    return success();
  }

  func::FuncOp program;
  ProgramArguments arguments;
  ImplicitLocOpBuilder b;
  llvm::DenseMap<Value, Value> hoisted;
  llvm::DenseMap<Value, unsigned> numbers; ///< of sizes, as they were met: the same in every run
  Value total;
};

struct PlanProgramMemoryPass : PassWrapper<PlanProgramMemoryPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlanProgramMemoryPass)
  StringRef getArgument() const override { return "plan-program-memory"; }
  StringRef getDescription() const override { return "give the buffers of programs places in an arena"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, memref::MemRefDialect>();
  }

  void runOnOperation() override {
    for (func::FuncOp program : programsOf(getOperation()))
      if (failed(ProgramPlanner(program).run()))
        return signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createPlanProgramMemoryPass() { return std::make_unique<PlanProgramMemoryPass>(); }

} // namespace ph::conversion
