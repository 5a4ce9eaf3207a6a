#include "dialects/Transformer/Primitives.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Remarks.h"
#include "powerhouse/Transforms/Training/Passes.h"
#include "llvm/Support/Regex.h"
#include <map>
#include <set>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_TRAINEXPOSEWEIGHTSPASS
#include "lib/Transforms/Training/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The weights of one function.
class Exposure {
public:
  Exposure(func::FuncOp function, llvm::Regex *match) : function(function), match(match) {}

  /// False, with a reason, for a weight that has to stay one.
  bool mayExpose(xf::WeightOp weight, std::string &reason) {
    if (!weight.getSources()) {
      reason = "its weight names no tensors";
      return false;
    }
    for (auto source : weight.getSources()->getAsRange<xf::SourceAttr>()) {
      if (!source.getColumns().empty())
        reason = "another tensor scales its columns";
      else if (match && !match->match(source.getTensorOfLayer(0)))
        reason = "its tensors are not asked for";
    }
    return reason.empty();
  }

  /// Replaces a load by what is made of arguments.
  void expose(xf::LoadWeightOp load, xf::WeightOp weight) {
    Primitives p(load.getLoc(), load);
    SmallVector<Value> parts;
    for (auto [index, source] : llvm::enumerate(weight.getSources()->getAsRange<xf::SourceAttr>()))
      parts.push_back(partOf(p, load, weight, source, weight.getSourceRows(index)));
    Value whole = parts.size() == 1 ? parts[0] : xf::ConcatOp::create(p, parts, 0).getResult();
    load.getResult().replaceAllUsesWith(whole);
    load.erase();
  }

private:
  /// The shape of a layer's tensor as it is stored, with a dimension for the experts where each is a tensor.
  static SmallVector<int64_t> storedShape(xf::WeightOp weight, xf::SourceAttr source, int64_t rows) {
    SmallVector<int64_t> shape(weight.getLoadedType().getShape());
    shape[0] = source.getOf() ? source.getOf() : rows;
    if (source.getParts())
      shape[1] *= source.getParts();
    if (source.getTransposed())
      std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    if (source.getCopied())
      shape.erase(shape.begin());
    return shape;
  }

