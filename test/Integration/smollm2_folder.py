"""Writes the default model as a Hugging Face folder: the same values in f32, in two shards, with its tokenizer.

usage: smollm2_folder.py MODEL.gguf FOLDER

Runs in the peers' environment (numpy, tokenizers).
"""

import json
import pathlib
import struct
import sys

import numpy

from gguf_file import GgufFile
from Tokenizer.peer import smollm2

NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "attn_norm.weight": "input_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
}


def decode(raw, kind):
    """The f32 values of blocks of the types in the default model."""
    if kind == 0:
        return numpy.frombuffer(raw, "<f4")
    if kind == 3:  # q4_1: f16 scale, f16 least value, 16 bytes of codes: low halves first
        blocks = numpy.frombuffer(raw, numpy.dtype([("d", "<f2"), ("m", "<f2"), ("q", "u1", 16)]))
        codes = numpy.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype("f4")
        return (blocks["d"].astype("f4")[:, None] * codes + blocks["m"].astype("f4")[:, None]).ravel()
    if kind == 8:  # q8_0: f16 scale, 32 codes
        blocks = numpy.frombuffer(raw, numpy.dtype([("d", "<f2"), ("q", "i1", 32)]))
        return (blocks["d"].astype("f4")[:, None] * blocks["q"].astype("f4")).ravel()
    raise ValueError(f"tensor type {kind}")


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(values.tobytes())


def number(model, key):
    kind, raw = model.metadata[key]
    value = struct.unpack({4: "<I", 6: "<f", 10: "<Q"}[kind], raw)[0]
    # The fewest digits that give the f32: those that somebody wrote.
    return float(str(numpy.float32(value))) if kind == 6 else value


def main():
    model, folder = GgufFile(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    heads = {"q": number(model, "llama.attention.head_count"), "k": number(model, "llama.attention.head_count_kv")}
    tensors = {}
    with open(sys.argv[1], "rb") as file:
        for tensor in model.tensors:
            file.seek(model.data_start + tensor.offset)
            values = decode(file.read(tensor.size()), tensor.type).reshape(tensor.shape[::-1])
            layer, _, rest = tensor.name.removeprefix("blk.").partition(".")
            part = rest.removeprefix("attn_")[:1]
            if tensor.name.startswith("blk.") and rest in ("attn_q.weight", "attn_k.weight"):
                # GGUF keeps rotary pairs side by side, the folder in halves.
                pairs = values.reshape(heads[part], -1, 2, values.shape[1])
                values = pairs.transpose(0, 2, 1, 3).reshape(values.shape)
            name = f"model.layers.{layer}.{NAMES[rest]}" if tensor.name.startswith("blk.") else NAMES[tensor.name]
            tensors[name] = numpy.ascontiguousarray(values, "<f4")
    names = sorted(tensors)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for shard, part in shards.items():
        write_safetensors(folder / shard, {name: tensors[name] for name in part})
    index = {"metadata": {}, "weight_map": {name: shard for shard, part in shards.items() for name in part}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "tie_word_embeddings": True,
        "hidden_size": number(model, "llama.embedding_length"), "num_hidden_layers": number(model, "llama.block_count"),
        "intermediate_size": number(model, "llama.feed_forward_length"), "num_attention_heads": heads["q"],
        "num_key_value_heads": heads["k"], "max_position_embeddings": number(model, "llama.context_length"),
        "rms_norm_eps": number(model, "llama.attention.layer_norm_rms_epsilon"),
        "rope_theta": number(model, "llama.rope.freq_base"), "vocab_size": len(tensors["model.embed_tokens.weight"]),
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    smollm2(sys.argv[1]).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": model.text("tokenizer.chat_template"), "bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}))


if __name__ == "__main__":
    main()
