"""Writes ONNX files, whole and broken ones, and the errors that phc gives for the broken.

    onnx_files.py OUTDIR        compiles each with phc and prints `NAME: exit code N: MESSAGE`
"""

import os
import pathlib
import subprocess
import sys


def varint(n):
    out = b""
    n &= (1 << 64) - 1
    while True:
        out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
        n >>= 7
        if not n:
            return out


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, kind=1, raw=None, external=None):
    out = b"".join(field(1, d) for d in dims) + field(2, kind) + field(8, name)
    if raw is not None:
        out += field(9, raw)
    for key, value in (external or {}).items():
        out += field(13, field(1, key) + field(2, value))
    return out + (field(14, 1) if external else b"")


def node(op, inputs, outputs, attributes=(), name="n"):
    out = b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(3, name) + field(4, op)
    return out + b"".join(field(5, a) for a in attributes)


def graph_attribute(name, graph):
    return field(1, name) + field(6, graph) + field(20, 5)


def value(name, dims=(2,), kind=1):
    shape = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def graph(nodes, inputs, outputs, initializers=()):
    return (b"".join(field(1, n) for n in nodes) + field(2, "g") + b"".join(field(5, t) for t in initializers)
            + b"".join(field(11, i) for i in inputs) + b"".join(field(12, o) for o in outputs))


def model(graph, opset=18):
    return field(1, 8) + field(7, graph) + field(8, field(2, opset))


def adding(initializer, opset=18):
    return model(graph([node("Add", ["x", "w"], ["y"])], [value("x")], [value("y")], [initializer]), opset)


def deep(levels):
    inner = graph([], [], [])
    for _ in range(levels):
        inner = graph([node("If", [], [], [graph_attribute("then_branch", inner)])], [], [])
    return model(inner)


def files(out):
    (out / "w.bin").write_bytes(bytes(16))
    (out.parent / "outside.bin").write_bytes(bytes(16))
    (out / "link.bin").symlink_to(out.parent / "outside.bin")
    os.link(out.parent / "outside.bin", out / "hard.bin")
    yield "whole", adding(tensor("w", [2], raw=bytes(8)))
    yield "external", adding(tensor("w", [2], external={"location": "w.bin", "offset": "8", "length": "8"}))
    for name, location in {"up": "../outside.bin", "absolute": str(out / "w.bin"), "symlink": "link.bin",
                           "hard link": "hard.bin", "missing": "no.bin", "folder": "."}.items():
        yield name, adding(tensor("w", [2], external={"location": location}))
    yield "beyond", adding(tensor("w", [2], external={"location": "w.bin", "offset": "9"}))
    yield "huge offset", adding(tensor("w", [2], external={"location": "w.bin", "offset": str(2**64 - 4)}))
    yield "no number", adding(tensor("w", [2], external={"location": "w.bin", "offset": "-1"}))
    yield "short", adding(tensor("w", [3], raw=bytes(8)))
    yield "count overflow", adding(tensor("w", [2**62, 4], raw=b""))
    yield "negative", adding(tensor("w", [-1], raw=b""))
    yield "unknown type", adding(tensor("w", [2], kind=99, raw=bytes(8)))
    yield "opset 10", adding(tensor("w", [2], raw=bytes(8)), opset=10)
    yield "opset 99", adding(tensor("w", [2], raw=bytes(8)), opset=99)
    yield "unknown operator", model(graph([node("Frobnicate", ["x"], ["y"])], [value("x")], [value("y")]))
    yield "no operand", model(graph([node("Add", ["x", "z"], ["y"])], [value("x")], [value("y")]))
    yield "shapes", model(graph([node("Add", ["x", "z"], ["y"])], [value("x"), value("z", [3])], [value("y")]))
    yield "text", model(graph([node("Neg", ["x"], ["y"])], [value("x", kind=8)], [value("y")]))
    yield "deep", deep(200)
    yield "graphs in graphs", deep(17)
    yield "truncated", adding(tensor("w", [2], raw=bytes(8)))[:-9]
    yield "no graph", field(1, 8)


def main():
    out = pathlib.Path(sys.argv[1]) / "folder"
    out.mkdir(parents=True)
    for name, data in files(out):
        path = out / (name.replace(" ", "-") + ".onnx")
        path.write_bytes(data)
        done = subprocess.run(["phc", path, "-o", out / "a.phx"], capture_output=True, text=True, timeout=60)
        print(f"{name}: exit code {done.returncode}: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
