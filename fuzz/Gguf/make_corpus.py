#!/usr/bin/env python3
"""Writes the seeds of the gguf fuzz target: the smallest files that reach each part of the reader.

    make_corpus.py [OUTDIR]        (default: ../corpus/gguf beside this folder)
"""

import pathlib
import struct
import sys

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
# ggml type: elements and bytes of a block
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 20: (32, 18),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2), 39: (32, 17),
}  # fmt: skip


def text(s):
    return struct.pack("<Q", len(s.encode())) + s.encode()


def scalar(kind, value):
    return text(value) if kind == STRING else struct.pack("<" + SCALARS[kind], value)


def array(kind, items):
    body = b"".join(items if kind == ARRAY else (scalar(kind, item) for item in items))
    return struct.pack("<IQ", kind, len(items)) + body


def key(name, kind, payload):
    return text(name) + struct.pack("<I", kind) + payload


def file(keys=(), tensors=(), version=3, alignment=32):
    """`tensors`: (name, dims, type); data counts up from 0."""
    infos, data = b"", b""
    for name, dims, kind in tensors:
        infos += text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, len(data))
        elements = 1
        for d in dims:
            elements *= d
        size = elements // BLOCKS[kind][0] * BLOCKS[kind][1]
        data += bytes(i & 0x3B for i in range(size))
        data = data.ljust(-(-len(data) // alignment) * alignment, b"\0")
    head = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(keys)) + b"".join(keys) + infos
    return head.ljust(-(-len(head) // alignment) * alignment, b"\0") + data


def claiming(keys=0, tensors=0, rest=b"", version=3):
    """A file that says how much it has, whatever there is."""
    return struct.pack("<4sIQQ", b"GGUF", version, tensors, keys) + rest


def claimed(dims, kind=0, offset=0):
    """A file with one tensor of that shape, and 64 bytes of data."""
    info = text("t") + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)
    head = claiming(tensors=1, rest=info)
    return head.ljust(-(-len(head) // 32) * 32, b"\0") + bytes(64)


def hostile():
    """What readers of GGUF have been broken with: counts that wrap when they are multiplied, lists of another type than is
    expected, sizes that wrap when they are padded."""
    for name, count in (("all-ones", 2**64 - 1), ("sign", 2**63), ("wraps", 2**64 // 16), ("large", 2**40)):
        yield f"keys-{name}", claiming(keys=count)
        yield f"tensors-{name}", claiming(tensors=count)
        yield f"text-{name}", claiming(keys=1, rest=struct.pack("<Q", count) + b"abc")
        yield f"value-text-{name}", claiming(keys=1, rest=text("a") + struct.pack("<IQ", STRING, count))
        for kind in (0, 10, STRING, ARRAY):
            yield f"array-{kind}-{name}", claiming(keys=1, rest=text("a") + struct.pack("<IIQ", ARRAY, kind, count) + bytes(16))
    lists = {"tokens": (STRING, [1, 2]), "scores": (6, ["a", "b"]), "token_type": (5, ["a", "b"]), "merges": (STRING, [0.5, 2.5])}
    for name, (_, items) in lists.items():
        for kind in (4, 6, STRING):
            right = [str(i) if kind == STRING else 1 for i in items]
            yield f"confused-{name}-{kind}", file([key(f"tokenizer.ggml.{name}", ARRAY, array(kind, right))])
        yield f"confused-{name}-nested", file([key(f"tokenizer.ggml.{name}", ARRAY, array(ARRAY, [array(4, [1])]))])
        yield f"confused-{name}-scalar", file([key(f"tokenizer.ggml.{name}", 10, scalar(10, 2**63))])
    yield "confused-text", file([key("general.architecture", ARRAY, array(STRING, ["llama"]))])
    yield "confused-alignment", file([key("general.alignment", STRING, text("32"))])
    for name, dims in (("zero", [2**32, 2**32]), ("small", [2**32, 2**32 + 1]), ("sign", [2**63]), ("four", [2**16 + 1] * 4), ("bytes", [2**62 + 8])):
        yield f"shape-wraps-{name}", claimed(dims)
    yield "padding-wraps", claimed([2**62 - 4])
    yield "padding-wraps-bytes", claimed([2**64 - 16], kind=24)
    for name, offset in (("last", 2**64 - 32), ("sign", 2**63), ("odd", 2**64 - 1), ("half", 2**63 - 32)):
        yield f"offset-wraps-{name}", claimed([8], offset=offset)
    for alignment in (2**31, 2**32 - 1, 2**30):
        yield f"alignment-{alignment}", file([key("general.alignment", 4, scalar(4, alignment))], [])[:64]


def seeds():
    yield from hostile()
    yield "empty", file()
    yield "version-2", file([key("a", 4, scalar(4, 7))], version=2)
    numbers = [key(f"k{kind}", kind, scalar(kind, 1)) for kind in SCALARS]
    yield "scalars", file(numbers)
    yield "extremes", file([key("u", 10, scalar(10, 2**64 - 1)), key("i", 11, scalar(11, -(2**63)))])
    yield "strings", file([key("s", STRING, text("caf\u00e9")), key("t", ARRAY, array(STRING, ["a", "", "bc"]))])
    yield "arrays", file([key(f"k{kind}", ARRAY, array(kind, [1, 0])) for kind in SCALARS])
    inner = [array(4, [1, 2]), array(STRING, ["x"]), array(4, [])]
    yield "nested", file([key("n", ARRAY, array(ARRAY, inner))])
    yield "too-deep", file([key("n", ARRAY, array(ARRAY, [array(ARRAY, [array(0, [1])])]))])
    for kind, (elements, _) in BLOCKS.items():
        yield f"type-{kind:02}", file(tensors=[("t", [elements], kind)])
    yield "shapes", file(tensors=[("a", [2], 0), ("b", [32, 2], 2), ("c", [2, 1, 3], 1), ("d", [1, 2, 1, 2], 24)])
    yield "alignment-64", file([key("general.alignment", 4, scalar(4, 64))], [("a", [3], 0), ("b", [3], 0)], alignment=64)
    yield "alignment-0", file([key("general.alignment", 4, scalar(4, 0))])
    yield "twice", file([key("a", 0, scalar(0, 1))] * 2)
    yield "tensor-twice", file(tensors=[("a", [1], 0)] * 2)
    yield "truncated", file(tensors=[("a", [64], 0)])[:-1]
    yield "big-endian", struct.pack(">4sIQQ", b"GGUF", 3, 0, 0)


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "gguf"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
