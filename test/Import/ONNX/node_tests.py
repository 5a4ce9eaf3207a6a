"""Runs the node tests that come with PyPI's onnx: each case becomes an ONNX file and a safetensors file with its inputs
and outputs, which `ph verify` compares.

    node_tests.py FOLDER [--only LIST] [--match REGEX] [--jobs N]

--only runs the cases whose names stand in LIST, one a line, and fails if one of them fails. Without it all cases of operators
that are known run, and what passes is printed as such a list; the reasons of others go to standard error.

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
    "Reshape": [1], "Slice": [1, 2, 3, 4], "Split": [1], "Squeeze": [1], "Tile": [1], "TopK": [1], "Trilu": [1],
    "Unsqueeze": [1], "Dropout": [1, 2], **{f"Reduce{kind}": [1] for kind in (
        "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")},
}  # fmt: skip
TYPES = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16",
         "int8": "I8", "uint8": "U8", "bool": "BOOL"}  # fmt: skip


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
    inputs, outputs = case.data_sets[0]
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
        if array.dtype.kind == "f" and array.size:
            finite = numpy.abs(array[numpy.isfinite(array)].astype(float))
            most = max(most, finite.max() if finite.size else 0)
    for array in tensors.values():
        if str(array.dtype) not in TYPES:
            raise ValueError(f"has elements of type {array.dtype}, which safetensors or the compiler lack")
        if array.dtype.kind == "i" and array.size and numpy.abs(array.astype(numpy.float64)).max() >= 2**31:
            raise ValueError("has integers beyond 32 bits")
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    save(folder / "t.safetensors", tensors)
    return 1e-4 * most


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", type=pathlib.Path)
    parser.add_argument("--match", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    only = options.only and set(options.only.read_text().split())
    cases = [case for case in collect_testcases(None) if case.model and
             (case.name in only if only is not None else re.search(options.match, case.name))]  # fmt: skip
    failed = sorted(only - {case.name for case in cases}) if only is not None else []
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, reason in zip(cases, pool.map(lambda case: run(case, options.folder), cases)):
            if reason:
                print(f"{case.name}: {reason}", file=sys.stderr)
                if only is not None:
                    failed.append(case.name)
            else:
                passed += 1
                if only is None:
                    print(case.name, flush=True)
    if only is not None:
        print(f"{passed} of ONNX's node tests pass, {len(failed)} that must do not")
        for name in failed:
            print("FAILED", name)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
