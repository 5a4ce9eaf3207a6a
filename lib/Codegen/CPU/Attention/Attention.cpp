// Causal attention over the cache: units of work, the walk over blocks of keys, queries in and results out.
#include "AttentionTile.h"

using namespace mlir;

namespace ph::codegen {

std::optional<std::string> whyUnsupported(const AttentionSpec &spec) {
  const CacheShape &cache = spec.cache;
  if (auto reason = whyUnsupported(cache))
    return reason;
  if (spec.heads <= 0 || spec.heads % cache.kvHeads)
    return llvm::formatv("{0} query heads don't share {1} key heads evenly", spec.heads, cache.kvHeads).str();
  if (spec.headsPerUnit <= 0 || spec.heads / cache.kvHeads % spec.headsPerUnit)
    return llvm::formatv("{0} heads per unit don't divide the {1} that share a key head", spec.headsPerUnit,
                         spec.heads / cache.kvHeads)
        .str();
  if (spec.rope)
    if (auto reason = whyUnsupported(*spec.rope, cache.headDim))
      return reason;
  if (spec.output.encoded() && cache.headDim % spec.output.group)
    return llvm::formatv("heads of {0} elements don't divide into groups of {1}", cache.headDim, spec.output.group)
        .str();
  return std::nullopt;
}

namespace {

constexpr int64_t kTallTile = 6; ///< rows of a tile where there are many

/// Rows of a tile for a single position: its heads, split evenly if they are too many.
int64_t flatTile(const AttentionSpec &spec) {
  int64_t tiles = llvm::divideCeil(spec.headsPerUnit, kTallTile);
  return llvm::divideCeil(spec.headsPerUnit, tiles);
}

struct Arguments {
  Value q, cos, sin, past, memory;
  OutputRows out;
  Value layer, u0, u1, sequence, ldq, context, ldy;

