"""Runs the passes of phc on the module of every family, and compares values before and after each of them.

usage: verify_values.py PH_OPT COUNTS FILE.mlir...

Each file goes through --xf-default-pipeline under --verify-values: random and special inputs at three sizes of batch and
sequence. The last line says how much was compared, with the fewest sizes that a family was compared at, and is written to the
file COUNTS.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

SUMMARY = re.compile(
    r"verify-values: (\d+) passes, of which (\d+) changed the IR; (\d+) functions × samples = (\d+) comparisons, (\d+) differences; (\d+) sizes")


def main():
    tool, counts, *files = sys.argv[1:]
    failures, families, passes, comparisons, sizes = [], 0, 0, 0, set()
    with tempfile.TemporaryDirectory() as folder:
        for file in sorted(files, key=lambda name: pathlib.Path(name).name):
            name = pathlib.Path(file).stem
            run = subprocess.run(
                [tool, file, "--xf-default-pipeline", "--verify-values", "--verify-sizes=1x1,2x3,1x17",
                 f"--verify-reproducer={folder}/{name}.mlir", "-o", "/dev/null"],
                capture_output=True, text=True,
            )
            found = SUMMARY.search(run.stderr)
            if run.returncode or not found:
                failures.append(f"{name}: {run.stderr}")
                continue
            ran, changed, _, compared, different, at = map(int, found.groups())
            # Nothing compared, or nothing changed by any pass, would prove nothing.
            if not compared or not changed or different:
                failures.append(f"{name}: {found[0]}")
            # @main of a file may need the batch of its expected data; @forward must be compared at every size.
            failures += [f"{name}: {line}" for line in run.stderr.splitlines() if "not compared: @forward" in line]
            print(f"{name}: {changed} of {ran} passes changed something, {compared} comparisons")
            families, passes, comparisons = families + 1, passes + ran, comparisons + compared
            sizes.add(at)
    line = f"{families} families, {passes} runs of passes, {comparisons} comparisons at {min(sizes, default=0)} sizes, {len(failures)} differ"
    print(line)
    pathlib.Path(counts).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(counts).write_text(line + "\n", encoding="utf-8")
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures or not families else 0


sys.exit(main())
