#include "powerhouse/Analysis/Cost.h"
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace mlir;

namespace {

struct Parsed {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  explicit Parsed(StringRef text) {
    DialectRegistry models;
    analysis::registerCostModels(models);
    context.appendDialectRegistry(models);
    context.loadDialect<train::TrainDialect, xf::XFDialect, func::FuncDialect, arith::ArithDialect>();
    module = parseSourceString<ModuleOp>(text, &context);
  }
};

const analysis::OpCost &only(const analysis::ModelCost &cost, StringRef op) {
  auto it = llvm::find_if(cost.ops, [&](const analysis::OpCost &entry) { return entry.op == op; });
  EXPECT_NE(it, cost.ops.end()) << op.str();
  return *it;
}

} // namespace

TEST(Cost, IsTheClosedFormOfALayer) {
  Parsed parsed(R"mlir(
    xf.weight @table : tensor<40x64xf32, #xf.format<q8_0>>
    xf.weight @norm : tensor<2x64xf32> stacked
    xf.weight @o : tensor<2x64x64xf32, #xf.format<q4_1>> stacked
    xf.weight @g : tensor<2x96x64xf32, #xf.format<q4_1>> stacked
    xf.weight @u : tensor<2x96x64xf32, #xf.format<q4_1>> stacked
    func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 16, f16>) -> tensor<?x40xf32> {
      %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
      %t = xf.load_weight @table : tensor<40x64xf32, #xf.format<q8_0>>
      %x = xf.embedding %tokens, %t : (tensor<?x?xi32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
      %y:2 = xf.repeat %l = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16> {
        %wn = xf.load_weight @norm[%l] : tensor<64xf32>
        %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
        %wg = xf.load_weight @g[%l] : tensor<96x64xf32, #xf.format<q4_1>>
        %wu = xf.load_weight @u[%l] : tensor<96x64xf32, #xf.format<q4_1>>
        %gu = xf.gated_linear silu %n, %wg, %wu : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<96x64xf32, #xf.format<q4_1>>, tensor<96x64xf32, #xf.format<q4_1>>) -> tensor<?x?x96xf32>
        %k, %v, %r = xf.split %gu : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
        %c2 = xf.cache_append %c[%l], %k, %v, %past rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) : (!xf.cache<2 x 2 x 16, f16>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 2 x 16, f16>
        %a = xf.attention %h cache(%c2[%l], %past) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
        %wo = xf.load_weight @o[%l] : tensor<64x64xf32, #xf.format<q4_1>>
        %o = xf.linear %a, %wo residual %h : (tensor<?x?x64xf32>, tensor<64x64xf32, #xf.format<q4_1>>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
        xf.yield %o, %c2 : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>
      }
      %s = xf.select_rows %y#0, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
      %z = xf.logits %s, %t soft_cap = 30.0 : (tensor<?x64xf32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x40xf32>
      return %z : tensor<?x40xf32>
    })mlir");
  ASSERT_TRUE(parsed.module);
  analysis::ModelCost cost = analysis::computeCost(*parsed.module);

  EXPECT_EQ(only(cost, "xf.embedding").weightBytes, 64 / 32 * 34); // one row
  EXPECT_EQ(only(cost, "xf.rms_norm").flop, 2 * (4 * 64 + 3 + 3 * 64));
  EXPECT_EQ(only(cost, "xf.rms_norm").weightBytes, 2 * 64 * 4);
  EXPECT_EQ(only(cost, "xf.gated_linear").flop, 2 * (4 * 96 * 64 + 2 * 96));
  EXPECT_EQ(only(cost, "xf.gated_linear").weightBytes, 2 * 2 * 96 * 64 / 32 * 20);
  EXPECT_EQ(only(cost, "xf.gated_linear").weight, "g, u");
  EXPECT_EQ(only(cost, "xf.gated_linear").times, 2);
  EXPECT_EQ(only(cost, "xf.cache_append").flop, 2 * 3 * 16 * 2);
  EXPECT_EQ(only(cost, "xf.cache_append").cacheBytesWritten, 2 * 2 * 2 * 16 * 2);
  EXPECT_EQ(only(cost, "xf.attention").flop, 0);
  EXPECT_EQ(only(cost, "xf.attention").flopPerPosition, 2 * 4 * (4 * 16 + 5));
  EXPECT_EQ(only(cost, "xf.attention").cacheBytesPerPosition, 2 * 2 * 2 * 16 * 2);
  EXPECT_EQ(only(cost, "xf.linear").flop, 2 * (2 * 64 * 64 + 64));
  EXPECT_EQ(only(cost, "xf.logits").flop, 2 * 40 * 64 + 3 * 40);
  EXPECT_EQ(only(cost, "xf.logits").weightBytes, 40 * 64 / 32 * 34);

  double flop = 0, bytes = 0;
  for (const analysis::OpCost &op : cost.ops)
    flop += op.flop, bytes += op.weightBytes;
  EXPECT_EQ(cost.flopPerToken, flop);
  EXPECT_EQ(cost.weightBytesPerToken, bytes);
  EXPECT_EQ(cost.flopAt(10), flop + 10 * cost.flopPerTokenAndPosition);
  EXPECT_EQ(cost.cacheBytesWrittenPerToken, cost.cacheBytesPerTokenAndPosition);
}

TEST(Cost, IsKnownOfEveryOp) {
  Parsed parsed("");
  unsigned ops = 0;
  // Of all, since MLIR 22 finds none by the name of some dialects.
  for (RegisteredOperationName name : parsed.context.getRegisteredOperations()) {
    StringRef dialect = name.getDialectNamespace();
    if (dialect != "xf" && dialect != "train")
      continue;
    EXPECT_TRUE(name.hasInterface<CostOpInterface>())
        << name.getStringRef().str() << " has no model in lib/Analysis/Cost";
    ++ops;
  }
  EXPECT_GT(ops, 100u);
}

TEST(Cost, OfLogitsThatAreNeverWhole) {
  Parsed parsed(R"mlir(
    func.func @forward(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %l: tensor<?x?xi32>, %g: tensor<?x?xf32>) -> tensor<320x64xf32> {
      %y = train.token_logp %h, %w, %l : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      %dh, %dw = train.token_logp_backward %h, %w, %l, %g weight_gradient
        : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xi32>, tensor<?x?xf32>) -> (tensor<?x?x64xf32>, tensor<320x64xf32>)
      return %dw : tensor<320x64xf32>
    })mlir");
  ASSERT_TRUE(parsed.module);
  analysis::ModelCost cost = analysis::computeCost(*parsed.module);
  EXPECT_EQ(only(cost, "train.token_logp").flop, 320 * (2 * 64 + 4));
  EXPECT_EQ(only(cost, "train.token_logp_backward").flop, 320 * (3 * 2 * 64 + 9));
}

TEST(Cost, OfAModuleWithoutForwardIsNothing) {
  Parsed parsed("func.func private @forward(tensor<?x?xi32>)");
  ASSERT_TRUE(parsed.module);
  EXPECT_EQ(analysis::computeCost(*parsed.module).ops.size(), 0u);
}
