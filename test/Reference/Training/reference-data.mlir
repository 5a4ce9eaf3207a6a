// Preferences and advantages of the reference data.
// REQUIRES: reference
// RUN: ph-opt %s --run=dpo --inputs=%ph_reference/training/dpo.safetensors --expect=%ph_reference/training/dpo.safetensors --atol=1e-6 --rtol=1e-6 \
// RUN:   | FileCheck %s --check-prefix=DPO
// RUN: ph-opt %s --train-expand --run=dpo --inputs=%ph_reference/training/dpo.safetensors --expect=%ph_reference/training/dpo.safetensors --atol=1e-6 --rtol=1e-6 \
// RUN:   | FileCheck %s --check-prefix=DPO
// RUN: ph-opt %s --run=gae --inputs=%ph_reference/training/ppo.safetensors --expect=%ph_reference/training/ppo.safetensors --atol=1e-6 --rtol=1e-6 \
// RUN:   | FileCheck %s --check-prefix=GAE
// RUN: ph-opt %s --train-expand --convert-transformer-to-linalg --run=gae --inputs=%ph_reference/training/ppo.safetensors \
// RUN:   --expect=%ph_reference/training/ppo.safetensors --atol=1e-6 --rtol=1e-6 | FileCheck %s --check-prefix=GAE

// DPO: loss: {{.*}}error
func.func @dpo(%c: tensor<?xf32> {xf.name = "policy_chosen_logp"}, %r: tensor<?xf32> {xf.name = "policy_rejected_logp"},
               %rc: tensor<?xf32> {xf.name = "ref_chosen_logp"}, %rr: tensor<?xf32> {xf.name = "ref_rejected_logp"}) -> (tensor<f32> {xf.name = "loss"}) {
  %sum, %count = train.dpo_loss %c, %r, %rc, %rr beta = 0.1 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  %loss = xf.elementwise div %sum, %count : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %loss : tensor<f32>
}

// The mask is of tokens, log-probabilities and values are of those that come next.
// GAE: advantages: {{.*}}error
func.func @gae(%scores: tensor<2xf32> {xf.name = "scores"}, %old: tensor<2x15xf32> {xf.name = "old_logp"}, %values: tensor<2x15xf32> {xf.name = "values"},
               %mask: tensor<2x16xi32> {xf.name = "completion_mask"}) -> (tensor<2x15xf32> {xf.name = "advantages"}) {
  %m = xf.slice %mask axis = 1 [1, 16] : (tensor<2x16xi32>) -> tensor<2x15xi32>
  %r = train.kl_rewards %scores, %old, %old, %m beta = 0.05 : (tensor<2xf32>, tensor<2x15xf32>, tensor<2x15xf32>, tensor<2x15xi32>) -> tensor<2x15xf32>
  %a, %t = train.gae %r, %values, %m gamma = 1.0 lambda = 0.95
    : (tensor<2x15xf32>, tensor<2x15xf32>, tensor<2x15xi32>) -> (tensor<2x15xf32>, tensor<2x15xf32>)
  return %a : tensor<2x15xf32>
}
