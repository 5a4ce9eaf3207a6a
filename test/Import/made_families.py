"""Folders of families that the reference data lacks: random weights, and what the reference interpreter computes from them."""

import json
import shutil

import numpy
from families import run, with_main

WIDTH, INNER, HEADS, KV_HEADS, HEAD, VOCABULARY, LAYERS = 64, 96, 4, 2, 16, 320, 4
COMMON = {"hidden_size": WIDTH, "intermediate_size": INNER, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "num_hidden_layers": LAYERS,
          "max_position_embeddings": 128, "vocab_size": VOCABULARY}  # fmt: skip
ROPE = {"rope_theta": 10000.0, "rope_type": "default"}
ATTENTION = {"self_attn.q_proj.weight": [HEADS * HEAD, WIDTH], "self_attn.k_proj.weight": [KV_HEADS * HEAD, WIDTH],
             "self_attn.v_proj.weight": [KV_HEADS * HEAD, WIDTH], "self_attn.o_proj.weight": [WIDTH, HEADS * HEAD]}  # fmt: skip
BIASES = {f"self_attn.{name}_proj.bias": [size * HEAD] for name, size in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS))}
GATED = {"mlp.gate_proj.weight": [INNER, WIDTH], "mlp.up_proj.weight": [INNER, WIDTH], "mlp.down_proj.weight": [WIDTH, INNER]}
NORMS = {"input_layernorm.weight": [WIDTH], "post_attention_layernorm.weight": [WIDTH]}
NORM_BIASES = {name.replace("weight", "bias"): shape for name, shape in NORMS.items()}

# model_type: what the configuration has besides, the tensors of a layer, and the others.
FAMILIES = {
    "cohere2": ({"layer_norm_eps": 1e-5, "logit_scale": 0.25, "sliding_window": 5, "rope_parameters": ROPE, "head_dim": HEAD, "tie_word_embeddings": True},
                {**ATTENTION, **GATED, "input_layernorm.weight": [WIDTH]}, {"model.norm.weight": [WIDTH]}),
    "nemotron": ({"norm_eps": 1e-5, "hidden_act": "relu2", "rope_parameters": {**ROPE, "partial_rotary_factor": 0.5}},
                 {**ATTENTION, **NORMS, **NORM_BIASES, "mlp.up_proj.weight": [INNER, WIDTH], "mlp.down_proj.weight": [WIDTH, INNER]},
                 {"model.norm.weight": [WIDTH], "model.norm.bias": [WIDTH], "lm_head.weight": [VOCABULARY, WIDTH]}),
    "olmo": ({"clip_qkv": 0.4, "rope_parameters": ROPE}, {**ATTENTION, **GATED}, {"lm_head.weight": [VOCABULARY, WIDTH]}),
    "olmo3": ({"rms_norm_eps": 1e-6, "sliding_window": 5, "rope_parameters": ROPE},
              {**ATTENTION, **GATED, "self_attn.q_norm.weight": [HEADS * HEAD], "self_attn.k_norm.weight": [KV_HEADS * HEAD],
               "post_attention_layernorm.weight": [WIDTH], "post_feedforward_layernorm.weight": [WIDTH]},
              {"model.norm.weight": [WIDTH], "lm_head.weight": [VOCABULARY, WIDTH]}),
    "glm": ({"rms_norm_eps": 1e-5, "head_dim": HEAD, "rope_parameters": {**ROPE, "partial_rotary_factor": 0.5}},
            {**ATTENTION, **BIASES, **NORMS, "mlp.gate_up_proj.weight": [2 * INNER, WIDTH], "mlp.down_proj.weight": [WIDTH, INNER]},
            {"model.norm.weight": [WIDTH], "lm_head.weight": [VOCABULARY, WIDTH]}),
}  # fmt: skip
BIGCODE = {"ln_1.weight": [WIDTH], "ln_1.bias": [WIDTH], "attn.c_attn.weight": [WIDTH + 2 * HEAD, WIDTH], "attn.c_attn.bias": [WIDTH + 2 * HEAD],
           "attn.c_proj.weight": [WIDTH, WIDTH], "attn.c_proj.bias": [WIDTH], "ln_2.weight": [WIDTH], "ln_2.bias": [WIDTH],
           "mlp.c_fc.weight": [4 * WIDTH, WIDTH], "mlp.c_fc.bias": [4 * WIDTH], "mlp.c_proj.weight": [WIDTH, 4 * WIDTH], "mlp.c_proj.bias": [WIDTH]}  # fmt: skip


