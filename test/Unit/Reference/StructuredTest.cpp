// What attention is rewritten to: loops, structured ops, tensors and scalars, in closed form.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, AStructuredOpRunsAtEachPoint) {
  // Place (i, j) of the result is x(j, i) · 10 + i · 100 + j, with the factor from outside.
  auto results = run(R"(func.func @f(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
    %ten = arith.constant 10.0 : f32
    %empty = tensor.empty() : tensor<3x2xf32>
    %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x3xf32>) outs(%empty : tensor<3x2xf32>) {
    ^bb0(%e: f32, %old: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %hundred = arith.constant 100 : index
      %a = arith.muli %i, %hundred : index
      %b = arith.addi %a, %j : index
      %c = arith.index_cast %b : index to i32
      %d = arith.sitofp %c : i32 to f32
      %p = arith.mulf %e, %ten : f32
      %s = arith.addf %p, %d : f32
      linalg.yield %s : f32
    } -> tensor<3x2xf32>
    return %y : tensor<3x2xf32>
  })",
                     {Tensor({2, 3}, {1, 2, 3, 4, 5, 6})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {10, 41, 120, 151, 230, 261}, 0);
}

TEST_F(ReferenceTest, ReductionsAddToWhatIsThere) {
  auto results = run(
      R"(func.func @f(%x: tensor<2x2xf32>, %y: tensor<2x?xf32>, %into: tensor<2x?xf32>) -> (tensor<2x?xf32>, tensor<2xf32>) {
    %product = linalg.matmul ins(%x, %y : tensor<2x2xf32>, tensor<2x?xf32>) outs(%into : tensor<2x?xf32>) -> tensor<2x?xf32>
    %least = arith.constant 0xFF800000 : f32
    %empty = tensor.empty() : tensor<2xf32>
    %start = linalg.fill ins(%least : f32) outs(%empty : tensor<2xf32>) -> tensor<2xf32>
    %max = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%product : tensor<2x?xf32>) outs(%start : tensor<2xf32>) {
    ^bb0(%e: f32, %so_far: f32):
      %m = arith.maximumf %e, %so_far : f32
      linalg.yield %m : f32
    } -> tensor<2xf32>
    return %product, %max : tensor<2x?xf32>, tensor<2xf32>
  })",
      {Tensor({2, 2}, {1, 2, 3, 4}), Tensor({2, 3}, {1, 0, -1, 0, 1, 1}), Tensor({2, 3}, {100, 0, 0, 0, 0, 0})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {101, 2, 1, 3, 4, 1}, 0);
  expectNear(results[1], {101, 4}, 0);
}

TEST_F(ReferenceTest, EachScalarOpIsRoundedToItsType) {
  const char *text = R"(func.func @f(%x: tensor<1xf32>) -> tensor<1xf32> {
    %c0 = arith.constant 0 : index
    %e = tensor.extract %x[%c0] : tensor<1xf32>
    %tiny = arith.constant 1.0e-9 : f32
    %sum = arith.addf %e, %tiny : f32
    %back = arith.subf %sum, %e : f32
    %y = tensor.insert %back into %x[%c0] : tensor<1xf32>
    return %y : tensor<1xf32>
  })";
  expectNear(run(text, {Tensor({1}, {1})})[0], {0}, 0);
  expectNear(run(text, {Tensor({1}, {1})}, Precision::F64)[0], {double(1e-9f)}, 1e-15);
}

TEST_F(ReferenceTest, OperandsOfAStructuredOpMustHoldItsPoints) {
  parse(R"(func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
    %z = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%y : tensor<?xf32>) {
    ^bb0(%e: f32, %old: f32):
      linalg.yield %e : f32
    } -> tensor<?xf32>
    return %z : tensor<?xf32>
  })");
  EXPECT_TRUE(call({Tensor({3}), Tensor({2})}).empty());
  EXPECT_EQ(message,
            "'linalg.generic' op expects operands that hold the points 0 to 2 of dimension 0 at run time, but got [2]");
}

