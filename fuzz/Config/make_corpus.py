#!/usr/bin/env python3
"""Writes the seeds of the config fuzz target: configurations with the shapes of their tensors, whole and damaged.

    make_corpus.py [OUTDIR]        (default: ../corpus/config beside this folder)

Whole ones are the model folders of test/Data/models, with tensors as shapes only.
"""

import json
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHOLE = ["bert", "deepseek-v3", "gemma3", "gpt-oss", "llama", "llama-rope-longrope", "llama-rope-yarn", "mpt-alibi", "t5"]
DULL = {"transformers_version", "dtype", "id2label", "label2id", "initializer_range", "use_cache"}


def shapes(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}


def whole(name):
    folder = ROOT / "test/Data/models" / name
    weights = folder / "model.safetensors"
    if not weights.exists():
        weights = folder.parent / name.split("-")[0] / "model.safetensors"
    config = {key: value for key, value in json.loads((folder / "config.json").read_text()).items() if key not in DULL}
    return {"config": config, "tensors": shapes(weights)}


def gguf(name, **keys):
    config = {"general": {"architecture": name}, name: {"block_count": 1, "embedding_length": 8, "context_length": 16, "feed_forward_length": 8,
              "attention": {"head_count": 2, "layer_norm_rms_epsilon": 1e-6}, "rope": {"freq_base": 1e4}, **keys}}  # fmt: skip
    layer = {"attn_norm": [8], "ffn_norm": [8], "attn_q": [8, 8], "attn_k": [8, 8], "attn_v": [8, 8], "attn_output": [8, 8], "ffn_gate": [8, 8],
             "ffn_up": [8, 8], "ffn_down": [8, 8]}  # fmt: skip
    tensors = {f"blk.0.{key}.weight": shape for key, shape in layer.items()}
    return {"ecosystem": "gguf", "config": config, "tensors": {"token_embd.weight": [16, 8], "output_norm.weight": [8], **tensors}}


def seeds():
    for name in WHOLE:
        yield name, whole(name)
    yield "gguf-llama", gguf("llama")
    yield "gguf-qwen3", gguf("qwen3")
    yield "gguf-yarn", gguf("llama", rope={"scaling": {"type": "yarn", "factor": 4.0, "yarn_beta_fast": 8.0}})
    yield "empty", {}
    yield "no-tensors", {"config": {"model_type": "llama"}}
    yield "unknown", {"config": {"model_type": "nobody"}}
    damaged = {"zero-heads": {"num_attention_heads": 0}, "huge-layers": {"num_hidden_layers": 2**62}, "negative": {"hidden_size": -64},
               "text-number": {"hidden_size": "64"}, "nulls": {"hidden_size": None, "rope_parameters": None}, "huge-width": {"hidden_size": 1048576},
               "many-layers": {"num_hidden_layers": 1024}, "not-divisible": {"num_attention_heads": 7}, "infinite": {"rms_norm_eps": 1e308},
               "old-rope": {"rope_parameters": None, "rope_theta": 1e4, "rope_scaling": {"type": "linear", "factor": 2}},
               "long-list": {"layer_types": ["full_attention"] * 2000}, "deep": {"a": {"b": {"c": {"d": {"e": [[[[1]]]]}}}}}}  # fmt: skip
    for name, change in damaged.items():
        base = whole("llama")
        yield name, {"config": base["config"] | change, "tensors": base["tensors"]}


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "fuzz/corpus/config"
    out.mkdir(parents=True, exist_ok=True)
    for name, value in seeds():
        (out / name).write_text(json.dumps(value, separators=(",", ":")))
    (out / "too-deep").write_text('{"config":' + '{"a":' * 80)


if __name__ == "__main__":
    main()
