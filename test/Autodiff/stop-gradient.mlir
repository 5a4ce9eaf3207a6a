// What is stopped counts as a constant, in both modes: of x · stop(x) the derivative is stop(x) = x, not 2 x.
// RUN: ph-opt %s --xf-autodiff="function=f of=y wrt=x" --canonicalize | FileCheck %s --check-prefix=REVERSE
// RUN: ph-opt %s --xf-jvp="function=f of=y wrt=x" --canonicalize | FileCheck %s --check-prefix=FORWARD

// REVERSE-LABEL: func.func @f_gradient
// REVERSE-SAME: %[[DY:[a-z0-9]+]]: tensor<3xf32> {xf.name = "grad.y"}
// REVERSE: %[[STOPPED:.*]] = train.stop_gradient %arg0
// REVERSE: %[[DX:.*]] = xf.elementwise mul %[[DY]], %[[STOPPED]]
// REVERSE-NEXT: return %{{.*}}, %[[DX]]

// FORWARD-LABEL: func.func @f_tangent
// FORWARD-SAME: %[[V:[a-z0-9]+]]: tensor<3xf32> {xf.name = "tangent.x"}
// FORWARD: %[[STOPPED:.*]] = train.stop_gradient %arg0
// FORWARD: %[[DY:.*]] = xf.elementwise mul %[[V]], %[[STOPPED]]
// FORWARD-NEXT: return %{{.*}}, %[[DY]]
func.func @f(%x: tensor<3xf32> {xf.name = "x"}) -> (tensor<3xf32> {xf.name = "y"}) {
  %s = train.stop_gradient %x : tensor<3xf32>
  %y = xf.elementwise mul %x, %s : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}
