#include "powerhouse/Codegen/CPU/Linear.h"
#include "LinearBlock.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace ph::codegen {

/// Half of a small second-level cache.
static constexpr int64_t kNearBytes = 512 << 10;

static StringRef activationName(Activation activation) {
  switch (activation) {
  case Activation::Silu:
    return "silu";
  case Activation::Gelu:
    return "gelu";
  case Activation::GeluTanh:
    return "gelu_tanh";
  case Activation::Relu:
    return "relu";
  }
  llvm_unreachable("every activation has a name");
}

/// A float as part of a symbol: its bits.
static std::string floatName(float value) {
  return llvm::utohexstr(llvm::bit_cast<uint32_t>(value), /*LowerCase=*/true);
}

std::string linearName(const CpuLevel &level, const LinearSpec &spec) {
  std::string name = "linear_" + spec.weight.name() + "_n" + std::to_string(spec.N) + "_k" + std::to_string(spec.K);
  name += spec.inputGroup ? "_i8x" + std::to_string(spec.inputGroup) : "_f32";
  if (spec.ldy && spec.ldy != spec.N)
    name += "_ld" + std::to_string(spec.ldy);
  if (spec.gate)
    name += ("_" + activationName(*spec.gate)).str();
  if (spec.gateBias)
    name += "_gbias";
  if (spec.upBias)
    name += "_ubias";
  if (spec.scale != 1.0f)
    name += "_scale" + floatName(spec.scale);
  if (spec.bias)
    name += "_bias";
  if (spec.softCap != 0.0f)
    name += "_cap" + floatName(spec.softCap);
  if (spec.residual)
    name += "_residual";
  return name + "_" + level.symbolSuffix();
}

namespace {

struct LinearKernel {
  KernelBuilder &b;
  const LinearSpec &spec;
  Value weights, x, scales, sums, y, residual, bias, gateBias, upBias, tile0, tile1, rows;
  const int64_t ldy = spec.ldy ? spec.ldy : spec.N;

  void unpack(ValueRange arguments) {
    size_t i = 0;
    weights = arguments[i++];
    x = arguments[i++];
    if (spec.inputGroup) {
      x = b.view(x, b.index(0), b.getI32Type());
      scales = arguments[i++];
      sums = arguments[i++];
    }
    y = arguments[i++];
    if (spec.residual)
      residual = arguments[i++];
    if (spec.bias)
      bias = arguments[i++];
    if (spec.gateBias)
      gateBias = arguments[i++];
    if (spec.upBias)
      upBias = arguments[i++];
    tile0 = arguments[i++];
    tile1 = arguments[i++];
    rows = arguments[i++];
  }

  /// A vector of outputs: lanes of a tile.
  struct Column {
    Value tile;
    int64_t lane;
  };

  /// Rows of a block, largest first: what fits the registers beside a tile's weights.
  SmallVector<int64_t> blockSizes(size_t columns) const {
    const bool many = b.level().registers >= 32;
    if (columns > 1)
      return many ? SmallVector<int64_t>{6, 2, 1} : SmallVector<int64_t>{3, 1};
    int64_t most = many ? 8 : 4;
    if (spec.inputGroup && splitsCodes(b.level(), spec.weight))
      most /= 2; // two integer sums a row
    SmallVector<int64_t> sizes;
    for (; most; most /= 2)
      sizes.push_back(most);
    return sizes;
  }

  Value activate(Value value) {
    switch (*spec.gate) {
    case Activation::Silu:
      return b.silu(value);
    case Activation::Gelu:
      return b.gelu(value);
    case Activation::GeluTanh:
      return b.geluTanh(value);
    case Activation::Relu:
      return b.relu(value);
    }
    llvm_unreachable("every activation is generated");
  }

  /// Which of the outputs [n, n + lanes) there are; null where all are.
  Value maskOf(Value n) { return spec.N % kTileRows ? b.maskFirst(b.sub(b.index(spec.N), n), b.lanes()) : Value(); }

