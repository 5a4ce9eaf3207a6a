"""Runs the imported default model on the interpreter and compares the top logits of prompts with those of transformers.

usage: smollm2.py MODEL.gguf MODULE.mlir REFERENCE.json FOLDER

MODULE is what `phc --emit=xf --activations=f32` makes of MODEL; FOLDER takes the files in between.
"""

import array
import json
import struct
import subprocess
import sys


def write_safetensors(path, tensors):
    """Writes {name: (shape, integers)} as I64."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}q", *values)
        header[name] = {"dtype": "I64", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_floats(path, name):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        first, last = json.loads(file.read(size))[name]["data_offsets"]
        file.seek(8 + size + first)
        return array.array("f", file.read(last - first))


def main():
    model, module, reference, folder = sys.argv[1:]
    with open(reference, encoding="utf-8") as file:
        prompts = json.load(file)["prompts"]
    failed = False
    for prompt in prompts[:2]:
        ids = prompt["input_ids"]
        write_safetensors(folder + "/in.safetensors",
                          {"tokens": ([1, len(ids)], ids), "past": ([1], [0]), "rows": ([1], [len(ids) - 1])})
        subprocess.run(["ph-opt", module, "--run", "--weights=" + model, "--inputs=" + folder + "/in.safetensors",
                        "--outputs=" + folder + "/out.safetensors"], check=True, stdout=subprocess.DEVNULL)
        logits = read_floats(folder + "/out.safetensors", "logits")
        top = sorted(range(len(logits)), key=lambda i: -logits[i])[:10]
        error = max(abs(logits[i] - value) for i, value in zip(prompt["top_ids"], prompt["top_logits"]))
        print(f"{len(ids)} tokens: top ids {'equal' if top == prompt['top_ids'] else 'differ'}, largest error {error:.1e}")
        failed |= top != prompt["top_ids"] or error > 2e-4
    return 1 if failed else 0


sys.exit(main())