NOMIC = {"attn.Wqkv.weight": [3 * WIDTH, WIDTH], "attn.out_proj.weight": [WIDTH, WIDTH], "norm1.weight": [WIDTH], "norm1.bias": [WIDTH],
         "mlp.fc11.weight": [INNER, WIDTH], "mlp.fc12.weight": [INNER, WIDTH], "mlp.fc2.weight": [WIDTH, INNER], "norm2.weight": [WIDTH], "norm2.bias": [WIDTH]}  # fmt: skip


def description(kind):
    """(configuration, {tensor: shape})"""
    if kind == "nomic_bert":
        config = {"n_embd": WIDTH, "n_head": HEADS, "n_layer": 2, "n_inner": INNER, "n_positions": 128, "layer_norm_epsilon": 1e-12, "rotary_emb_base": 1000.0,
                  "type_vocab_size": 2, "activation_function": "swiglu", "vocab_size": VOCABULARY}  # fmt: skip
        shapes = {f"encoder.layers.{layer}.{name}": shape for layer in range(2) for name, shape in NOMIC.items()}
        shapes |= {"embeddings.word_embeddings.weight": [VOCABULARY, WIDTH], "embeddings.token_type_embeddings.weight": [2, WIDTH], "emb_ln.weight": [WIDTH], "emb_ln.bias": [WIDTH]}
        return config, shapes
    if kind == "gpt_bigcode":
        config = {"n_embd": WIDTH, "n_head": HEADS, "n_layer": 2, "n_positions": 128, "layer_norm_epsilon": 1e-5, "multi_query": True, "vocab_size": VOCABULARY}
        shapes = {f"transformer.h.{layer}.{name}": shape for layer in range(2) for name, shape in BIGCODE.items()}
        shapes |= {"transformer.wte.weight": [VOCABULARY, WIDTH], "transformer.wpe.weight": [128, WIDTH], "transformer.ln_f.weight": [WIDTH], "transformer.ln_f.bias": [WIDTH]}
        return config, shapes
    more, layer_shapes, others = FAMILIES[kind]
    shapes = {f"model.layers.{layer}.{name}": shape for layer in range(LAYERS) for name, shape in layer_shapes.items()}
    return {**COMMON, **more}, {**shapes, "model.embed_tokens.weight": [VOCABULARY, WIDTH], **others}


def make(kind, folder, write_safetensors):
    """Writes the folder, with expected.safetensors. Exits with what the tools said if they fail."""
    config, shapes = description(kind)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = numpy.random.default_rng(sum(kind.encode()))
    tensors = {}
    for name, shape in shapes.items():
        around = 1.0 if name.endswith("norm.weight") and kind != "nemotron" else 0.0
        tensors[name] = (around + rng.normal(0, 0.2, shape)).astype("<f4")
    write_safetensors(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps({**config, "model_type": kind, "architectures": ["XModel" if kind in ENCODERS else "XForCausalLM"]}))
    ids = {"input_ids": rng.integers(3, VOCABULARY, (2, 12)).astype("<i8")}
    if kind in ENCODERS:
        ids["attention_mask"] = numpy.ones((2, 12), "<i8")
    write_safetensors(folder / "inputs.safetensors", ids)
    module, results = folder / "model.mlir", folder / "results.safetensors"
    code, _, said = run("phc", folder, "--emit=xf", "--activations=f32", "-o", module)
    if not code:
        text, entry = with_main(module.read_text(encoding="utf-8"))
        module.write_text(text, encoding="utf-8")
        code, _, said = run("ph-opt", module, f"--run={entry}", f"--inputs={folder / 'inputs.safetensors'}",
                            f"--weights={folder / 'model.safetensors'}", f"--outputs={results}", "-o", "/dev/null")  # fmt: skip
    if code:
        raise SystemExit(f"{kind}: {said}")
    return ids, results


ENCODERS = {"nomic_bert": "last_hidden_state"}  # what they give
KINDS = [*FAMILIES, "gpt_bigcode", "nomic_bert"]
