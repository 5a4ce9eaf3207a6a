// Losses, as train-expand spells them, by all that they are made of.
// RUN: ph-opt %s --train-expand --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @lm(%logp: tensor<?x?xf32>, %labels: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.lm_loss %logp, %labels ignore_index = 0 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

func.func @distill(%kl: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.distill_loss %kl, %m temperature = 2.0 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

func.func @classes(%z: tensor<?x5xf32>, %labels: tensor<?xi32>) -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.classification_loss %z, %labels ignore_index = 0 : (tensor<?x5xf32>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

func.func @questions(%z: tensor<?x5xf32>, %t: tensor<?x5xf32>) -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.multi_label_loss %z, %t : (tensor<?x5xf32>, tensor<?x5xf32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

func.func @numbers(%y: tensor<?x4xf32>, %t: tensor<?x4xf32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %huber, %n = train.regression_loss huber %y, %t delta = 0.5 : (tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<f32>, tensor<f32>)
  %squared, %k = train.regression_loss squared %y, %t : (tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<f32>, tensor<f32>)
  %absolute, %m = train.regression_loss absolute %y, %t : (tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<f32>, tensor<f32>)
  return %huber, %squared, %absolute : tensor<f32>, tensor<f32>, tensor<f32>
}

func.func @answers(%logp: tensor<?x?xf32>, %mask: tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %sum, %count = train.sequence_logp %logp, %mask : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>)
  return %sum, %count : tensor<?xf32>, tensor<?xf32>
}

func.func @pairs(%c: tensor<?xf32>, %r: tensor<?xf32>, %rc: tensor<?xf32>, %rr: tensor<?xf32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %reward, %0 = train.reward_loss %c, %r : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  %dpo, %1 = train.dpo_loss %c, %r, %rc, %rr beta = 0.1 label_smoothing = 0.05 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  %ipo, %2 = train.ipo_loss %c, %r, %rc, %rr beta = 0.1 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  %simpo, %3 = train.simpo_loss %c, %r beta = 2.0 margin = 0.5 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %reward, %dpo, %ipo, %simpo : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// Logarithms of probabilities, so below 0; of answers of 2 and 3 tokens.
func.func @odds(%c: tensor<2xf32>, %r: tensor<2xf32>) -> (tensor<f32>, tensor<f32>) {
  %n = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %a = xf.unary exp %c : (tensor<2xf32>) -> tensor<2xf32>
  %b = xf.unary exp %r : (tensor<2xf32>) -> tensor<2xf32>
  %p = xf.unary neg %a : (tensor<2xf32>) -> tensor<2xf32>
  %q = xf.unary neg %b : (tensor<2xf32>) -> tensor<2xf32>
  %sum, %count = train.orpo_loss %p, %q, %n, %n lambda = 0.1 : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

func.func @kto(%p: tensor<?xf32>, %r: tensor<?xf32>, %good: tensor<?xi32>) -> (tensor<f32>, tensor<f32>) {
  %z = arith.constant dense<0.3> : tensor<f32>
  %sum, %count = train.kto_loss %p, %r, %good, %z beta = 0.1 undesirable_weight = 1.33 : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

// What a rollout gave is constant; some ratios and values are clipped.
func.func @policy(%p: tensor<2x3xf32>, %v: tensor<2x3xf32>) -> (tensor<f32>, tensor<f32>) {
  %o = arith.constant dense<[[0.4, -0.2, 0.9], [-1.0, 0.1, 0.0]]> : tensor<2x3xf32>
  %a = arith.constant dense<[[0.7, -0.5, -1.1], [0.2, 0.6, -0.3]]> : tensor<2x3xf32>
  %m = arith.constant dense<[[1, 1, 0], [1, 1, 1]]> : tensor<2x3xi32>
  %ppo, %0 = train.ppo_loss %p, %o, %a, %m clip = 0.2 : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi32>) -> (tensor<f32>, tensor<f32>)
  %value, %1 = train.value_loss %v, %o, %a, %m clip = 0.2 : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi32>) -> (tensor<f32>, tensor<f32>)
  return %ppo, %value : tensor<f32>, tensor<f32>
}
