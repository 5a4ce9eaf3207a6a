// The state of a conversion from xf to linalg: what has become of the values so far, and how large tensors are.
#pragma once
#include "ScalarBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace ph::conversion {

using Sizes = llvm::SmallVector<mlir::OpFoldResult>;

/// An operand of a structured op and the element of it that a point of the loops has.
struct Indexed {
  mlir::Value tensor;
  llvm::SmallVector<mlir::AffineExpr> at;
};

/// A part of a tensor, a size of 1 in `dropped` being no dimension of it.
struct Part {
  Sizes offsets, sizes;
  llvm::SmallVector<int64_t> strides; ///< empty: all 1
};

/// The keys and values of a cache: [slot, layer, head, position, feature] each.
struct CacheTensors {
  mlir::Value keys, values;
};

class Lowering;

/// What is built for each op.
class Handlers {
public:
  using Handler = std::function<mlir::LogicalResult(Lowering &, mlir::Operation *)>;
  template <class Op, mlir::LogicalResult (*lower)(Lowering &, Op)> void add() {
    table[Op::getOperationName()] = [](Lowering &l, mlir::Operation *op) { return lower(l, llvm::cast<Op>(op)); };
  }
  /// Null for an op that has none.
  const Handler *find(mlir::Operation *op) const {
    auto found = table.find(op->getName().getStringRef());
    return found == table.end() ? nullptr : &found->second;
  }

private:
  llvm::StringMap<Handler> table;
};

