#!/usr/bin/env python3
"""Runs random modules, or given ones, through passes, with the values of every function compared before and after (--verify-values).

    fuzz_passes.py [--build FOLDER] [--modules N] [--first SEED] [--seconds S] [--reproducers FOLDER] [--jobs N]
                   [--passes REGEX] [--sizes BxS,...] [--least N] [FILE.mlir...]

Each module goes through the pipelines and through each pass of this compiler alone, and then through pairs: what the default
pipeline makes of it, and what xf-fuse-rope does, through each pass; with --seconds, which goes on with further modules until the
time is over, also what some other pass makes of it. With files these are the modules, and there is nothing random.
How often each pass did something (`--remarks`) is counted, and must be at least --least times. The last line printed is
`N modules, N passes, N pairs, N comparisons, N differences`; exit code 1 if a pass changed values, failed or was too rare, or
nothing was compared.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile
import time

# Options that passes need, or that make them do more with modules as small as these.
OPTIONS = {
    "xf-extend-context": ["method=dynamic factor=64 original=64"],  # changes nothing up to 64 positions
    "xf-flash-attention": ["", "tile-queries=2 tile-keys=3"],
    "xf-limit-window": ["window=100"],  # as wide as all contexts here
    "xf-quantize-weights": ["format=q8_0", "format=q4_0", "format=bf16"],
    "xf-reduce-precision": ["type=bf16 budget=0.1 allow=linear,add,mul,activation,gated_activation"],
    "xf-split-kv": ["max-queries=64 parts=3 tile-keys=2"],
    "xf-upcycle-dense": ["experts=4 top-k=2"],
}
# Not run, and why.
LEFT_OUT = {
    "xf-add-cache": "changes the signature of a function that scores the tokens of whole texts, which none of the random ones is",
    "xf-autodiff": "adds a function for one that has a loss; --check-derivatives judges it",
    "xf-audit-context": "prints, and refuses modules that don't say how long their context was",
    "xf-choose-cache-type": "needs a budget, and changes the signatures of functions",
    "xf-jvp": "adds a function for one that has a loss; --check-derivatives judges it",
    "xf-plan-memory": "prints",
    "xf-print-cost": "prints",
    "xf-recompute": "keeps values for gradients, which none of the random modules has; its own test and trainings judge it",
    "xf-remove-cache": "changes the signature of a function that takes a cache",
    "xf-split-loops": "needs 4 layers, and random modules have 3 at most",
    "xf-use-alibi": "changes what is computed at any length",
}
# What passes say of a module that is not for them.
REFUSALS = re.compile("xf-extend-context expects rotary positions|rotary positions without a scaling for xf-extend-context"
                      "|uses ALiBi, whose biases xf-extend-context can't stretch")
PIPELINES = ["--xf-default-pipeline=activations=f32", "--xf-default-pipeline=activations=int8", "--xf-lift"]
# What a module has gone through before the pass of a pair.
FIRST = ["--xf-default-pipeline=activations=f32", "--xf-fuse-rope"]
COUNTS = re.compile(r"verify-values: (\d+) passes, of which (\d+) changed the IR; .* = (\d+) comparisons, (\d+) differences")
BATCH = 50  # modules for one run of ph-opt


class Run:
    """One run of ph-opt on many modules."""

    def __init__(self, ph_opt, flag, modules, folder, reproducer, sizes):
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".txt", delete=False) as remarks:
            self.remarks = pathlib.Path(remarks.name)
        self.command = [ph_opt, modules, "--split-input-file", "--verify-values=1", flag, "-o", "/dev/null", f"--remarks={self.remarks}",
                        f"--verify-reproducer={reproducer}", f"--verify-sizes={sizes}"]
        done = subprocess.run(self.command, capture_output=True, text=True, errors="replace")
        found = COUNTS.search(done.stderr)
        self.changed, self.comparisons, self.differences = (int(found[i]) for i in (2, 3, 4)) if found else (0, 0, 1)
        errors = [line for line in done.stderr.splitlines() if "error: " in line and not REFUSALS.search(line)]
        if not found or errors or done.returncode < 0:
            self.differences = max(self.differences, 1)
            errors = errors or [f"ended with {done.returncode}: {done.stderr[-2000:]}"]
        self.errors = errors[:20]
        self.done = collections.Counter()
        if self.remarks.exists():
            for name, times in re.findall(r"^([\w-]+): (\d+) passed, ", self.remarks.read_text(encoding="utf-8"), re.MULTILINE):
                self.done[name] += int(times)
            self.remarks.unlink()


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.ph_opt = options.build / "bin" / "ph-opt"
        self.reproducers = options.reproducers or options.build / "test" / "reproducers"
        self.reproducers.mkdir(parents=True, exist_ok=True)
        listing = subprocess.run([self.ph_opt, "--list-passes"], capture_output=True, text=True)
        found = re.findall(r"^\s+--(xf-[a-z0-9-]+)", listing.stdout + listing.stderr, re.MULTILINE)
        self.passes = sorted(name for name in set(found) - set(LEFT_OUT) if re.search(options.passes, name))
        spelled = [[f"--{name}={option}" if option else f"--{name}" for option in OPTIONS.get(name, [""])] for name in self.passes]
        self.flags = [flag for flags in spelled for flag in flags]
        self.second = [flags[-1] for flags in spelled]  # of pairs
        self.modules = self.comparisons = self.differences = 0
        self.done, self.changed = collections.Counter(), collections.Counter()

    def prepare(self, source, flags, target):
        """Writes what ph-opt makes of modules; a pass that refuses one leaves it out."""
        done = subprocess.run([self.ph_opt, *source, *flags, "-o", target], capture_output=True, text=True, errors="replace")
        if done.returncode:
            print(f"{' '.join(map(str, done.args))}\n{done.stderr[-2000:]}")
            self.differences += 1
        return target

    def batches(self, folder):
        """Files of modules, each with how many they are."""
        if self.options.files:
            joined = folder / "files.mlir"
            joined.write_text("\n// -----\n".join(file.read_text(encoding="utf-8") for file in self.options.files), encoding="utf-8")
            yield joined, len(self.options.files)
            return
        began, made = time.monotonic(), 0
        while made < self.options.modules or time.monotonic() - began < self.options.seconds:
            count = min(BATCH, self.options.modules - made) if made < self.options.modules else BATCH
            target = folder / "random.mlir"
            yield self.prepare([f"--generate={self.options.first + made}:{count}"], [], target), count
            made += count

    def run(self):
        with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            folder = pathlib.Path(name)
            for number, (modules, count) in enumerate(self.batches(folder)):
                firsts = FIRST + [self.flags[number % len(self.flags)]] if self.options.seconds else FIRST
                jobs = [(flag, modules) for flag in PIPELINES + self.flags]
                for i, first in enumerate(firsts):
                    target = folder / f"after-{i}.mlir"
                    self.prepare([modules, "--split-input-file", "--output-split-marker=// -----"], [first], target)
                    jobs += [(flag, target) for flag in self.second]
                started = []
                for flag, file in jobs:
                    place = re.sub(r"[^a-z0-9]+", "-", f"{file.stem}-{flag}-{self.options.first + self.modules}").strip("-")
                    reproducer = self.reproducers / f"{place}.mlir"
                    started.append(pool.submit(Run, self.ph_opt, flag, file, folder, reproducer, self.options.sizes))
                for (flag, file), job in zip(jobs, started):
                    self.add(flag, job.result(), file, firsts)
                self.modules += count

    def add(self, flag, run, file, firsts):
        self.comparisons += run.comparisons
        self.differences += run.differences
        self.done += run.done
        self.changed[re.match(r"--([\w-]+)", flag)[1]] += run.changed
        if run.errors:
            where = f" after {firsts[int(file.stem[6:])]}" if file.stem.startswith("after-") else ""
            print(f"{flag}{where}: from seed {self.options.first + self.modules}\n" + "\n".join(run.errors), flush=True)

    def report(self):
        for name in self.passes:
            print(f"{name}: {self.done[name]} rewrites in {self.changed[name]} modules that it changed")
            if self.done[name] < self.options.least:
                print(f"{name} did something {self.done[name]} times, fewer than {self.options.least}")
                self.differences += 1
        tried = len(PIPELINES) + len(self.flags)
        print(f"{self.modules} modules, {tried} passes, {len(FIRST) * len(self.second)} pairs, {self.comparisons} comparisons, "
              f"{self.differences} differences")
        return 1 if self.differences or not self.comparisons else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--modules", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first module")
    parser.add_argument("--seconds", type=float, default=0, help="go on that long")
    parser.add_argument("--reproducers", type=pathlib.Path, default=None)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sizes", default="1x1,2x3,1x17", help="batch and sequence")
    parser.add_argument("--passes", default="", help="only those with such a flag")
    parser.add_argument("--least", type=int, default=0, help="how often each pass must do something")
    parser.add_argument("files", type=pathlib.Path, nargs="*", help="modules, in place of random ones")
    fuzzer = Fuzzer(parser.parse_args())
    fuzzer.run()
    return fuzzer.report()


if __name__ == "__main__":
    sys.exit(main())
