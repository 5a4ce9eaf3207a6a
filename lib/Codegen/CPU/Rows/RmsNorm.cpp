// Root mean square norm (Zhang and Sennrich, 2019, arXiv:1910.07467), and the int8 encoding by itself.
#include "RowBuilder.h"

using namespace mlir;

namespace ph::codegen {

static std::optional<std::string> whyBadRow(int64_t features, RowOutput output) {
  if (features <= 0)
    return llvm::formatv("a row of {0} elements", features).str();
  if (output.encoded() && output.group != 16 && output.group != 32)
    return llvm::formatv("groups of {0} elements; encodings have 16 or 32", output.group).str();
  if (output.encoded() && features % output.group)
    return llvm::formatv("rows of {0} elements don't divide into groups of {1}", features, output.group).str();
  return std::nullopt;
}

std::optional<std::string> whyUnsupported(const RmsNormSpec &spec) { return whyBadRow(spec.features, spec.output); }
std::optional<std::string> whyUnsupported(const EncodeSpec &spec) {
  return whyBadRow(spec.features, RowOutput{spec.group});
}
std::optional<std::string> whyUnsupported(const GatherRowsSpec &spec) { return whyBadRow(spec.features, spec.output); }

/// Writes a row: `value(offset, width)` gives its elements.
static void writeRow(KernelBuilder &b, const OutputRows &out, Value row, Value ldy, int64_t features,
                     function_ref<Value(Value offset, int64_t width)> value) {
  if (!out.format.encoded()) {
    Value base = b.mul(row, ldy);
    forEachChunk(b, features, b.lanes(),
                 [&](Value offset, int64_t width) { b.storeVector(value(offset, width), out.y, b.add(base, offset)); });
    return;
  }
  b.loop(b.index(0), b.index(features), out.format.group, [&](Value offset) {
    KernelBuilder::Values values;
    for (int64_t i = 0; i < out.format.group; i += b.lanes())
      values.push_back(value(b.add(offset, i), b.lanes()));
    storeOutput(b, out, values, Value(), row, features, offset);
  });
}

/// The sum of squares of a row, in an order that depends on the level only.
static Value sumOfSquares(KernelBuilder &b, Value x, Value base, int64_t features) {
  constexpr int64_t chains = 4; // hide the latency of fma
  int64_t step = chains * b.lanes(), whole = features / step * step;
  KernelBuilder::Values sums(chains, b.f32s(0.0));
  if (whole)
    sums = b.loop(b.index(0), b.index(whole), step, sums, [&](Value i, ValueRange carried) {
      KernelBuilder::Values next;
      for (int64_t c = 0; c < chains; ++c) {
        Value v = b.loadVector(x, b.add(base, i), c * b.lanes());
        next.push_back(b.fma(v, v, carried[c]));
      }
      return next;
    });
  Value total = b.reduceAdd(b.addf(b.addf(sums[0], sums[1]), b.addf(sums[2], sums[3])));
  for (int64_t offset = whole, width = b.lanes(); offset < features;) {
    if (offset + width > features) {
      width /= 2;
      continue;
    }
    Value v = b.loadVector(x, base, offset, width);
    total = b.addf(total, b.reduceAdd(b.mulf(v, v)));
    offset += width;
  }
  return total;
}

func::FuncOp buildRmsNorm(ModuleOp module, const CpuLevel &level, const RmsNormSpec &spec) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), index = IndexType::get(context);
  bool encoded = spec.output.encoded();
  SmallVector<KernelArgument> arguments = {{f32}, {f32, true}};
  llvm::append_range(arguments, outputArguments(context, spec.output, /*noalias=*/false));
  arguments.append(encoded ? 3 : 4, {index});
  std::string name = llvm::formatv("rms_norm_{0}_{1:x-}{2}_{3}", spec.features, llvm::bit_cast<uint64_t>(spec.eps),
                                   outputSuffix(spec.output), level.symbolSuffix())
                         .str();
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange args) {
    OutputRows out = outputRows(spec.output, args, 2);
    ValueRange scalars = args.drop_front(encoded ? 5 : 3);
    Value ldy = encoded ? Value() : scalars[3];
    b.loop(scalars[0], scalars[1], 1, [&](Value m) {
      Value base = b.mul(m, scalars[2]);
      Value mean = b.divf(sumOfSquares(b, args[0], base, spec.features), b.f32(spec.features));
      Value inverse = b.divf(b.f32(1.0), b.sqrt(b.addf(mean, b.f32(spec.eps))));
      writeRow(b, out, m, ldy, spec.features, [&](Value offset, int64_t width) {
        Value x = b.loadVector(args[0], b.add(base, offset), 0, width);
        return b.mulf(b.mulf(x, b.broadcast(inverse, width)), b.loadVector(args[1], offset, 0, width));
      });
    });
  });
}

func::FuncOp buildEncode(ModuleOp module, const CpuLevel &level, const EncodeSpec &spec) {
  MLIRContext *context = module.getContext();
  RowOutput output{spec.group};
  Type f32 = flatMemRef(Float32Type::get(context)), index = IndexType::get(context);
  SmallVector<KernelArgument> arguments = {{f32, true}};
  llvm::append_range(arguments, outputArguments(context, output, /*noalias=*/true));
  arguments.append(3, {index});
  std::string name =
      llvm::formatv("encode_{0}{1}_{2}", spec.features, outputSuffix(output), level.symbolSuffix()).str();
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange args) {
    OutputRows out = outputRows(output, args, 1);
    b.loop(args[4], args[5], 1, [&](Value m) {
      Value base = b.mul(m, args[6]);
      writeRow(b, out, m, Value(), spec.features,
               [&](Value offset, int64_t width) { return b.loadVector(args[0], b.add(base, offset), 0, width); });
    });
  });
}

func::FuncOp buildGatherRows(ModuleOp module, const CpuLevel &level, const GatherRowsSpec &spec) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), i32 = flatMemRef(IntegerType::get(context, 32));
  Type index = IndexType::get(context);
  bool encoded = spec.output.encoded();
  SmallVector<KernelArgument> arguments = {{f32, true}, {i32, true}};
  llvm::append_range(arguments, outputArguments(context, spec.output, /*noalias=*/true));
  arguments.append(encoded ? 3 : 4, {index});
  std::string name =
      llvm::formatv("gather_rows_{0}{1}_{2}", spec.features, outputSuffix(spec.output), level.symbolSuffix()).str();
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange args) {
    OutputRows out = outputRows(spec.output, args, 2);
    ValueRange scalars = args.drop_front(encoded ? 5 : 3);
    Value ldy = encoded ? Value() : scalars[3];
    b.loop(scalars[0], scalars[1], 1, [&](Value m) {
      Value base = b.mul(b.toIndex(b.load(args[1], m)), scalars[2]);
      writeRow(b, out, m, ldy, spec.features,
               [&](Value offset, int64_t width) { return b.loadVector(args[0], b.add(base, offset), 0, width); });
    });
  });
}

} // namespace ph::codegen
