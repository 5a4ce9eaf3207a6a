// RUN: ph-opt %s --xf-quantize-weights="format=q4_k match=^(up|down|qkv|small|vector|called|picked|mixed|table)$" --remark-policy=all --remarks-filter=xf-quantize-weights 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %s --xf-quantize-weights="format=q4_k match=table embeddings=true" | FileCheck %s --check-prefix=TABLE
// RUN: ph-opt %s --xf-quantize-weights="format=q8_0 match=absent" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not ph-opt %s --xf-quantize-weights="format=iq2_xs" 2>&1 | FileCheck %s --check-prefix=OPAQUE
// RUN: not ph-opt %s --xf-quantize-weights="format=q9" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not ph-opt %s --xf-quantize-weights="format=q8_0 match=(" 2>&1 | FileCheck %s --check-prefix=REGEX
// RUN: not ph-opt %s --xf-quantize-weights="format=f32" 2>&1 | FileCheck %s --check-prefix=LARGE
// ABSENT: warning: xf-quantize-weights found no weight with a name that has 'absent'
// OPAQUE: expects format=NAME of a format below 32 bits that can be encoded, but got 'iq2_xs'
// UNKNOWN: expects format=NAME of a format below 32 bits that can be encoded, but got 'q9'
// LARGE: expects format=NAME of a format below 32 bits that can be encoded, but got 'f32'
// REGEX: expects match=REGEX, but got '('
//
// The interpreter computes with what the format keeps. The weights come from the seed, and are the same but for that.
// RUN: ph-opt %s --run=forward --outputs=%t.f32
// RUN: ph-opt %s --xf-quantize-weights="format=q8_0" --run=forward --expect=%t.f32 --atol=0.004 --rtol=0
// RUN: not ph-opt %s --xf-quantize-weights="format=q8_0" --run=forward --expect=%t.f32 --atol=1e-4 --rtol=0
// RUN: not ph-opt %s --xf-quantize-weights="format=q4_0" --run=forward --expect=%t.f32 --atol=0.004 --rtol=0
// Joining matrices by rows keeps what encoding makes of each row.
// RUN: ph-opt %s --xf-quantize-weights="format=q4_0" --run=attend --outputs=%t.q4
// RUN: ph-opt %s --xf-quantize-weights="format=q4_0" --xf-fuse-qkv --run=attend --expect=%t.q4
// RUN: ph-opt %s --xf-quantize-weights="format=q4_0" --xf-fuse-qkv | FileCheck %s --check-prefix=JOINED
// JOINED: xf.weight @wqkv : tensor<96x32xf32, #xf.format<q4_0>> sources [{{.*}}] requantized
//
// Artifacts hold weights as the source does.
// RUN: not ph-opt %s --xf-quantize-weights="format=q4_k match=up" --convert-transformer-to-kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=PACKED
// PACKED: error: 'xf.weight' op expects to be stored in its format: packing encodes no weight anew

// TABLE: xf.weight @table : tensor<16x256xf32, #xf.format<q4_k>> requantized
// TABLE: xf.weight @up : tensor<512x256xf32>

// REMARK-DAG: remark: [Missed] xf.weight | Category:xf-quantize-weights | Remark="it is a table that xf.embedding looks up"
// REMARK-DAG: Remark="its 64 columns don't fill blocks of 256"
// REMARK-DAG: Remark="it is a vector"
// REMARK-DAG: Remark="it has the format already"
// REMARK-DAG: Remark="its value goes to func.call, which states its type too"
// REMARK-DAG: Remark="its value goes to xf.gather, which takes none of that format"
// REMARK-DAG: from f32 to q4_k
// REMARK-DAG: from q4_1 to q4_k
// REMARK-DAG: from several formats to q4_k

