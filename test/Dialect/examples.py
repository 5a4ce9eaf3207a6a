"""Checks and runs every example in the op, attribute and type descriptions of a folder of .td files.

usage: examples.py PH_OPT FOLDER

Each ```mlir block must be accepted by ph-opt, and printed so that what is printed, in the op's own form and
in the generic one, parses to the same. Each function in one must run on the reference interpreter with seeded inputs. Prints the
number of examples and of functions that ran. Also checks that each op has the parts that its documentation owes: operands, constraints, example.
"""

import pathlib
import re
import subprocess
import sys


def run(tool, text, *flags):
    return subprocess.run([tool, "-", *flags], input=text, capture_output=True, text=True)


# Shapes of inputs that must fit each other more than seeded ones do.
DIMS = {"masked": ["--dims=arg0=3x3"], "join_heads": ["--dims=arg0=1x1x4x16"]}
# Inputs that one op makes for another: no seed gives them, and other tests run the ops.
PAIRED = {"grouped": "offsets that xf.sort_by_expert makes", "scatter": "the order that xf.sort_by_expert makes"}


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    failures, examples, ran = [], 0, 0
    for path in sorted(folder.glob("*.td")):
        text = path.read_text(encoding="utf-8")
        for definition in re.split(r"\n(?=def )", text):
            name = re.match(r"def ((?:XF|Step|Train)_\w+Op) ", definition)
            if not name:
                continue
            for part in ("let summary", "(Operands|Attributes):", "Constraints:", r"\(C1\)", "```mlir"):
                if not re.search(part, definition):
                    failures.append(f"{path.name}: {name[1]} documents no {part}")
        for example in re.findall(r"```mlir\n(.*?)```", text, re.S):
            examples += 1
            first = run(tool, example)
            second = run(tool, first.stdout) if first.returncode == 0 else first
            if second.returncode != 0:
                failures.append(f"{path.name}: {second.stderr}\n{example}")
            elif first.stdout != second.stdout:
                failures.append(f"{path.name}: is not printed as it is parsed:\n{first.stdout}\n{second.stdout}")
            else:
                generic = run(tool, run(tool, example, "--mlir-print-op-generic").stdout)
                if generic.stdout != first.stdout:
                    failures.append(f"{path.name}: its generic form isn't parsed back:\n{generic.stderr}\n{first.stdout}")
                if re.search(r"\S  ", first.stdout):
                    failures.append(f"{path.name}: is printed with two spaces:\n{first.stdout}")
            for function in re.findall(r"func\.func @(\w+)\(", example):
                # Kernels are below what the interpreter knows.
                if function in PAIRED or "step." in example:
                    continue
                done = run(tool, example, f"--run={function}", *DIMS.get(function, []))
                ran += done.returncode == 0
                if done.returncode != 0:
                    failures.append(f"{path.name}: @{function} does not run: {done.stderr}")
    print(f"{examples} examples, {ran} functions ran")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


sys.exit(main())