/// Rebuilds functions op by op; the old ones stay as they are until they are erased, so that what is known of their
/// dimensions stays known. Values are called old before the conversion and new after it.
class Lowering {
public:
  using Body = llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::ValueRange)>;
  using Bodies = llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &, mlir::ValueRange)>;

  Lowering(mlir::ModuleOp module, const Handlers &handlers, bool keepProducts)
      : s(module.getLoc(), mlir::OpBuilder(module.getBodyRegion())), handlers(handlers), keepProducts(keepProducts) {}

  /// Replaces a function by what it becomes. Fails, with a message.
  mlir::LogicalResult run(mlir::func::FuncOp function);
  /// The ops of a block, at the builder's place. Arguments must have been given.
  mlir::LogicalResult lowerOps(mlir::Block &block);
  mlir::LogicalResult lowerOp(mlir::Operation *op);
  /// An op that stays, with what is in its regions lowered.
  mlir::LogicalResult copy(mlir::Operation *op);

  /// A product or a look-up that stays because the CPU has a kernel for it: its result has the rows of `input`.
  mlir::LogicalResult keep(mlir::Operation *op, mlir::Value input);

  ScalarBuilder s;
  const Handlers &handlers;
  const bool keepProducts;

  // --- Values ---
  /// What an old value became; that of a weight in a storage format is a tensor without one.
  mlir::Value of(mlir::Value old);
  llvm::SmallVector<mlir::Value> of(mlir::ValueRange old);
  /// The same, but a weight in a storage format keeps it.
  mlir::Value stored(mlir::Value old) const { return mapping.lookup(old); }
  CacheTensors cacheOf(mlir::Value old) const { return caches.lookup(old); }
  /// Says what an old value becomes. It is cast to the old type, where that is another.
  void give(mlir::Value old, mlir::Value value);
  void give(mlir::Value old, CacheTensors cache) { caches[old] = cache; }
  /// The new types of old ones: two of each cache.
  llvm::SmallVector<mlir::Type> convert(mlir::TypeRange types);
  /// What old values became, two of each cache.
  llvm::SmallVector<mlir::Value> flatten(mlir::ValueRange old);
  /// Says what the old values became; those of a cache are two of `values`.
  void giveFlat(mlir::ValueRange old, mlir::ValueRange values);

  // --- Sizes ---
  /// Of a new tensor. The sizes are made where the tensor is, so that they can be used wherever it can be.
  Sizes sizesOf(mlir::Value tensor);
  mlir::OpFoldResult sizeOf(mlir::Value tensor, int64_t axis) { return sizesOf(tensor)[axis]; }
  /// Says what the sizes of a new tensor are.
  void know(mlir::Value tensor, Sizes sizes) { known[tensor] = std::move(sizes); }
  /// Forgets what is known of the tensors of a block that is about to be erased.
  void forgetIn(mlir::Block &block);
  mlir::OpFoldResult attribute(int64_t size) { return s.getIndexAttr(size); }
  /// As a value.
  mlir::Value index(mlir::OpFoldResult size) { return getValueOrCreateConstantIndexOp(s, s.getLoc(), size); }
  mlir::OpFoldResult add(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult sub(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult mul(mlir::OpFoldResult x, mlir::OpFoldResult y);
  /// Of sizes, which are not negative, rounded down.
  mlir::OpFoldResult div(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult product(llvm::ArrayRef<mlir::OpFoldResult> sizes);

  // --- Tensors (StructuredOps.cpp) ---
  mlir::AffineExpr dim(unsigned loop) { return s.getAffineDimExpr(loop); }
  mlir::AffineExpr constant(int64_t value) { return s.getAffineConstantExpr(value); }
  /// Loops from, …, to - 1.
  llvm::SmallVector<mlir::AffineExpr> loops(unsigned from, unsigned to);
  /// A whole tensor, each dimension with the loop of its number.
  Indexed whole(mlir::Value tensor);
  mlir::Value empty(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type element);
  mlir::Value filled(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Value value);
  /// A structured op over `count` loops: those that no output has add up. The body gets the elements of inputs and
  /// then of outputs, and gives those of outputs.
  llvm::SmallVector<mlir::Value> structured(unsigned count, llvm::ArrayRef<Indexed> inputs,
                                            llvm::ArrayRef<Indexed> outputs, Bodies body);
  mlir::Value structured(unsigned count, llvm::ArrayRef<Indexed> inputs, Indexed output, Body body);
  /// A new tensor of `sizes`, with a loop for each dimension. The body gets the elements of inputs.
  mlir::Value each(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type element, llvm::ArrayRef<Indexed> inputs,
                   Body body);
  /// A new tensor of `sizes`, whose dimensions are the first loops, of `start`; what is beyond up to `count` adds up.
  /// The body gets the elements of inputs and then what there is so far.
  mlir::Value reduced(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Value start, unsigned count,
                      llvm::ArrayRef<Indexed> inputs, Body body);
  /// Part of a tensor; a size of the attribute 1 where `drop` has its number is no dimension of the result.
  mlir::Value slice(mlir::Value tensor, const Part &part, llvm::ArrayRef<int64_t> drop = {});
  mlir::Value insert(mlir::Value tensor, mlir::Value into, const Part &part);
  /// Groups of dimensions as one each, and back.
  mlir::Value collapse(mlir::Value tensor, llvm::ArrayRef<mlir::ReassociationIndices> groups);
  mlir::Value expand(mlir::Value tensor, llvm::ArrayRef<mlir::ReassociationIndices> groups,
                     llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// The last dimension as [heads, width].
  mlir::Value splitLast(mlir::Value tensor, int64_t heads);
  /// The last two dimensions as one.
  mlir::Value joinLast(mlir::Value tensor);
  /// All dimensions but the last as one.
  mlir::Value asRows(mlir::Value tensor);

  /// for i = 0 … to - 1, carrying tensors. `body` gets i and what is carried, and gives what is carried on.
  llvm::SmallVector<mlir::Value>
  loop(mlir::OpFoldResult to, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);
  /// Writes a part of each output at each point from 0 on below `to`, in any order. `parts` says which (with the sizes
  /// of 1 that are no dimension of it); `body` gets the point and the parts and gives what takes their place.
  llvm::SmallVector<mlir::Value>
  forall(llvm::ArrayRef<mlir::OpFoldResult> to, mlir::ValueRange outputs,
         llvm::function_ref<llvm::SmallVector<Part>(mlir::ValueRange)> parts,
         llvm::ArrayRef<llvm::ArrayRef<int64_t>> drop,
         llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange, mlir::ValueRange)> body);

  /// The tables of a rotation, made once for the positions: cos and sin, [batch, sequence, pairs], times the attention
  /// factor.
  std::pair<mlir::Value, mlir::Value> &ropeTables(mlir::Value positions, xf::RopeAttr rope) {
    return tables[{positions, rope}];
  }
  /// A view of old values that are read only by slices (Cache.cpp, RelativePosition.cpp): what makes a slice of it.
  using Slicer = std::function<mlir::Value(const Part &)>;
  llvm::DenseMap<mlir::Value, Slicer> views;

private:
  mlir::IRMapping mapping;
  llvm::DenseMap<mlir::Value, mlir::Value> plain; ///< weights without their formats
  llvm::DenseMap<mlir::Value, CacheTensors> caches;
  llvm::DenseMap<mlir::Value, Sizes> known;
  llvm::DenseMap<std::pair<mlir::Value, mlir::Attribute>, std::pair<mlir::Value, mlir::Value>> tables;
};

// What adds the handlers of a family of ops.
void addAdafactor(Handlers &handlers);
void addAdamW8(Handlers &handlers);
void addCache(Handlers &handlers);
void addControlFlow(Handlers &handlers);
void addElementwise(Handlers &handlers);
void addExperts(Handlers &handlers);
void addExpertOuterAdd(Handlers &handlers);
void addGroupedExperts(Handlers &handlers);
void addEmbedding(Handlers &handlers);
void addNormalization(Handlers &handlers);
void addOptimizers(Handlers &handlers);
void addProducts(Handlers &handlers);
void addReduction(Handlers &handlers);
void addRelativePosition(Handlers &handlers);
void addRope(Handlers &handlers);
void addRows(Handlers &handlers);
void addStack(Handlers &handlers);
void addSampling(Handlers &handlers);
void addScatterAdd(Handlers &handlers);
void addShape(Handlers &handlers);
void addTokenKl(Handlers &handlers);
void addTokenLogp(Handlers &handlers);
void addTraining(Handlers &handlers);
void addVision(Handlers &handlers);

} // namespace ph::conversion
