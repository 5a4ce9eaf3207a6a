// Ops whose operands must fit one another, or that take what no seed makes, with what makes it; and options that no example has.
//
// RUN: ph-opt %s -split-input-file --xf-flash-attention="tile-queries=4 tile-keys=8" --convert-transformer-to-linalg --verify-values=2 \
// RUN:   --verify-sizes=1x1,2x3,3x9 --verify-reproducer= -o %t.mlir 2>%t.txt
// RUN: FileCheck %s --input-file=%t.txt --implicit-check-not="not compared:"
// CHECK: , 0 differences
// RUN: FileCheck %s --input-file=%t.mlir --check-prefix=LOWERED --implicit-check-not="= xf."
// LOWERED: func.func @numbers

func.func @numbers(%x: tensor<?x?xi32>) -> (tensor<?xi32>, tensor<?xf32>, tensor<?x?xi32>) {
  %n = xf.dim %x axis = 1 : (tensor<?x?xi32>) -> index
  %a = xf.iota %n : (index) -> tensor<?xi32>
  %b = xf.iota %n : (index) -> tensor<?xf32>
  %s = xf.scalar %n : (index) -> tensor<i32>
  %y = xf.elementwise add %x, %s : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  return %a, %b, %y : tensor<?xi32>, tensor<?xf32>, tensor<?x?xi32>
}

// -----

// Rows sorted by expert, and back.
func.func @grouped(%x: tensor<?x?x8xf32>, %chosen: tensor<?x?x2xi32>, %weights: tensor<?x?x2xf32>, %w: tensor<5x96x8xf32>, %b: tensor<5x96xf32>)
    -> tensor<?x?x96xf32> {
  %order, %offsets = xf.sort_by_expert %chosen experts = 5 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<6xi32>)
  %offset = tensor.cast %offsets : tensor<6xi32> to tensor<?xi32>
  %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %y = xf.grouped_linear %rows, %w, %offset bias %b : (tensor<?x8xf32>, tensor<5x96x8xf32>, tensor<?xi32>, tensor<5x96xf32>) -> tensor<?x96xf32>
  %sum = xf.scatter_combine %y, %order, %weights : (tensor<?x96xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x96xf32>
  return %sum : tensor<?x?x96xf32>
}

// -----

