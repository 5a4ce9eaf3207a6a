// Three steps of each optimizer, beside PyTorch's (test/Data/training/make_training.py).
// RUN: for optimizer in sgd momentum nesterov lion adamw adafactor adafactor_matrix adafactor_vector adamw8; do ph-opt %s --run=$optimizer --f64 --inputs=%ph_source/test/Data/training/optimizers.safetensors --expect=%ph_source/test/Data/training/optimizers.safetensors --atol=2e-6 --rtol=2e-6; done | FileCheck %s
// RUN: for optimizer in sgd momentum nesterov lion adamw adafactor adafactor_matrix adafactor_vector; do ph-opt %s --convert-transformer-to-linalg --run=$optimizer --inputs=%ph_source/test/Data/training/optimizers.safetensors --expect=%ph_source/test/Data/training/optimizers.safetensors \
// RUN:   --atol=2e-6 --rtol=2e-6; done | FileCheck %s --check-prefix=LOWERED
// CHECK-COUNT-23: error
// LOWERED-COUNT-18: error

func.func @sgd(%w0: tensor<3x5xf32> {xf.name = "sgd.w0"}, %g0: tensor<3x5xf32> {xf.name = "sgd.g0"}, %g1: tensor<3x5xf32> {xf.name = "sgd.g1"}, %g2: tensor<3x5xf32> {xf.name = "sgd.g2"})
    -> (tensor<3x5xf32> {xf.name = "sgd.w3"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %w1 = train.sgd %w0, %g0 lr(%lr) weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> tensor<3x5xf32>
  %w2 = train.sgd %w1, %g1 lr(%lr) weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> tensor<3x5xf32>
  %w3 = train.sgd %w2, %g2 lr(%lr) weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> tensor<3x5xf32>
  return %w3 : tensor<3x5xf32>
}

func.func @momentum(%w0: tensor<3x5xf32> {xf.name = "momentum.w0"}, %g0: tensor<3x5xf32> {xf.name = "momentum.g0"}, %g1: tensor<3x5xf32> {xf.name = "momentum.g1"}, %g2: tensor<3x5xf32> {xf.name = "momentum.g2"})
    -> (tensor<3x5xf32> {xf.name = "momentum.w3"}, tensor<3x5xf32> {xf.name = "momentum.momentum_buffer"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<3x5xf32>
  %w1, %s1_0 = train.sgd %w0, %g0 velocity(%s0_0) lr(%lr) momentum = 0.9 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w2, %s2_0 = train.sgd %w1, %g1 velocity(%s1_0) lr(%lr) momentum = 0.9 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w3, %s3_0 = train.sgd %w2, %g2 velocity(%s2_0) lr(%lr) momentum = 0.9 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  return %w3, %s3_0 : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @nesterov(%w0: tensor<3x5xf32> {xf.name = "nesterov.w0"}, %g0: tensor<3x5xf32> {xf.name = "nesterov.g0"}, %g1: tensor<3x5xf32> {xf.name = "nesterov.g1"}, %g2: tensor<3x5xf32> {xf.name = "nesterov.g2"})
    -> (tensor<3x5xf32> {xf.name = "nesterov.w3"}, tensor<3x5xf32> {xf.name = "nesterov.momentum_buffer"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<3x5xf32>
  %w1, %s1_0 = train.sgd %w0, %g0 velocity(%s0_0) lr(%lr) momentum = 0.9 nesterov weight_decay = 0.0
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w2, %s2_0 = train.sgd %w1, %g1 velocity(%s1_0) lr(%lr) momentum = 0.9 nesterov weight_decay = 0.0
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w3, %s3_0 = train.sgd %w2, %g2 velocity(%s2_0) lr(%lr) momentum = 0.9 nesterov weight_decay = 0.0
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  return %w3, %s3_0 : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @lion(%w0: tensor<3x5xf32> {xf.name = "lion.w0"}, %g0: tensor<3x5xf32> {xf.name = "lion.g0"}, %g1: tensor<3x5xf32> {xf.name = "lion.g1"}, %g2: tensor<3x5xf32> {xf.name = "lion.g2"})
    -> (tensor<3x5xf32> {xf.name = "lion.w3"}, tensor<3x5xf32> {xf.name = "lion.momentum"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<3x5xf32>
  %w1, %s1_0 = train.lion %w0, %g0, %s0_0 lr(%lr) beta1 = 0.9 beta2 = 0.99 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w2, %s2_0 = train.lion %w1, %g1, %s1_0 lr(%lr) beta1 = 0.9 beta2 = 0.99 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  %w3, %s3_0 = train.lion %w2, %g2, %s2_0 lr(%lr) beta1 = 0.9 beta2 = 0.99 weight_decay = 0.1
    : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5xf32>)
  return %w3, %s3_0 : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @adamw(%w0: tensor<2x3x5xf32> {xf.name = "adamw.w0"}, %g0: tensor<2x3x5xf32> {xf.name = "adamw.g0"}, %g1: tensor<2x3x5xf32> {xf.name = "adamw.g1"}, %g2: tensor<2x3x5xf32> {xf.name = "adamw.g2"})
    -> (tensor<2x3x5xf32> {xf.name = "adamw.w3"}, tensor<2x3x5xf32> {xf.name = "adamw.exp_avg"}, tensor<2x3x5xf32> {xf.name = "adamw.exp_avg_sq"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %s0_1 = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %t0 = arith.constant dense<1> : tensor<i32>
  %w1, %s1_0, %s1_1 = train.adamw %w0, %g0, %s0_0, %s0_1 lr(%lr) step(%t0) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>)
  %t1 = arith.constant dense<2> : tensor<i32>
  %w2, %s2_0, %s2_1 = train.adamw %w1, %g1, %s1_0, %s1_1 lr(%lr) step(%t1) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>)
  %t2 = arith.constant dense<3> : tensor<i32>
  %w3, %s3_0, %s3_1 = train.adamw %w2, %g2, %s2_0, %s2_1 lr(%lr) step(%t2) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>)
  return %w3, %s3_0, %s3_1 : tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf32>
}

func.func @adafactor(%w0: tensor<2x4x6xf32> {xf.name = "adafactor.w0"}, %g0: tensor<2x4x6xf32> {xf.name = "adafactor.g0"}, %g1: tensor<2x4x6xf32> {xf.name = "adafactor.g1"}, %g2: tensor<2x4x6xf32> {xf.name = "adafactor.g2"})
    -> (tensor<2x4x6xf32> {xf.name = "adafactor.w3"}, tensor<2x4xf32> {xf.name = "adafactor.row_var"}, tensor<2x6xf32> {xf.name = "adafactor.col_var"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<2x4xf32>
  %s0_1 = arith.constant dense<0.0> : tensor<2x6xf32>
  %t0 = arith.constant dense<1> : tensor<i32>
  %w1, %s1_0, %s1_1 = train.adafactor %w0, %g0 states(%s0_0, %s0_1) lr(%lr) step(%t0) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<2x4x6xf32>, tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>)
  %t1 = arith.constant dense<2> : tensor<i32>
  %w2, %s2_0, %s2_1 = train.adafactor %w1, %g1 states(%s1_0, %s1_1) lr(%lr) step(%t1) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<2x4x6xf32>, tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>)
  %t2 = arith.constant dense<3> : tensor<i32>
  %w3, %s3_0, %s3_1 = train.adafactor %w2, %g2 states(%s2_0, %s2_1) lr(%lr) step(%t2) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<2x4x6xf32>, tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>)
  return %w3, %s3_0, %s3_1 : tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>
}

func.func @adafactor_matrix(%w0: tensor<4x6xf32> {xf.name = "adafactor_matrix.w0"}, %g0: tensor<4x6xf32> {xf.name = "adafactor_matrix.g0"}, %g1: tensor<4x6xf32> {xf.name = "adafactor_matrix.g1"}, %g2: tensor<4x6xf32> {xf.name = "adafactor_matrix.g2"})
    -> (tensor<4x6xf32> {xf.name = "adafactor_matrix.w3"}, tensor<4xf32> {xf.name = "adafactor_matrix.row_var"}, tensor<6xf32> {xf.name = "adafactor_matrix.col_var"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<4xf32>
  %s0_1 = arith.constant dense<0.0> : tensor<6xf32>
  %t0 = arith.constant dense<1> : tensor<i32>
  %w1, %s1_0, %s1_1 = train.adafactor %w0, %g0 states(%s0_0, %s0_1) lr(%lr) step(%t0) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>)
  %t1 = arith.constant dense<2> : tensor<i32>
  %w2, %s2_0, %s2_1 = train.adafactor %w1, %g1 states(%s1_0, %s1_1) lr(%lr) step(%t1) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>)
  %t2 = arith.constant dense<3> : tensor<i32>
  %w3, %s3_0, %s3_1 = train.adafactor %w2, %g2 states(%s2_0, %s2_1) lr(%lr) step(%t2) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
    : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>)
  return %w3, %s3_0, %s3_1 : tensor<4x6xf32>, tensor<4xf32>, tensor<6xf32>
}

