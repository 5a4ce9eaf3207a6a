// A BERT of two layers written by hand that scores every token of the vocabulary at every position, with the table of
// the embedding.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/bert-mlm/expected.safetensors \
// RUN:   --weights=%ph_reference/models/bert-mlm/model.safetensors \
// RUN:   --expect=%ph_reference/models/bert-mlm/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @bert_mlm attributes {xf.model = {
  architecture = "bert", name = "tiny", vocabulary = 320, context_length = 128, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"bert.embeddings.word_embeddings.weight">]
  xf.weight @places : tensor<128x64xf32> sources [#xf.source<"bert.embeddings.position_embeddings.weight">]
  xf.weight @types : tensor<2x64xf32> sources [#xf.source<"bert.embeddings.token_type_embeddings.weight">]
  xf.weight @first_norm : tensor<64xf32> sources [#xf.source<"bert.embeddings.LayerNorm.weight">]
  xf.weight @first_norm_bias : tensor<64xf32> sources [#xf.source<"bert.embeddings.LayerNorm.bias">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.query.weight">]
  xf.weight @q_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.query.bias">]
  xf.weight @k : tensor<2x64x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.key.weight">]
  xf.weight @k_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.key.bias">]
  xf.weight @v : tensor<2x64x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.value.weight">]
  xf.weight @v_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.self.value.bias">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.output.dense.weight">]
  xf.weight @o_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.attention.output.dense.bias">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.intermediate.dense.weight">]
  xf.weight @up_bias : tensor<2x128xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.intermediate.dense.bias">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.output.dense.weight">]
  xf.weight @down_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.output.dense.bias">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [
    #xf.source<"bert.encoder.layer.{layer}.attention.output.LayerNorm.weight">]
  xf.weight @norm1_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"bert.encoder.layer.{layer}.attention.output.LayerNorm.bias">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.output.LayerNorm.weight">]
  xf.weight @norm2_bias : tensor<2x64xf32> stacked sources [#xf.source<"bert.encoder.layer.{layer}.output.LayerNorm.bias">]
  xf.weight @transform : tensor<64x64xf32> sources [#xf.source<"cls.predictions.transform.dense.weight">]
  xf.weight @transform_bias : tensor<64xf32> sources [#xf.source<"cls.predictions.transform.dense.bias">]
  xf.weight @last_norm : tensor<64xf32> sources [#xf.source<"cls.predictions.transform.LayerNorm.weight">]
  xf.weight @last_norm_bias : tensor<64xf32> sources [#xf.source<"cls.predictions.transform.LayerNorm.bias">]
  xf.weight @score_bias : tensor<320xf32> sources [#xf.source<"cls.predictions.bias">]

  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "input_ids"},
                     %valid: tensor<?x?xi32> {xf.name = "attention_mask"})
      -> (tensor<?x?x320xf32> {xf.name = "logits"}) {
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_places = xf.load_weight @places : tensor<128x64xf32>
    %p = xf.embedding %positions, %w_places : (tensor<?x?xi32>, tensor<128x64xf32>) -> tensor<?x?x64xf32>
    %tp = xf.add %t, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    // Every token is of the first type.
    %segment = xf.elementwise sub %positions, %positions : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
    %w_types = xf.load_weight @types : tensor<2x64xf32>
    %s = xf.embedding %segment, %w_types : (tensor<?x?xi32>, tensor<2x64xf32>) -> tensor<?x?x64xf32>
    %tps = xf.add %tp, %s : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_first_norm = xf.load_weight @first_norm : tensor<64xf32>
    %w_first_norm_bias = xf.load_weight @first_norm_bias : tensor<64xf32>
    %x = xf.layer_norm %tps, %w_first_norm bias %w_first_norm_bias eps = 1.0e-12
      : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_q = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %h, %w_q bias %w_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_k = xf.load_weight @k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %h, %w_k bias %w_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_v = xf.load_weight @v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %h, %w_v bias %w_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) valid(%valid) heads = 4 scale = 0.25 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %s1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @norm1_bias[%layer] : tensor<64xf32>
      %h1 = xf.layer_norm %s1, %w_norm1 bias %w_norm1_bias eps = 1.0e-12
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

      %w_up = xf.load_weight @up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %h1, %w_up bias %w_up_bias
        : (tensor<?x?x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %g = xf.activation gelu %u : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_down bias %w_down_bias
        : (tensor<?x?x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %s2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %w_norm2_bias = xf.load_weight @norm2_bias[%layer] : tensor<64xf32>
      %h2 = xf.layer_norm %s2, %w_norm2 bias %w_norm2_bias eps = 1.0e-12
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2 : tensor<?x?x64xf32>
    }
    %w_transform = xf.load_weight @transform : tensor<64x64xf32>
    %w_transform_bias = xf.load_weight @transform_bias : tensor<64xf32>
    %dense = xf.linear %y, %w_transform bias %w_transform_bias
      : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %bent = xf.activation gelu %dense : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_last_norm = xf.load_weight @last_norm : tensor<64xf32>
    %w_last_norm_bias = xf.load_weight @last_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %bent, %w_last_norm bias %w_last_norm_bias eps = 1.0e-12
      : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_score_bias = xf.load_weight @score_bias : tensor<320xf32>
    %logits = xf.linear %f, %w_embedding bias %w_score_bias
      : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<320xf32>) -> tensor<?x?x320xf32>
    return %logits : tensor<?x?x320xf32>
  }
}