  Arguments(const AttentionSpec &spec, ValueRange args) {
    unsigned at = 0;
    q = args[at++];
    if (spec.rope) {
      cos = args[at++];
      sin = args[at++];
    }
    past = args[at++];
    memory = args[at++];
    out = outputRows(spec.output, args, at);
    at += spec.output.encoded() ? 3 : 1;
    for (Value *scalar : {&layer, &u0, &u1, &sequence, &ldq, &context})
      *scalar = args[at++];
    if (!spec.output.encoded())
      ldy = args[at++];
  }
};

/// One unit: rows r = position * headsPerUnit + head of one sequence, which read one head of the cache.
struct Unit {
  Value slot, firstHead, firstPosition, positions, rows, past;
};

/// Row `r` of the unit: its row of the step's matrices, and its head.
std::pair<Value, Value> locate(KernelBuilder &b, const AttentionSpec &spec, const Arguments &a, const Unit &unit,
                               Value r) {
  Value position = b.add(unit.firstPosition, b.div(r, spec.headsPerUnit));
  Value head = spec.headsPerUnit == 1 ? unit.firstHead : b.add(unit.firstHead, b.rem(r, spec.headsPerUnit));
  return {b.add(b.mul(unit.slot, a.sequence), position), head};
}

void loadQueries(KernelBuilder &b, const AttentionSpec &spec, const Arguments &a, const Unit &unit,
                 const AttentionState &state, Value padded) {
  int64_t headDim = spec.cache.headDim;
  Value last = b.sub(unit.rows, b.index(1));
  b.loop(b.index(0), padded, 1, [&](Value r) {
    // Rows that fill up the last tile repeat its last row.
    Value from = b.min(r, last);
    auto [row, head] = locate(b, spec, a, unit, from);
    HeadCopy copy{headDim, spec.rope, a.cos, a.sin, {}, spec.scale * 1.4426950408889634};
    if (spec.rope)
      copy.tableOffset = b.mul(row, spec.rope->dim / 2);
    copyHead(b, copy, a.q, b.add(b.mul(row, a.ldq), b.mul(head, headDim)), state.queries, b.mul(r, headDim));
    Value seen = b.add(b.add(unit.past, unit.firstPosition), b.add(b.div(from, spec.headsPerUnit), 1));
    startRow(b, state, r, seen);
  });
}

void storeResults(KernelBuilder &b, const AttentionSpec &spec, const Arguments &a, const Unit &unit,
                  const AttentionState &state) {
  int64_t headDim = spec.cache.headDim;
  int64_t step = spec.output.encoded() ? spec.output.group : kCacheBlock;
  b.loop(b.index(0), unit.rows, 1, [&](Value r) {
    auto [row, head] = locate(b, spec, a, unit, r);
    Value inverse = b.broadcast(inverseSum(b, state, r));
    Value column = b.mul(head, headDim);
    Value offset = spec.output.encoded() ? Value() : b.mul(row, a.ldy);
    b.loop(b.index(0), b.index(headDim), step, [&](Value d) {
      KernelBuilder::Values values;
      Value from = b.add(b.mul(r, headDim), d);
      for (int64_t i = 0; i < step; i += b.lanes())
        values.push_back(b.mulf(b.loadVector(state.results, from, i), inverse));
      storeOutput(b, a.out, values, offset, row, spec.heads * headDim, b.add(column, d));
    });
  });
}

/// All of a unit in tiles of `tile` rows. Blocks of keys go outside, so that one is near for all tiles.
void runUnit(KernelBuilder &b, const AttentionSpec &spec, const Arguments &a, const Unit &unit,
             const AttentionState &state, int64_t tile) {
  Value kvHead = b.div(unit.firstHead, spec.heads / spec.cache.kvHeads);
  CacheParts parts = cacheParts(b, spec.cache, unit.slot, a.layer, kvHead, a.context);
  Value tiles = b.div(b.add(unit.rows, tile - 1), tile);
  loadQueries(b, spec, a, unit, state, b.mul(tiles, tile));
  Value before = b.add(unit.past, unit.firstPosition);
  Value end = b.add(before, unit.positions);
  b.loop(b.index(0), end, kKeyBlock, [&](Value key) {
    b.loop(b.index(0), b.mul(tiles, tile), tile, [&](Value r) {
      Value lastRow = b.sub(b.min(b.add(r, tile), unit.rows), b.index(1));
      Value seen = b.add(before, b.add(b.div(lastRow, spec.headsPerUnit), 1));
      // What no row of the tile sees is skipped: it would leave every row as it is.
      b.ifThen(b.less(key, seen), [&] {
        Value count = b.min(b.sub(seen, key), b.index(kKeyBlock));
        attendBlock(b, state, tile, r, AttentionBlock{a.memory, parts, key, count});
      });
    });
  });
  storeResults(b, spec, a, unit, state);
}

} // namespace

func::FuncOp buildAttention(ModuleOp module, const CpuLevel &level, const AttentionSpec &spec) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), i32 = flatMemRef(IntegerType::get(context, 32));
  Type index = IndexType::get(context);
  SmallVector<KernelArgument> arguments(spec.rope ? 3 : 1, {f32, true});
  arguments.push_back({i32, true});
  arguments.push_back({flatMemRef(cacheElement(context, spec.cache)), true});
  llvm::append_range(arguments, outputArguments(context, spec.output, /*noalias=*/true));
  arguments.append(spec.output.encoded() ? 6 : 7, {index});
  std::string name = llvm::formatv("attention_{0}of{1}_{2:x-}_{3}{4}{5}_{6}", spec.headsPerUnit, spec.heads,
                                   llvm::bit_cast<uint64_t>(spec.scale), cacheName(spec.cache), ropeName(spec.rope),
                                   outputSuffix(spec.output), level.symbolSuffix())
                         .str();
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange args) {
    Arguments a(spec, args);
    int64_t flat = flatTile(spec), perUnit = spec.unitPositions();
    int64_t rows = llvm::alignTo(perUnit * spec.headsPerUnit, kTallTile) + flat;
    AttentionState state(b, spec.cache.headDim, rows, kTallTile);
    Value blocks = b.div(b.add(a.sequence, perUnit - 1), perUnit);
    b.loop(a.u0, a.u1, 1, [&](Value u) {
      Unit unit;
      Value headUnit = quotient(b, u, blocks);
      // From the last positions to the first: the units with most work are claimed first.
      Value block = b.sub(b.sub(blocks, b.index(1)), remainder(b, u, blocks));
      unit.slot = b.div(headUnit, spec.headUnits());
      unit.firstHead = b.mul(b.rem(headUnit, spec.headUnits()), spec.headsPerUnit);
      unit.firstPosition = b.mul(block, perUnit);
      unit.positions = b.min(b.sub(a.sequence, unit.firstPosition), b.index(perUnit));
      unit.rows = b.mul(unit.positions, spec.headsPerUnit);
      unit.past = b.toIndex(b.load(a.past, unit.slot));
      if (flat == kTallTile)
        runUnit(b, spec, a, unit, state, kTallTile);
      else
        b.ifThen(
            b.equal(unit.positions, b.index(1)), [&] { runUnit(b, spec, a, unit, state, flat); },
            [&] { runUnit(b, spec, a, unit, state, kTallTile); });
    });
  });
}

} // namespace ph::codegen
