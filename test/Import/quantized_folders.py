"""Quantizes a Llama's folder by each scheme, packed as its programs pack, and compares with the decoded folder.

usage: quantized_folders.py SCRATCH MODEL_FOLDER

The codes are random; what they stand for is computed here, by the definition of the scheme, and written as f32. Prints a line for
each scheme: "same" if both folders give the same code and weights, byte for byte, or, where codes are kept, the format that they are
kept in if `ph verify` finds the logits that plain Python computes from what they stand for.
"""

import json
import math
import pathlib
import random
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Integration"))

import small_llama
from huggingface import read_tensors, write_tensors

SUFFIX = ".weight"
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]
NF4 = [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
       -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
       0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0]


def f32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def half(value):
    return struct.unpack("e", struct.pack("e", value))[0]


def floats(values):
    return struct.pack(f"{len(values)}f", *values)


def ints(values):
    return struct.pack(f"{len(values)}i", *((v & 0xFFFFFFFF) - ((v & 0x80000000) << 1) for v in values))


def packed(fields, bits):
    """A list of small numbers as 32-bit words, the lowest bits first."""
    words, count = [0] * ((len(fields) * bits + 31) // 32), 0
    for field in fields:
        for bit in range(bits):
            words[count // 32] |= (field >> bit & 1) << (count % 32)
            count += 1
    return words


def transposed(rows):
    return [list(column) for column in zip(*rows)]


def scales_of(rng, rows, columns):
    return [[half(rng.uniform(0.001, 0.01)) for _ in range(columns)] for _ in range(rows)]


def gptq(rng, rows, columns, bits, zero=None, ordered=False):
    """With a zero for all, or random ones; with groups in order, or of any columns (desc_act)."""
    groups, top = columns // 32, 2 ** bits - 1
    codes = [[rng.randint(0, top) for _ in range(columns)] for _ in range(rows)]
    zeros = [[zero or rng.randint(1, top) for _ in range(rows)] for _ in range(groups)]
    scales = scales_of(rng, groups, rows)
    order = [c // 32 if ordered else rng.randrange(groups) for c in range(columns)]
    # Down the inputs for each output; words of one output are in one column.
    stacked = transposed([packed(codes[row], bits) for row in range(rows)])
    tensors = {
        ".qweight": ("I32", [len(stacked), rows], ints([word for line in stacked for word in line])),
        ".qzeros": ("I32", [groups, (rows * bits + 31) // 32],
                    ints([word for line in zeros for word in packed([z - 1 for z in line], bits)])),
        ".scales": ("F16", [groups, rows], struct.pack(f"{groups * rows}e", *sum(scales, []))),
        ".g_idx": ("I32", [columns], ints(order)),
    }
    values = [f32(scales[order[c]][r] * (codes[r][c] - zeros[order[c]][r])) for r in range(rows) for c in range(columns)]
    return tensors, values


def awq(rng, rows, columns):
    groups = columns // 32
    codes = [[rng.randint(0, 15) for _ in range(rows)] for _ in range(columns)]
    zeros = [[rng.randint(0, 15) for _ in range(rows)] for _ in range(groups)]
    scales = scales_of(rng, groups, rows)

    def words(line):
        return [sum(line[at + place] << 4 * i for i, place in enumerate(AWQ_ORDER)) for at in range(0, rows, 8)]

    tensors = {
        ".qweight": ("I32", [columns, rows // 8], ints([word for line in codes for word in words(line)])),
        ".qzeros": ("I32", [groups, rows // 8], ints([word for line in zeros for word in words(line)])),
        ".scales": ("F16", [groups, rows], struct.pack(f"{groups * rows}e", *sum(scales, []))),
    }
    values = [f32(scales[c // 32][r] * (codes[c][r] - zeros[c // 32][r])) for r in range(rows) for c in range(columns)]
    return tensors, values


def nf4(rng, rows, columns, nested):
    count, block = rows * columns, 64
    codes = [rng.randint(0, 15) for _ in range(count)]
    scales = [f32(rng.uniform(0.01, 0.1)) for _ in range(count // block)]
    state = {"quant_type": "nf4", "blocksize": block, "dtype": "float32", "shape": [rows, columns]}
    tensors = {
        ".weight": ("U8", [count // 2, 1], bytes(codes[i] << 4 | codes[i + 1] for i in range(0, count, 2))),
        ".weight.quant_map": ("F32", [16], floats(NF4)),
    }
    if nested:
        table = [f32(-1 + i / 127.5) for i in range(256)]
        small = [rng.randint(0, 255) for _ in scales]
        outer = [f32(rng.uniform(0.01, 0.05)) for _ in range((len(scales) + 255) // 256)]
        state.update(nested_blocksize=256, nested_dtype="float32", nested_offset=0.0625)
        scales = [f32(f32(table[s] * outer[i // 256]) + 0.0625) for i, s in enumerate(small)]
        tensors[".weight.absmax"] = ("U8", [len(small)], bytes(small))
        tensors[".weight.nested_quant_map"] = ("F32", [256], floats(table))
        tensors[".weight.nested_absmax"] = ("F32", [len(outer)], floats(outer))
    else:
        tensors[".weight.absmax"] = ("F32", [len(scales)], floats(scales))
    text = json.dumps(state).encode()
    tensors[".weight.quant_state.bitsandbytes__nf4"] = ("U8", [len(text)], text)
    return tensors, [f32(f32(NF4[code]) * scales[i // block]) for i, code in enumerate(codes)]


def int8(rng, rows, columns):
    codes = [rng.randint(-127, 127) for _ in range(rows * columns)]
    scales = [f32(rng.uniform(0.1, 1)) for _ in range(rows)]
    tensors = {".weight": ("I8", [rows, columns], struct.pack(f"{len(codes)}b", *codes)), ".SCB": ("F32", [rows], floats(scales))}
    return tensors, [f32(f32(code * scales[i // columns]) / 127) for i, code in enumerate(codes)]


def compressed(rng, rows, columns, bits, zeros=False, ordered=True, kind="F16"):
    groups = columns // 32
    codes = [[rng.randint(0, 2 ** bits - 1) for _ in range(columns)] for _ in range(rows)]
    scales = scales_of(rng, rows, groups)
    if kind == "BF16":
        scales = [[small_llama.bfloat(s) for s in line] for line in scales]
    words = [packed(line, bits) for line in codes]
    zero = [[rng.randint(0, 2 ** bits - 1) if zeros else 2 ** (bits - 1) for _ in range(groups)] for _ in range(rows)]
    order = [c // 32 if ordered else rng.randrange(groups) for c in range(columns)]
    tensors = {
        ".weight_packed": ("I32", [rows, len(words[0])], ints(sum(words, []))),
        ".weight_scale": (kind, [rows, groups], small_llama.pack(kind, sum(scales, []))),
        ".weight_shape": ("I64", [2], struct.pack("2q", rows, columns)),
    }
    if zeros:  # down the rows
        stacked = transposed([packed(column, bits) for column in transposed(zero)])
        tensors[".weight_zero_point"] = ("I32", [len(stacked), groups], ints(sum(stacked, [])))
    if not ordered:
        tensors[".weight_g_idx"] = ("I32", [columns], ints(order))
    return tensors, [f32((codes[r][c] - zero[r][order[c]]) * scales[r][order[c]]) for r in range(rows) for c in range(columns)]


def plain_int8(rng, rows, columns, zeros):
    codes = [[rng.randint(-128, 127) for _ in range(columns)] for _ in range(rows)]
    scales = [small_llama.bfloat(rng.uniform(0.001, 0.005)) for _ in range(rows)]
    zero = [rng.randint(-20, 20) if zeros else 0 for _ in range(rows)]
    tensors = {
        ".weight": ("I8", [rows, columns], struct.pack(f"{rows * columns}b", *sum(codes, []))),
        ".weight_scale": ("BF16", [rows, 1], small_llama.pack("BF16", scales)),
    }
    if zeros:
        tensors[".weight_zero_point"] = ("I8", [rows, 1], struct.pack(f"{rows}b", *zero))
    return tensors, [f32((codes[r][c] - zero[r]) * scales[r]) for r in range(rows) for c in range(columns)]


def e4m3(byte):
    exponent, mantissa = byte >> 3 & 15, byte & 7
    value = (8 + mantissa) * 2.0 ** (exponent - 10) if exponent else mantissa * 2.0 ** -9
    return -value if byte & 128 else value


def float8(rng, rows, columns, suffix, shape):
    codes = [rng.choice([b for b in range(256) if b & 127 != 127]) for _ in range(rows * columns)]
    scales = [f32(rng.uniform(0.0001, 0.001)) for _ in range(math.prod(shape))]
    height, width = -(-rows // shape[0]), -(-columns // shape[-1])
    tensors = {".weight": ("F8_E4M3", [rows, columns], bytes(codes)), suffix: ("F32", shape, floats(scales))}
    return tensors, [f32(e4m3(codes[r * columns + c]) * scales[r // height * shape[-1] + c // width])
                     for r in range(rows) for c in range(columns)]


def bare_float8(rng, rows, columns):
    codes = [rng.choice([b for b in range(256) if b & 127 < 80]) for _ in range(rows * columns)]
    return {".weight": ("F8_E4M3", [rows, columns], bytes(codes))}, [e4m3(code) for code in codes]


GPTQ4, GPTQ8 = ({"quant_method": "gptq", "bits": bits, "group_size": 32} for bits in (4, 8))
PACKED = {"quant_method": "compressed-tensors", "format": "pack-quantized"}
# Configuration, codes and values, and the format that codes are kept in; f32 where they can't be kept exactly.
SCHEMES = {
    "gptq-4": (GPTQ4, lambda r, n, k: gptq(r, n, k, 4, 8, True), "q4_0"),
    "gptq-4-zeros": (GPTQ4, lambda r, n, k: gptq(r, n, k, 4, None, True), "u4_f32"),
    "gptq-4-act-order": (GPTQ4, lambda r, n, k: gptq(r, n, k, 4), "f32"),
    "gptq-3": ({"quant_method": "gptq", "bits": 3, "group_size": 32}, lambda r, n, k: gptq(r, n, k, 3, 4, True), "q4_0"),
    "gptq-8": (GPTQ8, lambda r, n, k: gptq(r, n, k, 8, 128, True), "q8_0"),
    "gptq-8-zeros": (GPTQ8, lambda r, n, k: gptq(r, n, k, 8, None, True), "u8_f32"),
    "awq": ({"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": True, "version": "gemm"}, awq, "u4_f32"),
    "nf4": ({"quant_method": "bitsandbytes", "load_in_4bit": True}, lambda r, n, k: nf4(r, n, k, False), "f32"),
    "nf4-nested": ({"quant_method": "bitsandbytes", "load_in_4bit": True}, lambda r, n, k: nf4(r, n, k, True), "f32"),
    "int8": ({"quant_method": "bitsandbytes", "load_in_8bit": True}, int8, "i8_f32"),
    "compressed-int4": (PACKED, lambda r, n, k: compressed(r, n, k, 4), "q4_0"),
    "compressed-int4-bf16": (PACKED, lambda r, n, k: compressed(r, n, k, 4, kind="BF16"), "i4_f32"),
    "compressed-int4-zeros": (PACKED, lambda r, n, k: compressed(r, n, k, 4, zeros=True), "u4_f32"),
    "compressed-int4-act-order": (PACKED, lambda r, n, k: compressed(r, n, k, 4, ordered=False), "f32"),
    "compressed-int8": (PACKED, lambda r, n, k: compressed(r, n, k, 8), "q8_0"),
    "compressed-plain-int8": ({"quant_method": "compressed-tensors", "format": "int-quantized"},
                              lambda r, n, k: plain_int8(r, n, k, False), "i8_f32"),
    "compressed-plain-int8-zeros": ({"quant_method": "compressed-tensors", "format": "int-quantized"},
                                    lambda r, n, k: plain_int8(r, n, k, True), "u8_f32"),
    "compressed-fp8": ({"quant_method": "compressed-tensors", "format": "float-quantized"},
                       lambda r, n, k: float8(r, n, k, ".weight_scale", [n, 1]), "f32"),
    "fp8-blocks": ({"quant_method": "fp8", "weight_block_size": [32, 32]},
                   lambda r, n, k: float8(r, n, k, ".weight_scale_inv", [-(-n // 32), k // 32]), "f32"),
    "fp8-one-scale": ({"quant_method": "fp8"}, lambda r, n, k: float8(r, n, k, ".weight_scale", [1]), "f32"),
    "fp8": (None, bare_float8, "f32"),
}
IDS = [3, 141, 59, 26, 5]
NAMES = {"q_proj": "q", "k_proj": "k", "v_proj": "v", "o_proj": "o", "gate_proj": "gate", "up_proj": "up", "down_proj": "down",
         "input_layernorm": "norm1", "post_attention_layernorm": "norm2", "norm": "norm", "embed_tokens": "embed",
         "lm_head": "head"}  # fmt: skip


def check_kept(folder, config, plain, kept, scratch):
    """What is wrong with a folder whose codes are to be kept in format `kept`; nothing if it computes what `plain` says."""
    model = {}
    for name, (_, shape, data) in plain.items():
        parts = name.split(".")
        values = list(struct.unpack(f"{len(data) // 4}f", data))
        layer = int(parts[2]) if parts[1] == "layers" else None
        model[NAMES[parts[-2]], layer] = values if len(shape) == 1 else small_llama.rows_of(values, shape[1])
    rows = small_llama.logits(lambda name, layer: model[name, layer], config["num_hidden_layers"], config["num_attention_heads"],
                              config["num_key_value_heads"], IDS, eps=config["rms_norm_eps"])
    expected = scratch / "expected.safetensors"
    small_llama.write_expected(expected, IDS, rows)
    module = subprocess.run(["phc", str(folder), "--emit=xf", "-o", "-"], capture_output=True, text=True, timeout=300).stdout
    if f"#xf.format<{kept}>" not in module:
        return f"no weight has the format {kept}"
    done = subprocess.run(["ph", "verify", str(folder), str(expected)], capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else " ".join((done.stdout + done.stderr).split())


def compile_folder(root, name, config, tensors, scratch):
    folder = scratch / root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_tensors(folder / "model.safetensors", tensors)
    out = scratch / f"{name}.{root}.phx"
    emit = "xf" if root == "broken" else "phx" # what is broken is found before anything is compiled
    done = subprocess.run(["phc", str(folder), "--activations=f32", f"--emit={emit}", "-o", str(out)],
                          capture_output=True, text=True, timeout=300)
    if done.returncode:
        return done.stderr.strip(), None
    return "", out.read_bytes() if emit == "xf" else without_metadata(out.read_bytes())


def without_metadata(artifact):
    """Code and weights: the settings that an artifact keeps say how the folder was quantized."""
    elf_bytes, _, _, weights_offset, weights_bytes = struct.unpack_from("<5Q", artifact, len(artifact) - 64 + 16)
    return artifact[:elf_bytes], artifact[weights_offset : weights_offset + weights_bytes]


def main():
    scratch, model = map(pathlib.Path, sys.argv[1:])
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    tensors = read_tensors(model / "model.safetensors")
    failed = 0
    for name, (quantization, make, kept) in SCHEMES.items():
        rng = random.Random(name)
        quantized, plain = {}, {}
        for tensor, (kind, shape, data) in tensors.items():
            if "_proj.weight" in tensor:
                parts, values = make(rng, *shape)
                quantized.update({tensor[: -len(SUFFIX)] + suffix: part for suffix, part in parts.items()})
                plain[tensor] = ("F32", shape, floats(values))
            else:
                quantized[tensor] = plain[tensor] = (kind, shape, data)
        settings = {**config, "quantization_config": quantization} if quantization else config
        said, coded = compile_folder("quantized", name, settings, quantized, scratch)
        if kept == "f32":
            _, decoded = compile_folder("plain", name, config, plain, scratch)
            wrong, right = "" if coded is not None and coded == decoded else f"DIFFERENT {said}", "same"
        else:
            wrong, right = check_kept(scratch / "quantized" / name, config, plain, kept, scratch), kept
        failed += bool(wrong)
        print(f"{name}: {wrong or right}", flush=True)
        # A tensor that its weight can't be decoded without.
        gone = next(t for t in quantized if t.endswith((".scales", ".absmax", ".SCB", "weight_shape", "weight_scale", "scale_inv", "q_proj.weight")))
        said, coded = compile_folder("broken", name, settings, {t: v for t, v in quantized.items() if t != gone}, scratch)
        if coded is not None or "error:" not in said or "Traceback" in said:
            failed += 1
            print(f"{name}: without {gone}: {said or 'compiled'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