  Value argumentOf(xf::WeightOp weight, xf::SourceAttr source, ArrayRef<int64_t> shape, int64_t rows) {
    Builder b(function.getContext());
    SmallVector<Attribute> names;
    for (int64_t layer = 0; layer < weight.getLayers(); ++layer)
      for (int64_t row = 0; row < (source.isPerExpert() ? rows : 1); ++row)
        names.push_back(b.getStringAttr(source.getTensorOfLayer(layer, row)));
    ArrayAttr tensors = b.getArrayAttr(names);
    Value &argument = arguments[{tensors.getAsOpaquePointer(), weight.getStacked()}];
    if (argument)
      return argument;
    SmallVector<int64_t> whole(shape);
    if (weight.getStacked())
      whole.insert(whole.begin(), weight.getLayers());
    // As the tensors are called, with the places of numbers; or the first one's name where that is taken.
    int64_t rank = int64_t(shape.size()) - source.isPerExpert();
    std::string name = source.getTensor().str();
    if (!taken.insert(name).second)
      name = source.getTensorOfLayer(0, source.isPerExpert() ? int64_t(source.getFrom()) : 0);
    auto attributes = b.getDictionaryAttr({b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr(name)),
                                           b.getNamedAttr(kTensorsAttr, tensors),
                                           b.getNamedAttr(kTensorRankAttr, b.getI64IntegerAttr(rank))});
    unsigned number = function.getNumArguments();
    (void)function.insertArgument(number, RankedTensorType::get(whole, b.getF32Type()), attributes, weight.getLoc());
    return argument = function.getArgument(number);
  }

  /// The rows that a source gives, made of the tensor as it is stored.
  Value partOf(Primitives &p, xf::LoadWeightOp load, xf::WeightOp weight, xf::SourceAttr source, int64_t rows) {
    Value value = argumentOf(weight, source, storedShape(weight, source, rows), rows);
    if (weight.getStacked())
      value = xf::StackReadOp::create(p, value, load.getLayer());
    int64_t rank = weight.getLoadedType().getRank();
    if (source.getCopied())
      value = copied(p, value, rows);
    if (source.getTransposed()) {
      SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(rank));
      std::swap(permutation[rank - 1], permutation[rank - 2]);
      value = xf::TransposeOp::create(p, value, permutation);
    }
    if (source.getOf() && (source.getFrom() != 0 || source.getOf() != rows))
      value = slice(p, value, 0, source.getFrom(), rows);
    if (source.getParts())
      value = source.getInterleaved() ? every(p, value, source.getPart(), source.getParts())
                                      : slice(p, value, 1, source.getPart() * weight.getLoadedType().getDimSize(1),
                                              weight.getLoadedType().getDimSize(1));
    if (source.getTransform() == xf::SourceTransform::RopeHalves)
      value = halves(p, value, source.getHeads());
    return value;
  }

  static SmallVector<OpFoldResult> attributes(Primitives &p, ArrayRef<int64_t> shape) {
    return llvm::map_to_vector(shape, [&](int64_t size) -> OpFoldResult { return p.getI64IntegerAttr(size); });
  }
  static Value reshaped(Primitives &p, Value value, ArrayRef<int64_t> shape) {
    return xf::ReshapeOp::create(p, value, attributes(p, shape));
  }
  static Value slice(Primitives &p, Value value, int64_t axis, int64_t from, int64_t size) {
    return xf::SliceOp::create(p, value, axis, p.getI64IntegerAttr(from), p.getI64IntegerAttr(from + size));
  }
  static Value copied(Primitives &p, Value value, int64_t rows) {
    SmallVector<int64_t> shape(typeOf(value).getShape());
    shape.insert(shape.begin(), rows);
    return xf::BroadcastOp::create(p, value, attributes(p, shape));
  }
  /// Elements part, part + parts, … of the second dimension.
  static Value every(Primitives &p, Value value, int64_t part, int64_t parts) {
    SmallVector<int64_t> shape(typeOf(value).getShape()), one;
    shape[1] /= parts;
    one = shape;
    shape.insert(shape.begin() + 2, parts);
    return reshaped(p, slice(p, reshaped(p, value, shape), 2, part, 1), one);
  }
  /// Of the rows of each head first those of even numbers, then those of odd ones.
  static Value halves(Primitives &p, Value value, int64_t heads) {
    SmallVector<int64_t> shape(typeOf(value).getShape()), pairs = {heads, shape[0] / heads / 2, 2};
    llvm::append_range(pairs, ArrayRef(shape).drop_front());
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(pairs.size()));
    std::swap(permutation[1], permutation[2]);
    return reshaped(p, xf::TransposeOp::create(p, reshaped(p, value, pairs), permutation), shape);
  }

  func::FuncOp function;
  llvm::Regex *match;
  std::map<std::pair<const void *, bool>, Value> arguments;
  std::set<std::string> taken;
};

struct TrainExposeWeightsPass final : impl::TrainExposeWeightsPassBase<TrainExposeWeightsPass>, ChangesValues {
  using TrainExposeWeightsPassBase::TrainExposeWeightsPassBase;

  ValueChange getValueChange() const override {
    return {ValueChange::Meaning, "weights become arguments", /*sameUpTo=*/0, /*changesInterface=*/true};
  }

  void runOnOperation() override {
    llvm::Regex regex(match);
    if (std::string error; !match.empty() && !regex.isValid(error)) {
      getOperation().emitError() << getArgument() << " expects a regular expression, but got '" << match
                                 << "': " << error;
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    for (auto each : getOperation().getOps<func::FuncOp>()) {
      if (each.isDeclaration() || (!function.empty() && each.getSymName() != function))
        continue;
      Exposure exposure(each, match.empty() ? nullptr : &regex);
      SmallVector<xf::LoadWeightOp> loads;
      each.walk([&](xf::LoadWeightOp load) { loads.push_back(load); });
      for (xf::LoadWeightOp load : loads) {
        std::string reason;
        auto weight = symbols.lookup<xf::WeightOp>(load.getWeight());
        if (!exposure.mayExpose(weight, reason)) {
          remarkRefused(load, getArgument(), reason);
          continue;
        }
        remarkDone(load, getArgument(), "it is made of arguments");
        exposure.expose(load, weight);
        ++exposed;
      }
    }
  }
};

} // namespace
} // namespace ph
