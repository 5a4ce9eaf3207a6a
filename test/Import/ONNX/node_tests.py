"""Runs the node tests that come with PyPI's onnx: each case becomes an ONNX file and a safetensors file with its inputs
and outputs, which `ph verify` compares.

    node_tests.py FOLDER [--only LIST… [--others REASONS]] [--match REGEX] [--jobs N]

--only runs the cases whose names stand in the LISTs, one a line, and fails if one of them fails; with --others each other case must
match one of the lines `REGEX: reason` of REASONS. Without --only all cases run, and what passes is printed as such a list; why
others don't goes to standard error. --match picks cases by how their names begin, without "test_".

Operands that a compiler must know, because shapes follow from them, become constants of the graph: shapes, axes, sizes of
parts, paddings, numbers of elements. The tolerance is 1e-4, relative to the largest expected value where that is above 1.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / ".cache" / "python"))
warnings.filterwarnings("ignore")

import numpy
import onnx
from onnx.backend.test.case.node import collect_testcases

# Operator: places of operands that become constants.
CONSTANT = {
    "CenterCropPad": [1], "Clip": [], "ConstantOfShape": [0], "CumProd": [1], "CumSum": [1], "Expand": [1],
    "BlackmanWindow": [0], "HammingWindow": [0], "HannWindow": [0], "OneHot": [1], "Pad": [1, 3], "Range": [0, 1, 2],
    "Loop": [0, 1], "Reshape": [1], "Resize": [1, 2, 3], "Slice": [1, 2, 3, 4], "Split": [1], "Squeeze": [1], "Tile": [1], "TopK": [1], "Trilu": [1],
    "Unsqueeze": [1], "Dropout": [1, 2], **{f"Reduce{kind}": [1] for kind in (
        "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")},
}  # fmt: skip
TYPES = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16",
         "int8": "I8", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "bfloat16": "BF16",
         "bool": "BOOL"}  # fmt: skip


def is_real(array):
    return array.dtype.kind == "f" or str(array.dtype) == "bfloat16"


def save(path, tensors):
    header, data = {}, b""
    for name, array in tensors.items():
        array = numpy.ascontiguousarray(array) if array.ndim else array
        raw = array.tobytes()
        header[name] = {"dtype": TYPES[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def prepare(case, folder):
    """Writes the case's files; returns the tolerance, or raises ValueError with the reason why it can't be written."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    inputs, outputs = ([onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
                        for value in values] for values in case.data_sets[0])  # fmt: skip
    names = [value.name for value in model.graph.input]
    constants = {node.input[place] for node in model.graph.node for place in CONSTANT.get(node.op_type, ())
                 if place < len(node.input)}  # fmt: skip
    tensors, most = {}, 1.0
    for name, array in zip(names, inputs):
        if not isinstance(array, numpy.ndarray | numpy.generic):
            raise ValueError("takes no tensor")
        array = numpy.asarray(array)
        if name in constants:
            model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
            model.graph.input.remove(next(value for value in model.graph.input if value.name == name))
        else:
            tensors[name] = array
    for value, array in zip(model.graph.output, outputs):
        if not isinstance(array, numpy.ndarray | numpy.generic):
            raise ValueError("gives no tensor")
        tensors["out." + value.name] = array = numpy.asarray(array)
        if is_real(array) and array.size:
            finite = numpy.abs(array[numpy.isfinite(array)].astype(float))
            most = max(most, finite.max() if finite.size else 0)
    for array in tensors.values():
        if str(array.dtype) not in TYPES:
            raise ValueError(f"has elements of type {array.dtype}, which safetensors or the compiler lack")
        if array.dtype.kind in "iu" and array.size and numpy.abs(array.astype(numpy.float64)).max() >= 2**31:
            raise ValueError("has integers beyond 32 bits")
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    save(folder / "t.safetensors", tensors)
    # Each of the reference's operations on halves rounds to 11 bits, on bfloat16 to 8.
    kinds = {str(array.dtype) for array in tensors.values()}
    return (1.6e-2 if "bfloat16" in kinds else 2e-3 if "float16" in kinds else 1e-4) * most


def run(case, root):
    folder = root / case.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tolerance = prepare(case, folder)
    except ValueError as error:
        return str(error)
    try:
        done = subprocess.run(["ph", "verify", folder / "m.onnx", folder / "t.safetensors", "--atol", f"{tolerance:.3g}"],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "POWERHOUSE_CACHE": str(folder / "cache")})  # fmt: skip
    except subprocess.TimeoutExpired:
        return "takes more than 120 s"
    finally:
        subprocess.run(["rm", "-rf", folder / "cache"], check=False)
    if done.returncode == 0:
        return ""
    text = (done.stderr.strip() or done.stdout.strip()).replace(str(folder), "").splitlines()
    return text[-1] if text else f"exit code {done.returncode}"


def without_reason(names, reasons):
    """Names that no line explains, and lines that explain no name."""
    lines = [line.split(":")[0] for line in reasons.read_text().splitlines() if line and not line.startswith("#")]
    known = {line: [name for name in names if re.fullmatch(line, name)] for line in lines}
    explained = {name for matches in known.values() for name in matches}
    return [name for name in names if name not in explained], [line for line in lines if not known[line]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", type=pathlib.Path, nargs="+")
    parser.add_argument("--others", type=pathlib.Path)
    parser.add_argument("--match", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cases = {case.name.removeprefix("test_"): case for case in collect_testcases(None) if case.model}
    only = {name for each in options.only for name in each.read_text().split()} if options.only else set(cases)
    failed = sorted(only - set(cases))
    if options.others:
        unexplained, idle = without_reason(sorted(set(cases) - only), options.others)
        failed += [f"{name}: is in neither list" for name in unexplained]
        failed += [f"{line}: explains nothing" for line in idle]
    names = [name for name in cases if name in only and re.match(options.match, name)]
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, reason in zip(names, pool.map(lambda name: run(cases[name], options.folder), names)):
            if reason:
                print(f"{name}: {reason}", file=sys.stderr)
                failed.append(name)
            else:
                passed += 1
                if not options.only:
                    print(name, flush=True)
    if not options.only:
        return
    print(f"{passed} of ONNX's {len(cases)} node tests pass, {len(failed)} that must do not")
    for name in failed:
        print("FAILED", name)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
