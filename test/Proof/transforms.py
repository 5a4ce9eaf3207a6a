"""Runs what the tests of passes run, with the values of every function compared before and after every pass.

usage: transforms.py PH_OPT FOLDER REPRODUCERS

Each `RUN: ph-opt %s` of the .mlir files below FOLDER is run again with --verify-values; only its passes, its options of them
and how it splits its input are kept. The last line printed is `N files, N runs of which N changed something, N comparisons, N differences`; the exit code is 1 if a pass changed values, or
a run changed something and compared nothing without being listed here.
"""

import concurrent.futures
import itertools
import pathlib
import re
import shlex
import subprocess
import sys

COUNTS = re.compile(r"verify-values: .* of which (\d+) changed the IR; .* = (\d+) comparisons, (\d+) differences")
# Flags of ph-opt that are no passes, and would get in the way.
OTHER = ("--remark", "--verify", "--run", "--seed", "--dims", "--expect", "--outputs", "--inputs", "--weights", "--atol", "--rtol",
         "--f64", "--debug", "--mlir", "--dump", "--html", "--dot", "--generate", "-o")
# Passes that are left out of a run, since they are no rewrites that keep functions.
NOT_JUDGED = ("--one-shot-bufferize",)
# Runs that compare nothing, since the pass changes what is computed, or signatures, and says so. One that does compare something is wrong here.
NOT_COMPARED = (
    "Memory/add-cache.mlir --split-input-file --xf-add-cache=half=true",
    "Memory/choose-cache-type.mlir '--xf-choose-cache-type=budget=819200 batch=2 context=1600'",
    "MoE/prune-experts.mlir --xf-prune-experts=experts=0,4 --split-input-file",
    "MoE/prune-experts.mlir --xf-prune-experts=keep=1,2,3,5,6 --split-input-file",
    "MoE/values.mlir --xf-prune-experts=experts=1,3",
    "Training/train-add-adapters.mlir '--train-add-adapters=rank=4 scale=2.0 targets=(q|k|v)_proj$'",
    "Training/train-expose-weights.mlir '--train-expose-weights=match=^layers'",
)
SAMPLES = ["--verify-values=1", "--verify-sizes=1x1,2x3"]


def commands(path):
    """The flags of each run of ph-opt on the file itself that is meant to succeed."""
    text = re.sub(r"\\\n\s*//\s*RUN:", " ", path.read_text(encoding="utf-8"))
    found = []
    for line in re.findall(r"//\s*RUN:\s*(.*)", text):
        if not line.startswith("ph-opt %s") or "-verify-diagnostics" in line:
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>;&")  # up to the pipe, which may stand in quotes too
        lexer.whitespace_split = True
        words = list(itertools.takewhile(lambda word: word != "|", lexer))
        flags = [
            word
            for word in words[2:]
            if word.startswith("-") and not word.startswith(OTHER + NOT_JUDGED) and not word.startswith("->")
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
    if not counted:
        return 0, 1, False, f"{shlex.join(command)}\n{done.stderr[-2000:]}", []
    changed, comparisons, differences = map(int, counted.groups())
    said = [line for line in done.stderr.splitlines() if "changes the " in line or "removes the body" in line]
    expected = shlex.join([f"{path.parent.name}/{path.name}", *flags]) in NOT_COMPARED
    if ("compared nothing" in done.stderr) != expected:
        differences += 1
        said.append("compares something, which NOT_COMPARED denies" if expected else "compares nothing")
    skipped = [line for line in done.stderr.splitlines() if "not compared" in line]
    return comparisons, differences, changed > 0, "\n".join([shlex.join(command), *said] if said else []), skipped


def main():
    ph_opt, folder, reproducers = sys.argv[1:]
    pathlib.Path(reproducers).mkdir(parents=True, exist_ok=True)
    jobs = []
    files = 0
    for path in sorted(pathlib.Path(folder).rglob("*.mlir")):
        tried = commands(path)
        files += bool(tried)
        jobs += [(ph_opt, path, flags, f"{reproducers}/{path.stem}-{i}.mlir") for i, flags in enumerate(tried)]
    comparisons = differences = changes = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for job, (compared, wrong, changed, said, skipped) in zip(jobs, pool.map(run, jobs)):
            comparisons += compared
            differences += wrong
            changes += changed
            print(f"{job[1].relative_to(folder)} {shlex.join(job[2])}: {compared} comparisons, {wrong} differences", flush=True)
            for line in skipped:
                print("  " + line)
            if said:
                print(said, flush=True)
    print(f"{files} files, {len(jobs)} runs of which {changes} changed something, {comparisons} comparisons, {differences} differences")
    return 1 if differences or not comparisons else 0


sys.exit(main())
