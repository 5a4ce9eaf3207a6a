#!/usr/bin/env python3
"""Derives broken GGUF files from a small good one (see make_tiny_gguf.py), one per way of being broken.

    make_bad_gguf.py GOOD OUTDIR

Writes OUTDIR/<case>.gguf and OUTDIR/cases.json: a list of {"file", "level", "expect"}. `level` says who must refuse it:
"reader" (the file cannot be parsed), "values" (a number in the weights is not finite) or "model" (well-formed, but no model of its
family). `expect` is a part of the error message; "" where any clear message does.
"""

import json
import os
import struct
import sys

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY, U32 = 8, 9, 4
# type: elements and bytes of a block, offset of a scale in it
BLOCKS = {0: (1, 4, 0), 1: (1, 2, 0), 2: (32, 18, 0), 3: (32, 20, 2), 8: (32, 34, 0)}


class Model:
    """A GGUF file taken apart: keys [name, type, payload bytes], tensors [name, dims, type, offset], data."""

    def __init__(self, data):
        self.bytes, self.at, self.fields = data, 0, []
        _, self.version, tensors, keys = (self.take(f) for f in ("4s", "I", "Q", "Q"))
        self.keys = [self.key() for _ in range(keys)]
        self.tensors = [self.tensor() for _ in range(tensors)]
        self.header_end = self.at
        self.data = data[-(-self.at // 32) * 32 :]

    def take(self, code):
        self.fields.append(self.at)
        (result,) = struct.unpack_from("<" + code, self.bytes, self.at)
        self.at += struct.calcsize("<" + code)
        return result

    def text(self):
        length = self.take("Q")
        self.fields.append(self.at)
        self.at += length
        return self.bytes[self.at - length : self.at]

    def skip(self, kind):
        if kind == STRING:
            self.text()
        elif kind == ARRAY:
            element, count = self.take("I"), self.take("Q")
            marks = len(self.fields)
            for _ in range(count):
                self.skip(element)
            del self.fields[marks + 4 : -1]  # a few elements stand for all
        else:
            self.take(SCALARS[kind])

    def key(self):
        name, kind = self.text(), self.take("I")
        begin = self.at
        self.skip(kind)
        return [name, kind, self.bytes[begin : self.at]]

    def tensor(self):
        name, rank = self.text(), self.take("I")
        return [name, [self.take("Q") for _ in range(rank)], self.take("I"), self.take("Q")]


def build(model, keys=None, tensors=None, data=None, magic=b"GGUF", version=None, tensor_count=None, key_count=None):
    """The file that says just this, whether it makes sense or not."""
    keys = model.keys if keys is None else keys
    tensors = model.tensors if tensors is None else tensors
    out = magic + struct.pack(
        "<IQQ",
        model.version if version is None else version,
        len(tensors) if tensor_count is None else tensor_count,
        len(keys) if key_count is None else key_count,
    )
    for name, kind, payload in keys:
        out += struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + payload
    for name, dims, kind, offset in tensors:
        out += struct.pack("<Q", len(name)) + name + struct.pack(f"<I{len(dims)}Q", len(dims), *dims)
        out += struct.pack("<IQ", kind, offset)
    return out.ljust(-(-len(out) // 32) * 32, b"\0") + (model.data if data is None else data)


def with_key(model, name, kind, payload):
    """The keys with one replaced, or appended where there was none."""
    keys = [k for k in model.keys if k[0] != name]
    return keys + [[name, kind, payload]]


def with_tensor(model, index, **changes):
    tensors = [list(t) for t in model.tensors]
    for field, new in changes.items():
        tensors[index][("name", "dims", "kind", "offset").index(field)] = new
    return tensors


def truncations(m):
    """One byte into each field of the header, at each field's beginning, and inside the data."""
    for number, begin in enumerate(m.fields):
        yield f"truncated-{number:03}-before", m.bytes[:begin], ""
        yield f"truncated-{number:03}-inside", m.bytes[: begin + 1], ""
    yield "truncated-data", m.bytes[:-1], "truncated"
    yield "truncated-all-data", m.bytes[: m.header_end], "truncated"
    yield "empty", b"", "not a GGUF file"


def broken_header(m):
    yield "magic", build(m, magic=b"GGML"), "not a GGUF file"
    for version in (0, 1, 4, 99):
        yield f"version-{version}", build(m, version=version), f"version {version} is not supported"
    yield "big-endian", build(m, version=3 << 24), "big-endian"
    for name, count in (("huge", 1 << 63), ("all-ones", (1 << 64) - 1), ("beyond", 1 << 32)):
        yield f"tensor-count-{name}", build(m, tensor_count=count), f"claims {count} tensors"
        yield f"key-count-{name}", build(m, key_count=count), f"claims {count} metadata keys"
    yield "tensor-count-plus-one", build(m, tensor_count=len(m.tensors) + 1), ""
    yield "key-count-plus-one", build(m, key_count=len(m.keys) + 1), ""


def broken_keys(m):
    def key(kind, payload, name=b"x.y"):
        return build(m, keys=m.keys + [[name, kind, payload]])

    def array(element, count, payload=b""):
        return struct.pack("<IQ", element, count) + payload

    huge = (1 << 64) - 8
    yield "string-length", key(STRING, struct.pack("<Q", huge)), f"claims {huge} bytes"
    yield "array-count", key(ARRAY, array(0, 1 << 40)), f"claims {1 << 40} elements"
    yield "array-count-overflow", key(ARRAY, array(10, 1 << 61)), f"claims {1 << 61} elements"
    yield "array-of-strings-count", key(ARRAY, array(STRING, 1 << 40)), f"claims {1 << 40} elements"
    yield "array-type", key(ARRAY, array(13, 1, b"\0" * 8)), "type number 13"
    yield "array-depth", key(ARRAY, array(ARRAY, 1, array(ARRAY, 1, array(0, 1, b"\0")))), "two levels"
    yield "value-type", key(77, b"\0" * 8), "type number 77"
    yield "boolean", key(7, b"\2"), "boolean"
    yield "key-empty", key(0, b"\0", name=b""), "keys have 1 to 65535"
    yield "key-length", key(0, b"\0", name=b"k" * 65536), "keys have 1 to 65535"
    yield "key-twice", build(m, keys=m.keys + [m.keys[1]]), f"'{m.keys[1][0].decode()}' stands in the file twice"
    for name, kind, code, number in (("zero", U32, "<I", 0), ("odd", U32, "<I", 48), ("type", 10, "<Q", 32)):
        keys = with_key(m, b"general.alignment", kind, struct.pack(code, number))
        yield f"alignment-{name}", build(m, keys=keys), "general.alignment"


def broken_tensors(m):
    index = next(i for i, t in enumerate(m.tensors) if len(t[1]) == 2)
    name, dims, kind, offset = m.tensors[index]
    label = f"tensor '{name.decode()}'"

    def change(**changes):
        return build(m, tensors=with_tensor(m, index, **changes))

    yield "tensor-twice", build(m, tensors=m.tensors + [m.tensors[index]]), label + " stands in the file twice"
    yield "tensor-name-empty", change(name=b""), "names have 1 to 65535"
    yield "type-unknown", change(kind=99), label + " has type number 99"
    yield "type-removed", change(kind=4), label + " has type number 4"
    yield "type-huge", change(kind=0xFFFFFFFF), label + " has type number 4294967295"
    yield "rank-0", change(dims=[]), "0 dimensions"
    yield "rank-5", change(dims=[32, 1, 1, 1, 1]), "5 dimensions"
    yield "dimension-0", change(dims=[dims[0], 0]), "dimension of 0"
    yield "elements-overflow", change(dims=[1 << 62, 8]), "more elements than 64 bits"
    yield "elements-sign", change(dims=[1 << 63, 1]), "more elements than 64 bits"
    yield "bytes-overflow", change(kind=0, dims=[(1 << 62) - 32, 2]), ""
    yield "beyond-the-file", change(dims=[dims[0], 1 << 40]), label
    yield "offset-misaligned", change(offset=offset + 1), "alignment"
    yield "offset-outside", change(offset=1 << 40), label
    yield "offset-wraps", change(offset=(1 << 64) - 32), label
    other = m.tensors[index + 1]
    yield "overlap", build(m, tensors=with_tensor(m, index + 1, offset=offset)), "overlap"
    yield "overlap-part", build(m, tensors=with_tensor(m, index + 1, offset=offset + 32, dims=other[1])), "overlap"
    if BLOCKS[kind][0] > 1:
        yield "rows-not-whole-blocks", change(dims=[dims[0] - 1, dims[1]]), "not a multiple of the 32"


def broken_values(m):
    for label, bits in (("nan", {2: 0x7E00, 4: 0x7FC00000}), ("infinite", {2: 0xFC00, 4: 0xFF800000})):
        for what, rank in (("weight", 2), ("norm", 1)):
            name, dims, kind, offset = [t for t in m.tensors if len(t[1]) == rank][-1]
            elements, size, field = BLOCKS[kind]
            width = 4 if kind == 0 else 2
            blocks = dims[0] * (dims[1] if rank == 2 else 1) // elements
            for place, block in (("first", 0), ("last", blocks - 1)):
                data = bytearray(m.data)
                code = "<I" if width == 4 else "<H"
                struct.pack_into(code, data, offset + block * size + field, bits[width])
                at = len(m.bytes) - len(m.data) + offset + block * size + field
                expect = f"byte {at}: tensor '{name.decode()}'"
                yield f"{label}-in-{place}-block-of-{what}", build(m, data=bytes(data)), expect


def broken_model(m):
    def number(key, value):
        name = f"llama.{key}".encode()
        return build(m, keys=with_key(m, name, U32, struct.pack("<I", value)))

    def without(key):
        return build(m, keys=[k for k in m.keys if k[0] != key.encode()])

    text = b"no-such-family"
    keys = with_key(m, b"general.architecture", STRING, struct.pack("<Q", len(text)) + text)
    yield "architecture-unknown", build(m, keys=keys), "no-such-family"
    yield "architecture-missing", without("general.architecture"), "general.architecture"
    yield "architecture-not-text", build(m, keys=with_key(m, b"general.architecture", U32, b"\0" * 4)), ""
    for key in ("block_count", "embedding_length", "attention.head_count"):
        yield f"missing-{key}", without(f"llama.{key}"), f"llama.{key}"
        yield f"zero-{key}", number(key, 0), ""
        yield f"huge-{key}", number(key, 0x7FFFFFFF), ""
    yield "heads-do-not-divide", number("attention.head_count", 3), ""
    yield "head-size", number("attention.key_length", 10), "heads * head_dim"
    yield "one-layer-more", number("block_count", 3), "blk.2."
    yield "one-layer-less", number("block_count", 1), "blk.1."
    target = next(i for i, t in enumerate(m.tensors) if t[0].endswith(b"ffn_down.weight"))
    name, dims, _, _ = m.tensors[target]
    rest = m.tensors[:target] + m.tensors[target + 1 :]
    yield "tensor-missing", build(m, tensors=rest), name.decode()
    yield "tensor-extra", build(m, tensors=with_tensor(m, target, name=b"blk.0.surprise.weight")), ""
    end = len(m.data)
    extra = m.tensors + [[b"surprise.weight", [32], 0, -(-end // 32) * 32]]
    data = m.data.ljust(-(-end // 32) * 32, b"\0") + b"\0" * 128
    yield "tensor-added", build(m, tensors=extra, data=data), "surprise.weight"
    wide = m.data.ljust(-(-end // 32) * 32, b"\0") + b"\0" * (8 * dims[0] * dims[1])
    tensors = with_tensor(m, target, kind=28, offset=-(-end // 32) * 32)
    yield "type-f64", build(m, tensors=tensors, data=wide), f"'{name.decode()}' has the type F64"
    yield "shape-transposed", build(m, tensors=with_tensor(m, target, dims=dims[::-1])), name.decode()
    yield "shape-rank", build(m, tensors=with_tensor(m, target, dims=[*dims, 1, 1])), ""
    yield "shape-flat", build(m, tensors=with_tensor(m, target, dims=[dims[0] * dims[1]])), name.decode()


def main():
    with open(sys.argv[1], "rb") as f:
        model = Model(f.read())
    assert build(model) == model.bytes, "this file is not one that make_tiny_gguf.py writes"
    os.makedirs(sys.argv[2], exist_ok=True)
    levels = {
        "reader": (truncations, broken_header, broken_keys, broken_tensors),
        "values": (broken_values,),
        "model": (broken_model,),
    }
    cases = []
    for level, makers in levels.items():
        for maker in makers:
            for name, data, expect in maker(model):
                with open(os.path.join(sys.argv[2], name + ".gguf"), "wb") as f:
                    f.write(data)
                cases.append({"file": name + ".gguf", "level": level, "expect": expect})
    with open(os.path.join(sys.argv[2], "cases.json"), "w") as f:
        json.dump(cases, f, indent=1)


if __name__ == "__main__":
    main()
