// Programs of linalg, against the interpreter.
#include "ProgramHarness.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace ph;

namespace {

TEST_F(ProgramTest, NormsRowsInALoop) {
  compile(R"(
    func.func @f(%x: tensor<?x?x48xf32>, %g: tensor<48xf32>) -> tensor<?x?x48xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %zero = arith.constant 0.0 : f32
      %n = arith.constant 48.0 : f32
      %b = tensor.dim %x, %c0 : tensor<?x?x48xf32>
      %s = tensor.dim %x, %c1 : tensor<?x?x48xf32>
      %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%h = %x) -> tensor<?x?x48xf32> {
        %e = tensor.empty(%b, %s) : tensor<?x?xf32>
        %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
        %sum = linalg.generic {
            indexing_maps = [affine_map<(b, s, k) -> (b, s, k)>, affine_map<(b, s, k) -> (b, s)>],
            iterator_types = ["parallel", "parallel", "reduction"]}
            ins(%h : tensor<?x?x48xf32>) outs(%z : tensor<?x?xf32>) {
          ^bb0(%v: f32, %o: f32):
            %q = arith.mulf %v, %v : f32
            %t = arith.addf %o, %q : f32
            linalg.yield %t : f32
        } -> tensor<?x?xf32>
        %e2 = tensor.empty(%b, %s) : tensor<?x?x48xf32>
        %next = linalg.generic {
            indexing_maps = [affine_map<(b, s, k) -> (b, s, k)>, affine_map<(b, s, k) -> (b, s)>,
                             affine_map<(b, s, k) -> (k)>, affine_map<(b, s, k) -> (b, s, k)>],
            iterator_types = ["parallel", "parallel", "parallel"]}
            ins(%h, %sum, %g : tensor<?x?x48xf32>, tensor<?x?xf32>, tensor<48xf32>) outs(%e2 : tensor<?x?x48xf32>) {
          ^bb0(%v: f32, %q: f32, %w: f32, %o: f32):
            %mean = arith.divf %q, %n : f32
            %root = math.sqrt %mean : f32
            %one = arith.constant 1.0 : f32
            %r = arith.divf %one, %root : f32
            %a = arith.mulf %v, %r : f32
            %t = math.tanh %a : f32
            %u = math.exp %t : f32
            %f = math.erf %u : f32
            %c = arith.mulf %f, %w : f32
            linalg.yield %c : f32
        } -> tensor<?x?x48xf32>
        scf.yield %next : tensor<?x?x48xf32>
      }
      return %y : tensor<?x?x48xf32>
    }
  )");
  compare({{2, 5, 48}, {48}});
  compare({{1, 1, 48}, {48}});
}

// As gradients of biases and norms are: vectors of columns, in blocks that threads share.
TEST_F(ProgramTest, SumsColumns) {
  compile(R"(
    func.func @f(%x: tensor<?x?x150xf32>) -> (tensor<150xf32>, tensor<150xf32>) {
      %sum = xf.reduce sum %x axes = [0, 1] : (tensor<?x?x150xf32>) -> tensor<150xf32>
      %most = xf.reduce max %x axes = [0, 1] : (tensor<?x?x150xf32>) -> tensor<150xf32>
      return %sum, %most : tensor<150xf32>, tensor<150xf32>
    }
  )",
          /*model=*/true);
  compare({{2, 5, 150}});
  compare({{1, 1, 150}});
}

TEST_F(ProgramTest, MultipliesInTilesThatThreadsShare) {
  compile(R"(
    func.func @f(%a: tensor<?x40xf32>, %b: tensor<40x24xf32>) -> tensor<?x24xf32> {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %zero = arith.constant 0.0 : f32
      %m = tensor.dim %a, %c0 : tensor<?x40xf32>
      %e = tensor.empty(%m) : tensor<?x24xf32>
      %y = scf.forall (%i) = (0) to (%m) step (8) shared_outs(%o = %e) -> tensor<?x24xf32> {
        %left = arith.subi %m, %i : index
        %rows = arith.minsi %left, %c8 : index
        %x = tensor.extract_slice %a[%i, 0] [%rows, 40] [1, 1] : tensor<?x40xf32> to tensor<?x40xf32>
        %all = tensor.empty() : tensor<8x24xf32>
        %part = tensor.extract_slice %all[0, 0] [%rows, 24] [1, 1] : tensor<8x24xf32> to tensor<?x24xf32>
        %z = linalg.fill ins(%zero : f32) outs(%part : tensor<?x24xf32>) -> tensor<?x24xf32>
        %p = linalg.matmul ins(%x, %b : tensor<?x40xf32>, tensor<40x24xf32>) outs(%z : tensor<?x24xf32>) -> tensor<?x24xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %p into %o[%i, 0] [%rows, 24] [1, 1] : tensor<?x24xf32> into tensor<?x24xf32>
        }
      }
      return %y : tensor<?x24xf32>
    }
  )");
  // The interpreter runs the loop as one over all rows.
  source = parseSourceString<ModuleOp>(R"(
    func.func @f(%a: tensor<?x40xf32>, %b: tensor<40x24xf32>) -> tensor<?x24xf32> {
      %y = xf.matmul %a, %b : (tensor<?x40xf32>, tensor<40x24xf32>) -> tensor<?x24xf32>
      return %y : tensor<?x24xf32>
    }
  )",
                                       &context);
  ASSERT_TRUE(source);
  compare({{19, 40}, {40, 24}});
}

} // namespace
