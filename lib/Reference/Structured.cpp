// Structured ops of linalg, scalar by scalar over their iteration space.
#include "lib/Reference/ScalarMath.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::reference {

namespace {

/// The body of a structured op as a list of scalar ops on numbered places, since it runs once for each point.
class Program {
public:
  /// Fails, with a message, if there is an op that is no scalar op.
  LogicalResult compile(linalg::LinalgOp op, Context &context);
  /// Runs at a point; the first places hold the block's arguments. Fails, with a message, where an element is taken
  /// from outside of a tensor.
  LogicalResult run(ArrayRef<int64_t> point) {
    for (auto [place, dim] : indices)
      places[place] = double(point[dim]);
    double operands[ScalarOp::mostOperands];
    for (const Step &step : steps) {
      if (step.taken) {
        if (failed(take(step)))
          return failure();
        continue;
      }
      for (unsigned i = 0; i < ScalarOp::mostOperands; ++i)
        operands[i] = places[step.operands[i]];
      places[step.result] = step.op(operands);
    }
    return success();
  }

  std::vector<double> places;
  SmallVector<unsigned> yields; ///< places of what is stored

private:
  struct Step {
    ScalarOp op;
    unsigned operands[ScalarOp::mostOperands] = {}, result = 0;
    tensor::ExtractOp taken = {};     ///< null: `op` is run
    const Tensor *tensor = nullptr;   ///< what an element is taken from
    SmallVector<unsigned, 0> at = {}; ///< places of its indices
  };

  LogicalResult take(const Step &step);

  unsigned placeOf(mlir::Value value, Context &context);

  std::vector<Step> steps;
  SmallVector<std::pair<unsigned, unsigned>> indices; ///< a place and the loop whose number it holds
  llvm::DenseMap<mlir::Value, unsigned> numbers;
};

/// Which element of an operand belongs to a point: linear in the loops.
struct Access {
  int64_t first = 0;
  SmallVector<int64_t> strides; ///< for each loop
};

} // namespace

unsigned Program::placeOf(mlir::Value value, Context &context) {
  auto [entry, isNew] = numbers.try_emplace(value, unsigned(places.size()));
  if (isNew) // from outside of the body, as everything inside has its place already
    places.push_back(scalarOf(context.valueOf(value)));
  return entry->second;
}

LogicalResult Program::take(const Step &step) {
  int64_t flat = 0;
  for (auto [size, place] : llvm::zip_equal(step.tensor->shape, step.at)) {
    int64_t index = int64_t(places[place]);
    if (index < 0 || index >= size)
      return mismatch(step.taken, "an index below " + Twine(size), index);
    flat = flat * size + index;
  }
  places[step.result] = step.tensor->data[flat];
  return success();
}

LogicalResult Program::compile(linalg::LinalgOp op, Context &context) {
  Block &body = *op.getBlock();
  for (BlockArgument argument : body.getArguments()) {
    numbers[argument] = unsigned(places.size());
    places.push_back(0);
  }
  for (Operation &inner : body.without_terminator()) {
    unsigned place = unsigned(places.size());
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      indices.emplace_back(place, index.getDim());
    } else if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      std::optional<Tensor> value = readConstant(constant.getValue());
      if (!value || !value->shape.empty())
        return constant.emitOpError() << "expects a number in the body of a structured op to be run";
      numbers[constant.getResult()] = place;
      places.push_back(value->data.front());
      continue;
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(inner)) {
      if (extract.getTensor().getParentRegion() == body.getParent())
        return extract.emitOpError() << "expects a tensor from outside of the structured op to be run";
      Step step;
      step.taken = extract;
      step.tensor = &context.valueOf(extract.getTensor()).tensor();
      for (mlir::Value index : extract.getIndices())
        step.at.push_back(placeOf(index, context));
      place = step.result = unsigned(places.size());
      steps.push_back(std::move(step));
    } else {
      std::optional<ScalarOp> scalar = findScalarOp(&inner, context.precision());
      if (!scalar)
        return inner.emitOpError() << "expects a scalar op with reference semantics in the body of a structured op";
      Step step = {*scalar};
      for (auto [number, operand] : llvm::enumerate(inner.getOperands()))
        step.operands[number] = placeOf(operand, context);
      place = step.result = unsigned(places.size());
      steps.push_back(step);
    }
    numbers[inner.getResult(0)] = place;
    places.push_back(0);
  }
  for (mlir::Value yielded : body.getTerminator()->getOperands())
    yields.push_back(placeOf(yielded, context));
  return success();
}

