"""GGUF files of formats with codebooks, of few values and of 4-bit floats compile to what ggml's values say.

usage: gguf_formats.py BLOCKS COUNTS

BLOCKS is test/Data/quant/codebooks.safetensors: blocks and the values that ggml decodes them to. Each file is a small Llama
whose matrices are made of these blocks, and what it computes is compared with plain Python on the values.
"""

import pathlib
import random
import subprocess
import sys
import tempfile
from array import array

import make_tiny_gguf as gguf
import small_llama as llama

TYPES = {
    "IQ1_S": (19, 256, 50), "IQ1_M": (29, 256, 56), "IQ2_XXS": (16, 256, 66), "IQ2_XS": (17, 256, 74),
    "IQ2_S": (22, 256, 82), "IQ3_XXS": (18, 256, 98), "IQ3_S": (21, 256, 110), "IQ4_NL": (20, 32, 18),
    "IQ4_XS": (23, 256, 136), "TQ1_0": (34, 256, 54), "TQ2_0": (35, 256, 66), "MXFP4": (39, 32, 17),
    "NVFP4": (40, 64, 36), "Q1_0": (41, 128, 18), "Q2_0": (42, 64, 18),
}  # fmt: skip
NAMES = {"token_embd": "embed", "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_output": "o", "ffn_gate": "gate",
         "ffn_up": "up", "ffn_down": "down", "attn_norm": "norm1", "ffn_norm": "norm2", "output_norm": "norm"}  # fmt: skip
WIDTH, HEADS, KV_HEADS, IDS = 256, 4, 2, [3, 141, 59, 26, 5]


def write(path, name, recorded):
    """Writes the model; its values as {(short name, layer): rows}."""
    number, elements, size = TYPES[name]
    gguf.TYPES[name], gguf.BLOCK[number] = number, (elements, size)
    sys.argv = ["", str(path), "--type", name, "--layers", "1", "--width", str(WIDTH), "--heads", str(HEADS),
                "--kv-heads", str(KV_HEADS), "--ff", "256"]  # fmt: skip
    a = gguf.arguments()
    head, places, total = gguf.header(a)
    blocks, values = recorded[name + ".bytes"][2], array("f", recorded[name + ".values"][2])
    blocks = [blocks[i : i + size] for i in range(0, len(blocks), size)]
    values = llama.rows_of(values, elements)
    usable = range(len(blocks) // 4, len(blocks))  # the first quarter has scales of any size
    power = sum(v * v for b in usable for v in values[b]) / elements / len(usable)
    rng, model = random.Random(name), {}
    with open(path, "wb") as out:
        out.write(head)
        for (tensor, _, shape), (offset, kind, _) in zip(gguf.tensors(a), places):
            out.seek(len(head) + offset)
            parts = tensor.split(".")
            short = NAMES[parts[-2]]
            if kind == gguf.F32:
                # So that products of what is normalized are of the size of 1.
                vector = [llama.single((1 + rng.gauss(0, 0.1)) / (WIDTH * power) ** 0.5) for _ in range(shape[0])]
                out.write(llama.pack("F32", vector))
                model[short] = vector
                continue
            chosen = [rng.choice(usable) for _ in range(shape[0] * shape[1] // elements)]
            out.write(b"".join(blocks[b] for b in chosen))
            model[short] = llama.rows_of([v for b in chosen for v in values[b]], shape[1])
        out.truncate(len(head) + total)
    model["head"] = model["embed"]
    return model


def main():
    blocks, counts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    recorded, failed = llama.read_safetensors(blocks), 0
    with tempfile.TemporaryDirectory() as folder:
        for name in TYPES:
            path, expected = pathlib.Path(folder) / f"{name}.gguf", pathlib.Path(folder) / f"{name}.safetensors"
            model = write(path, name, recorded)
            rows = llama.logits(lambda key, _: model[key], 1, HEADS, KV_HEADS, IDS, adjacent=True)
            llama.write_expected(expected, IDS, rows)
            done = subprocess.run(["ph", "verify", str(path), str(expected)], capture_output=True, text=True)
            failed += done.returncode != 0
            print(f"{name}: {' '.join((done.stdout + done.stderr).split())}")
    line = f"{len(TYPES) - failed} of {len(TYPES)} GGUF formats with codebooks compile to what ggml's values give"
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    print(line)
    return 1 if failed else 0


sys.exit(main())
