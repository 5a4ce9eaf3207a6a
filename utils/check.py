#!/usr/bin/env python3
"""Runs the tests of a finished build and adds them up: `make check` and `make check-long`.

Steps: the default model's fetch, MiniLM's, that of the peers (peers.py), unit tests (ctest), lit, the runtime's unit tests under ASan and UBSan, every fuzz
target for PH_FUZZ_SECONDS (20). What a lit test counted besides (modules, planted bugs …) it leaves as a line in
BUILD/test/counts/NAME.txt, and it is shown at the end. With --long also the compiler's unit and lit tests under the sanitizers. The last line
printed is `N passed, N failed` with `, N skipped` if a test was; exit code 1 if anything failed or nothing ran.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import peers

ROOT = pathlib.Path(__file__).resolve().parent.parent
LLVM = pathlib.Path("/usr/lib/llvm-22/bin")
FUZZERS_AT_LEAST = {"architecture", "config", "gguf", "image", "jsonl", "onnx", "safetensors", "template", "tokenizer", "tokenizer-json",
                    "tokenizer-model"}  # fmt: skip
SANITIZER_ENVIRONMENT = {
    # Debian's MLIR is not instrumented, so containers that cross into it look overflown.
    "ASAN_OPTIONS": "detect_container_overflow=0:detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


class Tally:
    """Names of what passed, failed and was skipped."""

    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []
        self.counted = []  # lines of what tests counted besides themselves

    def add(self, name, ok):
        (self.passed if ok else self.failed).append(name)

    def closing_line(self):
        line = f"{len(self.passed)} passed, {len(self.failed)} failed"
        return line + (f", {len(self.skipped)} skipped" if self.skipped else "")

    def exit_code(self):
        return 0 if self.passed and not self.failed else 1


def run(command, limit, environment=None, log=None):
    """Runs a command with a time limit in seconds; returns (exit code, output if logged). 124: ran out of time."""
    print("+ " + " ".join(map(str, command)), flush=True)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            timeout=limit,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE if log else None,
            stderr=subprocess.STDOUT if log else None,
            text=bool(log),
            errors="replace" if log else None,
            stdin=subprocess.DEVNULL,
        )
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        output = expired.stdout or ""
        return 124, output if isinstance(output, str) else output.decode(errors="replace")


def add_gtest_results(tally, prefix, folder):
    """Adds each GoogleTest case reported in folder/*.xml; returns the names of programs that reported."""
    reported = {}
    for path in sorted(folder.glob("*.xml")):
        try:
            suites = ElementTree.parse(path).getroot()
        except ElementTree.ParseError:
            continue  # a program that crashed while it wrote; ctest calls it failed
        failed = False
        for case in suites.iter("testcase"):
            name = f"{prefix}{path.stem}.{case.get('classname')}.{case.get('name')}"
            if case.find("skipped") is not None or case.get("result") == "skipped":
                tally.skipped.append(name)
            else:
                bad = case.find("failure") is not None
                failed = failed or bad
                tally.add(name, not bad)
        reported[path.stem] = failed
    return reported


def run_ctest(tally, build, prefix, environment=None, limit=900):
    results = ROOT / build / "test" / "gtest"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    junit = ROOT / build / "test" / "ctest.xml"
    junit.unlink(missing_ok=True)
    code, _ = run(
        ["ctest", "--test-dir", build, "-j2", "--timeout", "600", "--output-on-failure", "--no-tests=error",
         "--output-junit", junit],
        limit,
        {**(environment or {}), "GTEST_OUTPUT": f"xml:{results}/"},
    )
    reported = add_gtest_results(tally, prefix, results)
    if not junit.exists():
        tally.add(f"{prefix}ctest (exit code {code})", False)
        return
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        if status == "disabled" or status == "notrun":
            tally.skipped.append(prefix + name)
        elif name not in reported:
            tally.add(prefix + name, status == "run")
        elif status != "run" and not reported[name]:
            tally.add(f"{prefix}{name} (ended badly after its cases)", False)


def run_lit(tally, build, prefix, environment=None, limit=3600):
    report = ROOT / build / "test" / "lit.json"
    report.unlink(missing_ok=True)
    counts = ROOT / build / "test" / "counts"
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir(parents=True)
    code, _ = run(
        [LLVM / "lit", "-sv", "-j2", "--show-unsupported", "--output", report, f"{build}/test"], limit, environment
    )
    if not report.exists():
        tally.add(f"{prefix}lit (exit code {code})", False)
        return
    for test in json.loads(report.read_text())["tests"]:
        name = prefix + test["name"]
        if test["code"] in ("UNSUPPORTED", "SKIPPED", "EXCLUDED"):
            tally.skipped.append(name)
        else:
            tally.add(name, test["code"] in ("PASS", "XFAIL", "FLAKYPASS"))
    for path in sorted(counts.glob("*.txt")):
        tally.counted.append(f"{prefix}{path.stem}: {path.read_text(encoding='utf-8').strip()}")


def build_preset(tally, preset, targets=()):
    """Configures and builds a preset; returns whether it did."""
    folder = f"build-{preset}"
    for command in (["cmake", "--preset", preset], ["cmake", "--build", folder, *(["--target", *targets] if targets else [])]):
        code, output = run(command, 3600, log=True)
        if code:
            print(output[-8000:])
            tally.add(f"build of preset {preset}", False)
            return False
    tally.add(f"build of preset {preset}", True)
    return True


def fuzz(program, seconds):
    """Runs one fuzz target on a copy of its kept corpus; returns (name, ok, output)."""
    name = program.name.removeprefix("fuzz-")
    kept = ROOT / "fuzz" / "corpus" / name
    work = ROOT / "build-fuzz" / "fuzz" / name
    work.mkdir(parents=True, exist_ok=True)
    if not kept.is_dir() or not any(kept.iterdir()):
        return name, False, f"fuzz/corpus/{name} is missing or empty: keep a few small inputs there"
    command = [program, f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=512", "-print_final_stats=1",
               f"-artifact_prefix={work}-finding-"]
    dictionary = ROOT / "fuzz" / f"{name}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    code, output = run([*command, work, kept], seconds + 120, SANITIZER_ENVIRONMENT, log=True)
    return name, code == 0, output


def run_fuzzers(tally, seconds):
    programs = sorted((ROOT / "build-fuzz" / "bin").glob("fuzz-*"))
    for name in sorted(FUZZERS_AT_LEAST - {program.name.removeprefix("fuzz-") for program in programs}):
        tally.add(f"fuzz-{name} (not built)", False)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for name, ok, output in pool.map(lambda program: fuzz(program, seconds), programs):
            stats = [line for line in output.splitlines() if line.startswith("stat::number_of_executed_units")]
            print(f"fuzz-{name}: {'ok' if ok else 'FAILED'} {' '.join(stats)}", flush=True)
            if not ok:
                print(output[-6000:], flush=True)
            tally.add(f"fuzz-{name}", ok)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="also the compiler under the sanitizers")
    parser.add_argument("--only", action="append", choices=["unit", "lit", "sanitized", "fuzz"], help="just this step")
    options = parser.parse_args()
    wanted = set(options.only or ["unit", "lit", "sanitized", "fuzz"])
    tally = Tally()
    began = time.monotonic()

    if wanted & {"unit", "lit"}:
        code, _ = run(["build/bin/ph", "inspect", "smollm2"], 900, log=True)
        tally.add("fetch of the default model", code == 0)
        code, _ = run(["build/bin/ph", "inspect", "minilm"], 900, log=True)
        tally.add("fetch of MiniLM", code == 0)
    if "lit" in wanted and not peers.find():
        run([sys.executable, "utils/peers.py"], 900)  # without them, what compares with them is skipped, by name
    if "unit" in wanted:
        run_ctest(tally, "build", "unit: ")
    if "lit" in wanted:
        run_lit(tally, "build", "lit: ")
    if wanted & {"sanitized", "fuzz"} and build_preset(tally, "fuzz"):
        if "sanitized" in wanted:
            run_ctest(tally, "build-fuzz", "sanitized: ", SANITIZER_ENVIRONMENT)
        if "fuzz" in wanted:
            run_fuzzers(tally, int(os.environ.get("PH_FUZZ_SECONDS", "20")))
    if options.long and build_preset(tally, "asan"):
        run_ctest(tally, "build-asan", "sanitized compiler: ", SANITIZER_ENVIRONMENT, limit=7200)
        run_lit(tally, "build-asan", "sanitized compiler, lit: ", SANITIZER_ENVIRONMENT, limit=7200)

    print()
    for title, names in (("Counted", tally.counted), ("Skipped", tally.skipped), ("Failed", tally.failed)):
        if names:
            print(f"{title}:")
            print("\n".join(f"  {name}" for name in names))
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    print(tally.closing_line(), flush=True)
    return tally.exit_code()


if __name__ == "__main__":
    sys.exit(main())
