#include "PanelProduct.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace ph::codegen {
namespace {

/// Rows and vectors of a block of sums that stay in registers, with the operands beside them.
struct BlockShape {
  int64_t rows, vectors;
};
BlockShape blockShape(const CpuLevel &level) { return level.registers >= 32 ? BlockShape{8, 2} : BlockShape{4, 3}; }

// Most depths of a panel: with a block's columns, two thirds of an L1 cache.
constexpr int64_t kDepth = 256;
// Rows of the left matrix that are packed at once where it has columns: with a panel's depth, a part of an L2 cache.
constexpr int64_t kLeftRows = 256;
constexpr int64_t kUnroll = 4;

class PanelProduct {
public:
  PanelProduct(KernelBuilder &b, const StridedMatrix &left, const RightMatrix &right, const StridedMatrix &c, Value m,
               Value n, Value depth)
      : b(b), left(left), right(right), c(c), m(m), n(n), depth(depth), shape(blockShape(b.level())) {}

  void emit() {
    panel = scratch(kDepth * shape.vectors * b.lanes());
    if (left.columns)
      packed = scratch(kDepth * kLeftRows);
    if (!right.load)
      return emitBlocks();
    // Few rows read each element of the right matrix too seldom to move it first.
    b.ifThen(
        b.less(m, b.index(2 * shape.rows)),
        [&] {
          direct = true;
          emitBlocks();
          direct = false;
        },
        [&] { emitBlocks(); });
  }

private:
  Value scratch(int64_t elements) {
    return memref::AllocaOp::create(b, MemRefType::get({elements}, b.getF32Type()), b.getI64IntegerAttr(64));
  }

  void emitBlocks() {
    // Blocks of depth of about one size.
    Value most = b.index(kDepth), together = b.index(kDepthsTogether);
    Value count = arith::CeilDivUIOp::create(b, depth, most);
    Value size = arith::CeilDivUIOp::create(b, depth, b.max(count, b.index(1)));
    size = b.mul(arith::CeilDivUIOp::create(b, size, together), together);
    b.loop(b.index(0), count, 1, [&](Value block) {
      first = b.mul(block, size);
      length = b.max(b.min(size, b.sub(depth, first)), b.index(0));
      b.loop(b.index(0), left.columns ? m : b.index(1), kLeftRows, [&](Value top) {
        row0 = top;
        row1 = left.columns ? b.min(m, b.add(top, kLeftRows)) : m;
        if (left.columns)
          packRows();
        int64_t width = shape.vectors * b.lanes();
        Value whole = b.mul(b.div(n, width), width);
        b.loop(b.index(0), whole, width, [&](Value j) { columns(j, shape.vectors, {}); });
        b.loop(whole, n, b.lanes(), [&](Value j) { columns(j, 1, b.maskFirst(b.sub(n, j), b.lanes())); });
      });
    });
  }

  /// Rows [done, row1) in blocks: as many as sums have registers, and what is left in powers of two.
  void eachRows(Value done, llvm::function_ref<void(int64_t rows, Value i)> body) {
    for (int64_t rows = shape.rows; rows; rows /= 2) {
      Value end = b.add(done, b.mul(b.div(b.sub(row1, done), rows), rows));
      b.loop(done, end, rows, [&](Value i) { body(rows, i); });
      done = end;
    }
  }

  /// Where the rows of a block from row i on are packed: those of one depth beside each other.
  Value packedAt(Value i) { return b.mul(b.sub(i, row0), length); }

  /// Packs rows [row0, row1), as many blocks at once as a vector has rows.
  void packRows() {
    Value whole = b.add(row0, b.mul(b.div(b.sub(row1, row0), b.lanes()), b.lanes()));
    b.loop(row0, whole, b.lanes(), [&](Value i) { packRows(b.lanes(), shape.rows, i); });
    eachRows(whole, [&](int64_t rows, Value i) { packRows(rows, rows, i); });
  }
  void packRows(int64_t size, int64_t rows, Value i) {
    Value from = b.add(left.at, b.add(b.mul(first, left.ld), i)), to = packedAt(i);
    b.loop(b.index(0), length, 1, [&](Value k) {
      Value values = b.loadVector(left.memory, b.add(from, b.mul(k, left.ld)), 0, size);
      for (int64_t r = 0; r < size; r += rows)
        b.storeVector(b.slice(values, r, rows), packed, b.add(b.add(to, b.mul(length, r)), b.mul(k, rows)));
    });
  }

  /// A strip of columns from `j` on, all rows.
  void columns(Value j, int64_t vectors, Value mask) {
    if (!direct)
      fillPanel({first, length, j, vectors, mask});
    eachRows(row0, [&](int64_t rows, Value i) { block(rows, vectors, i, j, mask); });
  }