// What is read of a cache whole: positions beyond those that are there are zero here.
func.func @whole_cache(%c: !xf.cache<2 x 2 x 4, f32>, %k: tensor<?x?x8xf32>, %past: tensor<?xi32>, %positions: tensor<?x?xi32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, !xf.cache<2 x 2 x 4, f32>) {
  %layer = arith.constant 1 : index
  %new = xf.cache_append %c[%layer], %k, %k, %past rope(%positions, #xf.rope<dim = 2, base = 1.0e4, style = interleaved>)
    : (!xf.cache<2 x 2 x 4, f32>, index, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 2 x 4, f32>
  %keys = xf.cache_keys %new[%layer] : (!xf.cache<2 x 2 x 4, f32>, index) -> tensor<?x?x8xf32>
  %values = xf.cache_values %new[%layer] : (!xf.cache<2 x 2 x 4, f32>, index) -> tensor<?x?x8xf32>
  %a = xf.reduce sum %keys axes = [1] : (tensor<?x?x8xf32>) -> tensor<?x8xf32>
  %b = xf.reduce sum %values axes = [1] : (tensor<?x?x8xf32>) -> tensor<?x8xf32>
  return %a, %b, %new : tensor<?x8xf32>, tensor<?x8xf32>, !xf.cache<2 x 2 x 4, f32>
}

// -----

// A cache of f16 in a loop over layers, whose tiles are converted as they are read.
func.func @layers(%x: tensor<?x?x8xf32>, %past: tensor<?xi32>, %c: !xf.cache<3 x 1 x 4, f16>) -> (tensor<?x?x8xf32>, !xf.cache<3 x 1 x 4, f16>) {
  %y, %new = xf.repeat %layer = 3 iter(%h = %x, %b = %c) : tensor<?x?x8xf32>, !xf.cache<3 x 1 x 4, f16> {
    %k, %v = xf.split %h : (tensor<?x?x8xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>)
    %d = xf.cache_append %b[%layer], %k, %v, %past
      : (!xf.cache<3 x 1 x 4, f16>, index, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?xi32>) -> !xf.cache<3 x 1 x 4, f16>
    %a = xf.attention %h cache(%d[%layer], %past) heads = 2 scale = 0.5 mask = causal
      : (tensor<?x?x8xf32>, !xf.cache<3 x 1 x 4, f16>, index, tensor<?xi32>) -> tensor<?x?x8xf32>
    xf.yield %a, %d : tensor<?x?x8xf32>, !xf.cache<3 x 1 x 4, f16>
  }
  return %y, %new : tensor<?x?x8xf32>, !xf.cache<3 x 1 x 4, f16>
}

// -----

// A call passes a cache on.
func.func private @inner(%c: !xf.cache<1 x 1 x 4, f32>, %k: tensor<?x?x4xf32>, %past: tensor<?xi32>) -> !xf.cache<1 x 1 x 4, f32> {
  %layer = arith.constant 0 : index
  %new = xf.cache_append %c[%layer], %k, %k, %past
    : (!xf.cache<1 x 1 x 4, f32>, index, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?xi32>) -> !xf.cache<1 x 1 x 4, f32>
  return %new : !xf.cache<1 x 1 x 4, f32>
}
func.func @calls(%k: tensor<?x?x4xf32>, %c: !xf.cache<1 x 1 x 4, f32>, %past: tensor<?xi32>) -> (!xf.cache<1 x 1 x 4, f32>, tensor<?xi32>) {
  %new = call @inner(%c, %k, %past) : (!xf.cache<1 x 1 x 4, f32>, tensor<?x?x4xf32>, tensor<?xi32>) -> !xf.cache<1 x 1 x 4, f32>
  return %new, %past : !xf.cache<1 x 1 x 4, f32>, tensor<?xi32>
}

// -----

// Angles that depend on the length, below and beyond the original context, of a whole and in the tiles of attention.
func.func @lengths(%x: tensor<?x?x16xf32>, %positions: tensor<?x?xi32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) {
  %shift = arith.constant dense<6> : tensor<i32>
  %later = xf.elementwise add %positions, %shift : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %a = xf.rope %x, %later rope = #xf.rope<dim = 8, base = 1.0e4, style = half, scaling = dynamic, factor = 2.0, original = 5> heads = 2
    : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %b = xf.rope %a, %positions rope = #xf.rope<dim = 4, base = 1.0e4, style = interleaved, scaling = longrope, factor = 2.0, original = 2,
                                              short_factor = [1.0, 2.0], long_factor = [3.0, 4.0]> heads = 2
    : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %c = xf.attention %x keys(%x) values(%x) rope(%later, #xf.rope<dim = 8, base = 1.0e4, style = half, scaling = dynamic, factor = 2.0, original = 5>)
    heads = 2 scale = 0.5 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  return %a, %b, %c : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
}

// -----

// Rotated tiles of queries and keys have tables of the whole.
func.func @rotated(%x: tensor<?x?x16xf32>, %positions: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %x keys(%x) values(%x) rope(%positions, #xf.rope<dim = 6, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 64>)
    heads = 2 scale = 0.5 mask = none window = 3
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// -----

// A weight in a storage format, of norms for each head and for each element.
func.func @norms(%x: tensor<?x?x32xf32>, %w: tensor<32xf32, #xf.format<q8_0>>, %b: tensor<8xf32>, %h: tensor<8xf32>)
    -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %y = xf.layer_norm %x, %w bias %b eps = 1.0e-5 heads = 4
    : (tensor<?x?x32xf32>, tensor<32xf32, #xf.format<q8_0>>, tensor<8xf32>) -> tensor<?x?x32xf32>
  %sum, %norm = xf.add_rms_norm %x, %y, %h eps = 1.0e-6 offset = 1.0 heads = 4
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<8xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  return %y, %sum, %norm : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// -----

// Every way to draw.
func.func @drawn(%z: tensor<?x40xf32>, %u: tensor<?xf32>, %recent: tensor<?x?xi32>) -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) {
  %a = xf.sample %z, %u temperature = 0.8 : (tensor<?x40xf32>, tensor<?xf32>) -> tensor<?xi32>
  %b = xf.sample %z, %u top_p = 0.6 min_p = 0.1 : (tensor<?x40xf32>, tensor<?xf32>) -> tensor<?xi32>
  %c = xf.sample %z, %u temperature = 1.5 top_k = 50 : (tensor<?x40xf32>, tensor<?xf32>) -> tensor<?xi32>
  %d = xf.sample %z, %u recent(%recent) temperature = 0.0 repeat_penalty = 3.0 : (tensor<?x40xf32>, tensor<?xf32>, tensor<?x?xi32>) -> tensor<?xi32>
  %e = xf.sample %z, %u recent(%recent) min_p = 0.2 repeat_penalty = 1.3 : (tensor<?x40xf32>, tensor<?xf32>, tensor<?x?xi32>) -> tensor<?xi32>
  return %a, %b, %c, %d, %e : tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>
}

// -----

// Routers, with more groups than two and a bias that chooses others.
func.func @routed(%z: tensor<?x?x12xf32>, %b: tensor<12xf32>) -> (tensor<?x?x3xf32>, tensor<?x?x3xi32>, tensor<?x?x4xf32>, tensor<?x?x4xi32>) {
  %w, %e = xf.router softmax %z bias %b top_k = 3 after_top_k : (tensor<?x?x12xf32>, tensor<12xf32>) -> (tensor<?x?x3xf32>, tensor<?x?x3xi32>)
  %v, %f = xf.router sigmoid %z bias %b top_k = 4 groups = 4 group_top_k = 2 normalize scale = 2.5
    : (tensor<?x?x12xf32>, tensor<12xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xi32>)
  return %w, %e, %v, %f : tensor<?x?x3xf32>, tensor<?x?x3xi32>, tensor<?x?x4xf32>, tensor<?x?x4xi32>
}

// -----

// Shapes: dimensions that come, go, are computed, and are broadcast only at run time.
func.func @shapes(%x: tensor<?x?x12xf32>, %y: tensor<?x?xf32>) -> (tensor<?x4x?x3xf32>, tensor<?x12xf32>, tensor<?x?xf32>, tensor<1x?x1x?x12xf32>, tensor<?x?x5xf32>, tensor<?xf32>) {
  %a = xf.reshape %x [0, 0, 4, -1] : (tensor<?x?x12xf32>) -> tensor<?x?x4x3xf32>
  %t = xf.transpose %a [0, 2, 1, 3] : (tensor<?x?x4x3xf32>) -> tensor<?x4x?x3xf32>
  %b = xf.reshape %x [-1, 12] : (tensor<?x?x12xf32>) -> tensor<?x12xf32>
  %m = xf.reduce max %y axes = [0] keepdims : (tensor<?x?xf32>) -> tensor<1x?xf32>
  %n = tensor.cast %m : tensor<1x?xf32> to tensor<?x?xf32>
  %c = xf.elementwise sub %y, %n : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %batch = xf.dim %x axis = 0 : (tensor<?x?x12xf32>) -> index
  %sequence = xf.dim %x axis = 1 : (tensor<?x?x12xf32>) -> index
  %d = xf.reshape %b [1, %batch, 1, %sequence, 12] : (tensor<?x12xf32>, index, index) -> tensor<1x?x1x?x12xf32>
  %e = xf.slice %x axis = 2 [-11, 10] step = 2 : (tensor<?x?x12xf32>) -> tensor<?x?x5xf32>
  %flat = xf.reshape %x [-1] : (tensor<?x?x12xf32>) -> tensor<?xf32>
  %f = xf.slice %flat axis = 0 [%sequence, -2] : (tensor<?xf32>, index) -> tensor<?xf32>
  return %t, %b, %c, %d, %e, %f : tensor<?x4x?x3xf32>, tensor<?x12xf32>, tensor<?x?xf32>, tensor<1x?x1x?x12xf32>, tensor<?x?x5xf32>, tensor<?xf32>
}

// -----

// Parts that are empty.
func.func @empty(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x0xf32>, tensor<?x8xf32>) {
  %p:2 = xf.split %x : (tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x0xf32>)
  %s = xf.slice %x axis = 1 [99, 100] : (tensor<?x8xf32>) -> tensor<?x0xf32>
  %c = xf.concat %x, %s axis = 1 : (tensor<?x8xf32>, tensor<?x0xf32>) -> tensor<?x8xf32>
  return %p#0, %p#1, %c : tensor<?x8xf32>, tensor<?x0xf32>, tensor<?x8xf32>
}

// -----

// Rank 0 and dimensions of 1.
func.func @scalars(%x: tensor<?x8xf32>) -> (tensor<1x1xf32>, tensor<f32>, tensor<?x8x1xf32>, tensor<?x1x8xf32>) {
  %mean = xf.reduce mean %x axes = [0, 1] : (tensor<?x8xf32>) -> tensor<f32>
  %a = xf.reshape %mean [1, 1] : (tensor<f32>) -> tensor<1x1xf32>
  %b = xf.reshape %a [] : (tensor<1x1xf32>) -> tensor<f32>
  %c = xf.reshape %x [0, 8, 1] : (tensor<?x8xf32>) -> tensor<?x8x1xf32>
  %d = xf.reshape %c [0, 1, 8] : (tensor<?x8x1xf32>) -> tensor<?x1x8xf32>
  return %a, %b, %c, %d : tensor<1x1xf32>, tensor<f32>, tensor<?x8x1xf32>, tensor<?x1x8xf32>
}

// -----

// Matrices of which some dimensions are broadcast.
func.func @products(%x: tensor<?x3x?x8xf32>, %y: tensor<8x5xf32>, %z: tensor<1x?x8xf32>) -> (tensor<?x3x?x5xf32>, tensor<?x3x?x?xf32>) {
  %a = xf.matmul %x, %y : (tensor<?x3x?x8xf32>, tensor<8x5xf32>) -> tensor<?x3x?x5xf32>
  %b = xf.matmul %x, %z transpose_b : (tensor<?x3x?x8xf32>, tensor<1x?x8xf32>) -> tensor<?x3x?x?xf32>
  return %a, %b : tensor<?x3x?x5xf32>, tensor<?x3x?x?xf32>
}

// -----

// Rows of padding.
func.func @pooled(%x: tensor<?x?x8xf32>, %valid: tensor<?x?xi32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %a = xf.pool cls %x valid(%valid) : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x8xf32>
  %b = xf.pool last %x valid(%valid) : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x8xf32>
  %c = xf.pool max %x valid(%valid) : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x8xf32>
  %d = xf.pool mean %x valid(%valid) : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x8xf32>
  %e = xf.pool last %x : (tensor<?x?x8xf32>) -> tensor<?x8xf32>
  %f = xf.pool mean %x : (tensor<?x?x8xf32>) -> tensor<?x8xf32>
  return %a, %b, %c, %d, %e, %f : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// What a loop carries changes its size with each iteration, which only the tensors themselves know.
func.func @growing(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = xf.repeat %layer = 3 iter(%h = %x) : tensor<?x8xf32> {
    %z = xf.concat %h, %x axis = 0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
    %w = xf.scale %z by 0.5 : (tensor<?x8xf32>) -> tensor<?x8xf32>
    xf.yield %w : tensor<?x8xf32>
  }
  %f = xf.activation silu %y : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return %f : tensor<?x8xf32>
}

// -----

// Convolutions with groups, steps and padding on one side, and sizes that only run time knows.
func.func @convolved(%x: tensor<?x6x?xf32>, %w: tensor<4x3x3xf32>, %b: tensor<4xf32>, %i: tensor<?x2x7x9xf32>, %k: tensor<6x1x2x3xf32>)
    -> (tensor<?x4x?xf32>, tensor<?x6x3x5xf32>) {
  %y = xf.convolution %x, %w bias %b stride = [2] padding = [2, 1] dilation = [2] groups = 2
    : (tensor<?x6x?xf32>, tensor<4x3x3xf32>, tensor<4xf32>) -> tensor<?x4x?xf32>
  %z = xf.convolution %i, %k stride = [2, 2] padding = [0, 1, 0, 1] groups = 2
    : (tensor<?x2x7x9xf32>, tensor<6x1x2x3xf32>) -> tensor<?x6x3x5xf32>
  return %y, %z : tensor<?x4x?xf32>, tensor<?x6x3x5xf32>
}

// -----

// Labels that don't count.
func.func @loss(%z: tensor<?x?x7xf32>, %labels: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
  %a = xf.cross_entropy %z, %labels ignore_index = 0 smoothing = 0.1 : (tensor<?x?x7xf32>, tensor<?x?xi32>) -> tensor<f32>
  %b = xf.cross_entropy %z, %labels : (tensor<?x?x7xf32>, tensor<?x?xi32>) -> tensor<f32>
  return %a, %b : tensor<f32>, tensor<f32>
}

// -----

// A part of a tensor whose dimension becomes several that only run time knows is copied.
func.func @part(%x: tensor<?x?x12xf32>) -> tensor<?x?x1x4xf32> {
  %batch = xf.dim %x axis = 0 : (tensor<?x?x12xf32>) -> index
  %sequence = xf.dim %x axis = 1 : (tensor<?x?x12xf32>) -> index
  %rows = xf.reshape %x [-1, 12] : (tensor<?x?x12xf32>) -> tensor<?x12xf32>
  %part = xf.slice %rows axis = 1 [4, 8] : (tensor<?x12xf32>) -> tensor<?x4xf32>
  %y = xf.reshape %part [%batch, %sequence, 1, 4] : (tensor<?x4xf32>, index, index) -> tensor<?x?x1x4xf32>
  return %y : tensor<?x?x1x4xf32>
}
