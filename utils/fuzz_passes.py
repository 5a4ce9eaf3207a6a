#!/usr/bin/env python3
"""Runs random modules through every pass, with the values of every function compared before and after (--verify-values).

    fuzz_passes.py [--build FOLDER] [--modules N] [--first SEED] [--seconds S] [--reproducers FOLDER] [--jobs N]

Each module goes through the default pipeline with f32 activations, and through each pass of this compiler alone. With --seconds it goes on with further modules until the time is over. The last line printed is
`N modules, N passes, N comparisons, N differences`; exit code 1 if a pass changed values or failed, or nothing was compared.
"""

import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import time

# Passes that need options, with options that suit the modules.
OPTIONS = {}
# Not run alone, and why.
LEFT_OUT = {
    "xf-audit-context": "prints, and refuses modules that don't say how long their context was",
    "xf-choose-cache-type": "needs a budget, and changes the signatures of functions",
    "xf-default-pipeline": "is run with its options",
    "xf-extend-context": "changes what is computed, and refuses modules without a context to extend",
    "xf-limit-window": "changes what is computed",
    "xf-quantize-weights": "needs a format, and changes values as xf-quantize-activations does",
    "xf-use-alibi": "changes what is computed, and refuses modules without rotary positions",
    "xf-print-cost": "prints",
    "xf-quantize-activations": "changes values by what it declares for a few products, while random modules amplify without a bound",
}
COUNTS = re.compile(r"verify-values: (\d+) passes.* = (\d+) comparisons, (\d+) differences")
BATCH = 50  # modules for one run of ph-opt


def find_passes(ph_opt):
    listing = subprocess.run([ph_opt, "--list-passes"], capture_output=True, text=True)
    flags = re.findall(r"^\s+--(xf-[a-z0-9-]+)", listing.stdout + listing.stderr, re.MULTILINE)
    return [flag for flag in flags if flag not in LEFT_OUT]


def pipelines(ph_opt):
    return [["--xf-default-pipeline=activations=f32"]] + [
        ["--" + flag + "=" + option] if option else ["--" + flag]
        for flag in find_passes(ph_opt)
        for option in OPTIONS.get(flag, [""])
    ]


def run(ph_opt, flags, first, count, reproducers):
    """Returns (comparisons, differences or failures, what was said)."""
    name = re.sub(r"[^a-z0-9]+", "-", "-".join(flags)).strip("-")
    command = [ph_opt, f"--generate={first}:{count}", "--verify-values=1", *flags, "-o", "/dev/null",
               f"--verify-reproducer={reproducers / f'{name}-{first}.mlir'}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    found = COUNTS.search(done.stderr)
    if not found:
        return 0, 1, " ".join(map(str, command)) + f"\nended with {done.returncode}:\n" + done.stderr[-4000:]
    differences = int(found[3])
    text = ""
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error: " in line]
        text = " ".join(map(str, command)) + "\n" + "\n".join(errors[:20])
    return int(found[2]), max(differences, done.returncode != 0), text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--modules", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first module")
    parser.add_argument("--seconds", type=float, default=0, help="go on that long")
    parser.add_argument("--reproducers", type=pathlib.Path, default=None)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    reproducers = options.reproducers or options.build / "test" / "reproducers"
    reproducers.mkdir(parents=True, exist_ok=True)
    ph_opt = options.build / "bin" / "ph-opt"
    tried = pipelines(ph_opt)
    comparisons = differences = modules = 0
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        while modules < options.modules or time.monotonic() - began < options.seconds:
            batch = min(BATCH, options.modules - modules) if modules < options.modules else BATCH
            jobs = [pool.submit(run, ph_opt, flags, options.first + modules, batch, reproducers) for flags in tried]
            for job in jobs:
                compared, wrong, text = job.result()
                comparisons += compared
                differences += wrong
                if text:
                    print(text, flush=True)
            modules += batch
    print(f"{modules} modules, {len(tried)} passes, {comparisons} comparisons, {differences} differences")
    return 1 if differences or not comparisons else 0


if __name__ == "__main__":
    sys.exit(main())