  Value read(Value memory, Value offset, Value mask) {
    return mask ? b.loadMasked(memory, offset, mask, b.vecF32()) : b.loadVector(memory, offset);
  }

  /// act(gate + gateBias) * (up + upBias) of the outputs [n, n + lanes).
  Value gated(Value gate, Value up, Value n) {
    const Value mask = spec.gateBias || spec.upBias ? maskOf(n) : Value();
    if (spec.gateBias)
      gate = b.addf(gate, read(gateBias, n, mask));
    if (spec.upBias)
      up = b.addf(up, read(upBias, n, mask));
    return b.mulf(activate(gate), up);
  }

  /// Finishes and stores the vector of outputs [n, n + lanes) of row `row`.
  void finish(Value value, Value row, Value n) {
    const Value mask = maskOf(n);
    if (spec.scale != 1.0f)
      value = b.mulf(value, b.f32s(spec.scale));
    if (spec.bias)
      value = b.addf(value, read(bias, n, mask));
    if (spec.softCap != 0.0f)
      value = b.mulf(b.tanh(b.mulf(value, b.f32s(1.0 / spec.softCap))), b.f32s(spec.softCap));
    const Value offset = b.add(b.mul(row, ldy), n);
    if (spec.residual)
      value = b.addf(value, read(residual, offset, mask));
    if (mask)
      b.storeMasked(value, y, offset, mask);
    else
      b.storeVector(value, y, offset);
  }

  /// `count` rows from `row` on times the given columns.
  KernelBuilder::Values dots(ArrayRef<Column> columns, Value row, int64_t count) {
    LinearBlock block{weights, x, scales, sums, row, count, {}};
    for (const Column &column : columns)
      block.columns.push_back({b.mul(column.tile, spec.weight.tileBytes(spec.K)), column.lane});
    return spec.inputGroup ? buildInt8Block(b, spec, block) : buildFloatBlock(b, spec, block);
  }

  /// The same, finished and stored.
  void block(ArrayRef<Column> columns, Value row, int64_t count) {
    KernelBuilder::Values values, outputs;
    for (const Column &column : columns)
      outputs.push_back(b.add(b.mul(column.tile, kTileRows), column.lane));
    if (spec.gate) {
      // One after the other, not side by side: each loop has the registers that a plain product has.
      SmallVector<Column> gates, ups;
      for (const Column &column : columns) {
        gates.push_back({b.mul(column.tile, 2), column.lane});
        ups.push_back({b.add(gates.back().tile, 1), column.lane});
      }
      values = dots(gates, row, count);
      const KernelBuilder::Values others = dots(ups, row, count);
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = gated(values[i], others[i], outputs[i % columns.size()]);
    } else {
      values = dots(columns, row, count);
    }
    auto *value = values.begin();
    for (int64_t r = 0; r < count; ++r)
      for (Value output : outputs)
        finish(*value++, b.add(row, r), output);
  }

  /// Rows [row0, row1) times the given columns, in blocks.
  void strip(ArrayRef<Column> columns, Value row0, Value row1) {
    Value done = row0;
    for (int64_t count : blockSizes(columns.size())) {
      Value end = b.add(done, b.mul(b.div(b.sub(row1, done), count), count));
      b.loop(done, end, count, [&](Value row) { block(columns, row, count); });
      done = end;
    }
  }

  /// All tiles for rows [row0, row1). Weights of floats take two vectors of outputs at once: half the loads of x.
  void stripes(ArrayRef<int64_t> halves, Value row0, Value row1) {
    Value first = tile0;
    if (!spec.inputGroup && !spec.weight.isAffine()) {
      const int64_t tiles = 2 / halves.size();
      Value end = b.add(tile0, b.mul(b.div(b.sub(tile1, tile0), tiles), tiles));
      b.loop(tile0, end, tiles, [&](Value tile) {
        SmallVector<Column> columns;
        for (int64_t t = 0; t < tiles; ++t)
          for (int64_t lane : halves)
            columns.push_back({b.add(tile, t), lane});
        strip(columns, row0, row1);
      });
      if (tiles == 1)
        return;
      first = end;
    }
    b.loop(first, tile1, 1, [&](Value tile) {
      for (int64_t lane : halves)
        strip({{tile, lane}}, row0, row1);
    });
  }

