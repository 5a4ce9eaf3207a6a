// Products in programs of models, against the interpreter.
#include "ProgramHarness.h"

using namespace mlir;
using namespace ph;

namespace {

// More rows than a tile, or few; more columns than a tile, and no whole number of vectors.
TEST_F(ProgramTest, MultipliesByPlainMatricesAndTheirDerivatives) {
  compile(R"(
    func.func @f(%x: tensor<?x?x70xf32>, %w: tensor<131x70xf32>) -> (tensor<?x?x131xf32>, tensor<?x?x70xf32>) {
      %y = xf.linear %x, %w : (tensor<?x?x70xf32>, tensor<131x70xf32>) -> tensor<?x?x131xf32>
      %dx = xf.linear_backward %y, %w : (tensor<?x?x131xf32>, tensor<131x70xf32>) -> tensor<?x?x70xf32>
      return %y, %dx : tensor<?x?x131xf32>, tensor<?x?x70xf32>
    }
  )",
          /*model=*/true);
  for (const std::vector<int64_t> &at : {std::vector<int64_t>{1, 300}, {3, 1}, {2, 17}})
    compare({{at[0], at[1], 70}, {131, 70}});
}

TEST_F(ProgramTest, MultipliesMatricesOfColumns) {
  compile(R"(
    func.func @f(%dy: tensor<?x131xf32>, %x: tensor<?x200xf32>, %u: tensor<200x?xf32>)
        -> (tensor<131x200xf32>, tensor<131x200xf32>) {
      %a = xf.matmul %dy, %x transpose_a : (tensor<?x131xf32>, tensor<?x200xf32>) -> tensor<131x200xf32>
      %b = xf.matmul %dy, %u transpose_a transpose_b : (tensor<?x131xf32>, tensor<200x?xf32>) -> tensor<131x200xf32>
      return %a, %b : tensor<131x200xf32>, tensor<131x200xf32>
    }
  )",
          /*model=*/true);
  for (int64_t tokens : {1, 33, 300})
    compare({{tokens, 131}, {tokens, 200}, {200, tokens}});
}

// The gradients of a layer's weights are added to the layer's part of a stack, in its memory.
TEST_F(ProgramTest, AccumulatesGradientsInStacks) {
  compile(R"(
    func.func @f(%x: tensor<?x40xf32>, %w: tensor<3x40x40xf32>, %g: tensor<3x40x40xf32> {xf.name = "g"})
        -> (tensor<?x40xf32>, tensor<3x40x40xf32> {xf.name = "g"}) {
      %y, %sum = xf.repeat %layer = 3 iter(%h = %x, %stack = %g) : tensor<?x40xf32>, tensor<3x40x40xf32> {
        %m = xf.stack_read %w[%layer] : tensor<3x40x40xf32> -> tensor<40x40xf32>
        %n = xf.linear %h, %m : (tensor<?x40xf32>, tensor<40x40xf32>) -> tensor<?x40xf32>
        %d = xf.matmul %n, %h transpose_a : (tensor<?x40xf32>, tensor<?x40xf32>) -> tensor<40x40xf32>
        %old = xf.stack_read %stack[%layer] : tensor<3x40x40xf32> -> tensor<40x40xf32>
        %new = xf.elementwise add %old, %d : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
        %next = xf.stack_write %new into %stack[%layer] : tensor<40x40xf32> into tensor<3x40x40xf32>
        xf.yield %n, %next : tensor<?x40xf32>, tensor<3x40x40xf32>
      }
      return %y, %sum : tensor<?x40xf32>, tensor<3x40x40xf32>
    }
  )",
          /*model=*/true);
  compare({{21, 40}, {3, 40, 40}, {3, 40, 40}}, 1e-4);
}

// A frozen matrix is there once, packed, for the product and for its derivative.
TEST_F(ProgramTest, DerivesProductsWithPackedMatrices) {
  compile(R"(
    xf.weight @w : tensor<2x131x70xf32> stacked sources [#xf.source<"w.{layer}">]
    func.func @f(%x: tensor<?x?x70xf32>) -> (tensor<?x?x131xf32>, tensor<?x?x70xf32>) {
      %layer = arith.constant 1 : index
      %w = xf.load_weight @w[%layer] : tensor<131x70xf32>
      %y = xf.linear %x, %w : (tensor<?x?x70xf32>, tensor<131x70xf32>) -> tensor<?x?x131xf32>
      %dx = xf.linear_backward %y, %w : (tensor<?x?x131xf32>, tensor<131x70xf32>) -> tensor<?x?x70xf32>
      return %y, %dx : tensor<?x?x131xf32>, tensor<?x?x70xf32>
    }
  )",
          /*model=*/true);
  EXPECT_EQ(weights.size(), 2u * 144 * 70 * 4);
  compare({{2, 19, 70}});
  compare({{1, 300, 70}});
}

// What was there is read after its update is known.
TEST_F(ProgramTest, ReadsWhatItUpdatesLater) {
  compile(R"(
    func.func @f(%m: tensor<8x24xf32> {xf.name = "m"}, %g: tensor<8x24xf32>)
        -> (tensor<8x24xf32> {xf.name = "m"}, tensor<8x24xf32>) {
      %new = xf.elementwise add %m, %g : (tensor<8x24xf32>, tensor<8x24xf32>) -> tensor<8x24xf32>
      %sum = xf.reduce sum %new axes = [0] keepdims : (tensor<8x24xf32>) -> tensor<1x24xf32>
      %q = xf.elementwise mul %m, %sum : (tensor<8x24xf32>, tensor<1x24xf32>) -> tensor<8x24xf32>
      return %new, %q : tensor<8x24xf32>, tensor<8x24xf32>
    }
  )",
          /*model=*/true);
  compare({{8, 24}, {8, 24}});
}

TEST_F(ProgramTest, ExchangesWhatItUpdates) {
  compile(R"(
    func.func @f(%a: tensor<8x24xf32> {xf.name = "a"}, %b: tensor<8x24xf32> {xf.name = "b"})
        -> (tensor<8x24xf32> {xf.name = "a"}, tensor<8x24xf32> {xf.name = "b"}) {
      %s = xf.elementwise add %a, %b : (tensor<8x24xf32>, tensor<8x24xf32>) -> tensor<8x24xf32>
      return %b, %s : tensor<8x24xf32>, tensor<8x24xf32>
    }
  )",
          /*model=*/true);
  compare({{8, 24}, {8, 24}});
}

} // namespace
