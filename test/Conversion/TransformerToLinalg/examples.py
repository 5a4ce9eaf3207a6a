"""Lowers the example of every op to linalg, and compares what it gives before and after.

usage: examples.py PH_OPT FOLDER COUNTS [DIALECT]

Examples are those of the op descriptions in FOLDER, of the dialect xf or the one named, but that activations are stored as f32 and images are small. Every op of the dialect must be lowered in one of them, and
nothing but weights may be left. Each function must give the same values before and after on random and special inputs of two sizes, but for those that take
what no seed makes, which are listed; composed.mlir beside this has them in functions of their own. The last line says how many there were, and is
written to the file COUNTS.
"""

import pathlib
import re
import subprocess
import sys

PASSES = ["--xf-flash-attention=tile-queries=4 tile-keys=8", "--convert-transformer-to-linalg"]
# What definitions of a dialect begin with, and what is run first.
DIALECTS = {"xf": ("XF", []), "train": ("Train", ["--train-expand"])}
VERIFIED = re.compile(r" = (\d+) comparisons, (\d+) differences")
# Nothing becomes of these.
KEPT = {"weight", "load_weight"}
REFUSED = {"encode": "activations are f32 here"}
# Functions that can't be compared here: what they take must fit, or what they give is as large as the tensors of a cache, or not specified. composed.mlir compares their ops.
NOT_COMPARED = {"keys", "values", "grouped", "scatter", "numbers", "shifted", "room"}
# Divergences are differences of logarithms, and as exact as these are: test/Unit/Conversion/TrainingTest.cpp compares them.
NOT_COMPARED |= {"kl", "kl_backward"}
# Large examples take the interpreter minutes.
SMALLER = [("224x224", "28x28"), ("?x256x64xf32", "?x4x64xf32"), ("?x16x32x32", "?x16x8x8"), ("?x16x16x16", "?x16x4x4")]


def check(tool, example, dialect):
    """The number of comparisons, and what is wrong, or nothing."""
    compared = not set(re.findall(r"func\.func @(\w+)", example)) & NOT_COMPARED
    verify = ["--verify-values=1", "--verify-sizes=1x1,2x3", "--verify-reproducer="] if compared else []
    run = subprocess.run([tool, "-", *DIALECTS[dialect][1], *PASSES, *verify, "-o", "-"], input=example, capture_output=True, text=True)
    found = VERIFIED.search(run.stderr)
    if run.returncode or (compared and (not found or found[1] == "0" or found[2] != "0")):
        return 0, run.stderr
    left = set(re.findall(r"\b(?:xf|train)\.(\w+)", re.sub(r"#xf\.\w+|xf\.(name|model)\b", "", run.stdout))) - KEPT
    return int(found[1]) if compared else 0, f"is not lowered: {left}" if left else None


def main():
    tool, folder, counts = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    dialect = sys.argv[4] if len(sys.argv) > 4 else "xf"
    failures, lowered, every, comparisons = [], set(), set(), 0
    for path in sorted(folder.glob("*.td")):
        text = path.read_text(encoding="utf-8")
        every |= set(re.findall(rf'^def {DIALECTS[dialect][0]}_\w+Op : \w+<"(\w+)"', text, re.M))
        for example in re.findall(r"```mlir\n(.*?)```", text, re.S):
            ops = set(re.findall(rf"(?<![#!])\b{dialect}\.(\w+)", example))
            if not ops - KEPT or ops & set(REFUSED):
                continue
            for large, small in SMALLER:
                example = example.replace(large, small)
            example = re.sub(r", #xf\.format<(i8x32|i8x16|f16|bf16)>", "", example)
            compared, wrong = check(tool, example, dialect)
            comparisons += compared
            if wrong:
                failures.append(f"{path.name}: {wrong}\n{example}")
            else:
                lowered |= ops
    missing = every - lowered - set(REFUSED) - KEPT
    if missing:
        failures.append(f"no example is lowered of {sorted(missing)}")
    line = f"{len((lowered & every) - KEPT)} of {len(every)} ops as linalg, {comparisons} comparisons, {len(failures)} failures"
    print(line)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures or not lowered else 0


sys.exit(main())