/// Fails, with a message, if the map isn't linear or leaves the operand.
static FailureOr<Access> makeAccess(Operation *op, AffineMap map, ArrayRef<int64_t> shape, ArrayRef<int64_t> loops) {
  bool linear = map.getNumSymbols() == 0 && llvm::all_of(map.getResults(), [](AffineExpr expression) {
                  bool mixed = false;
                  expression.walk([&](AffineExpr inner) {
                    mixed |= inner.getKind() == AffineExprKind::Mod || inner.getKind() == AffineExprKind::FloorDiv ||
                             inner.getKind() == AffineExprKind::CeilDiv;
                  });
                  return !mixed;
                });
  if (!linear || map.getNumResults() != shape.size())
    return op->emitOpError() << "expects linear maps to be run, but got " << AffineMapAttr::get(map);
  Access access;
  access.strides.assign(loops.size(), 0);
  int64_t width = 1;
  for (int64_t dim = int64_t(shape.size()); dim-- > 0; width *= shape[dim]) {
    AffineMap single = map.getSubMap({unsigned(dim)});
    auto at = [&](ArrayRef<int64_t> point) { return single.compose(point).front(); };
    SmallVector<int64_t> point(loops.size(), 0);
    int64_t first = at(point), least = first, most = first;
    for (size_t loop = 0; loop < loops.size(); ++loop) {
      point[loop] = 1;
      int64_t stride = at(point) - first, reach = stride * (loops[loop] - 1);
      point[loop] = 0;
      (reach < 0 ? least : most) += reach;
      access.strides[loop] += stride * width;
    }
    bool runs = !llvm::is_contained(loops, 0);
    if (runs && (least < 0 || most >= shape[dim]))
      return mismatch(
          op, "operands that hold the points " + Twine(least) + " to " + Twine(most) + " of dimension " + Twine(dim),
          shape);
    access.first += first * width;
  }
  return access;
}

static LogicalResult structured(linalg::LinalgOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError() << "expects tensors to be run, but got memory";
  // The loops' sizes, from the shapes of all operands one after the other.
  SmallVector<int64_t> sizes;
  SmallVector<Tensor> operands;
  for (const Value &input : inputs) {
    operands.push_back(input.isTensor() ? input.tensor() : Tensor({}, {scalarOf(input)}));
    sizes.append(operands.back().shape);
  }
  SmallVector<int64_t> loops = op.getShapesToLoopsMap().compose(ArrayRef<int64_t>(sizes));
  Program program;
  if (failed(program.compile(op, context)))
    return failure();
  SmallVector<Access> accesses;
  for (auto [map, operand] : llvm::zip_equal(op.getIndexingMapsArray(), operands)) {
    FailureOr<Access> access = makeAccess(op, map, operand.shape, loops);
    if (failed(access))
      return failure();
    accesses.push_back(std::move(*access));
  }

  size_t firstResult = operands.size() - program.yields.size();
  SmallVector<int64_t> point(loops.size(), 0), offsets;
  for (const Access &access : accesses)
    offsets.push_back(access.first);
  bool more = !llvm::is_contained(loops, 0);
  while (more) {
    for (size_t i = 0; i < operands.size(); ++i)
      program.places[i] = operands[i].data[offsets[i]];
    if (failed(program.run(point)))
      return failure();
    for (size_t i = 0; i < program.yields.size(); ++i)
      operands[firstResult + i].data[offsets[firstResult + i]] = program.places[program.yields[i]];
    more = false;
    for (size_t loop = loops.size(); loop-- > 0 && !more;) {
      more = ++point[loop] < loops[loop];
      for (size_t i = 0; i < operands.size(); ++i)
        offsets[i] += accesses[i].strides[loop] * (more ? 1 : 1 - loops[loop]);
      if (!more)
        point[loop] = 0;
    }
  }
  for (Tensor &result : MutableArrayRef(operands).drop_front(firstResult))
    if (failed(context.give(op, std::move(result), results)))
      return failure();
  return success();
}

template <class Op>
static LogicalResult structuredOp(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  return structured(cast<linalg::LinalgOp>(op.getOperation()), inputs, results, context);
}

template <class... Ops> static void attachStructured(MLIRContext *context) {
  (attach<Ops, structuredOp<Ops>>(context), ...);
}

void registerLinalg(MLIRContext *context) {
  attachStructured<linalg::GenericOp, linalg::FillOp, linalg::MatmulOp, linalg::BatchMatmulOp>(context);
}

} // namespace ph::reference
