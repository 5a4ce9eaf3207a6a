"""Runs what the tests of passes run, with the values of every function compared before and after every pass.

usage: transforms.py PH_OPT FOLDER REPRODUCERS

Each `RUN: ph-opt %s` of the .mlir files below FOLDER is run again with --verify-values; only its passes, its options of them
and how it splits its input are kept. The last line printed is `N files, N runs, N comparisons, N differences`; the exit code
is 1 if a pass changed values or nothing was compared.
"""

import concurrent.futures
import itertools
import pathlib
import re
import shlex
import subprocess
import sys

COUNTS = re.compile(r"verify-values: .* = (\d+) comparisons, (\d+) differences")
# Flags of ph-opt that are no passes, and would get in the way.
OTHER = ("--remark", "--verify", "--run", "--seed", "--dims", "--expect", "--outputs", "--inputs", "--weights", "--atol", "--rtol",
         "--f64", "--debug", "--mlir", "--dump", "--html", "--dot", "--generate", "-o")
# Not run again, and why.
LEFT_OUT = {
    "Quantization/quantize-activations.mlir": "has a vocabulary's size, which takes minutes; values.mlir runs the pass",
}
SAMPLES = ["--verify-values=1", "--verify-sizes=1x1,2x3"]


def commands(path):
    """The flags of each run of ph-opt on the file itself that is meant to succeed."""
    text = re.sub(r"\\\n\s*//\s*RUN:", " ", path.read_text(encoding="utf-8"))
    found = []
    for line in re.findall(r"//\s*RUN:\s*(.*)", text):
        if not line.startswith("ph-opt %s"):
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>;&")  # up to the pipe, which may stand in quotes too
        lexer.whitespace_split = True
        words = list(itertools.takewhile(lambda word: word != "|", lexer))
        flags = [
            word
            for word in words[2:]
            if word.startswith("-") and not word.startswith(OTHER) and not word.startswith("->")
        ]
        if flags and flags not in found and not any("%" in flag for flag in flags):
            found.append(flags)
    return found


def run(job):
    ph_opt, path, flags, reproducer = job
    command = [ph_opt, str(path), *flags, *SAMPLES, f"--verify-reproducer={reproducer}", "-o", "/dev/null"]
    if not any("split-input-file" in flag for flag in flags):
        command.append("--split-input-file")
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=200)
    counted = COUNTS.search(done.stderr)
    comparisons, differences = map(int, counted.groups()) if counted else (0, 1)
    errors = [line for line in done.stderr.splitlines() if "changes the values of" in line]
    said = "" if differences == 0 else shlex.join(command) + "\n" + "\n".join(errors or [done.stderr[-2000:]])
    skipped = [line for line in done.stderr.splitlines() if "not compared" in line]
    return comparisons, differences, said, skipped


def main():
    ph_opt, folder, reproducers = sys.argv[1:]
    pathlib.Path(reproducers).mkdir(parents=True, exist_ok=True)
    jobs = []
    files = 0
    for path in sorted(pathlib.Path(folder).rglob("*.mlir")):
        name = path.relative_to(folder).as_posix()
        if name in LEFT_OUT:
            print(f"{name}: left out: {LEFT_OUT[name]}")
            continue
        tried = commands(path)
        files += bool(tried)
        jobs += [(ph_opt, path, flags, f"{reproducers}/{path.stem}-{i}.mlir") for i, flags in enumerate(tried)]
    comparisons = differences = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for job, (compared, wrong, said, skipped) in zip(jobs, pool.map(run, jobs)):
            comparisons += compared
            differences += wrong
            print(f"{job[1].relative_to(folder)} {shlex.join(job[2])}: {compared} comparisons, {wrong} differences", flush=True)
            for line in skipped:
                print("  " + line)
            if said:
                print(said, flush=True)
    print(f"{files} files, {len(jobs)} runs, {comparisons} comparisons, {differences} differences")
    return 1 if differences or not comparisons else 0


sys.exit(main())
