"""A Llama in plain Python, in double precision, and safetensors files: what checkpoints in rare formats must compute."""

import json
import math
import operator
import struct
from array import array

CODES = {"F32": "f", "F64": "d", "I8": "b", "U8": "B", "I16": "h", "I32": "i", "I64": "q"}


def half(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def bfloat(value):
    """Rounded to bf16, ties to even."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    bits += 0x7FFF + (bits >> 16 & 1)
    return struct.unpack("<f", struct.pack("<I", bits & 0xFFFF0000))[0]


def pack(kind, values):
    """The bytes of `values` as dtype `kind`."""
    if kind == "F16":
        return struct.pack(f"<{len(values)}e", *values)
    if kind == "BF16":
        return b"".join(struct.pack("<f", bfloat(v))[2:] for v in values)
    if kind.startswith("F8"):
        return bytes(values)
    return array(CODES[kind], values).tobytes()


def read_safetensors(path):
    """{name: (dtype, shape, bytes)}"""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = (entry["dtype"], entry["shape"], data[8 + size + begin : 8 + size + end])
    return tensors


def write_safetensors(path, tensors):
    entries, data = {}, b""
    for name, (kind, shape, content) in tensors.items():
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    head = json.dumps(entries).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)


def rows_of(values, columns):
    return [values[i : i + columns] for i in range(0, len(values), columns)]


def apply(matrix, x):
    return [sum(map(operator.mul, row, x)) for row in matrix]


def normalized(x, weight, eps):
    factor = 1 / math.sqrt(sum(v * v for v in x) / len(x) + eps)
    return [v * factor * w for v, w in zip(x, weight)]


def rotated(x, heads, position, base, adjacent):
    """Rotary positions: pairs are halves of a head, or neighbours as in GGUF files."""
    size, out = len(x) // heads, list(x)
    for head in range(heads):
        for i in range(size // 2):
            a, b = (2 * i, 2 * i + 1) if adjacent else (i, i + size // 2)
            a, b, angle = a + head * size, b + head * size, position * base ** (-2 * i / size)
            out[a] = x[a] * math.cos(angle) - x[b] * math.sin(angle)
            out[b] = x[a] * math.sin(angle) + x[b] * math.cos(angle)
    return out


def logits(weight, layers, heads, kv_heads, ids, base=10000.0, eps=1e-5, adjacent=False):
    """The logits after each of `ids`. weight(name, layer) gives rows (a vector: a list) of embed, q, k, v, o, gate, up,
    down, norm1, norm2, norm and head."""
    states = [list(weight("embed", None)[i]) for i in ids]
    for layer in range(layers):
        w = {name: weight(name, layer) for name in ("q", "k", "v", "o", "gate", "up", "down", "norm1", "norm2")}
        keys, values = [], []
        for position, x in enumerate(states):
            n = normalized(x, w["norm1"], eps)
            q = rotated(apply(w["q"], n), heads, position, base, adjacent)
            keys.append(rotated(apply(w["k"], n), kv_heads, position, base, adjacent))
            values.append(apply(w["v"], n))
            size, mixed = len(q) // heads, []
            for head in range(heads):
                at = head * kv_heads // heads * size
                own = q[head * size : (head + 1) * size]
                scores = [sum(map(operator.mul, own, k[at : at + size])) / math.sqrt(size) for k in keys]
                top = max(scores)
                parts = [math.exp(s - top) for s in scores]
                total = sum(parts)
                mixed += [sum(p * v[at + i] for p, v in zip(parts, values)) / total for i in range(size)]
            x = [a + b for a, b in zip(x, apply(w["o"], mixed))]
            n = normalized(x, w["norm2"], eps)
            gated = [g / (1 + math.exp(-g)) * u for g, u in zip(apply(w["gate"], n), apply(w["up"], n))]
            states[position] = [a + b for a, b in zip(x, apply(w["down"], gated))]
    return [apply(weight("head", None), normalized(x, weight("norm", None), eps)) for x in states]


def write_expected(path, ids, values):
    """A file for `ph verify`: one row of ids and the logits after each."""
    count = len(ids)
    write_safetensors(path, {
        "input_ids": ("I64", [1, count], pack("I64", ids)),
        "attention_mask": ("I64", [1, count], pack("I64", [1] * count)),
        "logits": ("F32", [1, count, len(values[0])], pack("F32", [v for row in values for v in row])),
    })  # fmt: skip
