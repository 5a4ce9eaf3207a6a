#include "powerhouse/Conversion/Programs.h"

#include "CarriedTensors.h"
#include "OwnDestinations.h"
#include "Products.h"
#include "ProgramFunction.h"
#include "dialects/Step/Step.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// "f32", "i32", … as the manifest says it.
std::string elementName(Type element) {
  std::string name;
  llvm::raw_string_ostream(name) << element;
  return name;
}

/// Makes the program of one function.
class ProgramWriter {
public:
  ProgramWriter(func::FuncOp function, const WeightPlan &weights)
      : function(function), weights(weights), b(function.getLoc(), function.getContext()) {}

  FailureOr<DictionaryAttr> write() {
    if (failed(check()))
      return failure();
    b.setInsertionPoint(function);
    std::string symbol = ("ph_" + function.getSymName()).str();
    int64_t resultSizes = 0;
    for (Type type : function.getResultTypes())
      resultSizes += cast<RankedTensorType>(type).getNumDynamicDims();
    auto type = FunctionType::get(b.getContext(), ProgramArguments::type(b.getContext()).getInputs(),
                                  SmallVector<Type>(resultSizes, b.getIndexType()));
    auto program = func::FuncOp::create(b, symbol, type);
    b.setInsertionPointToStart(program.addEntryBlock());
    arguments = ProgramArguments::of(program);
    IRMapping mapping;
    for (BlockArgument argument : function.getArguments())
      mapping.map(argument, input(argument));
    for (Operation &op : function.getBody().front().without_terminator())
      b.clone(op, mapping);
    auto yielded = cast<func::ReturnOp>(function.getBody().front().getTerminator());
    for (auto [index, value] : llvm::enumerate(yielded.getOperands()))
      result(index, mapping.lookupOrDefault(value));
    for (auto [value, memory] : finished)
      bufferization::MaterializeInDestinationOp::create(b, TypeRange(), value, memory, /*restrict=*/true,
                                                        /*writable=*/true);
    func::ReturnOp::create(b, sizesOfResults);
    if (failed(convertProducts(program, weights, arguments.weights)))
      return failure();
    carryInPlace(program);
    leaveUnread(program);
    giveOwnDestinations(program);
    auto entry = b.getDictionaryAttr(
        {b.getNamedAttr("name", function.getSymNameAttr()), b.getNamedAttr("symbol", b.getStringAttr(symbol)),
         b.getNamedAttr("plan", b.getStringAttr(symbol + "_plan")), b.getNamedAttr("inputs", b.getArrayAttr(inputs)),
         b.getNamedAttr("results", b.getArrayAttr(results))});
    program->setAttr(kProgramAttr, entry);
    return entry;
  }

private:
  LogicalResult check() {
    if (!function.getBody().hasOneBlock())
      return function.emitOpError("expects one block");
    for (TypeRange types : {TypeRange(function.getArgumentTypes()), TypeRange(function.getResultTypes())})
      for (Type type : types) {
        auto tensor = dyn_cast<RankedTensorType>(type);
        if (!tensor || tensor.getEncoding() || !tensor.getElementType().isIntOrFloat())
          return function.emitOpError("expects tensors of plain numbers, but got ") << type;
      }
    return success();
  }

  Attribute describe(RankedTensorType type, DictionaryAttr attributes, StringRef otherwise, unsigned number,
                     int64_t updates = -1) {
    SmallVector<NamedAttribute> entry;
    auto name = attributes ? attributes.getAs<StringAttr>(xf::XFDialect::getNameAttrName()) : StringAttr();
    entry.push_back(b.getNamedAttr("name", name ? name : b.getStringAttr(otherwise + Twine(number))));
    SmallVector<int64_t> shape;
    for (int64_t size : type.getShape())
      shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
    entry.push_back(b.getNamedAttr("shape", b.getI64ArrayAttr(shape)));
    entry.push_back(b.getNamedAttr("element", b.getStringAttr(elementName(type.getElementType()))));
    if (updates >= 0)
      entry.push_back(b.getNamedAttr("updates", b.getI64IntegerAttr(updates)));
    return b.getDictionaryAttr(entry);
  }

