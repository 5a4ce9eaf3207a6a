#include "dialects/Transformer/Primitives.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_REMOVECACHEPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

bool isCache(Value value) { return isa<xf::CacheType>(value.getType()); }

/// The function without its cache; what is found first is only looked at.
class CacheRemoval {
public:
  CacheRemoval(func::FuncOp function, BlockArgument cache) : function(function), cache(cache) {}

  /// Why it can't be done; empty if it can.
  std::string reason() {
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto name = function.getArgAttrOfType<StringAttr>(i, xf::XFDialect::getNameAttrName());
      Value argument = function.getArgument(i);
      if (name && name == "past")
        past = argument;
      else if (name && name == "rows")
        rows = argument;
      else if (xf::isTokens(cast<Type>(argument.getType())) && !tokens)
        tokens = argument;
    }
    if (!past || !tokens)
      return "it takes no tokens, or doesn't say how many are past";
    if (rows && !llvm::all_of(rows.getUsers(), [](Operation *op) { return isa<xf::SelectRowsOp>(op); }))
      return "its rows are more than picked";
    return follow(cache);
  }

  void remove() {
    Primitives p(function.getLoc(), OpBuilder::atBlockBegin(&function.getBody().front()));
    Value batch = xf::DimOp::create(p, tokens, int64_t(0));
    Value none = xf::BroadcastOp::create(p, p.integer(0), OpFoldResult(batch));
    past.replaceAllUsesWith(none);
    for (auto [attention, append] : reads)
      readItself(attention, append);
    for (xf::CacheAppendOp append : appends)
      append.getResult().replaceAllUsesWith(append.getCache());
    for (xf::CacheAppendOp append : appends)
      append.erase();
    for (xf::RepeatOp loop : loops)
      withoutCache(loop);
    keepAllRows();
    eraseInterface();
  }