TEST_F(ReferenceTest, LoopsCarryAndBranchesChoose) {
  // 0 + 2 + 4 of x where they are not negative, else their opposite; and how often the loop ran.
  auto results = run(R"(func.func @f(%x: tensor<6xf32>) -> (tensor<1xf32>, tensor<1xi32>) {
    %from = arith.constant 0 : index
    %to = arith.constant 5 : index
    %step = arith.constant 2 : index
    %zero = arith.constant 0.0 : f32
    %none = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %sum:2 = scf.for %i = %from to %to step %step iter_args(%s = %zero, %n = %none) -> (f32, i32) {
      %e = tensor.extract %x[%i] : tensor<6xf32>
      %negative = arith.cmpf olt, %e, %zero : f32
      %m = scf.if %negative -> (f32) {
        %opposite = arith.negf %e : f32
        scf.yield %opposite : f32
      } else {
        scf.yield %e : f32
      }
      %next = arith.addf %s, %m : f32
      %count = arith.addi %n, %one : i32
      scf.yield %next, %count : f32, i32
    }
    %y = tensor.splat %sum#0 : tensor<1xf32>
    %z = tensor.splat %sum#1 : tensor<1xi32>
    return %y, %z : tensor<1xf32>, tensor<1xi32>
  })",
                     {Tensor({6}, {1, 100, -2, 100, 3, 100})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {6}, 0);
  expectNear(results[1], {3}, 0);
}

TEST_F(ReferenceTest, SlicesAreCutAndPutBack) {
  auto results = run(
      R"(func.func @f(%x: tensor<2x4xf32>) -> (tensor<?xf32>, tensor<2x4xf32>, tensor<8xf32>, tensor<2x2x2xf32>) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %part = tensor.extract_slice %x[%c1, 0] [1, %c2] [1, 3] : tensor<2x4xf32> to tensor<?xf32>
    %whole = tensor.insert_slice %part into %x[0, %c1] [1, %c2] [1, 1] : tensor<?xf32> into tensor<2x4xf32>
    %flat = tensor.collapse_shape %x [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
    %cube = tensor.expand_shape %x [[0], [1, 2]] output_shape [2, 2, 2] : tensor<2x4xf32> into tensor<2x2x2xf32>
    return %part, %whole, %flat, %cube : tensor<?xf32>, tensor<2x4xf32>, tensor<8xf32>, tensor<2x2x2xf32>
  })",
      {Tensor({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})});
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].tensor().shape, (llvm::SmallVector<int64_t>{2}));
  expectNear(results[0], {5, 8}, 0);
  expectNear(results[1], {1, 5, 8, 4, 5, 6, 7, 8}, 0);
  expectNear(results[2], {1, 2, 3, 4, 5, 6, 7, 8}, 0);
  EXPECT_EQ(results[3].tensor().shape, (llvm::SmallVector<int64_t>{2, 2, 2}));
}

TEST_F(ReferenceTest, ASliceOutsideIsAnError) {
  parse(R"(func.func @f(%x: tensor<?xf32>) -> tensor<3xf32> {
    %part = tensor.extract_slice %x[2] [3] [1] : tensor<?xf32> to tensor<3xf32>
    return %part : tensor<3xf32>
  })");
  EXPECT_TRUE(call({Tensor({4})}).empty());
  EXPECT_EQ(message, "'tensor.extract_slice' op expects a slice in a tensor of [4] at [2] at run time, but got [3]");
}

TEST_F(ReferenceTest, ScalarsOfTensorsAndIntegersThatWrap) {
  auto results = run(
      R"(func.func @f(%x: tensor<3xf32>, %i: tensor<3xi32>) -> (tensor<3xf32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) {
    %e = math.exp %x : tensor<3xf32>
    %t = math.tanh %e : tensor<3xf32>
    %two = arith.constant dense<2> : tensor<3xi32>
    %double = arith.muli %i, %two : tensor<3xi32>
    %floor = arith.floordivsi %i, %two : tensor<3xi32>
    %half = arith.divsi %i, %two : tensor<3xi32>
    return %t, %double, %floor, %half : tensor<3xf32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>
  })",
      {Tensor({3}, {0, -1, 0.5}), Tensor({3}, {5, -5, 2147483647})});
  ASSERT_EQ(results.size(), 4u);
  expectNear(results[0], {std::tanh(1.0), std::tanh(std::exp(-1.0)), std::tanh(std::exp(0.5))}, 1e-7);
  expectNear(results[1], {10, -10, -2}, 0);
  expectNear(results[2], {2, -3, 1073741823}, 0);
  expectNear(results[3], {2, -2, 1073741823}, 0);
}

} // namespace
