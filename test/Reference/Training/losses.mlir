// Losses and their gradients, beside what PyTorch makes of the same numbers (test/Data/training/make_training.py): as they are, spelled out, and derived.
// RUN: for loss in reward dpo cdpo ipo simpo orpo kto classes questions squared absolute huber ppo value kl reverse_kl clm; do ph-opt %s --run=$loss --f64 --inputs=%ph_source/test/Data/training/losses.safetensors --expect=%ph_source/test/Data/training/losses.safetensors --atol=1e-6 --rtol=1e-6; done \
// RUN:   | FileCheck %s --check-prefix=VALUES
// RUN: for loss in reward dpo cdpo ipo simpo orpo kto classes questions squared absolute huber ppo value kl reverse_kl clm; do ph-opt %s --train-expand --run=$loss --inputs=%ph_source/test/Data/training/losses.safetensors --expect=%ph_source/test/Data/training/losses.safetensors --atol=1e-5 --rtol=1e-5; done \
// RUN:   | FileCheck %s --check-prefix=VALUES
// VALUES-COUNT-17: {{[.]}}sum:
// RUN: for case in reward:reward.chosen,reward.rejected dpo:dpo.chosen,dpo.rejected cdpo:cdpo.chosen,cdpo.rejected ipo:ipo.chosen,ipo.rejected simpo:simpo.chosen,simpo.rejected orpo:orpo.chosen,orpo.rejected kto:kto.policy classes:classes.logits questions:questions.logits squared:squared.predictions absolute:absolute.predictions huber:huber.predictions ppo:ppo.logp value:value.values kl:kl.hidden,kl.weight reverse_kl:reverse_kl.hidden,reverse_kl.weight clm:clm.hidden,clm.weight; do \
// RUN:   loss=${case%%:*}; ph-opt %s --train-expand --xf-autodiff="function=$loss of=$loss.sum wrt=${case#*:}" --run=${loss}_gradient --f64 \
// RUN:     --inputs=%ph_source/test/Data/training/losses.safetensors --expect=%ph_source/test/Data/training/losses.safetensors --atol=1e-6 --rtol=1e-6; done | FileCheck %s --check-prefix=GRADIENTS
// GRADIENTS-COUNT-26: {{^}}grad.

