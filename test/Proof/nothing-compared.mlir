// A run of --verify-values that compares nothing where something changed has failed: it proves nothing.
//
// RUN: not ph-opt %s --split-input-file --verify-values --verify-sizes=2x5 --xf-limit-window=window=3 -o %t.mlir 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: not compared: @attention, xf-limit-window{{.*}}: the pass changes what is computed beyond 3 positions (queries see fewer positions)
// NOTHING: 0 comparisons, 0 differences; 0 sizes, 1 functions not compared
// NOTHING-NEXT: error: --verify-values compared nothing, for the reasons above
//
// A window as wide as the context changes nothing, and that is compared.
// RUN: ph-opt %s --split-input-file --verify-values --verify-sizes=2x5 --xf-limit-window=window=5 -o %t.mlir 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: {{[1-9][0-9]*}} comparisons, 0 differences; 1 sizes
//
// Where no pass changes anything, nothing is to be compared.
// RUN: ph-opt %s --split-input-file --verify-values --xf-fuse-qkv -o %t.mlir 2>&1 | FileCheck %s --check-prefix=UNCHANGED
// UNCHANGED: 3 passes, of which 0 changed the IR; {{.*}} 0 comparisons, 0 differences
//
// Public functions stay, with their signatures; private ones may go.
// RUN: not ph-opt %s --split-input-file --verify-values --one-shot-bufferize=bufferize-function-boundaries -o %t.mlir 2>&1 | FileCheck %s --check-prefix=SIGNATURE
// SIGNATURE: error: one-shot-bufferize{{.*}} changes the signature of the public @same, which it does not declare
// RUN: not ph-opt %s --split-input-file --verify-values --convert-func-to-llvm -o %t.mlir 2>&1 | FileCheck %s --check-prefix=REMOVED
// REMOVED: error: convert-func-to-llvm{{.*}} removes the body of the public @integer, which it does not declare
// REMOVED: not compared: @unused, convert-func-to-llvm{{.*}}: the pass removes it

func.func private @unused(%x: i32) -> i32 {
  return %x : i32
}

func.func @integer(%x: i32) -> i32 {
  return %x : i32
}

// -----

func.func @same(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

func.func @attention(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.5 mask = causal : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
