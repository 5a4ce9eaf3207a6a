#!/usr/bin/env python3
"""Makes what pretrain.yml wants: pieces of a text, and the model's shapes.

The text is cut into pieces of at most 255 bytes, one sequence each with the end's token; every twentieth is held out. `ph pretrain` takes
shapes and vectors from model/model.safetensors and fills matrices with random numbers: norms are 1 there, matrices 0.

    prepare.py TEXT FOLDER      writes FOLDER/train.jsonl, FOLDER/held-out.jsonl and FOLDER/model/model.safetensors
"""

import array
import json
import pathlib
import sys

LENGTH = 255


def pieces(text):
    piece, size = "", 0
    for character in text:
        more = len(character.encode())
        if size + more > LENGTH:
            yield piece
            piece, size = "", 0
        piece += character
        size += more
    yield piece


def shapes(config):
    width, inner = config["hidden_size"], config["intermediate_size"]
    yield "model.embed_tokens.weight", (config["vocab_size"], width)
    yield "model.norm.weight", (width,)
    for layer in range(config["num_hidden_layers"]):
        for name, shape in [("self_attn.q_proj", (width, width)), ("self_attn.k_proj", (width, width)), ("self_attn.v_proj", (width, width)),
                            ("self_attn.o_proj", (width, width)), ("mlp.gate_proj", (inner, width)), ("mlp.up_proj", (inner, width)),
                            ("mlp.down_proj", (width, inner)), ("input_layernorm", (width,)), ("post_attention_layernorm", (width,))]:
            yield f"model.layers.{layer}.{name}.weight", shape


def write_shapes(folder):
    header, body = {}, bytearray()
    for name, shape in shapes(json.loads((folder / "config.json").read_text(encoding="utf-8"))):
        values = array.array("f", [1.0] * shape[0] if len(shape) == 1 else bytes(4 * shape[0] * shape[1]))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + 4 * len(values)]}
        body += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)


def main():
    text, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = {"train": [], "held-out": []}
    for number, piece in enumerate(pieces(text.read_text(encoding="utf-8"))):
        files["held-out" if number % 20 == 19 else "train"].append(json.dumps({"text": piece}) + "\n")
    for name, lines in files.items():
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    write_shapes(folder / "model")


main()
