"""Lowers random modules to linalg, and compares what they give before and after.

usage: random_modules.py PH_OPT FIRST COUNT

Modules that store activations in another way than as f32 must be refused for that, all others lowered without an op of xf left but weights, and give
the same values on random and special inputs of two sizes. Prints how many there were.
"""

import re
import subprocess
import sys

PASSES = ["--xf-flash-attention=tile-queries=3 tile-keys=5", "--convert-transformer-to-linalg"]
REFUSED = "expects activations without an encoding"
VERIFIED = re.compile(r" = (\d+) comparisons, (\d+) differences")


def main():
    tool, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    failures, refused, lowered, comparisons = [], 0, 0, 0
    for seed in range(first, first + count):
        run = subprocess.run(
            [tool, f"--generate={seed}", *PASSES, "--verify-values=1", "--verify-sizes=1x1,2x7", "--verify-reproducer=", "-o", "-"],
            capture_output=True, text=True,
        )
        encoded = re.search(r"xf\.encode|tensor<\?x\?x\d+xf32, #xf", subprocess.run([tool, f"--generate={seed}"], capture_output=True, text=True).stdout)
        if run.returncode and encoded and REFUSED in run.stderr:
            refused += 1
            continue
        found = VERIFIED.search(run.stderr)
        left = set(re.findall(r"= xf\.(\w+)", run.stdout)) - {"load_weight"}
        if run.returncode or not found or found[1] == "0" or found[2] != "0" or left:
            failures.append(f"seed {seed}: {left or ''} {run.stderr}")
            continue
        lowered, comparisons = lowered + 1, comparisons + int(found[1])
    print(f"{lowered} random modules as linalg, {comparisons} comparisons, {refused} refused, {len(failures)} failures")
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures or not lowered else 0


sys.exit(main())
