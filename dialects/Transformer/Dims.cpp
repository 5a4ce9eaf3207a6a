#include "dialects/Transformer/Dims.h"
#include "dialects/Transformer/Broadcast.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace ph::xf {

static int64_t sizeOf(Dim dim) { return shapeOf(dim.tensor)[dim.axis]; }

namespace {

/// Answers one question. What is on the way is looked at once, however many ways lead there.
class Origins {
public:
  Dim find(Dim dim);
  bool areEqual(Dim a, Dim b);

private:
  std::optional<Dim> stepFrom(Dim dim);
  std::optional<Dim> ofBroadcast(ArrayRef<Value> operands, int64_t fromLast);
  std::optional<Dim> ofOpenEntry(ReshapeOp reshape);

  llvm::DenseMap<std::pair<Value, int64_t>, Dim> found;
};

} // namespace

/// Dimension `fromLast`, counted from the end, of what `operands` are broadcast to: the only one that isn't 1, or all
/// if they are the same.
std::optional<Dim> Origins::ofBroadcast(ArrayRef<Value> operands, int64_t fromLast) {
  std::optional<Dim> result;
  for (Value operand : operands) {
    Dim dim = {operand, int64_t(shapeOf(operand).size()) - fromLast};
    if (dim.axis < 0 || sizeOf(dim) == 1)
      continue;
    // One that is known not to be 1 is that of the result, whatever the others are.
    if (!ShapedType::isDynamic(sizeOf(dim)))
      return dim;
    if (result && !(find(*result) == find(dim)))
      return std::nullopt;
    result = result.value_or(dim);
  }
  return result;
}

/// The only dimension of the input that the entry -1 of a reshape can be: the one that is left over where the others
/// are, one by one, those of the other entries.
std::optional<Dim> Origins::ofOpenEntry(ReshapeOp reshape) {
  Value input = reshape.getInput();
  SmallVector<int64_t> open;
  int64_t product = 1;
  for (auto [axis, size] : llvm::enumerate(shapeOf(input))) {
    if (axis < reshape.getShape().size() && reshape.getShape()[axis] == 0)
      continue;
    if (ShapedType::isDynamic(size))
      open.push_back(axis);
    else
      product *= size;
  }
  for (OpFoldResult entry : reshape.getMixedShape()) {
    if (auto attribute = dyn_cast<Attribute>(entry)) {
      if (int64_t size = cast<IntegerAttr>(attribute).getInt(); size > 0)
        product = product % size == 0 ? product / size : 0;
      continue;
    }
    auto size = cast<Value>(entry).getDefiningOp<DimOp>();
    // What merges batches with a known number of heads.
    APInt times;
    if (auto multiple = cast<Value>(entry).getDefiningOp<arith::MulIOp>();
        multiple && matchPattern(multiple.getRhs(), m_ConstantInt(&times)) && times.isStrictlyPositive()) {
      size = multiple.getLhs().getDefiningOp<DimOp>();
      product = product % times.getSExtValue() == 0 ? product / times.getSExtValue() : 0;
    }
    auto *found = size ? llvm::find_if(open,
                                       [&](int64_t axis) {
                                         return areEqual({input, axis}, {size.getInput(), int64_t(size.getAxis())});
                                       })
                       : open.end();
    if (found == open.end())
      return std::nullopt;
    open.erase(found);
  }
  return product == 1 && open.size() == 1 ? std::optional(Dim{input, open.front()}) : std::nullopt;
}

