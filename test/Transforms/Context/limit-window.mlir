// RUN: split-file %s %t
// RUN: ph-opt %t/model.mlir --xf-limit-window="window=8 sinks=4" --remark-policy=all --remarks-filter=xf-limit-window 2>%t.remarks | FileCheck %t/model.mlir
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %t/model.mlir --xf-limit-window=window=8 | FileCheck %t/model.mlir --check-prefix=ONLY
// REMARK: a query sees 8 positions and the first 4
// REMARK: a query sees 8 positions and the first 4
// REMARK: it is not causal
// REMARK: its window of 5 is narrower
// REMARK: a query sees 8 positions and the first 4
// REMARK: it keeps the first 2 positions
// REMARK: it is so already
//
// Values: queries of zero give the mean of what they see, of values 1 to 5.
// RUN: ph-opt %t/values.mlir --xf-limit-window="window=2 sinks=1" --run=f | FileCheck %s --check-prefix=SINKS
// RUN: ph-opt %t/values.mlir --xf-limit-window=window=2 --run=f | FileCheck %s --check-prefix=WINDOW
// SINKS: out0: [1, 5, 1] = 1 1.5 2 2.6666{{[67]+}} 3.3333
// WINDOW: out0: [1, 5, 1] = 1 1.5 2.5 3.5 4.5
//
// RUN: not ph-opt %t/model.mlir --xf-limit-window 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not ph-opt %t/model.mlir --xf-limit-window="window=8 sinks=-1" 2>&1 | FileCheck %s --check-prefix=SINK
// RUN: not ph-opt %t/model.mlir --xf-limit-window="window=64" 2>&1 | FileCheck %s --check-prefix=WIDE
// NONE: error: xf-limit-window expects window=… of at least 1, but got 0
// SINK: error: xf-limit-window expects sinks=… of at least 0, but got -1
// WIDE: error: xf-limit-window expects a window below the model's 64 positions, but got 64

//--- model.mlir
module attributes {xf.model = {architecture = "llama", name = "tiny", vocabulary = 32, context_length = 64, layers = 1}} {
  // CHECK-LABEL: func.func @causal
  // CHECK: xf.attention {{.*}} mask = causal window = 8 keep = 4 :
  // CHECK: xf.attention_backward {{.*}} mask = causal window = 8 keep = 4 :
  // ONLY-LABEL: func.func @causal
  // ONLY: xf.attention {{.*}} mask = causal window = 8 :
  func.func @causal(%q: tensor<?x?x32xf32>, %dy: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
    %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %dq, %dk, %dv = xf.attention_backward %q, %q, %q, %dy heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
    return %a, %dq : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  }

  // CHECK-LABEL: func.func @encoder
  // CHECK: xf.attention {{.*}} mask = none :
  func.func @encoder(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }

  // CHECK-LABEL: func.func @windows
  // CHECK: xf.attention {{.*}} window = 5 :
  // CHECK: xf.attention {{.*}} window = 8 keep = 4 :
  // CHECK: xf.attention {{.*}} window = 16 keep = 2 :
  // CHECK: xf.attention {{.*}} window = 8 keep = 4 :
  func.func @windows(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal window = 5 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %b = xf.attention %a keys(%a) values(%a) heads = 2 scale = 0.25 mask = causal window = 16 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %c = xf.attention %b keys(%b) values(%b) heads = 2 scale = 0.25 mask = causal window = 16 keep = 2 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %d = xf.attention %c keys(%c) values(%c) heads = 2 scale = 0.25 mask = causal window = 8 keep = 4 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %d : tensor<?x?x32xf32>
  }
}

//--- values.mlir
func.func @f() -> tensor<1x5x1xf32> {
  %q = arith.constant dense<0.0> : tensor<1x5x1xf32>
  %v = arith.constant dense<[[[1.0], [2.0], [3.0], [4.0], [5.0]]]> : tensor<1x5x1xf32>
  %y = xf.attention %q keys(%q) values(%v) heads = 1 scale = 1.0 mask = causal
    : (tensor<1x5x1xf32>, tensor<1x5x1xf32>, tensor<1x5x1xf32>) -> tensor<1x5x1xf32>
  return %y : tensor<1x5x1xf32>
}