  void generate() {
    SmallVector<int64_t> halves;
    for (int64_t lane = 0; lane < kTileRows; lane += b.lanes())
      halves.push_back(lane);
    // One row: all of a tile at once, so that its weights are read in order. More: as many rows as registers hold.
    b.ifThen(
        b.equal(rows, b.index(1)),
        [&] {
          b.loop(tile0, tile1, 1, [&](Value tile) {
            SmallVector<Column> columns;
            for (int64_t lane : halves)
              columns.push_back({tile, lane});
            block(columns, b.index(0), 1);
          });
        },
        [&] {
          if (spec.inputGroup)
            return stripes(halves, b.index(0), rows);
          // x is read once for each tile: as many rows at a time as stay near.
          const int64_t near = std::max<int64_t>(kNearBytes / (4 * spec.K) / 24 * 24, 24);
          b.loop(b.index(0), rows, near, [&](Value row) { stripes(halves, row, b.min(b.add(row, near), rows)); });
        });
  }
};

} // namespace

std::optional<std::string> whyUnsupported(const LinearSpec &spec) {
  const PackedLayout &weight = spec.weight;
  if (spec.N <= 0 || spec.K <= 0)
    return llvm::formatv("a matrix of {0} x {1}", spec.N, spec.K).str();
  if (weight.isAffine() && ((weight.group != 16 && weight.group != 32) || spec.K % weight.group))
    return llvm::formatv("{0} columns are no whole number of groups of {1}", spec.K, int(weight.group)).str();
  if (weight.isAffine() && ((weight.storedBits != 4 && weight.storedBits != 8) || weight.codeBits > weight.storedBits))
    return llvm::formatv("codes of {0} bits stored in {1}", int(weight.codeBits), int(weight.storedBits)).str();
  if (spec.inputGroup && (!weight.isAffine() || weight.table || spec.inputGroup != weight.group))
    return llvm::formatv("activations encoded by {0} times weights in {1}: the groups must be the same",
                         spec.inputGroup, weight.name())
        .str();
  if (spec.ldy && spec.ldy < spec.N)
    return llvm::formatv("rows of {0} outputs {1} apart", spec.N, spec.ldy).str();
  if (spec.gate && (spec.bias || spec.scale != 1.0f || spec.softCap != 0.0f))
    return "a gated product with scale or cap, or with a bias that is neither the gate's nor up's";
  if (!spec.gate && (spec.gateBias || spec.upBias))
    return "a plain product with the bias of a gate or of up";
  return std::nullopt;
}

func::FuncOp buildLinear(ModuleOp module, const CpuLevel &level, const LinearSpec &spec) {
  assert(!whyUnsupported(spec));
  Builder types(module.getContext());
  const Type bytes = flatMemRef(types.getI8Type()), floats = flatMemRef(types.getF32Type()),
             index = types.getIndexType();
  SmallVector<KernelArgument> arguments = {{bytes, true}};
  if (spec.inputGroup)
    arguments.append({{bytes, true}, {floats, true}, {floats, true}});
  else
    arguments.push_back({floats, true});
  arguments.push_back({floats, !spec.residual}); // y may be the residual
  if (spec.residual)
    arguments.push_back({floats});
  if (spec.bias)
    arguments.push_back({floats, true});
  arguments.append(int(spec.gateBias) + int(spec.upBias), {floats, true});
  arguments.append(3, {index});
  return getOrCreateKernel(module, level, linearName(level, spec), arguments, [&](KernelBuilder &b, ValueRange values) {
    LinearKernel kernel{b, spec, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
    kernel.unpack(values);
    kernel.generate();
  });
}

} // namespace ph::codegen
