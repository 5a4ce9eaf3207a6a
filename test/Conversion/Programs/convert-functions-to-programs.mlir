// Functions on tensors take the caller's memory; products with weights become kernels; what is carried stays in place.
//
// RUN: ph-opt %s -split-input-file --convert-functions-to-programs --verify-diagnostics | FileCheck %s

// CHECK: module attributes {xf.programs = [{
// CHECK-SAME: inputs = [{element = "f32", name = "x", shape = [-1, 64]}], name = "forward", plan = "ph_forward_plan"
// CHECK-SAME: results = [{element = "f32", name = "output0", shape = [-1, 64]}, {element = "f32", name = "output1", shape = [64]}], symbol = "ph_forward"
module {
  xf.weight @w : tensor<2x64x64xf32> stacked sources [#xf.source<"w.{layer}">]
  xf.weight @g : tensor<64xf32> sources [#xf.source<"g">]
  // CHECK-LABEL: func.func @ph_forward(
  // CHECK-SAME: %[[WEIGHTS:[a-z0-9]+]]: memref<1099511627776xi8>
  func.func @forward(%x: tensor<?x64xf32> {xf.name = "x"}) -> (tensor<?x64xf32>, tensor<64xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    // What isn't a kernel's is read as it is.
    // CHECK: %[[VIEW:.*]] = memref.view %[[WEIGHTS]]{{.*}} to memref<64xf32>
    // CHECK: bufferization.to_tensor %[[VIEW]] restrict :
    %g = xf.load_weight @g : tensor<64xf32>
    // CHECK: scf.for {{.*}} iter_args(%[[CARRIED:[a-z0-9]+]] = %
    %y = scf.for %i = %c0 to %c2 step %c1 iter_args(%h = %x) -> tensor<?x64xf32> {
      // CHECK: step.kernel {bias, columns = 64 : i64, {{.*}}kind = "linear"{{.*}}rows = 64 : i64} weights(%{{.*}}, %{{.*}}) ins(%[[CARRIED]]
      // CHECK-SAME: tiles = 4
      %w = xf.load_weight @w[%i] : tensor<64x64xf32>
      %p = xf.linear %h, %w bias %g : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
      // CHECK: bufferization.materialize_in_destination %{{.*}} in %[[CARRIED]]
      scf.yield %p : tensor<?x64xf32>
    }
    // CHECK: return %{{.*}} : index
    return %y, %g : tensor<?x64xf32>, tensor<64xf32>
  }
}

// -----

// What a loop carries to no end stays as it came in, though a loop in it carries it on, to be removed; not what
// another carried tensor is made from.
// CHECK-LABEL: func.func @ph_unread(
// CHECK: scf.for {{.*}} iter_args(%[[READ:[a-z0-9]+]] = %{{.*}}, %[[UNREAD:[a-z0-9]+]] = %{{.*}}, %[[SOURCE:[a-z0-9]+]] = %
// CHECK: %[[NEW:.*]] = tensor.insert %{{.*}} into %[[READ]]
// CHECK: %[[CHANGED:.*]] = tensor.insert %{{.*}} into %[[SOURCE]]
// CHECK: scf.yield %[[NEW]], %[[UNREAD]], %[[CHANGED]] :
module {
  func.func @unread(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = tensor.dim %x, %c0 : tensor<?xf32>
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%read = %x, %unread = %y, %source = %z) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
      %old = tensor.extract %source[%i] : tensor<?xf32>
      %new = tensor.insert %old into %read[%i] : tensor<?xf32>
      %changed = tensor.insert %old into %source[%c0] : tensor<?xf32>
      %inner = scf.for %j = %c0 to %i step %c1 iter_args(%carried = %unread) -> tensor<?xf32> {
        %was = tensor.extract %carried[%j] : tensor<?xf32>
        %sum = arith.addf %was, %old : f32
        %inserted = tensor.insert %sum into %carried[%j] : tensor<?xf32>
        scf.yield %inserted : tensor<?xf32>
      }
      scf.yield %new, %inner, %changed : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
    }
    return %r#0 : tensor<?xf32>
  }
}

// -----

module {
  xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w">]
  func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %w = xf.load_weight @w : tensor<64x64xf32>
    // expected-error @+1 {{has an activation: there is no kernel for one}}
    %p = xf.linear %x, %w activation = gelu : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    return %p : tensor<?x64xf32>
  }
}

// -----

module {
  // expected-error @+1 {{expects tensors of plain numbers, but got 'index'}}
  func.func @forward(%x: index) -> index {
    return %x : index
  }
}