func.func @reward(%chosen: tensor<?xf32> {xf.name = "reward.chosen"}, %rejected: tensor<?xf32> {xf.name = "reward.rejected"})
    -> (tensor<f32> {xf.name = "reward.sum"}, tensor<f32> {xf.name = "reward.count"}) {
  %s, %n = train.reward_loss %chosen, %rejected 
    : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @dpo(%chosen: tensor<?xf32> {xf.name = "dpo.chosen"}, %rejected: tensor<?xf32> {xf.name = "dpo.rejected"}, %ref_chosen: tensor<?xf32> {xf.name = "dpo.ref_chosen"}, %ref_rejected: tensor<?xf32> {xf.name = "dpo.ref_rejected"})
    -> (tensor<f32> {xf.name = "dpo.sum"}, tensor<f32> {xf.name = "dpo.count"}) {
  %s, %n = train.dpo_loss %chosen, %rejected, %ref_chosen, %ref_rejected beta = 0.1
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @cdpo(%chosen: tensor<?xf32> {xf.name = "cdpo.chosen"}, %rejected: tensor<?xf32> {xf.name = "cdpo.rejected"}, %ref_chosen: tensor<?xf32> {xf.name = "cdpo.ref_chosen"}, %ref_rejected: tensor<?xf32> {xf.name = "cdpo.ref_rejected"})
    -> (tensor<f32> {xf.name = "cdpo.sum"}, tensor<f32> {xf.name = "cdpo.count"}) {
  %s, %n = train.dpo_loss %chosen, %rejected, %ref_chosen, %ref_rejected beta = 2.0 label_smoothing = 0.2
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @ipo(%chosen: tensor<?xf32> {xf.name = "ipo.chosen"}, %rejected: tensor<?xf32> {xf.name = "ipo.rejected"}, %ref_chosen: tensor<?xf32> {xf.name = "ipo.ref_chosen"}, %ref_rejected: tensor<?xf32> {xf.name = "ipo.ref_rejected"})
    -> (tensor<f32> {xf.name = "ipo.sum"}, tensor<f32> {xf.name = "ipo.count"}) {
  %s, %n = train.ipo_loss %chosen, %rejected, %ref_chosen, %ref_rejected beta = 0.1
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @simpo(%chosen: tensor<?xf32> {xf.name = "simpo.chosen"}, %rejected: tensor<?xf32> {xf.name = "simpo.rejected"})
    -> (tensor<f32> {xf.name = "simpo.sum"}, tensor<f32> {xf.name = "simpo.count"}) {
  %s, %n = train.simpo_loss %chosen, %rejected beta = 2.0 margin = 0.5
    : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @orpo(%chosen: tensor<?xf32> {xf.name = "orpo.chosen"}, %rejected: tensor<?xf32> {xf.name = "orpo.rejected"}, %chosen_tokens: tensor<?xf32> {xf.name = "orpo.chosen_tokens"}, %rejected_tokens: tensor<?xf32> {xf.name = "orpo.rejected_tokens"})
    -> (tensor<f32> {xf.name = "orpo.sum"}, tensor<f32> {xf.name = "orpo.count"}) {
  %s, %n = train.orpo_loss %chosen, %rejected, %chosen_tokens, %rejected_tokens lambda = 0.1
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @kto(%policy: tensor<?xf32> {xf.name = "kto.policy"}, %reference: tensor<?xf32> {xf.name = "kto.reference"}, %desirable: tensor<?xi32> {xf.name = "kto.desirable"}, %baseline: tensor<f32> {xf.name = "kto.baseline"})
    -> (tensor<f32> {xf.name = "kto.sum"}, tensor<f32> {xf.name = "kto.count"}) {
  %s, %n = train.kto_loss %policy, %reference, %desirable, %baseline beta = 0.1 undesirable_weight = 1.5
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @classes(%logits: tensor<?x5xf32> {xf.name = "classes.logits"}, %labels: tensor<?xi32> {xf.name = "classes.labels"})
    -> (tensor<f32> {xf.name = "classes.sum"}, tensor<f32> {xf.name = "classes.count"}) {
  %s, %n = train.classification_loss %logits, %labels ignore_index = -100
    : (tensor<?x5xf32>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @questions(%logits: tensor<?x4xf32> {xf.name = "questions.logits"}, %targets: tensor<?x4xf32> {xf.name = "questions.targets"})
    -> (tensor<f32> {xf.name = "questions.sum"}, tensor<f32> {xf.name = "questions.count"}) {
  %s, %n = train.multi_label_loss %logits, %targets 
    : (tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @squared(%predictions: tensor<?x2xf32> {xf.name = "squared.predictions"}, %targets: tensor<?x2xf32> {xf.name = "squared.targets"})
    -> (tensor<f32> {xf.name = "squared.sum"}, tensor<f32> {xf.name = "squared.count"}) {
  %s, %n = train.regression_loss squared %predictions, %targets 
    : (tensor<?x2xf32>, tensor<?x2xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @absolute(%predictions: tensor<?x2xf32> {xf.name = "absolute.predictions"}, %targets: tensor<?x2xf32> {xf.name = "absolute.targets"})
    -> (tensor<f32> {xf.name = "absolute.sum"}, tensor<f32> {xf.name = "absolute.count"}) {
  %s, %n = train.regression_loss absolute %predictions, %targets 
    : (tensor<?x2xf32>, tensor<?x2xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @huber(%predictions: tensor<?x2xf32> {xf.name = "huber.predictions"}, %targets: tensor<?x2xf32> {xf.name = "huber.targets"})
    -> (tensor<f32> {xf.name = "huber.sum"}, tensor<f32> {xf.name = "huber.count"}) {
  %s, %n = train.regression_loss huber %predictions, %targets delta = 0.5
    : (tensor<?x2xf32>, tensor<?x2xf32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @ppo(%logp: tensor<?x?xf32> {xf.name = "ppo.logp"}, %old_logp: tensor<?x?xf32> {xf.name = "ppo.old_logp"}, %advantages: tensor<?x?xf32> {xf.name = "ppo.advantages"}, %mask: tensor<?x?xi32> {xf.name = "ppo.mask"})
    -> (tensor<f32> {xf.name = "ppo.sum"}, tensor<f32> {xf.name = "ppo.count"}) {
  %s, %n = train.ppo_loss %logp, %old_logp, %advantages, %mask clip = 0.2
    : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @value(%values: tensor<?x?xf32> {xf.name = "value.values"}, %old_values: tensor<?x?xf32> {xf.name = "value.old_values"}, %returns: tensor<?x?xf32> {xf.name = "value.returns"}, %mask: tensor<?x?xi32> {xf.name = "value.mask"})
    -> (tensor<f32> {xf.name = "value.sum"}, tensor<f32> {xf.name = "value.count"}) {
  %s, %n = train.value_loss %values, %old_values, %returns, %mask clip = 0.2
    : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @kl(%hidden: tensor<?x6xf32> {xf.name = "kl.hidden"}, %weight: tensor<7x6xf32> {xf.name = "kl.weight"}, %teacher: tensor<?x7xf32> {xf.name = "kl.teacher"})
    -> (tensor<f32> {xf.name = "kl.sum"}, tensor<f32> {xf.name = "kl.count"}) {
  %mask = arith.constant dense<1> : tensor<3xi32>
  %y = train.token_kl %hidden, %weight, %teacher temperature = 2.0 scale = 0.5 soft_cap = 4.0
    : (tensor<?x6xf32>, tensor<7x6xf32>, tensor<?x7xf32>) -> tensor<?xf32>
  %s, %n = train.distill_loss %y, %mask temperature = 2.0 : (tensor<?xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @reverse_kl(%hidden: tensor<?x6xf32> {xf.name = "reverse_kl.hidden"}, %weight: tensor<7x6xf32> {xf.name = "reverse_kl.weight"}, %teacher: tensor<?x7xf32> {xf.name = "reverse_kl.teacher"})
    -> (tensor<f32> {xf.name = "reverse_kl.sum"}, tensor<f32> {xf.name = "reverse_kl.count"}) {
  %mask = arith.constant dense<1> : tensor<3xi32>
  %y = train.token_kl %hidden, %weight, %teacher temperature = 2.0 reverse scale = 0.5 soft_cap = 4.0
    : (tensor<?x6xf32>, tensor<7x6xf32>, tensor<?x7xf32>) -> tensor<?xf32>
  %s, %n = train.distill_loss %y, %mask temperature = 2.0 : (tensor<?xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}

func.func @clm(%hidden: tensor<?x6xf32> {xf.name = "clm.hidden"}, %weight: tensor<7x6xf32> {xf.name = "clm.weight"}, %labels: tensor<?xi32> {xf.name = "clm.labels"})
    -> (tensor<f32> {xf.name = "clm.sum"}, tensor<f32> {xf.name = "clm.count"}) {
  %y = train.token_logp %hidden, %weight, %labels ignore_index = -100 scale = 0.5 soft_cap = 4.0
    : (tensor<?x6xf32>, tensor<7x6xf32>, tensor<?xi32>) -> tensor<?xf32>
  %s, %n = train.lm_loss %y, %labels ignore_index = -100 : (tensor<?xf32>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
  return %s, %n : tensor<f32>, tensor<f32>
}