private:
  /// Follows a cache to the end of its block.
  std::string follow(Value value) {
    llvm::DenseMap<Value, xf::CacheAppendOp> last; // by layer
    while (true) {
      Operation *next = nullptr;
      unsigned number = 0;
      for (OpOperand &use : value.getUses()) {
        Operation *op = use.getOwner();
        if (auto attention = dyn_cast<xf::AttentionOp>(op)) {
          auto found = llvm::find_if(last, [&](auto &each) { return sameLayer(each.first, attention.getLayer()); });
          if (found == last.end())
            return "attention reads a layer of the cache to which nothing was appended";
          reads.push_back({attention, found->second});
          continue;
        }
        if (next)
          return "its cache goes more than one way";
        next = op;
        number = use.getOperandNumber();
      }
      if (!next)
        return "its cache ends before the function does";
      if (auto append = dyn_cast<xf::CacheAppendOp>(next)) {
        appends.push_back(append);
        last[append.getLayer()] = append;
        value = append.getResult();
      } else if (auto loop = dyn_cast<xf::RepeatOp>(next)) {
        loops.push_back(loop);
        std::string why = follow(loop.getBlock()->getArgument(1 + number));
        if (!why.empty())
          return why;
        value = loop.getResult(number);
      } else if (isa<func::ReturnOp>(next) || isa<xf::YieldOp>(next)) {
        return "";
      } else {
        return ("its cache is used by " + next->getName().getStringRef()).str();
      }
    }
  }

  static bool sameLayer(Value a, Value b) {
    auto constant = [](Value v) { return v.getDefiningOp<arith::ConstantIndexOp>(); };
    return a == b || (constant(a) && constant(b) && constant(a).value() == constant(b).value());
  }

  void readItself(xf::AttentionOp attention, xf::CacheAppendOp append) {
    Primitives p(attention.getLoc(), attention);
    Value keys = append.getKeys(), query = attention.getQuery(), positions = attention.getPositions();
    xf::RopeAttr rope = attention.getRopeAttr();
    auto rotated = [&](Value value, Value at, xf::RopeAttr by) {
      int64_t heads = cast<RankedTensorType>(value.getType()).getShape().back() / attention.getHeadDim();
      return xf::RopeOp::create(p, value.getType(), value, at, heads, by).getResult();
    };
    if (rope != append.getRopeAttr() || positions != append.getPositions()) {
      if (append.getRopeAttr())
        keys = rotated(keys, append.getPositions(), append.getRopeAttr());
      if (rope)
        query = rotated(query, positions, rope);
      rope = {};
      positions = {};
    }
    auto twin = xf::AttentionOp::create(
        p, attention.getResult().getType(), query, keys, append.getValues(), Value(), Value(), Value(), positions, rope,
        attention.getBias(), attention.getSinks(), attention.getPrefix(), attention.getDocuments(),
        attention.getValid(), attention.getHeadsAttr(), attention.getScaleAttr(), attention.getMaskAttr(),
        attention.getWindowAttr(), attention.getSoftCapAttr(), attention.getAlibiAttr(), attention.getKeepAttr());
    attention.replaceAllUsesWith(twin.getResult());
    attention.erase();
  }

  static void withoutCache(xf::RepeatOp loop) {
    OpBuilder builder(loop);
    SmallVector<Value> inits, yielded;
    for (auto [init, value] : llvm::zip_equal(loop.getInitValues(), loop.getYield().getValues()))
      if (!isCache(init)) {
        inits.push_back(init);
        yielded.push_back(value);
      }
    auto twin = xf::RepeatOp::create(builder, loop.getLoc(), loop.getCount(), inits);
    twin->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    SmallVector<Value> arguments = {twin.getLayer()}, results;
    auto argument = twin.getBlock()->getArguments().drop_front().begin();
    auto result = twin.getResults().begin();
    for (Value init : loop.getInitValues()) {
      // What is left of a cache leads nowhere.
      arguments.push_back(isCache(init) ? init : Value(*argument++));
      results.push_back(isCache(init) ? init : Value(*result++));
    }
    Operation *yield = loop.getYield();
    for (auto [old, value] : llvm::zip_equal(loop.getBlock()->getArguments(), arguments))
      old.replaceAllUsesWith(value);
    SmallVector<Value> carried = llvm::to_vector(cast<xf::YieldOp>(yield).getValues());
    llvm::erase_if(carried, isCache);
    yield->erase();
    twin.getBlock()->getOperations().splice(twin.getBlock()->end(), loop.getBlock()->getOperations());
    builder.setInsertionPointToEnd(twin.getBlock());
    xf::YieldOp::create(builder, loop.getLoc(), carried);
    loop->replaceAllUsesWith(results);
    loop.erase();
  }

  void keepAllRows() {
    if (!rows)
      return;
    for (Operation *user : llvm::make_early_inc_range(rows.getUsers())) {
      auto select = cast<xf::SelectRowsOp>(user);
      Primitives p(select.getLoc(), select);
      int64_t features = select.getResult().getType().getShape().back();
      auto all = xf::ReshapeOp::create(p, select.getInput(),
                                       {p.getI64IntegerAttr(-1), OpFoldResult(p.getI64IntegerAttr(features))});
      select.replaceAllUsesWith(all.getResult());
      select.erase();
    }
  }

  void eraseInterface() {
    auto end = cast<func::ReturnOp>(function.getBody().front().getTerminator());
    llvm::BitVector results(function.getNumResults()), arguments(function.getNumArguments());
    for (auto [index, value] : llvm::enumerate(end.getOperands()))
      results[index] = isCache(value);
    for (BlockArgument argument : function.getArguments())
      arguments[argument.getArgNumber()] = argument == past || argument == rows || argument == cache;
    end->eraseOperands(results);
    (void)function.eraseResults(results);
    (void)function.eraseArguments(arguments);
  }

  func::FuncOp function;
  BlockArgument cache;
  Value past, rows, tokens;
  SmallVector<std::pair<xf::AttentionOp, xf::CacheAppendOp>> reads;
  SmallVector<xf::CacheAppendOp> appends;
  SmallVector<xf::RepeatOp> loops;
};

struct RemoveCachePass final : impl::RemoveCachePassBase<RemoveCachePass>, ChangesValues {
  ValueChange getValueChange() const override {
    return {ValueChange::Meaning, "whole sequences take the place of new tokens and a cache", /*sameUpTo=*/0,
            /*changesInterface=*/true};
  }

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isDeclaration())
        continue;
      auto *cache = llvm::find_if(function.getArguments(), isCache);
      if (cache == function.getArguments().end())
        continue;
      CacheRemoval removal(function, *cache);
      if (std::string reason = removal.reason(); !reason.empty()) {
        remarkRefused(function, getArgument(), reason);
        continue;
      }
      removal.remove();
      remarkDone(function, getArgument(), "it takes whole sequences");
      ++removed;
    }
  }
};

} // namespace
} // namespace ph