  /// The caller's memory of tensor `index` as a view of that type.
  Value view(int64_t index, RankedTensorType type, ValueRange dynamicSizes) {
    Value memory = memoryAt(b, loadPointer(b, arguments.tensors, index));
    return memref::ViewOp::create(b, MemRefType::get(type.getShape(), type.getElementType()), memory,
                                  arith::ConstantIndexOp::create(b, 0), dynamicSizes);
  }

  /// The number of the input that a result is the new state of: the one with its name and type; -1 if there is none.
  int64_t inputOf(unsigned result) {
    auto name = function.getResultAttrOfType<StringAttr>(result, xf::XFDialect::getNameAttrName());
    for (unsigned i = 0; name && i < function.getNumArguments(); ++i)
      if (function.getArgAttr(i, xf::XFDialect::getNameAttrName()) == name &&
          function.getArgumentTypes()[i] == function.getResultTypes()[result])
        return i;
    return -1;
  }

  Value input(BlockArgument argument) {
    auto type = cast<RankedTensorType>(argument.getType());
    unsigned number = argument.getArgNumber();
    SmallVector<Value> dynamicSizes;
    for (size_t i = 0; i < type.getNumDynamicDims(); ++i)
      dynamicSizes.push_back(loadSize(b, arguments.sizes, sizesSoFar++));
    DictionaryAttr attributes = function.getArgAttrDict(number);
    inputs.push_back(describe(type, attributes, "input", number));
    bool writable = false;
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      writable |= inputOf(i) == number;
    inputViews.push_back(view(number, type, dynamicSizes));
    inputTensors.push_back(bufferization::ToTensorOp::create(b, type, inputViews.back(), /*restrict=*/true, writable));
    return inputTensors.back();
  }

  void result(unsigned index, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    int64_t updates = inputOf(index);
    results.push_back(describe(type, function.getResultAttrDict(index), "output", index, updates));
    SmallVector<Value> dynamicSizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        dynamicSizes.push_back(tensor::DimOp::create(b, value, i));
    sizesOfResults.append(dynamicSizes);
    if (updates < 0) {
      finished.emplace_back(value, view(function.getNumArguments() + index, type, dynamicSizes));
      return;
    }
    // As an update of the tensor, so that whatever else reads what it was is seen; then the memory is the same, or
    // where there are such readers, a copy.
    auto update = bufferization::MaterializeInDestinationOp::create(b, type, value, inputTensors[updates]);
    finished.emplace_back(update.getResult(), inputViews[updates]);
  }

  func::FuncOp function;
  const WeightPlan &weights;
  ImplicitLocOpBuilder b;
  ProgramArguments arguments;
  int64_t sizesSoFar = 0;
  SmallVector<Value> inputViews, inputTensors, sizesOfResults;
  SmallVector<std::pair<Value, Value>> finished; ///< results, and the memory that each goes to
  SmallVector<Attribute> inputs, results;
};

struct ConvertFunctionsToProgramsPass : PassWrapper<ConvertFunctionsToProgramsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertFunctionsToProgramsPass)
  StringRef getArgument() const override { return "convert-functions-to-programs"; }
  StringRef getDescription() const override { return "give functions on tensors the signature of programs"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, bufferization::BufferizationDialect, func::FuncDialect, LLVM::LLVMDialect,
                    memref::MemRefDialect, scf::SCFDialect, step::StepDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto weights = planWeights(module);
    if (failed(weights))
      return signalPassFailure();
    SmallVector<Attribute> programs;
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      if (function.isDeclaration())
        continue;
      auto program = ProgramWriter(function, *weights).write();
      if (failed(program))
        return signalPassFailure();
      programs.push_back(*program);
      function.erase();
    }
    for (auto weight : llvm::make_early_inc_range(module.getOps<xf::WeightOp>()))
      weight.erase();
    module->setAttr(kProgramsAttr, ArrayAttr::get(&getContext(), programs));
  }
};

} // namespace

std::unique_ptr<Pass> createConvertFunctionsToProgramsPass() {
  return std::make_unique<ConvertFunctionsToProgramsPass>();
}

} // namespace ph::conversion