/// One step; nothing where the op isn't known to keep it.
std::optional<Dim> Origins::stepFrom(Dim dim) {
  Operation *op = dim.tensor.getDefiningOp();
  if (!op)
    return std::nullopt;
  int64_t axis = dim.axis, rank = shapeOf(dim.tensor).size();
  auto ofOperand = [&](unsigned index) { return std::optional(Dim{op->getOperand(index), axis}); };
  bool last = axis == rank - 1;
  return TypeSwitch<Operation *, std::optional<Dim>>(op)
      .Case<UnaryOp, CastOp, SoftmaxOp, AddOp, MulOp, ScaleOp, ActivationOp, GatedActivationOp, RmsNormOp, LayerNormOp,
            RopeOp, EncodeOp>([&](auto) { return ofOperand(0); })
      .Case<ElementwiseOp, CompareOp>(
          [&](auto each) { return ofBroadcast({each.getLhs(), each.getRhs()}, rank - axis); })
      .Case([&](SelectOp select) {
        return ofBroadcast({select.getCondition(), select.getOnTrue(), select.getOnFalse()}, rank - axis);
      })
      .Case([&](TransposeOp transpose) {
        return std::optional(Dim{transpose.getInput(), transpose.getPermutation()[axis]});
      })
      .Case([&](ReshapeOp reshape) -> std::optional<Dim> {
        if (reshape.getShape()[axis] == 0)
          return Dim{reshape.getInput(), axis};
        if (reshape.getShape()[axis] == -1)
          return ofOpenEntry(reshape);
        auto size = dyn_cast<Value>(reshape.getMixedShape()[axis]);
        auto of = size ? size.getDefiningOp<DimOp>() : DimOp();
        return of ? std::optional(Dim{of.getInput(), int64_t(of.getAxis())}) : std::nullopt;
      })
      .Case([&](BroadcastOp broadcast) -> std::optional<Dim> {
        Dim inner = {broadcast.getInput(), axis - (rank - int64_t(shapeOf(broadcast.getInput()).size()))};
        if (inner.axis >= 0 && (broadcast.getShape()[axis] == 1 || (sizeOf(inner) != 1 && sizeOf(inner) > 0)))
          return inner;
        auto size = dyn_cast<Value>(broadcast.getMixedShape()[axis]);
        auto of = size ? size.getDefiningOp<DimOp>() : DimOp();
        // One that may be 1 is repeated or not, but for the size that it has already.
        if (inner.axis >= 0 && sizeOf(inner) != 1)
          return of && areEqual(inner, {of.getInput(), int64_t(of.getAxis())}) ? std::optional(inner) : std::nullopt;
        return of ? std::optional(Dim{of.getInput(), int64_t(of.getAxis())}) : std::nullopt;
      })
      .Case([&](ConcatOp concat) { return int64_t(concat.getAxis()) == axis ? std::nullopt : ofOperand(0); })
      .Case([&](SliceOp slice) { return int64_t(slice.getAxis()) == axis ? std::nullopt : ofOperand(0); })
      .Case<LinearOp, GatedLinearOp, LinearBackwardOp, SplitOp, AttentionOp>(
          [&](auto) { return last ? std::nullopt : ofOperand(0); })
      .Case([&](EmbeddingOp embedding) -> std::optional<Dim> {
        return last ? std::nullopt : std::optional(Dim{embedding.getTokens(), axis});
      })
      .Case([&](RelativePositionBiasOp bias) -> std::optional<Dim> {
        if (axis == 2 || (axis == 3 && !bias.getKeys() && !bias.getPast()))
          return Dim{bias.getQuery(), 1};
        return axis == 3 && bias.getKeys() ? std::optional(Dim{bias.getKeys(), 1}) : std::nullopt;
      })
      .Case<PatchEmbeddingOp, ConvolutionOp>([&](auto) { return axis == 0 ? ofOperand(0) : std::nullopt; })
      .Case<PositionsOp, MaskedPositionsOp>([&](auto) { return ofOperand(0); })
      .Case([&](GatherOp gather) -> std::optional<Dim> {
        int64_t first = gather.getAxis(), count = shapeOf(gather.getIndices()).size();
        if (axis >= first && axis < first + count)
          return Dim{gather.getIndices(), axis - first};
        return Dim{gather.getInput(), axis < first ? axis : axis - count + 1};
      })
      .Case([&](MatmulOp matmul) -> std::optional<Dim> {
        if (axis == rank - 2)
          return Dim{matmul.getLhs(), int64_t(shapeOf(matmul.getLhs()).size()) - 2 + int64_t(matmul.getTransposeA())};
        if (last)
          return Dim{matmul.getRhs(), int64_t(shapeOf(matmul.getRhs()).size()) - 1 - int64_t(matmul.getTransposeB())};
        return ofBroadcast({matmul.getLhs(), matmul.getRhs()}, rank - axis);
      })
      .Case([&](StackEmptyOp stack) -> std::optional<Dim> { return Dim{stack.getLike(), axis - 1}; })
      .Case([&](StackReadOp read) -> std::optional<Dim> { return Dim{read.getStack(), axis + 1}; })
      .Case([&](StackWriteOp write) -> std::optional<Dim> { return Dim{write.getStack(), axis}; })
      .Case([&](ReduceOp reduce) -> std::optional<Dim> {
        if (!reduce.getKeepdims())
          for (int64_t reduced : reduce.getAxes())
            axis += reduced <= axis;
        return llvm::is_contained(reduce.getAxes(), axis) ? std::nullopt : ofOperand(0);
      })
      .Case([&](IotaOp iota) -> std::optional<Dim> {
        auto of = iota.getSize() ? iota.getSize().getDefiningOp<DimOp>() : DimOp();
        return of ? std::optional(Dim{of.getInput(), int64_t(of.getAxis())}) : std::nullopt;
      })
      .Case([&](tensor::EmptyOp empty) -> std::optional<Dim> {
        auto of = empty.getDynamicSize(axis).getDefiningOp<DimOp>();
        return of ? std::optional(Dim{of.getInput(), int64_t(of.getAxis())}) : std::nullopt;
      })
      .Default([&](Operation *each) -> std::optional<Dim> {
        // One operand, element by element.
        if (each->hasTrait<OpTrait::SameOperandsAndResultType>() && each->getNumOperands() == 1)
          return ofOperand(0);
        // Loops of linalg write where they are told to.
        auto loops = dyn_cast<DestinationStyleOpInterface>(each);
        return loops && loops.getNumDpsInits() == 1 ? std::optional(Dim{loops.getDpsInits().front(), axis})
                                                    : std::nullopt;
      });
}

Dim Origins::find(Dim dim) {
  SmallVector<Dim> way;
  while (ShapedType::isDynamic(sizeOf(dim))) {
    if (auto known = found.find({dim.tensor, dim.axis}); known != found.end()) {
      dim = known->second;
      break;
    }
    way.push_back(dim);
    std::optional<Dim> next = stepFrom(dim);
    if (!next)
      break;
    dim = *next;
  }
  for (Dim each : way)
    found.try_emplace({each.tensor, each.axis}, dim);
  return dim;
}

bool Origins::areEqual(Dim a, Dim b) {
  a = find(a);
  b = find(b);
  return a == b || (!ShapedType::isDynamic(sizeOf(a)) && sizeOf(a) == sizeOf(b));
}

Dim getOrigin(Dim dim) { return Origins().find(dim); }

bool areEqualAsArguments(Dim a, Dim b) {
  auto isOfArgument = [](Dim dim) {
    auto argument = dyn_cast<BlockArgument>(getOrigin(dim).tensor);
    return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()) && ShapedType::isDynamic(sizeOf(dim));
  };
  return areEqual(a, b) || (isOfArgument(a) && isOfArgument(b));
}

bool areEqual(Dim a, Dim b) { return Origins().areEqual(a, b); }

} // namespace ph::xf
