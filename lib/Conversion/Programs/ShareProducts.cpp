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

// Rows and columns of a tile: enough that its operands are read from near memory many times.
constexpr int64_t kTileHeight = 64, kTileWidth = 256;

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
  auto isLarge = [&](unsigned dim, int64_t tile) { return ShapedType::isDynamic(ranges[dim]) || ranges[dim] > tile; };
  tiling.sizes[*row] = isLarge(*row, kTileHeight) ? kTileHeight : 0;
  tiling.sizes[column] = isLarge(column, kTileWidth) ? kTileWidth : 0;
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
