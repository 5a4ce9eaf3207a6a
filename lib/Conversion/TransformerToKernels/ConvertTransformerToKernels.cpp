#include "powerhouse/Conversion/TransformerToKernels.h"
#include "powerhouse/Interfaces/ValueChange.h"

#include "Places.h"
#include "StepBuilder.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Conversion/Step/KernelOptions.h"
#include "powerhouse/Conversion/WeightPlan.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::conversion {
namespace {

// Rows (a head of a position each) that one claim of attention computes: a prompt gives enough claims for many threads.
constexpr int64_t kRowsPerUnit = 48;
// Heads of a claim at most: they share the keys and values they read, but decoding has no other claims than heads.
constexpr int64_t kHeadsPerUnit = 4;

/// The most heads, up to the limit, that divide a group which shares keys and values.
int64_t headsPerUnit(int64_t group) {
  int64_t heads = std::min(group, kHeadsPerUnit);
  while (group % heads != 0)
    --heads;
  return heads;
}

/// Emits the phases of one function.
class Emitter {
public:
  Emitter(ModuleOp module, func::FuncOp forward, const Places &places, const WeightPlan &weights)
      : b(module, forward.getLoc()), places(places), weights(weights) {}

  LogicalResult run(func::FuncOp forward) {
    for (const RopeTable &table : places.ropeTables())
      ropeTable(table);
    for (Operation &op : forward.getBody().front())
      if (failed(emit(&op)))
        return failure();
    b.finish();
    return success();
  }

private:
  // --- Options of kernels ---
  NamedAttribute number(StringRef name, int64_t value) { return numberOption(b, name, value); }
  NamedAttribute number(StringRef name, double value) { return numberOption(b, name, value); }
  NamedAttribute flag(StringRef name) { return flagOption(b, name); }
  NamedAttribute string(StringRef name, StringRef value) { return stringOption(b, name, value); }
  NamedAttribute layout(const PackedLayout &layout) { return layoutOption(b, layout); }

  // --- Memory ---
  Value rows(Value activation) {
    bool selected = cast<RankedTensorType>(activation.getType()).getRank() == 2;
    return selected ? b.arguments().logitRows : b.tokenRows();
  }
  Value plain(Value activation) {
    const Place &place = places.of(activation);
    if (place.inLogits)
      return b.arguments().logits;
    return b.arenaView(places.offsetPerRow(place.buffer), place.column * 4, b.getF32Type());
  }
  Value rowElements(Value activation) { return b.index(places.of(activation).rowElements); }
  int64_t features(Value activation) { return cast<RankedTensorType>(activation.getType()).getShape().back(); }
  int64_t group(Value activation) { return places.of(activation).group; }
  /// One f32 matrix, or the planes of codes, scales and sums.
  void planes(Value activation, llvm::SmallVectorImpl<Value> &into) {
    const Place &place = places.of(activation);
    if (!place.group) {
      into.push_back(plain(activation));
      return;
    }
    int64_t offset = places.offsetPerRow(place.buffer), codes = place.rowElements, scales = codes / place.group * 4;
    into.push_back(b.arenaView(offset, 0, b.getI8Type()));
    into.push_back(b.arenaView(offset + codes, 0, b.getF32Type()));
    into.push_back(b.arenaView(offset + codes + scales, 0, b.getF32Type()));
  }
  Value table(unsigned buffer) { return b.arenaView(places.offsetPerRow(buffer), 0, b.getF32Type()); }

  const PlannedWeight &planned(Value weight) {
    auto load = weight.getDefiningOp<xf::LoadWeightOp>();
    return *weights.find(load.getWeight(), cast<RankedTensorType>(load.getType()).getRank() == 2);
  }
  Value weightMemory(Value weight) {
    const PlannedWeight &entry = planned(weight);
    Value offset = b.index(entry.offset);
    if (Value layer = weight.getDefiningOp<xf::LoadWeightOp>().getLayer())
      offset = b.add(offset, b.mul(layers.lookup(layer), b.index(entry.layerStride)));
    return b.view(b.arguments().weights, offset, entry.matrix ? Type(b.getI8Type()) : Type(b.getF32Type()));
  }

  /// A matrix product reads whole rows: a slice of a wider one has no kernel.
  LogicalResult wholeRows(Operation *op, Value activation) {
    const Place &place = places.of(activation);
    if (place.column == 0 && place.rowElements == features(activation))
      return success();
    return op->emitOpError("expects an input that is no part of an xf.split: there is no kernel for one");
  }

