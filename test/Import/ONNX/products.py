"""Products of tensors that are no weights, larger than the tiles that threads share: ONNX files, and what they give in
exact numbers, for ph verify.

    products.py OUTDIR
"""

import pathlib
import subprocess
import sys
from array import array

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "Integration"))
from onnx_files import field, graph, model, node, value
from small_llama import write_safetensors


def numbers(count, seed):
    """Eighths, few enough that sums of their products are exact in f32."""
    return [((seed + i * 7919) % 17 - 8) / 8 for i in range(count)]


def product(a, b, rows, columns, depth):
    """Of one matrix [rows, depth] and one [columns, depth]."""
    lines = [b[j * depth : (j + 1) * depth] for j in range(columns)]
    result = []
    for i in range(rows):
        row = a[i * depth : (i + 1) * depth]
        result += [sum(map(float.__mul__, row, line)) for line in lines]
    return result


def transposed(values, rows, columns):
    return [values[i * columns + j] for j in range(columns) for i in range(rows)]


def f32(shape, values):
    return "F32", shape, array("f", values).tobytes()


def write(folder, name, batch, rows, columns, depth, turned, known):
    """`turned`: the second operand is stored [columns, depth]; `known`: the graph says the sizes."""
    a, b = numbers(batch * rows * depth, 3), numbers(batch * columns * depth, 5)
    expected, second = [], []
    for each in range(batch):
        matrix = b[each * columns * depth : (each + 1) * columns * depth]
        expected += product(a[each * rows * depth : (each + 1) * rows * depth], matrix, rows, columns, depth)
        second += matrix if turned else transposed(matrix, columns, depth)
    shape = [batch, columns, depth] if turned else [batch, depth, columns]
    order = field(1, "perm") + b"".join(field(8, i) for i in (0, 2, 1)) + field(20, 7)
    nodes = [node("Transpose", ["b"], ["t"], [order], "t")] if turned else []
    nodes.append(node("MatMul", ["a", "t" if turned else "b"], ["y"], (), "m"))
    sizes = (lambda dims: dims) if known else (lambda dims: ["n", *dims[1:-1], dims[-1]])
    rank3 = [value("a", sizes([batch, rows, depth])), value("b", sizes(shape))]
    (folder / f"{name}.onnx").write_bytes(model(graph(nodes, rank3, [value("y", sizes([batch, rows, columns]))])))
    write_safetensors(
        folder / f"{name}.safetensors",
        {"a": f32([batch, rows, depth], a), "b": f32(shape, second), "out.y": f32([batch, rows, columns], expected)},
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for turned in (False, True):
        for known in (False, True):
            for batch, rows, columns, depth in ((1, 130, 300, 24), (3, 70, 40, 33), (2, 1, 270, 48)):
                name = f"{batch}x{rows}x{columns}x{depth}{'-turned' if turned else ''}{'-known' if known else ''}"
                write(folder, name, batch, rows, columns, depth, turned, known)
                command = ["ph", "verify", folder / f"{name}.onnx", folder / f"{name}.safetensors", "--atol", "0"]
                done = subprocess.run(command, capture_output=True, text=True)
                print(f"{name}: {'exact' if done.returncode == 0 else done.stdout + done.stderr}")
                failed += done.returncode != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
