// A GPT-2 of three layers as an exporter writes it, in primitives only, is lifted: what is left is one loop over layers. After each pass values are the same.
// RUN: ph-opt %s --xf-lift --verify-values=1 | FileCheck %s
// RUN: ph-opt %s --xf-lift --xf-default-pipeline=activations=f32 --verify-values=1 | FileCheck %s --check-prefix=FUSED
//
// FUSED: xf.attention
// FUSED-NEXT: xf.load_weight
// FUSED-NEXT: xf.load_weight
// FUSED-NEXT: xf.linear {{.*}} bias {{.*}} residual

// CHECK-DAG: xf.weight @h.attn.c_attn.weight_transposed : tensor<3x192x64xf32> stacked sources [#xf.source<"h.{layer}.attn.c_attn.weight", transposed>]
// CHECK-DAG: xf.weight @h.ln_2.bias : tensor<3x64xf32> stacked sources [#xf.source<"h.{layer}.ln_2.bias">]
// CHECK-LABEL: func.func @forward
// CHECK: xf.embedding
// CHECK: xf.repeat %[[L:.*]] = 3 iter(%[[H:.*]] = %{{.*}}) : tensor<?x?x64xf32> {
// CHECK: %[[N:.*]] = xf.layer_norm %[[H]], %{{.*}} bias %{{.*}} eps =
// CHECK: %[[P:.*]] = xf.linear %[[N]], %{{.*}} bias %
// CHECK: %[[Q:.*]]:3 = xf.split %[[P]]
// CHECK: %[[A:.*]] = xf.attention %[[Q]]#0 keys(%[[Q]]#1) values(%[[Q]]#2) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NOT: xf.reshape
// CHECK: %[[O:.*]] = xf.linear %[[A]], %{{.*}} bias %
// CHECK: %[[R:.*]] = xf.add %[[O]], %[[H]]
// CHECK: %[[M:.*]] = xf.layer_norm %[[R]], %{{.*}} bias %{{.*}} eps =
// CHECK: %[[F:.*]] = xf.linear %[[M]], %{{.*}} bias %
// CHECK: %[[G:.*]] = xf.activation gelu_tanh %[[F]]
// CHECK: %[[D:.*]] = xf.linear %[[G]], %{{.*}} bias %
// CHECK: %[[S:.*]] = xf.add %[[R]], %[[D]]
// CHECK: xf.yield %[[S]]
// CHECK: xf.layer_norm
// CHECK-NEXT: %[[Y:.*]] = xf.linear
// CHECK-NEXT: return %[[Y]]
module @gpt2 {
  xf.weight @wte : tensor<40x64xf32>
  xf.weight @h.0.ln_1.weight : tensor<64xf32>
  xf.weight @h.0.ln_1.bias : tensor<64xf32>
  xf.weight @h.0.attn.c_attn.weight : tensor<64x192xf32>
  xf.weight @h.0.attn.c_attn.bias : tensor<192xf32>
  xf.weight @h.0.attn.c_proj.weight : tensor<64x64xf32>
  xf.weight @h.0.attn.c_proj.bias : tensor<64xf32>
  xf.weight @h.0.ln_2.weight : tensor<64xf32>
  xf.weight @h.0.ln_2.bias : tensor<64xf32>
  xf.weight @h.0.mlp.c_fc.weight : tensor<64x128xf32>
  xf.weight @h.0.mlp.c_fc.bias : tensor<128xf32>
  xf.weight @h.0.mlp.c_proj.weight : tensor<128x64xf32>
  xf.weight @h.0.mlp.c_proj.bias : tensor<64xf32>
  xf.weight @h.1.ln_1.weight : tensor<64xf32>
  xf.weight @h.1.ln_1.bias : tensor<64xf32>
  xf.weight @h.1.attn.c_attn.weight : tensor<64x192xf32>
  xf.weight @h.1.attn.c_attn.bias : tensor<192xf32>
  xf.weight @h.1.attn.c_proj.weight : tensor<64x64xf32>
  xf.weight @h.1.attn.c_proj.bias : tensor<64xf32>
  xf.weight @h.1.ln_2.weight : tensor<64xf32>
  xf.weight @h.1.ln_2.bias : tensor<64xf32>
  xf.weight @h.1.mlp.c_fc.weight : tensor<64x128xf32>
  xf.weight @h.1.mlp.c_fc.bias : tensor<128xf32>
  xf.weight @h.1.mlp.c_proj.weight : tensor<128x64xf32>
  xf.weight @h.1.mlp.c_proj.bias : tensor<64xf32>
  xf.weight @h.2.ln_1.weight : tensor<64xf32>
  xf.weight @h.2.ln_1.bias : tensor<64xf32>
  xf.weight @h.2.attn.c_attn.weight : tensor<64x192xf32>
  xf.weight @h.2.attn.c_attn.bias : tensor<192xf32>
  xf.weight @h.2.attn.c_proj.weight : tensor<64x64xf32>
  xf.weight @h.2.attn.c_proj.bias : tensor<64xf32>
  xf.weight @h.2.ln_2.weight : tensor<64xf32>
  xf.weight @h.2.ln_2.bias : tensor<64xf32>
  xf.weight @h.2.mlp.c_fc.weight : tensor<64x128xf32>
  xf.weight @h.2.mlp.c_fc.bias : tensor<128xf32>
  xf.weight @h.2.mlp.c_proj.weight : tensor<128x64xf32>
  xf.weight @h.2.mlp.c_proj.bias : tensor<64xf32>
  xf.weight @ln_f.weight : tensor<64xf32>
  xf.weight @ln_f.bias : tensor<64xf32>
  func.func @forward(%tokens: tensor<?x?xi32>) -> tensor<?x?x40xf32> {
    %two = arith.constant dense<2.0> : tensor<f32>
    %three = arith.constant dense<3.0> : tensor<f32>
    %one = arith.constant dense<1.0> : tensor<f32>
    %half = arith.constant dense<0.5> : tensor<f32>
    %c = arith.constant dense<0.044715> : tensor<f32>
    %r = arith.constant dense<0.797884583> : tensor<f32>
    %eps = arith.constant dense<2.0e-5> : tensor<f32>
    %sixteen = arith.constant dense<16.0> : tensor<f32>
    %root = xf.unary sqrt %sixteen : (tensor<f32>) -> tensor<f32>
    %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
    %i = xf.iota : () -> tensor<32xi32>
    %row = xf.reshape %i [1, 1, 32, 1] : (tensor<32xi32>) -> tensor<1x1x32x1xi32>
    %buffer = xf.compare le %i, %row : (tensor<32xi32>, tensor<1x1x32x1xi32>) -> tensor<1x1x32x32xi1>
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %sequence = xf.dim %tokens axis = 1 : (tensor<?x?xi32>) -> index
    %none = arith.subi %sequence, %sequence : index
    %wte = xf.load_weight @wte : tensor<40x64xf32>
    %1 = xf.gather %wte, %tokens axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %2 = xf.reduce mean %1 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %3 = xf.elementwise sub %1, %2 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %4 = xf.elementwise pow %3, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %5 = xf.reduce mean %4 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %6 = xf.elementwise add %5, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %7 = xf.unary sqrt %6 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %8 = xf.elementwise div %3, %7 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_0_ln_1_weight = xf.load_weight @h.0.ln_1.weight : tensor<64xf32>
    %9 = xf.elementwise mul %8, %h_0_ln_1_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_0_ln_1_bias = xf.load_weight @h.0.ln_1.bias : tensor<64xf32>
    %10 = xf.elementwise add %9, %h_0_ln_1_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %11 = xf.reshape %10 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_0_attn_c_attn_weight = xf.load_weight @h.0.attn.c_attn.weight : tensor<64x192xf32>
    %12 = xf.matmul %11, %h_0_attn_c_attn_weight : (tensor<?x64xf32>, tensor<64x192xf32>) -> tensor<?x192xf32>
    %h_0_attn_c_attn_bias = xf.load_weight @h.0.attn.c_attn.bias : tensor<192xf32>
    %13 = xf.elementwise add %12, %h_0_attn_c_attn_bias : (tensor<?x192xf32>, tensor<192xf32>) -> tensor<?x192xf32>
    %14 = xf.reshape %13 [%batch, %sequence, 192] : (tensor<?x192xf32>, index, index) -> tensor<?x?x192xf32>
    %15 = xf.slice %14 axis = 2 [0, 64] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %16 = xf.reshape %15 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %17 = xf.transpose %16 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %18 = xf.slice %14 axis = 2 [64, 128] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %19 = xf.reshape %18 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %20 = xf.transpose %19 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
    %21 = xf.slice %14 axis = 2 [128, 192] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %22 = xf.reshape %21 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %23 = xf.transpose %22 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %24 = xf.matmul %17, %20 : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
    %25 = xf.elementwise div %24, %root : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %26 = xf.slice %buffer axis = 2 [%none, %sequence] : (tensor<1x1x32x32xi1>, index, index) -> tensor<1x1x?x32xi1>
    %27 = xf.slice %26 axis = 3 [0, %sequence] : (tensor<1x1x?x32xi1>, index) -> tensor<1x1x?x?xi1>
    %28 = xf.select %27, %25, %low : (tensor<1x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %29 = xf.softmax %28 axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
    %30 = xf.matmul %29, %23 : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
    %31 = xf.transpose %30 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
    %32 = xf.reshape %31 [%batch, %sequence, 64] : (tensor<?x?x4x16xf32>, index, index) -> tensor<?x?x64xf32>
    %33 = xf.reshape %32 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_0_attn_c_proj_weight = xf.load_weight @h.0.attn.c_proj.weight : tensor<64x64xf32>
    %34 = xf.matmul %33, %h_0_attn_c_proj_weight : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    %h_0_attn_c_proj_bias = xf.load_weight @h.0.attn.c_proj.bias : tensor<64xf32>
    %35 = xf.elementwise add %34, %h_0_attn_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %36 = xf.reshape %35 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %37 = xf.elementwise add %36, %1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %38 = xf.reduce mean %37 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %39 = xf.elementwise sub %37, %38 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %40 = xf.elementwise pow %39, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %41 = xf.reduce mean %40 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %42 = xf.elementwise add %41, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %43 = xf.unary sqrt %42 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %44 = xf.elementwise div %39, %43 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_0_ln_2_weight = xf.load_weight @h.0.ln_2.weight : tensor<64xf32>
    %45 = xf.elementwise mul %44, %h_0_ln_2_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_0_ln_2_bias = xf.load_weight @h.0.ln_2.bias : tensor<64xf32>
    %46 = xf.elementwise add %45, %h_0_ln_2_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %47 = xf.reshape %46 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_0_mlp_c_fc_weight = xf.load_weight @h.0.mlp.c_fc.weight : tensor<64x128xf32>
    %48 = xf.matmul %47, %h_0_mlp_c_fc_weight : (tensor<?x64xf32>, tensor<64x128xf32>) -> tensor<?x128xf32>
    %h_0_mlp_c_fc_bias = xf.load_weight @h.0.mlp.c_fc.bias : tensor<128xf32>
    %49 = xf.elementwise add %48, %h_0_mlp_c_fc_bias : (tensor<?x128xf32>, tensor<128xf32>) -> tensor<?x128xf32>
    %50 = xf.reshape %49 [%batch, %sequence, 128] : (tensor<?x128xf32>, index, index) -> tensor<?x?x128xf32>
    %51 = xf.elementwise mul %50, %half : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %52 = xf.elementwise pow %50, %three : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %53 = xf.elementwise mul %52, %c : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %54 = xf.elementwise add %50, %53 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %55 = xf.elementwise mul %54, %r : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %56 = xf.unary tanh %55 : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %57 = xf.elementwise add %56, %one : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %58 = xf.elementwise mul %51, %57 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %59 = xf.reshape %58 [-1, 128] : (tensor<?x?x128xf32>) -> tensor<?x128xf32>
    %h_0_mlp_c_proj_weight = xf.load_weight @h.0.mlp.c_proj.weight : tensor<128x64xf32>
    %60 = xf.matmul %59, %h_0_mlp_c_proj_weight : (tensor<?x128xf32>, tensor<128x64xf32>) -> tensor<?x64xf32>
    %h_0_mlp_c_proj_bias = xf.load_weight @h.0.mlp.c_proj.bias : tensor<64xf32>
    %61 = xf.elementwise add %60, %h_0_mlp_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %62 = xf.reshape %61 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %63 = xf.elementwise add %37, %62 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %64 = xf.reduce mean %63 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %65 = xf.elementwise sub %63, %64 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %66 = xf.elementwise pow %65, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %67 = xf.reduce mean %66 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %68 = xf.elementwise add %67, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %69 = xf.unary sqrt %68 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %70 = xf.elementwise div %65, %69 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_1_ln_1_weight = xf.load_weight @h.1.ln_1.weight : tensor<64xf32>
    %71 = xf.elementwise mul %70, %h_1_ln_1_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_1_ln_1_bias = xf.load_weight @h.1.ln_1.bias : tensor<64xf32>
    %72 = xf.elementwise add %71, %h_1_ln_1_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %73 = xf.reshape %72 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_1_attn_c_attn_weight = xf.load_weight @h.1.attn.c_attn.weight : tensor<64x192xf32>
    %74 = xf.matmul %73, %h_1_attn_c_attn_weight : (tensor<?x64xf32>, tensor<64x192xf32>) -> tensor<?x192xf32>
    %h_1_attn_c_attn_bias = xf.load_weight @h.1.attn.c_attn.bias : tensor<192xf32>
    %75 = xf.elementwise add %74, %h_1_attn_c_attn_bias : (tensor<?x192xf32>, tensor<192xf32>) -> tensor<?x192xf32>
    %76 = xf.reshape %75 [%batch, %sequence, 192] : (tensor<?x192xf32>, index, index) -> tensor<?x?x192xf32>
    %77 = xf.slice %76 axis = 2 [0, 64] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %78 = xf.reshape %77 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %79 = xf.transpose %78 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %80 = xf.slice %76 axis = 2 [64, 128] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %81 = xf.reshape %80 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %82 = xf.transpose %81 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
    %83 = xf.slice %76 axis = 2 [128, 192] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %84 = xf.reshape %83 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %85 = xf.transpose %84 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %86 = xf.matmul %79, %82 : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
    %87 = xf.elementwise div %86, %root : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %88 = xf.slice %buffer axis = 2 [%none, %sequence] : (tensor<1x1x32x32xi1>, index, index) -> tensor<1x1x?x32xi1>
    %89 = xf.slice %88 axis = 3 [0, %sequence] : (tensor<1x1x?x32xi1>, index) -> tensor<1x1x?x?xi1>
    %90 = xf.select %89, %87, %low : (tensor<1x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %91 = xf.softmax %90 axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
    %92 = xf.matmul %91, %85 : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
    %93 = xf.transpose %92 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
    %94 = xf.reshape %93 [%batch, %sequence, 64] : (tensor<?x?x4x16xf32>, index, index) -> tensor<?x?x64xf32>
    %95 = xf.reshape %94 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_1_attn_c_proj_weight = xf.load_weight @h.1.attn.c_proj.weight : tensor<64x64xf32>
    %96 = xf.matmul %95, %h_1_attn_c_proj_weight : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    %h_1_attn_c_proj_bias = xf.load_weight @h.1.attn.c_proj.bias : tensor<64xf32>
    %97 = xf.elementwise add %96, %h_1_attn_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %98 = xf.reshape %97 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %99 = xf.elementwise add %98, %63 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %100 = xf.reduce mean %99 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %101 = xf.elementwise sub %99, %100 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %102 = xf.elementwise pow %101, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %103 = xf.reduce mean %102 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %104 = xf.elementwise add %103, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %105 = xf.unary sqrt %104 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %106 = xf.elementwise div %101, %105 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_1_ln_2_weight = xf.load_weight @h.1.ln_2.weight : tensor<64xf32>
    %107 = xf.elementwise mul %106, %h_1_ln_2_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_1_ln_2_bias = xf.load_weight @h.1.ln_2.bias : tensor<64xf32>
    %108 = xf.elementwise add %107, %h_1_ln_2_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %109 = xf.reshape %108 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_1_mlp_c_fc_weight = xf.load_weight @h.1.mlp.c_fc.weight : tensor<64x128xf32>
    %110 = xf.matmul %109, %h_1_mlp_c_fc_weight : (tensor<?x64xf32>, tensor<64x128xf32>) -> tensor<?x128xf32>
    %h_1_mlp_c_fc_bias = xf.load_weight @h.1.mlp.c_fc.bias : tensor<128xf32>
    %111 = xf.elementwise add %110, %h_1_mlp_c_fc_bias : (tensor<?x128xf32>, tensor<128xf32>) -> tensor<?x128xf32>
    %112 = xf.reshape %111 [%batch, %sequence, 128] : (tensor<?x128xf32>, index, index) -> tensor<?x?x128xf32>
    %113 = xf.elementwise mul %112, %half : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %114 = xf.elementwise pow %112, %three : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %115 = xf.elementwise mul %114, %c : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %116 = xf.elementwise add %112, %115 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %117 = xf.elementwise mul %116, %r : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %118 = xf.unary tanh %117 : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %119 = xf.elementwise add %118, %one : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %120 = xf.elementwise mul %113, %119 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %121 = xf.reshape %120 [-1, 128] : (tensor<?x?x128xf32>) -> tensor<?x128xf32>
    %h_1_mlp_c_proj_weight = xf.load_weight @h.1.mlp.c_proj.weight : tensor<128x64xf32>
    %122 = xf.matmul %121, %h_1_mlp_c_proj_weight : (tensor<?x128xf32>, tensor<128x64xf32>) -> tensor<?x64xf32>
    %h_1_mlp_c_proj_bias = xf.load_weight @h.1.mlp.c_proj.bias : tensor<64xf32>
    %123 = xf.elementwise add %122, %h_1_mlp_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %124 = xf.reshape %123 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %125 = xf.elementwise add %99, %124 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %126 = xf.reduce mean %125 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %127 = xf.elementwise sub %125, %126 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %128 = xf.elementwise pow %127, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %129 = xf.reduce mean %128 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %130 = xf.elementwise add %129, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %131 = xf.unary sqrt %130 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %132 = xf.elementwise div %127, %131 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_2_ln_1_weight = xf.load_weight @h.2.ln_1.weight : tensor<64xf32>
    %133 = xf.elementwise mul %132, %h_2_ln_1_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_2_ln_1_bias = xf.load_weight @h.2.ln_1.bias : tensor<64xf32>
    %134 = xf.elementwise add %133, %h_2_ln_1_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %135 = xf.reshape %134 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_2_attn_c_attn_weight = xf.load_weight @h.2.attn.c_attn.weight : tensor<64x192xf32>
    %136 = xf.matmul %135, %h_2_attn_c_attn_weight : (tensor<?x64xf32>, tensor<64x192xf32>) -> tensor<?x192xf32>
    %h_2_attn_c_attn_bias = xf.load_weight @h.2.attn.c_attn.bias : tensor<192xf32>
    %137 = xf.elementwise add %136, %h_2_attn_c_attn_bias : (tensor<?x192xf32>, tensor<192xf32>) -> tensor<?x192xf32>
    %138 = xf.reshape %137 [%batch, %sequence, 192] : (tensor<?x192xf32>, index, index) -> tensor<?x?x192xf32>
    %139 = xf.slice %138 axis = 2 [0, 64] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %140 = xf.reshape %139 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %141 = xf.transpose %140 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %142 = xf.slice %138 axis = 2 [64, 128] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %143 = xf.reshape %142 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %144 = xf.transpose %143 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
    %145 = xf.slice %138 axis = 2 [128, 192] : (tensor<?x?x192xf32>) -> tensor<?x?x64xf32>
    %146 = xf.reshape %145 [%batch, %sequence, 4, 16] : (tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x16xf32>
    %147 = xf.transpose %146 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
    %148 = xf.matmul %141, %144 : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
    %149 = xf.elementwise div %148, %root : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %150 = xf.slice %buffer axis = 2 [%none, %sequence] : (tensor<1x1x32x32xi1>, index, index) -> tensor<1x1x?x32xi1>
    %151 = xf.slice %150 axis = 3 [0, %sequence] : (tensor<1x1x?x32xi1>, index) -> tensor<1x1x?x?xi1>
    %152 = xf.select %151, %149, %low : (tensor<1x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
    %153 = xf.softmax %152 axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
    %154 = xf.matmul %153, %147 : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
    %155 = xf.transpose %154 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
    %156 = xf.reshape %155 [%batch, %sequence, 64] : (tensor<?x?x4x16xf32>, index, index) -> tensor<?x?x64xf32>
    %157 = xf.reshape %156 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_2_attn_c_proj_weight = xf.load_weight @h.2.attn.c_proj.weight : tensor<64x64xf32>
    %158 = xf.matmul %157, %h_2_attn_c_proj_weight : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    %h_2_attn_c_proj_bias = xf.load_weight @h.2.attn.c_proj.bias : tensor<64xf32>
    %159 = xf.elementwise add %158, %h_2_attn_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %160 = xf.reshape %159 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %161 = xf.elementwise add %160, %125 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %162 = xf.reduce mean %161 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %163 = xf.elementwise sub %161, %162 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %164 = xf.elementwise pow %163, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %165 = xf.reduce mean %164 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %166 = xf.elementwise add %165, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %167 = xf.unary sqrt %166 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %168 = xf.elementwise div %163, %167 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %h_2_ln_2_weight = xf.load_weight @h.2.ln_2.weight : tensor<64xf32>
    %169 = xf.elementwise mul %168, %h_2_ln_2_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h_2_ln_2_bias = xf.load_weight @h.2.ln_2.bias : tensor<64xf32>
    %170 = xf.elementwise add %169, %h_2_ln_2_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %171 = xf.reshape %170 [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %h_2_mlp_c_fc_weight = xf.load_weight @h.2.mlp.c_fc.weight : tensor<64x128xf32>
    %172 = xf.matmul %171, %h_2_mlp_c_fc_weight : (tensor<?x64xf32>, tensor<64x128xf32>) -> tensor<?x128xf32>
    %h_2_mlp_c_fc_bias = xf.load_weight @h.2.mlp.c_fc.bias : tensor<128xf32>
    %173 = xf.elementwise add %172, %h_2_mlp_c_fc_bias : (tensor<?x128xf32>, tensor<128xf32>) -> tensor<?x128xf32>
    %174 = xf.reshape %173 [%batch, %sequence, 128] : (tensor<?x128xf32>, index, index) -> tensor<?x?x128xf32>
    %175 = xf.elementwise mul %174, %half : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %176 = xf.elementwise pow %174, %three : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %177 = xf.elementwise mul %176, %c : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %178 = xf.elementwise add %174, %177 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %179 = xf.elementwise mul %178, %r : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %180 = xf.unary tanh %179 : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %181 = xf.elementwise add %180, %one : (tensor<?x?x128xf32>, tensor<f32>) -> tensor<?x?x128xf32>
    %182 = xf.elementwise mul %175, %181 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %183 = xf.reshape %182 [-1, 128] : (tensor<?x?x128xf32>) -> tensor<?x128xf32>
    %h_2_mlp_c_proj_weight = xf.load_weight @h.2.mlp.c_proj.weight : tensor<128x64xf32>
    %184 = xf.matmul %183, %h_2_mlp_c_proj_weight : (tensor<?x128xf32>, tensor<128x64xf32>) -> tensor<?x64xf32>
    %h_2_mlp_c_proj_bias = xf.load_weight @h.2.mlp.c_proj.bias : tensor<64xf32>
    %185 = xf.elementwise add %184, %h_2_mlp_c_proj_bias : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %186 = xf.reshape %185 [%batch, %sequence, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
    %187 = xf.elementwise add %161, %186 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %188 = xf.reduce mean %187 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %189 = xf.elementwise sub %187, %188 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %190 = xf.elementwise pow %189, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
    %191 = xf.reduce mean %190 axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
    %192 = xf.elementwise add %191, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
    %193 = xf.unary sqrt %192 : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
    %194 = xf.elementwise div %189, %193 : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
    %ln_f_weight = xf.load_weight @ln_f.weight : tensor<64xf32>
    %195 = xf.elementwise mul %194, %ln_f_weight : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %ln_f_bias = xf.load_weight @ln_f.bias : tensor<64xf32>
    %196 = xf.elementwise add %195, %ln_f_bias : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %197 = xf.transpose %wte [1, 0] : (tensor<40x64xf32>) -> tensor<64x40xf32>
    %198 = xf.matmul %196, %197 : (tensor<?x?x64xf32>, tensor<64x40xf32>) -> tensor<?x?x40xf32>
    return %198 : tensor<?x?x40xf32>
  }
}