  /// Refuses an option that no kernel has, where the op has it.
  LogicalResult without(bool hasOption, Operation *op, StringRef option) {
    return hasOption ? LogicalResult(op->emitOpError("has ") << option << ": there is no kernel for one") : success();
  }

  /// The gates that kernels have.
  LogicalResult knownActivation(Operation *op, xf::Activation activation) {
    if (llvm::is_contained({xf::Activation::Silu, xf::Activation::Gelu, xf::Activation::GeluTanh, xf::Activation::Relu},
                           activation))
      return success();
    return op->emitOpError("has the activation ") << stringifyActivation(activation) << ", which has no kernel";
  }

  LogicalResult plainResult(Operation *op) {
    if (group(op->getResult(0)) == 0)
      return success();
    return op->emitOpError("expects a result without encoding: no kernel writes one; use xf.encode");
  }

  // --- Phases ---
  void ropeTable(const RopeTable &ropeTable) {
    // Places refuses those that depend on the length of the sequence.
    llvm::SmallVector<double> frequencies = ropeTable.rope.getFrequencies(/*length=*/0);
    llvm::SmallVector<NamedAttribute> options = {b.getNamedAttr("frequencies", b.getF64ArrayAttr(frequencies))};
    if (double factor = ropeTable.rope.getAttentionFactor(); factor != 1)
      options.push_back(number("attention_factor", factor));
    b.phase(b.tokenRows(), [&](Value m0, Value m1) {
      b.callKernel("rope_table", options,
                   {b.arguments().past, table(ropeTable.cos), table(ropeTable.sin), m0, m1, b.arguments().sequence});
    });
  }

  LogicalResult emit(Operation *op) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<xf::LoadWeightOp, xf::PositionsOp, xf::SplitOp, xf::YieldOp, func::ReturnOp>(
            [](Operation *) { return success(); })
        .Case<xf::EmbeddingOp, xf::RmsNormOp, xf::EncodeOp, xf::LinearOp, xf::GatedLinearOp, xf::LogitsOp, xf::AddOp,
              xf::GatedActivationOp, xf::SelectRowsOp, xf::RopeOp, xf::CacheAppendOp, xf::AttentionOp, xf::RepeatOp>(
            [&](auto op) { return emitOp(op); })
        .Case([&](arith::ConstantOp op) {
          layers.map(op.getResult(), b.clone(*op)->getResult(0));
          return success();
        })
        .Default([](Operation *op) { return op->emitOpError("has no kernel"); });
  }

