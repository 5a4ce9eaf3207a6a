// A BERT of two layers written by hand that tells three classes of sequences apart by the pooled first token.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/bert-classifier/expected.safetensors \
// RUN:   --weights=%ph_reference/models/bert-classifier/model.safetensors \
// RUN:   --expect=%ph_reference/models/bert-classifier/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 6 values

module @bert_classifier attributes {xf.model = {
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
  xf.weight @pooler : tensor<64x64xf32> sources [#xf.source<"bert.pooler.dense.weight">]
  xf.weight @pooler_bias : tensor<64xf32> sources [#xf.source<"bert.pooler.dense.bias">]
  xf.weight @classifier : tensor<3x64xf32> sources [#xf.source<"classifier.weight">]
  xf.weight @classifier_bias : tensor<3xf32> sources [#xf.source<"classifier.bias">]

  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "input_ids"},
                     %valid: tensor<?x?xi32> {xf.name = "attention_mask"})
      -> (tensor<?x3xf32> {xf.name = "logits"}) {
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
    %first = xf.pool cls %y : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
    %w_pooler = xf.load_weight @pooler : tensor<64x64xf32>
    %w_pooler_bias = xf.load_weight @pooler_bias : tensor<64xf32>
    %dense = xf.linear %first, %w_pooler bias %w_pooler_bias
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %pooled = xf.activation tanh %dense : (tensor<?x64xf32>) -> tensor<?x64xf32>
    %w_classifier = xf.load_weight @classifier : tensor<3x64xf32>
    %w_classifier_bias = xf.load_weight @classifier_bias : tensor<3xf32>
    %logits = xf.linear %pooled, %w_classifier bias %w_classifier_bias
      : (tensor<?x64xf32>, tensor<3x64xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    return %logits : tensor<?x3xf32>
  }
}
