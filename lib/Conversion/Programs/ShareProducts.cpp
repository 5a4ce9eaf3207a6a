#include "TileProducts.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

// Units of work that a product should be, for threads to share.
constexpr int64_t kFewestTiles = 6;

/// Rows and columns of a tile: its operands are brought into order once for it, so that each is used many times.
struct TileSize {
  int64_t rows, columns;
};

int64_t countOf(int64_t range, int64_t size) { return llvm::divideCeil(range, size); }

/// Tiles of at most that size, a multiple of `unit`, and all of about one.
int64_t evenly(int64_t range, int64_t most, int64_t unit) {
  return ShapedType::isDynamic(range) ? most : llvm::alignTo(llvm::divideCeil(range, countOf(range, most)), unit);
}

/// Left columns, as gradients of weights have them: both operands are moved, so both sizes are large. Left rows stay
/// where they are: narrow tiles of many rows. Columns are multiples of what a kernel's registers hold.
TileSize tileOf(int64_t rows, int64_t columns, bool leftColumns) {
  constexpr int64_t rowUnit = 8, columnUnit = 96;
  TileSize most = leftColumns ? TileSize{96, 6 * columnUnit} : TileSize{256, columnUnit};
  bool isStatic = !ShapedType::isDynamic(rows) && !ShapedType::isDynamic(columns);
  if (leftColumns && isStatic && countOf(rows, 256) * countOf(columns, most.columns) >= 8 * kFewestTiles)
    most.rows = 256;
  if (!ShapedType::isDynamic(columns) && 2 * columns <= columnUnit)
    most.rows = 64;
  TileSize size = {evenly(rows, most.rows, rowUnit), evenly(columns, most.columns, columnUnit)};
  while (isStatic && countOf(rows, size.rows) * countOf(columns, size.columns) < kFewestTiles) {
    if (size.columns > columnUnit)
      size.columns = llvm::alignTo(size.columns / 2, columnUnit);
    else if (size.rows > 32)
      size.rows = llvm::alignTo(size.rows / 2, rowUnit);
    else
      break;
  }
  return size;
}

/// What the loops over a product are tiled by; 0 leaves one whole.
struct Tiling {
  SmallVector<int64_t> sizes;
  std::string refusal;
};

/// One row index, one column index and one that is summed over stay within a tile; of others it has one place.
Tiling tilingOf(linalg::GenericOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!llvm::all_of(maps, [](AffineMap map) { return map.isProjectedPermutation(); }))
    return {{}, "an operand is indexed by more than a loop"};
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  if (reduced.size() != 1)
    return {{}, "it sums over several loops"};
  if (maps[2].getNumResults() < 2)
    return {{}, "the result is no matrix"};
  auto dimOf = [](AffineExpr e) { return cast<AffineDimExpr>(e).getPosition(); };
  unsigned column = dimOf(maps[2].getResults().back());
  bool inFirst = maps[0].isFunctionOfDim(column), inSecond = maps[1].isFunctionOfDim(column);
  if (inFirst == inSecond)
    return {{}, "no operand has the columns for its own"};
  AffineMap left = maps[inFirst ? 1 : 0], right = maps[inFirst ? 0 : 1];
  std::optional<unsigned> row;
  for (AffineExpr e : maps[2].getResults().drop_back())
    if (left.isFunctionOfDim(dimOf(e)) && !right.isFunctionOfDim(dimOf(e)))
      row = dimOf(e);
  if (!row)
    return {{}, "no operand has rows for its own"};
  Tiling tiling;
  tiling.sizes.assign(op.getNumLoops(), 1);
  tiling.sizes[reduced.front()] = 0;
  SmallVector<int64_t> ranges = cast<linalg::LinalgOp>(op.getOperation()).getStaticLoopRanges();
  bool leftColumns = left.getNumResults() && dimOf(left.getResults().back()) == *row;
  TileSize size = tileOf(ranges[*row], ranges[column], leftColumns);
  auto isLarge = [&](unsigned dim, int64_t tile) { return ShapedType::isDynamic(ranges[dim]) || ranges[dim] > tile; };
  tiling.sizes[*row] = isLarge(*row, size.rows) ? size.rows : 0;
  tiling.sizes[column] = isLarge(column, size.columns) ? size.columns : 0;
  if (llvm::none_of(llvm::zip_equal(tiling.sizes, ranges),
                    [](auto each) { return std::get<0>(each) && std::get<1>(each) != 1; }))
    return {{}, "it is no more than a tile"};
  return tiling;
}

struct ShareProductsPass : PassWrapper<ShareProductsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ShareProductsPass)
  StringRef getArgument() const override { return "share-products"; }
  StringRef getDescription() const override { return "make products of tensors tiles that threads share"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, linalg::LinalgDialect, scf::SCFDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    SmallVector<linalg::GenericOp> products;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (multipliesAndAdds(op) && !op->getParentOfType<scf::ForallOp>())
        products.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : products) {
      Tiling tiling = tilingOf(op);
      if (!tiling.refusal.empty()) {
        remark::missed(op.getLoc(), remark::RemarkOpts::name("linalg.generic").category(getArgument()))
            << tiling.refusal;
        continue;
      }
      rewriter.setInsertionPoint(op);
      auto options = scf::SCFTilingOptions().setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
      options.setTileSizes(getAsIndexOpFoldResult(&getContext(), tiling.sizes));
      FailureOr<scf::SCFTilingResult> tiled =
          scf::tileUsingSCF(rewriter, cast<TilingInterface>(op.getOperation()), options);
      if (failed(tiled))
        return signalPassFailure();
      rewriter.replaceOp(op, tiled->replacements);
    }
  }
};

} // namespace

std::unique_ptr<Pass> createShareProductsPass() { return std::make_unique<ShareProductsPass>(); }

} // namespace ph::conversion
