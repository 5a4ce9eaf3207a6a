// Rotary position embedding (Su et al., 2021, arXiv:2104.09864): its table, and the rotation of heads.
#include "RowBuilder.h"
#include <cmath>

using namespace mlir;

namespace ph::codegen {

SmallVector<float> ropeInverseFrequencies(double base, int64_t dim) {
  SmallVector<float> result;
  for (int64_t i = 0; i < dim / 2; ++i)
    result.push_back(static_cast<float>(std::pow(base, -2.0 * i / dim)));
  return result;
}

// --- The table ------------------------------------------------------------------------------------------------------

std::optional<std::string> whyUnsupported(const RopeTableSpec &spec) {
  if (spec.inverseFrequencies.empty())
    return "a rotary table needs at least one frequency";
  return std::nullopt;
}

/// libm's function of one float.
static func::FuncOp declareLibm(ModuleOp module, StringRef name) {
  if (auto found = module.lookupSymbol<func::FuncOp>(name))
    return found;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  Type f32 = builder.getF32Type();
  auto function = func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType({f32}, {f32}));
  function.setPrivate();
  return function;
}

/// The frequencies as a constant of the module, `name`.
static void defineConstant(ModuleOp module, StringRef name, ArrayRef<float> values) {
  if (module.lookupSymbol(name))
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  int64_t size = values.size();
  auto type = MemRefType::get({size}, builder.getF32Type());
  auto data = DenseElementsAttr::get(RankedTensorType::get({size}, builder.getF32Type()), values);
  memref::GlobalOp::create(builder, module.getLoc(), name, builder.getStringAttr("private"), type, data,
                           /*constant=*/true, builder.getI64IntegerAttr(64));
}

func::FuncOp buildRopeTable(ModuleOp module, const CpuLevel &level, const RopeTableSpec &spec) {
  MLIRContext *context = module.getContext();
  context->loadDialect<func::FuncDialect, memref::MemRefDialect>();
  Type f32 = flatMemRef(Float32Type::get(context)), i32 = flatMemRef(IntegerType::get(context, 32));
  Type index = IndexType::get(context);
  ArrayRef<float> frequencies = spec.inverseFrequencies;
  int64_t half = frequencies.size();
  // The numbers themselves are too long for a name; the hash is over their bits, the same in every process.
  uint64_t hash = 0xcbf29ce484222325ull;
  auto mix = [&](uint64_t bits) {
    for (int byte = 0; byte < 8; ++byte, bits >>= 8)
      hash = (hash ^ (bits & 255)) * 0x100000001b3ull;
  };
  mix(llvm::bit_cast<uint64_t>(spec.attentionFactor));
  for (float f : frequencies)
    mix(llvm::bit_cast<uint32_t>(f));
  std::string id = llvm::formatv("{0}_{1:x-}", half, hash).str();
  std::string constant = "rope_frequencies_" + id;
  func::FuncOp cosf = declareLibm(module, "cosf"), sinf = declareLibm(module, "sinf");
  defineConstant(module, constant, frequencies);
  return getOrCreateKernel(
      module, level, "rope_table_" + id + "_" + level.symbolSuffix(),
      {{i32, true}, {f32, true}, {f32, true}, {index}, {index}, {index}}, [&](KernelBuilder &b, ValueRange args) {
        Value past = args[0], cos = args[1], sin = args[2], sequence = args[5];
        Value table = memref::GetGlobalOp::create(b, MemRefType::get({half}, b.getF32Type()), constant);
        Value factor = b.f32(spec.attentionFactor);
        b.loop(args[3], args[4], 1, [&](Value m) {
          Value position = b.add(b.toIndex(b.load(past, quotient(b, m, sequence))), remainder(b, m, sequence));
          Value p = b.toF32(b.toI32(position));
          Value row = b.mul(m, half);
          b.loop(b.index(0), b.index(half), 1, [&](Value i) {
            Value angle = b.mulf(p, b.load(table, i));
            auto evaluate = [&](func::FuncOp function) {
              return b.mulf(func::CallOp::create(b, function, ValueRange{angle}).getResult(0), factor);
            };
            b.store(evaluate(cosf), cos, b.add(row, i));
            b.store(evaluate(sinf), sin, b.add(row, i));
          });
        });
      });
}

// --- The rotation ---------------------------------------------------------------------------------------------------

