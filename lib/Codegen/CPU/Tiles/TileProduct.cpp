#include "powerhouse/Codegen/CPU/TileProduct.h"

#include "PanelProduct.h"

using namespace mlir;

namespace ph::codegen {
namespace {

class TileProductKernel {
public:
  TileProductKernel(KernelBuilder &b, const TileProductSpec &spec, ValueRange args)
      : b(b), left{args[0], args[3], args[4], spec.leftColumns}, right{args[1], args[5], args[6], spec.transposed},
        c{args[2], args[7], args[8]}, m(args[9]), n(args[10]), depth(args[11]) {}

  void build() {
    RightMatrix reader;
    if (right.columns)
      reader.fill = [&](const PanelPlace &place, Value panel) { fillTurned(place, panel); };
    else
      reader.load = [&](Value k, Value column, Value mask) {
        return loadWide(b.add(b.add(right.at, b.mul(k, right.ld)), column), mask);
      };
    multiplyByPanels(b, left, reader, c, m, n, depth);
  }

private:
  /// A vector of elements as f32.
  Value loadWide(Value at, Value mask) {
    Type element = cast<MemRefType>(right.memory.getType()).getElementType();
    Value raw = mask ? b.loadMasked(right.memory, at, mask, b.vec(b.lanes(), element)) : b.loadVector(right.memory, at);
    return element.isF32() ? raw : b.toF32(raw);
  }

  /// Squares of as many rows as lanes. Rows past the end are the last one again.
  void fillTurned(const PanelPlace &place, Value panel) {
    int64_t lanes = b.lanes(), width = place.vectors * lanes;
    Value last = b.sub(n, b.index(1)), whole = b.mul(b.div(place.count, lanes), lanes);
    for (int64_t v = 0; v < place.vectors; ++v) {
      KernelBuilder::Values starts;
      for (int64_t r = 0; r < lanes; ++r) {
        Value row = b.add(place.column, v * lanes + r);
        if (place.mask)
          row = b.min(row, last);
        starts.push_back(b.add(b.add(right.at, b.mul(row, right.ld)), place.depth));
      }
      auto square = [&](Value k, Value mask) {
        KernelBuilder::Values rows;
        for (Value start : starts)
          rows.push_back(loadWide(b.add(start, k), mask));
        rows = turnedRound(b, rows);
        for (int64_t r = 0; r < lanes; ++r)
          b.storeVector(rows[r], panel, b.mul(b.add(k, r), width), v * lanes);
      };
      b.loop(b.index(0), whole, lanes, [&](Value k) { square(k, {}); });
      b.ifThen(b.less(whole, place.count), [&] { square(whole, b.maskFirst(b.sub(place.count, whole), lanes)); });
    }
  }

  KernelBuilder &b;
  StridedMatrix left, right, c;
  Value m, n, depth;
};

} // namespace

func::FuncOp buildTileProduct(ModuleOp module, const CpuLevel &level, const TileProductSpec &spec) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), f16 = flatMemRef(Float16Type::get(context)),
       index = IndexType::get(context);
  SmallVector<KernelArgument> arguments = {{f32, true}, {spec.half ? f16 : f32, true}, {f32, true}};
  arguments.append(9, {index});
  std::string name = "tile_product";
  if (spec.leftColumns)
    name += "_left_columns";
  if (spec.transposed)
    name += "_transposed";
  if (spec.half)
    name += "_f16";
  return getOrCreateKernel(module, level, name + "_" + level.symbolSuffix(), arguments,
                           [&](KernelBuilder &b, ValueRange args) { TileProductKernel(b, spec, args).build(); });
}

} // namespace ph::codegen
