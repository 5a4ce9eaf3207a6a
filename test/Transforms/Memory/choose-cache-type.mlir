// A budget decides how keys and values are stored.
//
// RUN: ph-opt %s --xf-choose-cache-type="budget=819200 batch=2 context=1600" --remark-policy=all --remarks-filter=xf-choose-cache-type 2>%t.remarks \
// RUN:   | FileCheck %s
// RUN: FileCheck %s --check-prefix=DONE --input-file=%t.remarks
// DONE: remark: [Passed] func.func {{.*}}"its caches are f16: 1638400 bytes become 819200"
//
// What fits stays as it is, to the byte.
// RUN: ph-opt %s --xf-choose-cache-type="budget=1638400 batch=2 context=1600" --remark-policy=all --remarks-filter=xf-choose-cache-type 2>%t.remarks \
// RUN:   | FileCheck %s --check-prefix=FITS
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// FITS-NOT: f16
// REMARK: remark: [Missed] func.func {{.*}}"its caches need 1638400 bytes, which the budget has"
//
// RUN: not ph-opt %s --xf-choose-cache-type="budget=819199 batch=2 context=1600" 2>&1 | FileCheck %s --check-prefix=MORE
// MORE: error: 'func.func' op expects caches of at most 819199 bytes, but they need 819200 even as f16: give xf-choose-cache-type a shorter context, a smaller batch or more
// RUN: not ph-opt %s --xf-choose-cache-type 2>&1 | FileCheck %s --check-prefix=BUDGET
// BUDGET: error: xf-choose-cache-type expects budget=BYTES of at least 1, but got 0
//
// Values change, but by no more than the pass says: 1 % of a Llama's logits, whose root mean square is 1.5.
// RUN: ph-opt %ph_source/test/Reference/llama.mlir --xf-choose-cache-type="budget=5000 context=12" -o %t.llama.mlir
// RUN: ph-opt %t.llama.mlir --run=main --inputs=%ph_source/test/Data/models/llama/expected.safetensors \
// RUN:   --weights=%ph_source/test/Data/models/llama/model.safetensors \
// RUN:   --expect=%ph_source/test/Data/models/llama/expected.safetensors --atol=1.5e-2 --rtol=0 | FileCheck %s --check-prefix=VALUES
// RUN: not ph-opt %t.llama.mlir --run=main --inputs=%ph_source/test/Data/models/llama/expected.safetensors \
// RUN:   --weights=%ph_source/test/Data/models/llama/model.safetensors \
// RUN:   --expect=%ph_source/test/Data/models/llama/expected.safetensors --atol=1e-4 --rtol=0 2>&1 | FileCheck %s --check-prefix=NOT-SAME
// VALUES: logits: largest error
// NOT-SAME: beyond atol
//
// The certificate of memory counts f16.
// RUN: ph-opt %s --xf-choose-cache-type="budget=819200 batch=2 context=1600" --xf-plan-memory="batch=2 context=1600 function=forward" -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PLAN
// PLAN: cache 819200 bytes

// CHECK-LABEL: func.func @forward
// CHECK-SAME: !xf.cache<2 x 2 x 16, f16>) -> (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f16>)
// CHECK: xf.repeat {{.*}} !xf.cache<2 x 2 x 16, f16> {
// CHECK: xf.cache_append {{.*}} -> !xf.cache<2 x 2 x 16, f16>
// CHECK-NOT: 16, f32>
func.func @forward(%x: tensor<?x?x32xf32>, %past: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 16, f32>)
    -> (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>) {
  %y:2 = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32> {
    %d = xf.cache_append %c[%layer], %h, %h, %past
      : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
    %a = xf.attention %h cache(%d[%layer], %past) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
    xf.yield %a, %d : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
  }
  return %y#0, %y#1 : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
}

// CHECK-LABEL: func.func @main
// CHECK: call @forward({{.*}}) : (tensor<?x?x32xf32>, tensor<?xi32>, !xf.cache<2 x 2 x 16, f16>)
func.func @main(%x: tensor<?x?x32xf32>, %cache: !xf.cache<2 x 2 x 16, f32>) -> tensor<?x?x32xf32> {
  %batch = xf.dim %x axis = 0 : (tensor<?x?x32xf32>) -> index
  %zero = arith.constant dense<0> : tensor<1xi32>
  %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
  %y, %new = call @forward(%x, %past, %cache) : (tensor<?x?x32xf32>, tensor<?xi32>, !xf.cache<2 x 2 x 16, f32>)
    -> (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>)
  return %y : tensor<?x?x32xf32>
}
