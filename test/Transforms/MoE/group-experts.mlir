// RUN: ph-opt %s --xf-group-experts --split-input-file --remark-policy=all --remarks-filter=xf-group-experts 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @gated_mlp
// CHECK: %[[W:.*]], %[[E:.*]] = xf.router
// CHECK-NEXT: %[[ORDER:.*]], %[[OFFSETS:.*]] = xf.sort_by_expert %[[E]] experts = 4 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<5xi32>)
// CHECK-NEXT: %[[X:.*]] = xf.gather_tokens %arg0, %[[ORDER]] top_k = 2
// CHECK-NEXT: %[[G:.*]] = xf.grouped_linear %[[X]], %{{.*}}, %[[OFFSETS]] :
// CHECK-NEXT: %[[U:.*]] = xf.grouped_linear %[[X]], %{{.*}}, %[[OFFSETS]] bias %arg4
// CHECK-NEXT: %[[H:.*]] = xf.gated_activation silu %[[G]], %[[U]] : (tensor<?x24xf32>, tensor<?x24xf32>) -> tensor<?x24xf32>
// CHECK-NEXT: %[[D:.*]] = xf.grouped_linear %[[H]], %{{.*}}, %[[OFFSETS]] :
// CHECK-NEXT: %[[S:.*]] = xf.scatter_combine %[[D]], %[[ORDER]], %[[W]]
// CHECK-NEXT: return %[[S]]
// REMARK: 3 products on rows sorted by expert
func.func @gated_mlp(%x: tensor<?x?x16xf32>, %z: tensor<?x?x4xf32>, %wg: tensor<4x24x16xf32>, %wu: tensor<4x24x16xf32>,
                     %bu: tensor<4x24xf32>, %wd: tensor<4x16x24xf32>) -> tensor<?x?x16xf32> {
  %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %g = xf.expert_linear %x, %wg, %e : (tensor<?x?x16xf32>, tensor<4x24x16xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x24xf32>
  %u = xf.expert_linear %x, %wu, %e bias %bu : (tensor<?x?x16xf32>, tensor<4x24x16xf32>, tensor<?x?x2xi32>, tensor<4x24xf32>) -> tensor<?x?x2x24xf32>
  %h = xf.gated_activation silu %g, %u : (tensor<?x?x2x24xf32>, tensor<?x?x2x24xf32>) -> tensor<?x?x2x24xf32>
  %d = xf.expert_linear %h, %wd, %e : (tensor<?x?x2x24xf32>, tensor<4x16x24xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x16xf32>
  %y = xf.combine_experts %d, %w : (tensor<?x?x2x16xf32>, tensor<?x?x2xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// -----

// Two inputs are gathered, each once; a static number of tokens stays static.
// CHECK-LABEL: func.func @two_inputs
// CHECK: xf.sort_by_expert {{.*}} -> (tensor<6xi32>, tensor<3xi32>)
// CHECK-COUNT-2: xf.gather_tokens {{.*}} -> tensor<6x16xf32>
// CHECK-NOT: xf.gather_tokens
// CHECK: xf.add {{.*}} : (tensor<6x16xf32>, tensor<6x16xf32>) -> tensor<6x16xf32>
// CHECK: xf.scatter_combine {{.*}} -> tensor<3x16xf32>
func.func @two_inputs(%x: tensor<3x16xf32>, %y: tensor<3x16xf32>, %e: tensor<3x2xi32>, %w: tensor<3x2xf32>, %m: tensor<2x16x16xf32>) -> tensor<3x16xf32> {
  %a = xf.expert_linear %x, %m, %e : (tensor<3x16xf32>, tensor<2x16x16xf32>, tensor<3x2xi32>) -> tensor<3x2x16xf32>
  %b = xf.expert_linear %y, %m, %e : (tensor<3x16xf32>, tensor<2x16x16xf32>, tensor<3x2xi32>) -> tensor<3x2x16xf32>
  %c = xf.add %a, %b : (tensor<3x2x16xf32>, tensor<3x2x16xf32>) -> tensor<3x2x16xf32>
  %d = xf.expert_linear %x, %m, %e : (tensor<3x16xf32>, tensor<2x16x16xf32>, tensor<3x2xi32>) -> tensor<3x2x16xf32>
  %f = xf.add %c, %d : (tensor<3x2x16xf32>, tensor<3x2x16xf32>) -> tensor<3x2x16xf32>
  %s = xf.combine_experts %f, %w : (tensor<3x2x16xf32>, tensor<3x2xf32>) -> tensor<3x16xf32>
  return %s : tensor<3x16xf32>
}

// -----

// Numbers stay what they are.
// CHECK-LABEL: func.func @numbers
// CHECK: xf.elementwise mul %cst, %{{.*}} : (tensor<1xf32>, tensor<?x16xf32>) -> tensor<?x16xf32>
// CHECK: xf.scatter_combine
func.func @numbers(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<2x16x16xf32>) -> tensor<?x16xf32> {
  %two = arith.constant dense<2.0> : tensor<1xf32>
  %a = xf.expert_linear %x, %m, %e : (tensor<?x16xf32>, tensor<2x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %b = xf.elementwise mul %two, %a : (tensor<1xf32>, tensor<?x2x16xf32>) -> tensor<?x2x16xf32>
  %s = xf.combine_experts %b, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
  return %s : tensor<?x16xf32>
}

// -----

// CHECK-LABEL: func.func @not_made
// CHECK-NEXT: xf.combine_experts
// REMARK: what the experts gave is not made here
func.func @not_made(%y: tensor<?x2x16xf32>, %w: tensor<?x2xf32>) -> tensor<?x16xf32> {
  %s = xf.combine_experts %y, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
  return %s : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @two_choices
// CHECK-NOT: xf.sort_by_expert
// CHECK: xf.combine_experts
// REMARK: the products are with different choices of experts
func.func @two_choices(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %f: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<4x16x16xf32>) -> tensor<?x16xf32> {
  %a = xf.expert_linear %x, %m, %e : (tensor<?x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %b = xf.expert_linear %a, %m, %f : (tensor<?x2x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %s = xf.combine_experts %b, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
  return %s : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @used_twice
// CHECK-NOT: xf.sort_by_expert
// CHECK: xf.combine_experts
// REMARK: what the experts gave is used elsewhere too
func.func @used_twice(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<4x16x16xf32>) -> (tensor<?x16xf32>, tensor<?x2x16xf32>) {
  %a = xf.expert_linear %x, %m, %e : (tensor<?x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %b = xf.expert_linear %a, %m, %e : (tensor<?x2x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %s = xf.combine_experts %b, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
  return %s, %a : tensor<?x16xf32>, tensor<?x2x16xf32>
}

// CHECK-LABEL: func.func @normalized_between
// CHECK-NOT: xf.sort_by_expert
// CHECK: xf.combine_experts
// REMARK: xf.rms_norm doesn't work element by element
func.func @normalized_between(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<4x16x16xf32>, %n: tensor<16xf32>) -> tensor<?x16xf32> {
  %a = xf.expert_linear %x, %m, %e : (tensor<?x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %b = xf.rms_norm %a, %n eps = 1.0e-5 : (tensor<?x2x16xf32>, tensor<16xf32>) -> tensor<?x2x16xf32>
  %c = xf.expert_linear %b, %m, %e : (tensor<?x2x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %s = xf.combine_experts %c, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
  return %s : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK-NOT: xf.sort_by_expert
// CHECK: xf.combine_experts
// REMARK: what the experts gave is made outside the loop
func.func @outside(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<4x16x16xf32>) -> tensor<?x16xf32> {
  %a = xf.expert_linear %x, %m, %e : (tensor<?x16xf32>, tensor<4x16x16xf32>, tensor<?x2xi32>) -> tensor<?x2x16xf32>
  %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x16xf32> {
    %s = xf.combine_experts %a, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
    xf.yield %s : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}