  void fillPanel(const PanelPlace &place) {
    if (right.fill)
      return right.fill(place, panel);
    b.loop(b.index(0), place.count, 1, [&](Value k) {
      Value to = b.mul(k, place.vectors * b.lanes());
      for (int64_t v = 0; v < place.vectors; ++v)
        b.storeVector(right.load(b.add(place.depth, k), b.add(place.column, v * b.lanes()), place.mask), panel, to,
                      v * b.lanes());
    });
  }

  void block(int64_t rows, int64_t vectors, Value i, Value j, Value mask) {
    KernelBuilder::Values sums, rowsOfLeft, rowsOfC;
    for (int64_t r = 0; r < rows; ++r) {
      Value row = b.add(i, r);
      rowsOfLeft.push_back(left.columns ? packedAt(i) : b.add(left.at, b.add(b.mul(row, left.ld), first)));
      rowsOfC.push_back(b.add(b.add(c.at, b.mul(row, c.ld)), j));
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(mask ? b.loadMasked(c.memory, rowsOfC[r], mask, b.vecF32())
                            : b.loadVector(c.memory, rowsOfC[r], v * b.lanes()));
    }
    // What is added to may be far away, as gradients of weights are: the next rows come while these are computed.
    if (!direct && !mask)
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t v = 0; v < vectors * b.lanes(); v += 16)
          b.prefetch(c.memory, b.add(rowsOfC[r], b.mul(c.ld, rows)), v);
    auto leftElement = [&](int64_t r, Value k, int64_t u) {
      return left.columns ? b.loadBroadcast(packed, b.add(rowsOfLeft[r], b.mul(k, rows)), u * rows + r)
                          : b.loadBroadcast(left.memory, b.add(rowsOfLeft[r], k), u);
    };
    int64_t width = vectors * b.lanes();
    auto rightVector = [&](int64_t v, Value k, int64_t u) {
      return direct ? right.load(b.add(b.add(first, k), u), b.add(j, v * b.lanes()), mask)
                    : b.loadVector(panel, b.mul(k, width), u * width + v * b.lanes());
    };
    auto depths = [&](int64_t count) {
      return [&, count](Value k, ValueRange carried) {
        KernelBuilder::Values next(carried);
        for (int64_t u = 0; u < count; ++u) {
          KernelBuilder::Values ys;
          for (int64_t v = 0; v < vectors; ++v)
            ys.push_back(rightVector(v, k, u));
          for (int64_t r = 0; r < rows; ++r) {
            Value x = leftElement(r, k, u);
            for (int64_t v = 0; v < vectors; ++v)
              next[r * vectors + v] = b.fma(x, ys[v], next[r * vectors + v]);
          }
        }
        return next;
      };
    };
    // Where rows of the right matrix are far apart, their addresses leave no room for several.
    Value whole = b.index(0);
    if (!direct) {
      whole = b.mul(b.div(length, kUnroll), kUnroll);
      sums = b.loop(b.index(0), whole, kUnroll, sums, depths(kUnroll));
    }
    sums = b.loop(whole, length, 1, sums, depths(1));
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v) {
        if (mask)
          b.storeMasked(sums[r], c.memory, rowsOfC[r], mask);
        else
          b.storeVector(sums[r * vectors + v], c.memory, rowsOfC[r], v * b.lanes());
      }
  }

  KernelBuilder &b;
  StridedMatrix left;
  const RightMatrix &right;
  StridedMatrix c;
  Value m, n, depth;
  BlockShape shape;
  bool direct = false; ///< the right matrix is read where it is
  Value panel, packed; ///< on the stack: of the right matrix, and rows of the left one
  Value first, length; ///< the block of depth
  Value row0, row1;    ///< the block of rows
};

/// The upper right and lower left quarters of squares of `distance` elements change places.
std::pair<Value, Value> exchange(KernelBuilder &b, Value upper, Value lower, int64_t distance) {
  int64_t lanes = b.lanes();
  SmallVector<int64_t> first, second;
  for (int64_t i = 0; i < lanes; ++i) {
    first.push_back(i & distance ? lanes + i - distance : i);
    second.push_back(i & distance ? lanes + i : i + distance);
  }
  return {vector::ShuffleOp::create(b, upper, lower, first), vector::ShuffleOp::create(b, upper, lower, second)};
}

} // namespace

KernelBuilder::Values turnedRound(KernelBuilder &b, KernelBuilder::Values rows) {
  int64_t lanes = b.lanes();
  for (int64_t distance = 1; distance < lanes; distance *= 2)
    for (int64_t r = 0; r < lanes; ++r)
      if (!(r & distance))
        std::tie(rows[r], rows[r + distance]) = exchange(b, rows[r], rows[r + distance], distance);
  return rows;
}

void multiplyByPanels(KernelBuilder &b, const StridedMatrix &left, const RightMatrix &right, const StridedMatrix &c,
                      Value m, Value n, Value depth) {
  PanelProduct(b, left, right, c, m, n, depth).emit();
}

} // namespace ph::codegen
