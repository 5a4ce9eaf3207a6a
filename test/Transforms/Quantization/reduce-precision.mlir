// RUN: ph-opt %s --xf-reduce-precision="type=bf16 allow=linear,add,rms_norm budget=1 function=forward" --remark-policy=all --remarks-filter=xf-reduce-precision 2>%t.remarks | FileCheck %s --check-prefix=ALL
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %s --xf-reduce-precision="type=bf16 allow=linear,add,rms_norm budget=1e-9 function=forward" --remark-policy=all --remarks-filter=xf-reduce-precision 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: ph-opt %s --xf-reduce-precision="type=f16 allow=linear budget=1 function=forward" | FileCheck %s --check-prefix=HALF
//
// Of two products the one whose error counts less is changed, where the budget is for one only.
// RUN: ph-opt %s --xf-reduce-precision="allow=linear budget=2e-4 function=unequal" --remark-policy=all --remarks-filter=xf-reduce-precision 2>%t.one | FileCheck %s --check-prefix=ONE
// RUN: FileCheck %s --check-prefix=BUDGET --input-file=%t.one
//
// What is promised is measured from outside: values stay near, and are not the same.
// RUN: ph-opt %s --run=forward --outputs=%t.f32
// RUN: ph-opt %s --xf-reduce-precision="allow=linear,add,rms_norm budget=1 function=forward" --run=forward --expect=%t.f32 --atol=0.1
// RUN: not ph-opt %s --xf-reduce-precision="allow=linear,add,rms_norm budget=1 function=forward" --run=forward --expect=%t.f32
// RUN: ph-opt %s --xf-reduce-precision="allow=linear,add,rms_norm budget=0 function=forward" --run=forward --expect=%t.f32 --atol=0 --rtol=0
//
// RUN: not ph-opt %s --xf-reduce-precision="allow=matrix" 2>&1 | FileCheck %s --check-prefix=OP
// RUN: not ph-opt %s --xf-reduce-precision="allow=linear type=f8" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not ph-opt %s --xf-reduce-precision="allow=linear budget=-1" 2>&1 | FileCheck %s --check-prefix=LESS
// RUN: not ph-opt %s --xf-reduce-precision="allow=linear function=absent" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: ph-opt %s --xf-reduce-precision="allow=linear function=forward weights=%t.absent" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// OP: error: expects allow=OP,OP… of ops of xf, but got 'matrix'
// TYPE: error: expects type=f16 or type=bf16, but got 'f8'
// LESS: error: expects a budget of 0 or more, but got -1
// ABSENT: error: xf-reduce-precision found no function @absent with a body
// WEIGHTS: warning: xf-reduce-precision can't measure:

xf.weight @n : tensor<64xf32>
xf.weight @up : tensor<2x64x64xf32> stacked
xf.weight @down : tensor<64x64xf32>

// ALL-LABEL: func.func @forward
// HALF-LABEL: func.func @forward
// NONE-DAG: Remark="its error is {{[1-9].*}}, with those before it {{.*}}, beyond the budget of 1.00E-09"
// NONE-DAG: func.func @forward
// NONE-NOT: bf16
func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.load_weight @n : tensor<64xf32>
  // What a loop carries keeps its type; what is between is changed in every iteration.
  // REMARK-DAG: [Missed] xf.add | {{.*}}Remark="its result goes to xf.yield, which doesn't take one of 16 bits"
  // REMARK-DAG: [Passed] xf.rms_norm | {{.*}}stored as bf16, error
  // ALL: xf.rms_norm {{.*}} -> tensor<?x?x64xf32, #xf.format<bf16>>
  // ALL: xf.linear {{.*}} (tensor<?x?x64xf32, #xf.format<bf16>>, tensor<64x64xf32>) -> tensor<?x?x64xf32, #xf.format<bf16>>
  // ALL: xf.add {{.*}} (tensor<?x?x64xf32>, tensor<?x?x64xf32, #xf.format<bf16>>) -> tensor<?x?x64xf32>
  // HALF: xf.linear {{.*}} -> tensor<?x?x64xf32, #xf.format<f16>>
  %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
    %a = xf.rms_norm %h, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu = xf.load_weight @up[%layer] : tensor<64x64xf32>
    %u = xf.linear %a, %wu : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %h, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  // REMARK-DAG: [Missed] xf.linear | {{.*}}Remark="its result goes to func.return, which doesn't take one of 16 bits"
  // REMARK-DAG: [Passed] func.func | {{.*}}2 ops of 2 that could be, error
  // ALL: xf.linear {{.*}} -> tensor<?x?x64xf32>{{$}}
  %wd = xf.load_weight @down : tensor<64x64xf32>
  %z = xf.linear %y, %wd : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  return %z : tensor<?x?x64xf32>
}

// The first product is 1/64 of what the second one is.
// ONE-LABEL: func.func @unequal
// ONE: xf.linear {{.*}} -> tensor<?x?x64xf32, #xf.format<bf16>>
// ONE: xf.linear {{.*}} -> tensor<?x?x64xf32>{{$}}
// BUDGET-DAG: stored as bf16, error {{.*}}E-05
// BUDGET-DAG: Remark="its error is {{.*}}E-03, with those before it {{.*}}E-03, beyond the budget of 2.00E-04"
// BUDGET-DAG: 1 ops of 2 that could be
func.func @unequal(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %wd = xf.load_weight @down : tensor<64x64xf32>
  %c = arith.constant 0 : index
  %wu = xf.load_weight @up[%c] : tensor<64x64xf32>
  %a = xf.linear %x, %wu : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.linear %x, %wd : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %b2 = xf.add %b, %b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b4 = xf.add %b2, %b2 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b8 = xf.add %b4, %b4 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b16 = xf.add %b8, %b8 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b32 = xf.add %b16, %b16 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b64 = xf.add %b32, %b32 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %z = xf.add %b64, %a : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %z : tensor<?x?x64xf32>
}
