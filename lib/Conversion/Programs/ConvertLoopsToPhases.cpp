#include "ExpandedMemory.h"
#include "GenericLoops.h"
#include "ProgramFunction.h"
#include "TileProducts.h"
#include "dialects/Step/Step.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::conversion {
namespace {

class PhaseWriter {
public:
  explicit PhaseWriter(func::FuncOp program)
      : program(program), arguments(ProgramArguments::of(program)), b(program.getLoc(), program.getContext()) {}

  LogicalResult run() {
    b.setInsertionPointToStart(&program.getBody().front());
    copiesToGenerics();
    expandWholeMemory(program);
    SmallVector<Operation *> shared, inner;
    program.walk([&](Operation *op) {
      bool inPhase = op->getParentOfType<scf::ForallOp>() || op->getParentOfType<linalg::GenericOp>();
      if (isa<linalg::GenericOp>(op))
        (inPhase ? inner : shared).push_back(op);
      else if (!inPhase && isa<scf::ForallOp, step::KernelOp, memref::StoreOp>(op))
        shared.push_back(op);
    });
    for (Operation *op : inner) {
      b.setInsertionPoint(op);
      b.setLoc(op->getLoc());
      auto generic = cast<linalg::GenericOp>(op);
      if (auto product = matchTileProduct(b, generic))
        func::CallOp::create(b, kernel(product->options, ValueRange(product->arguments).getTypes()),
                             product->arguments);
      else
        GenericLoops(b, generic).emitAll();
      op->erase();
    }
    for (Operation *op : shared) {
      b.setInsertionPoint(op);
      b.setLoc(op->getLoc());
      llvm::TypeSwitch<Operation *>(op).Case<linalg::GenericOp, scf::ForallOp, step::KernelOp, memref::StoreOp>(
          [&](auto op) { write(op); });
      op->erase();
    }
    WalkResult left = program.walk([&](Operation *op) {
      if (!isa<linalg::LinalgOp, memref::CopyOp, memref::AllocOp, step::KernelOp, scf::ForallOp, scf::ParallelOp>(op))
        return WalkResult::advance();
      op->emitOpError("expects to be something that phases are made of");
      return WalkResult::interrupt();
    });
    return failure(left.wasInterrupted());
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

  void copiesToGenerics() {
    SmallVector<memref::CopyOp> copies;
    program.walk([&](memref::CopyOp op) { copies.push_back(op); });
    for (memref::CopyOp op : copies) {
      b.setInsertionPoint(op);
      b.setLoc(op.getLoc());
      int64_t rank = cast<MemRefType>(op.getTarget().getType()).getRank();
      AffineMap map = AffineMap::getMultiDimIdentityMap(rank, b.getContext());
      linalg::GenericOp::create(b, ValueRange{op.getSource()}, ValueRange{op.getTarget()}, ArrayRef{map, map},
                                SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
                                [](OpBuilder &builder, Location loc, ValueRange values) {
                                  linalg::YieldOp::create(builder, loc, values.front());
                                });
      op.erase();
    }
  }

  void phase(Value units, llvm::function_ref<void(Value, Value)> work) {
    emitPhase(b, arguments.team, units, [&](Value first, Value last) {
      OpBuilder::InsertionGuard guard(b);
      work(first, last);
    });
  }

  void forEach(Value first, Value last, llvm::function_ref<void(Value)> work) {
    auto loop = scf::ForOp::create(b, first, last, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    work(loop.getInductionVar());
  }

  void write(linalg::GenericOp op) {
    GenericLoops loops(b, op);
    phase(loops.units(),
          [&](Value first, Value last) { forEach(first, last, [&](Value unit) { loops.emitUnit(unit); }); });
  }

  void write(scf::ForallOp op) {
    SmallVector<Value> counts, steps, begins;
    Value units = index(1);
    for (auto [begin, end, step] :
         llvm::zip_equal(op.getMixedLowerBound(), op.getMixedUpperBound(), op.getMixedStep())) {
      begins.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), begin));
      steps.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), step));
      Value length = arith::SubIOp::create(b, getValueOrCreateConstantIndexOp(b, b.getLoc(), end), begins.back());
      counts.push_back(arith::CeilDivUIOp::create(b, length, steps.back()));
      units = arith::MulIOp::create(b, units, counts.back());
    }
    phase(units, [&](Value first, Value last) {
      forEach(first, last, [&](Value unit) {
        IRMapping mapping;
        for (int64_t i = int64_t(counts.size()) - 1; i >= 0; --i) {
          Value number = arith::RemUIOp::create(b, unit, counts[i]);
          unit = arith::DivUIOp::create(b, unit, counts[i]);
          mapping.map(op.getInductionVar(i),
                      arith::AddIOp::create(b, begins[i], arith::MulIOp::create(b, number, steps[i])));
        }
        for (Operation &inner : op.getBody()->without_terminator())
          b.clone(inner, mapping);
      });
    });
  }

  void write(memref::StoreOp op) {
    phase(index(1), [&](Value, Value) { b.clone(*op.getOperation()); });
  }

  /// Memory without gaps as flat memory.
  Value flat(Value memory) {
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    MemRefType type = flatMemory(element);
    return memref::ReinterpretCastOp::create(b, type, memory, /*offset=*/b.getIndexAttr(0),
                                             ArrayRef<OpFoldResult>{b.getIndexAttr(type.getDimSize(0))},
                                             ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  }
  Value weight(Value offset, Type element) {
    return memref::ViewOp::create(b, flatMemory(element), arguments.weights, offset, ValueRange{});
  }
  /// The number of rows: all dimensions but the last.
  Value rows(Value memory) {
    Value count = index(1);
    for (int64_t i = 0; i + 1 < cast<MemRefType>(memory.getType()).getRank(); ++i)
      count = arith::MulIOp::create(b, count, memref::DimOp::create(b, memory, i));
    return count;
  }

  void write(step::KernelOp op) {
    // The first weight is a packed matrix, others are plain.
    SmallVector<Value> start = {weight(op.getWeights().front(), b.getI8Type())};
    start.push_back(flat(op.getInputs().front()));
    start.push_back(flat(op.getOutput()));
    for (Value input : op.getInputs().drop_front())
      start.push_back(flat(input));
    for (Value offset : op.getWeights().drop_front())
      start.push_back(weight(offset, b.getF32Type()));
    Value count = rows(op.getOutput());
    phase(op.getTiles() ? index(*op.getTiles()) : count, [&](Value first, Value last) {
      SmallVector<Value> all = start;
      all.append({first, last});
      if (op.getTiles())
        all.push_back(count);
      func::CallOp::create(b, kernel(op.getOptions(), TypeRange(ValueRange(all))), all);
    });
  }

  func::FuncOp kernel(DictionaryAttr options, TypeRange types) {
    auto module = program->getParentOfType<ModuleOp>();
    auto type = b.getFunctionType(types, {});
    unsigned count = 0;
    for (auto known : module.getOps<func::FuncOp>()) {
      if (known->getAttr(kKernelAttr) == options && known.getFunctionType() == type)
        return known;
      count += known->hasAttr(kKernelAttr);
    }
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto kind = options.getAs<StringAttr>("kind").getValue();
    auto made = func::FuncOp::create(b, ("kernel_" + Twine(count) + "_" + kind).str(), type);
    made.setPrivate();
    made->setAttr(kKernelAttr, options);
    return made;
  }

  func::FuncOp program;
  ProgramArguments arguments;
  ImplicitLocOpBuilder b;
};

struct ConvertLoopsToPhasesPass : PassWrapper<ConvertLoopsToPhasesPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertLoopsToPhasesPass)
  StringRef getArgument() const override { return "convert-loops-to-phases"; }
  StringRef getDescription() const override { return "let threads share the loops of programs"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                    memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
  }

  void runOnOperation() override {
    for (func::FuncOp program : programsOf(getOperation()))
      if (failed(PhaseWriter(program).run()))
        return signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createConvertLoopsToPhasesPass() { return std::make_unique<ConvertLoopsToPhasesPass>(); }

} // namespace ph::conversion
