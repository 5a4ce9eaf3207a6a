// RUN: ph-opt %s --xf-recognize-rope --verify-values --remark-policy=all --remarks-filter=xf-recognize-rope 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: @llama3
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half, scaling = llama3, factor = 8.000000e+00, original = 64, low_freq_factor = 1.000000e+00, high_freq_factor = 4.000000e+00> heads = 4
func.func @llama3(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.244384599, 0.013042256, 0.00395284708, 0.00125, 0.000395284708, 0.000125, 3.95284708e-05]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// Cosine and sine are multiplied with 0.1 ln 4 + 1.
// CHECK-LABEL: @yarn
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half, scaling = yarn, factor = 4.000000e+00, original = 64> heads = 4
func.func @yarn(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.237170825, 0.05, 0.00790569415, 0.0025, 0.000790569415, 0.00025, 7.90569415e-05]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %m = arith.constant dense<1.13862944> : tensor<f32>
  %cosm = xf.elementwise mul %cos, %m : (tensor<?x?x16xf32>, tensor<f32>) -> tensor<?x?x16xf32>
  %sinm = xf.elementwise mul %m, %sin : (tensor<f32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cosm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sinm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @yarn_without_a_factor
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half, scaling = yarn, factor = 4.000000e+00, original = 64, attention_factor = 1.000000e+00> heads = 4
func.func @yarn_without_a_factor(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.237170825, 0.05, 0.00790569415, 0.0025, 0.000790569415, 0.00025, 7.90569415e-05]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @longrope
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half, scaling = longrope, factor = 4.000000e+00, original = 64, short_factor = [1.000000e+00, 1.050000e+00, {{.*}}], long_factor = [1.000000e+00, 1.400000e+00, {{.*}}]> heads = 4
func.func @longrope(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %short = arith.constant dense<[1.0, 0.301169301, 0.0909090909, 0.0274980666, 0.00833333333, 0.00252982213, 0.000769230769, 0.00023424279]> : tensor<8xf32>
  %long = arith.constant dense<[1.0, 0.225876976, 0.0555555556, 0.0143739894, 0.00384615385, 0.00105409255, 0.000294117647, 8.32178332e-05]> : tensor<8xf32>
  %one = arith.constant dense<1> : tensor<i32>
  %trained = arith.constant dense<64> : tensor<i32>
  %least = arith.constant -2147483648 : i32
  %none = tensor.empty() : tensor<i32>
  %start = linalg.fill ins(%least : i32) outs(%none : tensor<i32>) -> tensor<i32>
  %b = xf.dim %p axis = 0 : (tensor<?x?xi32>) -> index
  %n = xf.dim %p axis = 1 : (tensor<?x?xi32>) -> index
  %sizes = tensor.empty(%b, %n) : tensor<?x?xi32>
  %most = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>],
                          iterator_types = ["reduction", "reduction"]}
      ins(%sizes : tensor<?x?xi32>) outs(%start : tensor<i32>) {
  ^bb0(%in: i32, %out: i32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %each = tensor.extract %p[%i, %j] : tensor<?x?xi32>
    %larger = arith.maxsi %out, %each : i32
    linalg.yield %larger : i32
  } -> tensor<i32>
  %length = xf.elementwise add %most, %one : (tensor<i32>, tensor<i32>) -> tensor<i32>
  %beyond = xf.compare gt %length, %trained : (tensor<i32>, tensor<i32>) -> tensor<i1>
  %inv = xf.select %beyond, %long, %short : (tensor<i1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %m = arith.constant dense<1.15470052> : tensor<f32>
  %cosm = xf.elementwise mul %cos, %m : (tensor<?x?x16xf32>, tensor<f32>) -> tensor<?x?x16xf32>
  %sinm = xf.elementwise mul %m, %sin : (tensor<f32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cosm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sinm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @unknown
// CHECK-NOT: xf.rope
// REMARK-DAG: remark: [Missed] xf.elementwise {{.*}}the angles are no powers of one base, nor a usual scaling of them
func.func @unknown(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.316227766, 0.07, 0.0284604989, 0.007, 0.00284604989, 0.0007, 0.000284604989]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// The one is longer than the other.
// CHECK-LABEL: @two_factors
// CHECK-NOT: xf.rope
// REMARK-DAG: remark: [Missed] xf.elementwise {{.*}}it is not multiplied with cosine and sine of the same angles
func.func @two_factors(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.237170825, 0.05, 0.00790569415, 0.0025, 0.000790569415, 0.00025, 7.90569415e-05]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %other = arith.constant dense<1.5> : tensor<f32>
  %m = arith.constant dense<1.13862944> : tensor<f32>
  %cosm = xf.elementwise mul %cos, %m : (tensor<?x?x16xf32>, tensor<f32>) -> tensor<?x?x16xf32>
  %sinm = xf.elementwise mul %other, %sin : (tensor<f32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cosm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sinm [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %lo = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hi = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %hn = xf.unary neg %hi : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %turned = xf.concat %hn, %lo axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}