std::optional<std::string> whyUnsupported(const RopeSpec &rope, int64_t headDim) {
  if (rope.dim <= 0 || rope.dim % 2 || rope.dim > headDim)
    return llvm::formatv("rotary dimension {0} is not an even number from 2 to the head's {1}", rope.dim, headDim)
        .str();
  return std::nullopt;
}

/// (a, b) -> (a cos - b sin, b cos + a sin), the products with sin rounded first in every style.
static std::pair<Value, Value> rotate(KernelBuilder &b, Value x, Value y, Value c, Value s) {
  return {b.fma(x, c, b.negf(b.mulf(y, s))), b.fma(y, c, b.mulf(x, s))};
}

void copyHead(KernelBuilder &b, const HeadCopy &copy, Value src, Value srcOffset, Value dst, Value dstOffset) {
  auto finish = [&](Value v, Value offset, int64_t extra = 0) {
    if (copy.factor != 1.0)
      v = b.mulf(v, b.constant(v.getType(), copy.factor));
    b.storeVector(v, dst, b.add(dstOffset, offset), extra);
  };
  int64_t rotated = copy.rope ? copy.rope->dim : 0, half = rotated / 2;
  bool interleaved = copy.rope && copy.rope->style == RopeStyle::Interleaved;
  if (copy.rope)
    forEachChunk(b, half, b.lanes(), [&](Value i, int64_t width) {
      Value c = b.loadVector(copy.cos, b.add(copy.tableOffset, i), 0, width);
      Value s = b.loadVector(copy.sin, b.add(copy.tableOffset, i), 0, width);
      if (!interleaved) {
        Value at = b.add(srcOffset, i);
        auto [x, y] = rotate(b, b.loadVector(src, at, 0, width), b.loadVector(src, at, half, width), c, s);
        finish(x, i);
        finish(y, i, half);
        return;
      }
      Value at = b.add(srcOffset, b.mul(i, 2));
      Value low = b.loadVector(src, at, 0, width), high = b.loadVector(src, at, width, width);
      SmallVector<int64_t> even, odd, first, second;
      for (int64_t lane = 0; lane < width; ++lane) {
        even.push_back(2 * lane);
        odd.push_back(2 * lane + 1);
        // Lane j of the pairs laid out side by side again: pair j / 2, its x (from the first vector) or y.
        first.push_back(lane / 2 + (lane % 2) * width);
        second.push_back((lane + width) / 2 + ((lane + width) % 2) * width);
      }
      auto [x, y] = rotate(b, shuffle(b, low, high, even), shuffle(b, low, high, odd), c, s);
      finish(shuffle(b, x, y, first), b.mul(i, 2));
      finish(shuffle(b, x, y, second), b.mul(i, 2), width);
    });
  if (src == dst && srcOffset == dstOffset && copy.factor == 1.0)
    return;
  forEachChunk(b, copy.headDim - rotated, b.lanes(), [&](Value i, int64_t width) {
    Value offset = b.add(i, rotated);
    finish(b.loadVector(src, b.add(srcOffset, offset), 0, width), offset);
  });
}

std::optional<std::string> whyUnsupported(const RopeKernelSpec &spec) {
  return whyUnsupported(spec.rope, spec.headDim);
}

func::FuncOp buildRope(ModuleOp module, const CpuLevel &level, const RopeKernelSpec &spec) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), index = IndexType::get(context);
  std::string name = llvm::formatv("rope_{0}x{1}_{2}{3}_{4}", spec.heads, spec.headDim,
                                   spec.rope.style == RopeStyle::Interleaved ? "interleaved" : "half", spec.rope.dim,
                                   level.symbolSuffix())
                         .str();
  return getOrCreateKernel(
      module, level, name, {{f32}, {f32, true}, {f32, true}, {f32}, {index}, {index}, {index}, {index}},
      [&](KernelBuilder &b, ValueRange args) {
        b.loop(args[4], args[5], 1, [&](Value m) {
          HeadCopy copy{spec.headDim, spec.rope, args[1], args[2], b.mul(m, spec.rope.dim / 2), 1.0};
          Value x = b.mul(m, args[6]), y = b.mul(m, args[7]);
          b.loop(b.index(0), b.index(spec.heads), 1, [&](Value h) {
            Value head = b.mul(h, spec.headDim);
            copyHead(b, copy, args[0], b.add(x, head), args[3], b.add(y, head));
          });
        });
      });
}

} // namespace ph::codegen