// CHECK: xf.weight @table : tensor<16x256xf32>{{$}}
xf.weight @table : tensor<16x256xf32>
// CHECK: xf.weight @up : tensor<512x256xf32, #xf.format<q4_k>> requantized
xf.weight @up : tensor<512x256xf32>
// CHECK: xf.weight @down : tensor<2x256x512xf32, #xf.format<q4_k>> stacked sources [#xf.source<"down.{layer}">] requantized
xf.weight @down : tensor<2x256x512xf32, #xf.format<q4_1>> stacked sources [#xf.source<"down.{layer}">]
// CHECK: xf.weight @qkv : tensor<64x256xf32, #xf.format<q4_k>>{{$}}
xf.weight @qkv : tensor<64x256xf32, #xf.format<q4_k>>
// CHECK: xf.weight @mixed : tensor<2x64x256xf32, #xf.format<q4_k>> stacked requantized
xf.weight @mixed : tensor<2x64x256xf32, #xf.format<q6_k>> stacked formats [#xf.format<q4_k>, #xf.format<q6_k>]
// CHECK: xf.weight @small : tensor<256x64xf32>{{$}}
xf.weight @small : tensor<256x64xf32>
// CHECK: xf.weight @vector : tensor<256xf32>{{$}}
xf.weight @vector : tensor<256xf32>
// CHECK: xf.weight @called : tensor<256x256xf32>{{$}}
xf.weight @called : tensor<256x256xf32>
// CHECK: xf.weight @picked : tensor<16x256xf32>{{$}}
xf.weight @picked : tensor<16x256xf32>
// CHECK: xf.weight @other : tensor<256x256xf32>{{$}}
xf.weight @other : tensor<256x256xf32>

xf.weight @wq : tensor<32x32xf32> sources [#xf.source<"q">]
xf.weight @wk : tensor<32x32xf32> sources [#xf.source<"k">]
xf.weight @wv : tensor<32x32xf32> sources [#xf.source<"v">]

func.func private @elsewhere(tensor<256x256xf32>)

// CHECK-LABEL: func.func @forward
func.func @forward(%tokens: tensor<?x?xi32>) -> tensor<?x?x256xf32> {
  %t = xf.load_weight @table : tensor<16x256xf32>
  %x = xf.embedding %tokens, %t : (tensor<?x?xi32>, tensor<16x256xf32>) -> tensor<?x?x256xf32>
  // CHECK: xf.load_weight @up : tensor<512x256xf32, #xf.format<q4_k>>
  // CHECK: xf.linear {{.*}} (tensor<?x?x256xf32>, tensor<512x256xf32, #xf.format<q4_k>>) -> tensor<?x?x512xf32>
  %w = xf.load_weight @up : tensor<512x256xf32>
  %u = xf.linear %x, %w : (tensor<?x?x256xf32>, tensor<512x256xf32>) -> tensor<?x?x512xf32>
  %layer = arith.constant 1 : index
  // CHECK: xf.load_weight @down[{{.*}}] : tensor<256x512xf32, #xf.format<q4_k>>
  %d = xf.load_weight @down[%layer] : tensor<256x512xf32, #xf.format<q4_1>>
  %y = xf.linear %u, %d : (tensor<?x?x512xf32>, tensor<256x512xf32, #xf.format<q4_1>>) -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}

func.func @others() {
  %w = xf.load_weight @called : tensor<256x256xf32>
  call @elsewhere(%w) : (tensor<256x256xf32>) -> ()
  return
}

func.func @pick(%tokens: tensor<?x?xi32>) -> tensor<?x?x256xf32> {
  %w = xf.load_weight @picked : tensor<16x256xf32>
  %y = xf.gather %w, %tokens axis = 0 : (tensor<16x256xf32>, tensor<?x?xi32>) -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}

func.func @attend(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %wq = xf.load_weight @wq : tensor<32x32xf32>
  %wk = xf.load_weight @wk : tensor<32x32xf32>
  %wv = xf.load_weight @wv : tensor<32x32xf32>
  %q = xf.linear %x, %wq : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %k = xf.linear %x, %wk : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %v = xf.linear %x, %wv : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}
