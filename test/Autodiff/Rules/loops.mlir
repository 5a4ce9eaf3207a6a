// Loops, reversed as loops.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

// A stack by layer, and a norm that all layers share.
func.func @layers(%x: tensor<?x?x4xf32>, %w: tensor<3x4x4xf32>, %n: tensor<4xf32>) -> tensor<?x?x4xf32> {
  %y = xf.repeat %l = 3 iter(%h = %x) : tensor<?x?x4xf32> {
    %wl = xf.stack_read %w[%l] : tensor<3x4x4xf32> -> tensor<4x4xf32>
    %a = xf.rms_norm %h, %n eps = 1.0e-5 : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
    %b = xf.linear %a, %wl activation = silu : (tensor<?x?x4xf32>, tensor<4x4xf32>) -> tensor<?x?x4xf32>
    %d = xf.add %b, %h : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    xf.yield %d : tensor<?x?x4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// The stack has more layers than the loop reads, each twice, and is read before and after it too.
func.func @stack_elsewhere(%x: tensor<2x4xf32>, %w: tensor<4x4x4xf32>) -> (tensor<2x4xf32>, tensor<4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w0 = xf.stack_read %w[%c0] : tensor<4x4x4xf32> -> tensor<4x4xf32>
  %first = xf.linear %x, %w0 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %y = xf.repeat %l = 3 iter(%h = %first) : tensor<2x4xf32> {
    %wl = xf.stack_read %w[%l] : tensor<4x4x4xf32> -> tensor<4x4xf32>
    %again = xf.stack_read %w[%l] : tensor<4x4x4xf32> -> tensor<4x4xf32>
    %a = xf.linear %h, %wl activation = tanh : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %b = xf.linear %a, %again : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    xf.yield %b : tensor<2x4xf32>
  }
  %w1 = xf.stack_read %w[%c1] : tensor<4x4x4xf32> -> tensor<4x4xf32>
  %last = xf.linear %y, %w1 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return %last, %w1 : tensor<2x4xf32>, tensor<4x4xf32>
}

// Layers are read in another order than that of the loop, and as a whole.
func.func @other_layers(%x: tensor<4xf32>, %w: tensor<3x4xf32>) -> tensor<4xf32> {
  %c2 = arith.constant 2 : index
  %y = xf.repeat %l = 3 iter(%h = %x) : tensor<4xf32> {
    %from = arith.subi %c2, %l : index
    %a = xf.stack_read %w[%from] : tensor<3x4xf32> -> tensor<4xf32>
    %b = xf.elementwise mul %a, %h : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %s = xf.reduce sum %w axes = [0] : (tensor<3x4xf32>) -> tensor<4xf32>
    %d = xf.elementwise add %b, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    xf.yield %d : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// Values that change places; one that starts as a constant; one that is carried on unchanged; one that nothing uses; and
// not all results are used.
func.func @places(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %c = arith.constant dense<0.5> : tensor<4xf32>
  %y:5 = xf.repeat %l = 4 iter(%a = %x, %b = %c, %d = %c, %e = %x, %same = %z) : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> {
    %p = xf.elementwise mul %a, %same : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %q = xf.unary tanh %d : (tensor<4xf32>) -> tensor<4xf32>
    %o = xf.unary exp %p : (tensor<4xf32>) -> tensor<4xf32>
    xf.yield %b, %p, %q, %o, %same : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  %r = xf.elementwise add %y#0, %y#2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r, %y#3 : tensor<4xf32>, tensor<4xf32>
}

// A loop in a loop, which uses a value of the outer one's iteration and one from outside of both.
func.func @nested(%x: tensor<4xf32>, %w: tensor<2x3x4xf32>, %f: tensor<4xf32>) -> tensor<4xf32> {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<4xf32> {
    %wl = xf.stack_read %w[%l] : tensor<2x3x4xf32> -> tensor<3x4xf32>
    %t = xf.unary tanh %h : (tensor<4xf32>) -> tensor<4xf32>
    %z = xf.repeat %k = 3 iter(%g = %t) : tensor<4xf32> {
      %wk = xf.stack_read %wl[%k] : tensor<3x4xf32> -> tensor<4xf32>
      %a = xf.elementwise mul %g, %wk : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %b = xf.elementwise add %a, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %d = xf.elementwise mul %b, %f : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      xf.yield %d : tensor<4xf32>
    }
    xf.yield %z : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// What is carried meets what is outside, of the same dynamic sizes.
func.func @outside(%x: tensor<?x?x4xf32>, %m: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %e = xf.unary tanh %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %y = xf.repeat %l = 2 iter(%h = %e) : tensor<?x?x4xf32> {
    %a = xf.elementwise mul %h, %m : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    %b = xf.elementwise add %a, %e : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    xf.yield %b : tensor<?x?x4xf32>
  }
  %z = xf.elementwise mul %y, %x : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %z : tensor<?x?x4xf32>
}

// Two loops, one after the other, over one stack.
func.func @twice(%x: tensor<4xf32>, %w: tensor<2x4xf32>) -> tensor<4xf32> {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<4xf32> {
    %a = xf.stack_read %w[%l] : tensor<2x4xf32> -> tensor<4xf32>
    %b = xf.elementwise mul %h, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    xf.yield %b : tensor<4xf32>
  }
  %z = xf.repeat %l = 2 iter(%h = %y) : tensor<4xf32> {
    %a = xf.stack_read %w[%l] : tensor<2x4xf32> -> tensor<4xf32>
    %t = xf.unary tanh %h : (tensor<4xf32>) -> tensor<4xf32>
    %b = xf.elementwise mul %t, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    xf.yield %b : tensor<4xf32>
  }
  return %z : tensor<4xf32>
}

// A stack that the loop fills, and one iteration alone.
func.func @filled(%x: tensor<4xf32>) -> (tensor<3x4xf32>, tensor<4xf32>) {
  %room = xf.stack_empty 3 of %x : (tensor<4xf32>) -> tensor<3x4xf32>
  %y:2 = xf.repeat %l = 3 iter(%h = %x, %s = %room) : tensor<4xf32>, tensor<3x4xf32> {
    %b = xf.elementwise mul %h, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %t = xf.stack_write %b into %s[%l] : tensor<4xf32> into tensor<3x4xf32>
    xf.yield %b, %t : tensor<4xf32>, tensor<3x4xf32>
  }
  %z = xf.repeat %l = 1 iter(%h = %y#0) : tensor<4xf32> {
    %t = xf.unary tanh %h : (tensor<4xf32>) -> tensor<4xf32>
    xf.yield %t : tensor<4xf32>
  }
  return %y#1, %z : tensor<3x4xf32>, tensor<4xf32>
}
