#!/usr/bin/env python3
"""Writes the seeds of the safetensors fuzz target: the smallest files that reach each part of the reader.

    make_corpus.py [OUTDIR]        (default: ../corpus/safetensors beside this folder)
"""

import json
import pathlib
import struct
import sys

BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def file(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def seeds():
    yield "empty", file({})
    yield "metadata", file({"__metadata__": {"format": "pt", "n": 1}})
    for dtype, size in BYTES.items():
        yield f"type-{dtype.lower()}", file({"t": entry(dtype, [2], 0, 2 * size)}, bytes(range(2 * size)))
    yield "scalar", file({"t": entry("F32", [], 0, 4)}, bytes(4))
    yield "no-elements", file({"t": entry("F32", [3, 0], 0, 0)})
    yield "two", file({"a": entry("U8", [2], 0, 2), "b": entry("U8", [1, 1], 2, 3)}, b"abc")
    yield "overlap", file({"a": entry("U8", [2], 0, 2), "b": entry("U8", [2], 1, 3)}, b"abc")
    yield "huge", file({"t": entry("F64", [2**62, 2**62], 0, 0)})
    yield "backwards", file({"t": entry("U8", [1], 1, 0)}, b"a")
    yield "beyond", file({"t": entry("U8", [9], 0, 9)}, b"a")
    yield "other-type", file({"t": entry("F8_E4M3", [1], 0, 1)}, b"a")
    yield "deep", file(b'{"a":' * 80)
    yield "long-header", struct.pack("<Q", 2**63) + b"{}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "safetensors"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
