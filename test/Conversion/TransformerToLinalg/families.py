"""Lowers the module of every family to linalg and compares what it gives with what transformers computed, and before and after on random inputs.

usage: families.py PH_OPT SOURCE REFERENCE COUNTS FILE.mlir...

Each file says in its first RUN line with --expect what to run on what. It goes through the default pipeline, its attention into tiles, and all of it to linalg:
no op of xf may be left but weights. Caches have more positions than the tokens need. Under --verify-values each function gives the same before
and after. The last line says how much was compared, and is written to the file COUNTS. Files whose data is in REFERENCE, where that is not there, are compared
on random inputs only, and counted.
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PASSES = ["--xf-default-pipeline=activations=f32", "--xf-flash-attention=tile-queries=16 tile-keys=64", "--convert-transformer-to-linalg"]
POSITIONS = 40


def run_line(text):
    """The arguments of the first RUN line that compares with expected values."""
    for line in re.sub(r"\\\n// RUN:", " ", text).splitlines():
        if line.startswith("// RUN: ph-opt %s --run=") and "--expect=" in line:
            return shlex.split(line.split("ph-opt %s", 1)[1].split("|")[0])
    return None


def dims_of_caches(module, function):
    """The shapes of the tensors that the caches of a function have become: two sequences of POSITIONS positions."""
    signature = re.search(rf"func\.func @{function}\((.*?)\) ->", module)[1]
    caches = re.findall(r'tensor<\?x(\d+)x(\d+)x\?x(\d+)xf\d+> \{xf\.name = "([^"]*\.(?:keys|values))"\}', signature)
    return ",".join(f"{name}=2x{layers}x{heads}x{POSITIONS}x{dim}" for layers, heads, dim, name in caches)


VERIFIED = re.compile(r" = (\d+) comparisons, (\d+) differences")


def verify(tool, file):
    """The number of comparisons on random inputs, and what went wrong, or nothing."""
    run = subprocess.run(
        [tool, file, *PASSES, "--verify-values=1", "--verify-sizes=1x1,2x3", "--verify-reproducer=", "-o", "/dev/null"], capture_output=True, text=True
    )
    found = VERIFIED.search(run.stderr)
    # @main of a file may need the batch of its expected data; @forward must be compared.
    skipped = [line for line in run.stderr.splitlines() if "not compared: @forward, convert" in line]
    if run.returncode or not found or found[2] != "0" or skipped:
        return 0, f"{run.stderr}"
    return int(found[1]), None


def main():
    tool, source, reference, counts, *files = sys.argv[1:]
    failures, families, values, missing, comparisons = [], 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        lowered = pathlib.Path(folder, "lowered.mlir")
        for file in sorted(files):
            name = pathlib.Path(file).stem
            text = pathlib.Path(file).read_text(encoding="utf-8")
            arguments = run_line(text)
            if not arguments:
                failures.append(f"{name}: has no RUN line with --expect")
                continue
            verified, wrong = verify(tool, file)
            comparisons += verified
            if wrong:
                failures.append(f"{name}: {wrong}")
                continue
            if not os.path.isdir(reference) and any("%ph_reference" in each for each in arguments):
                missing += 1
                continue
            arguments = [each.replace("%ph_source", source).replace("%ph_reference", reference) for each in arguments]
            done = subprocess.run([tool, file, *PASSES, "-o", lowered], capture_output=True, text=True)
            if done.returncode:
                failures.append(f"{name}: {done.stderr}")
                continue
            module = lowered.read_text(encoding="utf-8")
            left = set(re.findall(r"= xf\.(\w+)", module)) - {"load_weight"}
            if left or "xf.yield" in module or "!xf." in module:
                failures.append(f"{name}: is not lowered: {left}")
            function = next(each for each in arguments if each.startswith("--run="))[len("--run="):]
            if dims := dims_of_caches(module, function):
                arguments.append(f"--dims={dims}")
            run = subprocess.run([tool, lowered, *arguments], capture_output=True, text=True)
            compared = [int(each) for each in re.findall(r"largest error \S+ of (\d+) values", run.stdout)]
            # And where products are left to kernels.
            kept = subprocess.run([tool, file, *PASSES[:-1], f"{PASSES[-1]}=keep-products=true", *arguments], capture_output=True, text=True)
            if run.returncode or not compared or kept.returncode:
                failures.append(f"{name}: {run.stderr}{kept.stderr}")
                continue
            print(f"{name}: {sum(compared)} values")
            families, values = families + 1, values + sum(compared)
    line = f"{families} families as linalg, {values} values of transformers, {comparisons} comparisons on random inputs, {len(failures)} families differ, {missing} without data"
    print(line)
    pathlib.Path(counts).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(counts).write_text(line + "\n", encoding="utf-8")
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures or not families else 0


sys.exit(main())