func.func @adafactor_vector(%w0: tensor<6xf32> {xf.name = "adafactor_vector.w0"}, %g0: tensor<6xf32> {xf.name = "adafactor_vector.g0"}, %g1: tensor<6xf32> {xf.name = "adafactor_vector.g1"}, %g2: tensor<6xf32> {xf.name = "adafactor_vector.g2"})
    -> (tensor<6xf32> {xf.name = "adafactor_vector.w3"}, tensor<6xf32> {xf.name = "adafactor_vector.variance"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0.0> : tensor<6xf32>
  %t0 = arith.constant dense<1> : tensor<i32>
  %w1, %s1_0 = train.adafactor %w0, %g0 states(%s0_0) lr(%lr) step(%t0) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.5 weight_decay = 0.0
    : (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<6xf32>, tensor<6xf32>)
  %t1 = arith.constant dense<2> : tensor<i32>
  %w2, %s2_0 = train.adafactor %w1, %g1 states(%s1_0) lr(%lr) step(%t1) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.5 weight_decay = 0.0
    : (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<6xf32>, tensor<6xf32>)
  %t2 = arith.constant dense<3> : tensor<i32>
  %w3, %s3_0 = train.adafactor %w2, %g2 states(%s2_0) lr(%lr) step(%t2) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.5 weight_decay = 0.0
    : (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<f32>, tensor<i32>) -> (tensor<6xf32>, tensor<6xf32>)
  return %w3, %s3_0 : tensor<6xf32>, tensor<6xf32>
}

func.func @adamw8(%w0: tensor<2x256xf32> {xf.name = "adamw8.w0"}, %g0: tensor<2x256xf32> {xf.name = "adamw8.g0"}, %g1: tensor<2x256xf32> {xf.name = "adamw8.g1"}, %g2: tensor<2x256xf32> {xf.name = "adamw8.g2"})
    -> (tensor<2x256xf32> {xf.name = "adamw8.w3"}, tensor<2x256xi8> {xf.name = "adamw8.first"}, tensor<2x256xi8> {xf.name = "adamw8.second"}, tensor<2xf32> {xf.name = "adamw8.first_scale"}, tensor<2xf32> {xf.name = "adamw8.second_scale"}) {
  %lr = arith.constant dense<0.0625> : tensor<f32>
  %s0_0 = arith.constant dense<0> : tensor<2x256xi8>
  %s0_1 = arith.constant dense<0> : tensor<2x256xi8>
  %s0_2 = arith.constant dense<0.0> : tensor<2xf32>
  %s0_3 = arith.constant dense<0.0> : tensor<2xf32>
  %t0 = arith.constant dense<1> : tensor<i32>
  %w1, %s1_0, %s1_1, %s1_2, %s1_3 = train.adamw8 %w0, %g0, %s0_0, %s0_1, %s0_2, %s0_3 lr(%lr) step(%t0) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x256xf32>, tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>)
  %t1 = arith.constant dense<2> : tensor<i32>
  %w2, %s2_0, %s2_1, %s2_2, %s2_3 = train.adamw8 %w1, %g1, %s1_0, %s1_1, %s1_2, %s1_3 lr(%lr) step(%t1) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x256xf32>, tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>)
  %t2 = arith.constant dense<3> : tensor<i32>
  %w3, %s3_0, %s3_1, %s3_2, %s3_3 = train.adamw8 %w2, %g2, %s2_0, %s2_1, %s2_2, %s2_3 lr(%lr) step(%t2) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
    : (tensor<2x256xf32>, tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<i32>) -> (tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>)
  return %w3, %s3_0, %s3_1, %s3_2, %s3_3 : tensor<2x256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<2xf32>, tensor<2xf32>
}
