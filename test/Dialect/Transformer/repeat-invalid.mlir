// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{attribute 'count' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %y = xf.repeat %l = 0 iter(%h = %x) : tensor<?x?x64xf32> {
    xf.yield %h : tensor<?x?x64xf32>
  }
  return
}

// -----

// (C2)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects region arguments of types ('index', 'tensor<?x?x64xf32>'), but got ('index', 'tensor<?x?x32xf32>')}}
  %y = "xf.repeat"(%x) <{count = 2 : i64}> ({
  ^bb0(%l: index, %h: tensor<?x?x32xf32>):
    xf.yield %x : tensor<?x?x64xf32>
  }) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects region arguments of types ('index', 'tensor<?x?x64xf32>'), but got ()}}
  %y = "xf.repeat"(%x) <{count = 2 : i64}> ({
    xf.yield %x : tensor<?x?x64xf32>
  }) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C3)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects results of types ('tensor<?x?x64xf32>'), but got ('tensor<?x?x32xf32>')}}
  %y = "xf.repeat"(%x) <{count = 2 : i64}> ({
  ^bb0(%l: index, %h: tensor<?x?x64xf32>):
    xf.yield %h : tensor<?x?x64xf32>
  }) : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %z: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects yielded values of types ('tensor<?x?x64xf32>'), but got ('tensor<?x?x32xf32>')}}
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<?x?x64xf32> {
    xf.yield %z : tensor<?x?x32xf32>
  }
  return
}

// -----

// yield (C1)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects parent op 'xf.repeat'}}
  xf.yield %x : tensor<?x?x64xf32>
}