  LogicalResult emitOp(xf::RepeatOp op) {
    for (auto [argument, value] :
         llvm::zip_equal(op.getBlock()->getArguments().drop_front(), op.getYield().getValues()))
      if (places.has(argument) && !places.same(argument, value))
        return op.emitOpError(
            "expects each carried activation to be computed in place (a sum with the one that came in)");
    auto loop = scf::ForOp::create(b, b.index(0), b.index(op.getCount()), b.index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    layers.map(op.getLayer(), loop.getInductionVar());
    for (Operation &inner : *op.getBlock())
      if (failed(emit(&inner)))
        return failure();
    return success();
  }

  LogicalResult emitOp(xf::EmbeddingOp op) {
    if (failed(without(op.getOffset().value_or(0) != 0, op, "an offset")))
      return failure();
    const PlannedWeight &entry = planned(op.getTable());
    double scale = op.getScale() ? op.getScale()->convertToDouble() : 1.0;
    b.phase(rows(op.getResult()), [&](Value m0, Value m1) {
      b.callKernel("embedding", {layout(entry.layout), number("columns", entry.columns), number("scale", scale)},
                   {weightMemory(op.getTable()), b.arguments().tokens, plain(op.getResult()), m0, m1});
    });
    return success();
  }

  LogicalResult emitOp(xf::RmsNormOp op) {
    if (failed(without(!op.getWeight(), op, "no weight")) || failed(without(bool(op.getOffset()), op, "an offset")) ||
        failed(without(bool(op.getHeads()), op, "heads")))
      return failure();
    b.phase(rows(op.getResult()), [&](Value m0, Value m1) {
      llvm::SmallVector<Value> arguments = {plain(op.getInput()), weightMemory(op.getWeight())};
      planes(op.getResult(), arguments);
      arguments.append({m0, m1, rowElements(op.getInput())});
      if (!group(op.getResult()))
        arguments.push_back(rowElements(op.getResult()));
      b.callKernel("rms_norm",
                   {number("features", features(op.getResult())), number("eps", op.getEps().convertToDouble()),
                    number("output_group", group(op.getResult()))},
                   arguments);
    });
    return success();
  }

  LogicalResult emitOp(xf::EncodeOp op) {
    if (!group(op.getResult()) || group(op.getInput()))
      return op.emitOpError("expects to encode an f32 activation");
    b.phase(rows(op.getResult()), [&](Value m0, Value m1) {
      llvm::SmallVector<Value> arguments = {plain(op.getInput())};
      planes(op.getResult(), arguments);
      arguments.append({m0, m1, rowElements(op.getInput())});
      b.callKernel("encode",
                   {number("features", features(op.getResult())), number("output_group", group(op.getResult()))},
                   arguments);
    });
    return success();
  }

  /// A matrix product: `extra` holds residual and biases, as the options say.
  void matrixProduct(StringRef kind, Value input, Value weight, Value result, llvm::SmallVector<NamedAttribute> options,
                     llvm::function_ref<void(llvm::SmallVectorImpl<Value> &)> extra) {
    const PlannedWeight &entry = planned(weight);
    options.append({layout(entry.layout), number("rows", entry.rows), number("columns", entry.columns),
                    number("input_group", group(input))});
    b.phase(b.index((entry.rows + kTileRows - 1) / kTileRows), [&](Value t0, Value t1) {
      llvm::SmallVector<Value> arguments = {weightMemory(weight)};
      planes(input, arguments);
      arguments.push_back(plain(result));
      extra(arguments);
      arguments.append({t0, t1, rows(result)});
      b.callKernel(kind, options, arguments);
    });
  }

  LogicalResult emitOp(xf::LinearOp op) {
    if (failed(without(bool(op.getActivation()), op, "an activation")) || failed(plainResult(op)) ||
        failed(wholeRows(op, op.getInput())) || (op.getResidual() && failed(wholeRows(op, op.getResidual()))))
      return failure();
    llvm::SmallVector<NamedAttribute> options;
    if (op.getResidual())
      options.push_back(flag("residual"));
    if (op.getBias())
      options.push_back(flag("bias"));
    matrixProduct("linear", op.getInput(), op.getWeight(), op.getResult(), options, [&](auto &arguments) {
      if (op.getResidual())
        arguments.push_back(plain(op.getResidual()));
      if (op.getBias())
        arguments.push_back(weightMemory(op.getBias()));
    });
    return success();
  }

  LogicalResult emitOp(xf::GatedLinearOp op) {
    if (failed(knownActivation(op, op.getActivation())) || failed(plainResult(op)) ||
        failed(wholeRows(op, op.getInput())))
      return failure();
    llvm::SmallVector<NamedAttribute> options = {string("activation", xf::stringifyActivation(op.getActivation()))};
    if (op.getGateBias())
      options.push_back(flag("gate_bias"));
    if (op.getUpBias())
      options.push_back(flag("up_bias"));
    matrixProduct("gated_linear", op.getInput(), op.getGate(), op.getResult(), options, [&](auto &arguments) {
      for (Value bias : {op.getGateBias(), op.getUpBias()})
        if (bias)
          arguments.push_back(weightMemory(bias));
    });
    return success();
  }

  LogicalResult emitOp(xf::LogitsOp op) {
    if (failed(wholeRows(op, op.getInput())))
      return failure();
    llvm::SmallVector<NamedAttribute> options;
    if (op.getScale())
      options.push_back(number("scale", op.getScale()->convertToDouble()));
    if (op.getSoftCap())
      options.push_back(number("soft_cap", op.getSoftCap()->convertToDouble()));
    matrixProduct("linear", op.getInput(), op.getWeight(), op.getResult(), options, [](auto &) {});
    return success();
  }

  /// Element-wise on two matrices: a row is a unit.
  void elementwise(StringRef kind, ArrayRef<NamedAttribute> options, Value first, Value second, Value result) {
    b.phase(rows(result), [&](Value m0, Value m1) {
      b.callKernel(kind, options,
                   {plain(first), plain(second), plain(result), m0, m1, b.index(0), b.index(features(result)),
                    rowElements(first), rowElements(second), rowElements(result)});
    });
  }
  LogicalResult emitOp(xf::AddOp op) {
    elementwise("add", {}, op.getLhs(), op.getRhs(), op.getResult());
    return success();
  }
  LogicalResult emitOp(xf::GatedActivationOp op) {
    if (failed(without(op.getLimit() || op.getUpOffset(), op, "a limit or an offset")) ||
        failed(knownActivation(op, op.getActivation())) || failed(plainResult(op)))
      return failure();
    elementwise("gated_activation", {string("activation", xf::stringifyActivation(op.getActivation()))}, op.getGate(),
                op.getUp(), op.getResult());
    return success();
  }

  LogicalResult emitOp(xf::SelectRowsOp op) {
    b.phase(rows(op.getResult()), [&](Value m0, Value m1) {
      b.callKernel("gather_rows", {number("features", features(op.getResult()))},
                   {plain(op.getInput()), b.arguments().rows, plain(op.getResult()), m0, m1, rowElements(op.getInput()),
                    rowElements(op.getResult())});
    });
    return success();
  }

  void ropeOptions(xf::RopeAttr rope, llvm::SmallVectorImpl<NamedAttribute> &options) {
    options.push_back(number("rope_dim", rope.getDim()));
    options.push_back(string("rope_style", xf::stringifyRopeStyle(rope.getStyle())));
  }
  void ropeArguments(xf::RopeAttr rope, llvm::SmallVectorImpl<Value> &arguments) {
    const RopeTable &tables = places.tableOf(rope);
    arguments.append({table(tables.cos), table(tables.sin)});
  }

  LogicalResult emitOp(xf::RopeOp op) {
    llvm::SmallVector<NamedAttribute> options = {number("heads", int64_t(op.getHeads())),
                                                 number("head_dim", features(op.getInput()) / int64_t(op.getHeads()))};
    ropeOptions(op.getRope(), options);
    b.phase(rows(op.getResult()), [&](Value m0, Value m1) {
      llvm::SmallVector<Value> arguments = {plain(op.getInput())};
      ropeArguments(op.getRope(), arguments);
      arguments.append({plain(op.getResult()), m0, m1, rowElements(op.getInput()), rowElements(op.getResult())});
      b.callKernel("rope", options, arguments);
    });
    return success();
  }

  void cacheOptions(xf::CacheType cache, llvm::SmallVectorImpl<NamedAttribute> &options) {
    options.append({number("layers", cache.getLayers()), number("kv_heads", cache.getHeads()),
                    number("head_dim", cache.getHeadDim())});
    if (cache.getElementType().isF16())
      options.push_back(flag("half"));
  }
  Value cacheMemory(xf::CacheType cache) { return b.view(b.arguments().cache, b.index(0), cache.getElementType()); }

  LogicalResult emitOp(xf::CacheAppendOp op) {
    auto cache = cast<xf::CacheType>(op.getCache().getType());
    llvm::SmallVector<NamedAttribute> options;
    cacheOptions(cache, options);
    if (op.getRope())
      ropeOptions(*op.getRope(), options);
    b.phase(rows(op.getKeys()), [&](Value m0, Value m1) {
      llvm::SmallVector<Value> arguments = {plain(op.getKeys()), plain(op.getValues())};
      if (op.getRope())
        ropeArguments(*op.getRope(), arguments);
      arguments.append({b.arguments().past, cacheMemory(cache), layers.lookup(op.getLayer()), m0, m1,
                        b.arguments().sequence, rowElements(op.getKeys()), rowElements(op.getValues()),
                        b.arguments().context});
      b.callKernel("cache_append", options, arguments);
    });
    return success();
  }

  /// The name of an option that the kernel doesn't know; empty if it knows all.
  static StringRef unknownOption(xf::AttentionOp op) {
    return op.getBias()        ? "bias"
           : op.getSinks()     ? "sinks"
           : op.getPrefix()    ? "prefix"
           : op.getDocuments() ? "documents"
           : op.getValid()     ? "valid"
           : op.getWindow()    ? "window"
           : op.getSoftCap()   ? "soft_cap"
           : op.getAlibi()     ? "alibi"
                               : "";
  }

  LogicalResult emitOp(xf::AttentionOp op) {
    if (!op.getCache())
      return op.emitOpError("expects a cache: there is no kernel for attention without one yet");
    if (StringRef option = unknownOption(op); !option.empty())
      return op.emitOpError() << "expects no " << option << ": there is no kernel for attention with it yet";
    auto cache = cast<xf::CacheType>(op.getCache().getType());
    llvm::SmallVector<NamedAttribute> options;
    cacheOptions(cache, options);
    int64_t unitHeads = headsPerUnit(int64_t(op.getHeads()) / cache.getHeads()), positions = kRowsPerUnit / unitHeads;
    options.append({number("heads", int64_t(op.getHeads())), number("scale", op.getScale().convertToDouble()),
                    number("output_group", group(op.getResult())), number("heads_per_unit", unitHeads),
                    number("positions_per_unit", positions)});
    if (op.getRope())
      ropeOptions(*op.getRope(), options);
    Value blocks = b.ceilDiv(b.arguments().sequence, positions);
    Value units = b.mul(b.mul(b.arguments().batch, blocks), b.index(int64_t(op.getHeads()) / unitHeads));
    b.phase(units, [&](Value u0, Value u1) {
      llvm::SmallVector<Value> arguments = {plain(op.getQuery())};
      if (op.getRope())
        ropeArguments(*op.getRope(), arguments);
      arguments.append({b.arguments().past, cacheMemory(cache)});
      planes(op.getResult(), arguments);
      arguments.append({layers.lookup(op.getLayer()), u0, u1, b.arguments().sequence, rowElements(op.getQuery()),
                        b.arguments().context});
      if (!group(op.getResult()))
        arguments.push_back(rowElements(op.getResult()));
      b.callKernel("attention", options, arguments);
    });
    return success();
  }

  StepBuilder b;
  const Places &places;
  const WeightPlan &weights;
  IRMapping layers; ///< layer indices of the xf function → those of the step
};

/// Kernels read and write activations of f32 and int8 only.
LogicalResult refuseHalves(func::FuncOp forward) {
  auto check = [](Operation *op, TypeRange types) {
    for (Type type : types)
      if (xf::FormatAttr format = xf::getFormat(type);
          format && !format.isInt8() && xf::isActivation(type) && !isa<xf::LoadWeightOp>(op))
        return WalkResult(op->emitOpError()
                          << "expects activations of f32 or int8, but got " << type << ": there are no kernels for it");
    return WalkResult::advance();
  };
  WalkResult result = forward.walk([&](Operation *op) {
    if (auto repeat = dyn_cast<xf::RepeatOp>(op))
      return check(op, repeat.getBody().getArgumentTypes());
    return check(op, op->getResultTypes());
  });
  return failure(result.wasInterrupted() || check(forward, forward.getArgumentTypes()).wasInterrupted());
}

struct ConvertTransformerToKernelsPass : PassWrapper<ConvertTransformerToKernelsPass, OperationPass<ModuleOp>>,
                                         ChangesValues {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTransformerToKernelsPass)
  StringRef getArgument() const override { return "convert-transformer-to-kernels"; }
  StringRef getDescription() const override {
    return "turn an xf model into a step function that calls kernels on planned memory";
  }
  ValueChange getValueChange() const override {
    return {ValueChange::Meaning, "functions become calls of kernels on planned memory", 0, true};
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, memref::MemRefDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto forward = module.lookupSymbol<func::FuncOp>("forward");
    if (!forward || forward.isDeclaration()) {
      forward ? forward.emitOpError("expects a body") : module.emitError("expects a function @forward");
      return signalPassFailure();
    }
    auto weights = planWeights(module);
    if (failed(weights))
      return signalPassFailure();
    Places places;
    if (failed(refuseHalves(forward)) || failed(places.assign(forward)) ||
        failed(Emitter(module, forward, places, *weights).run(forward)))
      return signalPassFailure();
    int64_t cacheBytes = 0;
    for (Type type : forward.getArgumentTypes())
      if (auto cache = dyn_cast<xf::CacheType>(type))
        cacheBytes += 2 * cache.getLayers() * cache.getHeads() * cache.getHeadDim() *
                      cache.getElementType().getIntOrFloatBitWidth() / 8;
    Builder b(&getContext());
    module->setAttr(kStepAttr,
                    b.getDictionaryAttr({b.getNamedAttr("arena_fixed", b.getI64IntegerAttr(0)),
                                         b.getNamedAttr("arena_per_row", b.getI64IntegerAttr(places.bytesPerRow())),
                                         b.getNamedAttr("cache_per_position", b.getI64IntegerAttr(cacheBytes))}));
    SmallVector<Attribute> buffers;
    for (const ArenaBuffer &buffer : places.arenaBuffers())
      buffers.push_back(b.getDictionaryAttr({b.getNamedAttr("bytes_per_row", b.getI64IntegerAttr(buffer.bytes)),
                                             b.getNamedAttr("first", b.getI64IntegerAttr(buffer.first)),
                                             b.getNamedAttr("holder", b.getStringAttr(buffer.holder)),
                                             b.getNamedAttr("last", b.getI64IntegerAttr(buffer.last)),
                                             b.getNamedAttr("offset", b.getI64IntegerAttr(buffer.offset))}));
    module->setAttr(kArenaAttr, b.getArrayAttr(buffers));
    forward.erase();
    for (auto weight : llvm::make_early_inc_range(module.getOps<xf::WeightOp>()))
      weight.erase();
  }
};

} // namespace

std::unique_ptr<Pass> createConvertTransformerToKernelsPass() {
  return std::make_unique<ConvertTransformerToKernelsPass>();
}

} // namespace ph::conversion
