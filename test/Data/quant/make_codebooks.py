#!/usr/bin/env python3
"""Makes codebooks.safetensors: blocks of random bits and what ggml decodes them to.

    make_codebooks.py libggml-base.so codebooks.safetensors

The library is that of PyPI's llama-cpp-python 0.3.36. Per type T: T.bytes, T.values. The first quarter of the blocks have
any finite scale, the others one near 0.01, so that models can be made of them. Needs numpy.
"""

import ctypes
import json
import struct
import sys

import numpy as np

# Elements and bytes of a block, and the high byte of its f16.
TYPES = {
    "IQ1_S": (256, 50, 1), "IQ1_M": (256, 56, 55), "IQ2_XXS": (256, 66, 1), "IQ2_XS": (256, 74, 1),
    "IQ2_S": (256, 82, 1), "IQ3_XXS": (256, 98, 1), "IQ3_S": (256, 110, 1), "IQ4_NL": (32, 18, 1),
    "IQ4_XS": (256, 136, 1), "TQ1_0": (256, 54, 53), "TQ2_0": (256, 66, 65), "MXFP4": (32, 17, None),
    "NVFP4": (64, 36, None), "Q1_0": (128, 18, 1), "Q2_0": (64, 18, 1),
}  # fmt: skip


def blocks_of(name, rng):
    elements, size, high = TYPES[name]
    count = max(8, 1024 // elements)
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    odd = count // 4
    if name == "MXFP4":
        blocks[:odd, 0] = np.minimum(blocks[:odd, 0], 251)
        blocks[:4, 0] = [0, 1, 2, 251]
        blocks[odd:, 0] = 117 + blocks[odd:, 0] % 4
    elif name == "NVFP4":
        blocks[0, :4] = [0, 0x7F, 0x7E, 0xFF]
        blocks[odd:, :4] = blocks[odd:, :4] % 16
    else:
        blocks[:odd, high] &= 0xBF
        # An IQ1_M block has only the upper half of that byte for its f16.
        blocks[odd:, high] = (blocks[odd:, high] & 0x80) | 0x20 | (blocks[odd:, high] & (15 if name == "IQ1_M" else 3))
    return blocks


def main():
    library = ctypes.CDLL(sys.argv[1])
    rng = np.random.default_rng(8)
    entries, data = {}, b""
    for name, (elements, _, _) in TYPES.items():
        blocks = blocks_of(name, rng)
        values = np.zeros(len(blocks) * elements, np.float32)
        decode = getattr(library, "dequantize_row_" + name.lower())
        decode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        decode(blocks.ctypes.data, values.ctypes.data, values.size)
        assert np.isfinite(values).all(), name
        for key, kind, array in ((".bytes", "U8", blocks.reshape(-1)), (".values", "F32", values)):
            span = [len(data), len(data) + array.nbytes]
            entries[name + key] = {"dtype": kind, "shape": [array.size], "data_offsets": span}
            data += array.tobytes()
    head = json.dumps(entries, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack("<Q", len(head)) + head + data)


if __name__ == "__main__":
    main()
