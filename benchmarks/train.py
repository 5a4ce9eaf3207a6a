#!/usr/bin/env python3
"""`make bench-train`: full fine-tuning of SmolLM2-135M in f32, ours and PyTorch's eager mode in turns.

Both train sequences of 256 tokens with AdamW and clipping; the table and build/bench-train.json hold medians of steps after the first
two, and the largest peak of resident memory. PyTorch and transformers come from PyPI, in a virtual environment of their own (build/train-venv).

    train.py [--rounds N] [--threads 2] [--batch 1] [--steps 8] [--peer-python PYTHON]
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PEERS = ["torch==2.15.0", "transformers==5.23.0"]
LENGTH = 256


def peer_python():
    """The interpreter of the environment that holds PyTorch; makes it the first time."""
    folder = BUILD / "train-venv"
    python, done = folder / "bin/python", folder / "complete"
    if not done.exists() or done.read_text() != " ".join(PEERS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        done.write_text(" ".join(PEERS))
    return python


def ours(folder, arguments):
    """Seconds of each step, and the peak of resident memory."""
    text = (ROOT / "test/Data/perplexity.txt").read_text(encoding="utf-8")
    with open(folder / "data.jsonl", "w", encoding="utf-8") as file:
        for start in range(0, 100000, 1000):
            file.write(json.dumps({"text": text[start:start + 1000]}) + "\n")
    (folder / "train.yml").write_text(
        f"base_model: smollm2\ndatasets: [{{path: data.jsonl, type: completion}}]\nsequence_len: {LENGTH}\nsample_packing: true\n"
        f"micro_batch_size: {arguments.batch}\nmax_steps: {arguments.steps}\nlearning_rate: 0.00002\nlr_scheduler: constant\n"
        f"optimizer: adamw\noutput_dir: out\n", encoding="utf-8")
    run = ["/usr/bin/time", "-f", "%M", BUILD / "bin/ph", "train", folder / "train.yml", "-t", str(arguments.threads)]
    done = subprocess.run([str(part) for part in run], capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(f"error: ph train failed: {done.stderr}")
    log = [json.loads(line) for line in (folder / "out/training.jsonl").read_text().splitlines()]
    return [step["seconds"] for step in log if "step" in step and "seconds" in step], int(done.stderr.split()[-1]) * 1024


def theirs(python, arguments):
    numbers = [arguments.batch, LENGTH, arguments.steps, arguments.threads]
    done = subprocess.run([str(part) for part in [python, ROOT / "benchmarks/measure_torch.py", *numbers]], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: PyTorch failed: {done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    return result["seconds"], result["peak"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--peer-python")
    arguments = parser.parse_args()
    python = arguments.peer_python or peer_python()
    steps, peaks = {"ours": [], "torch": []}, {"ours": 0, "torch": 0}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, measure in (("ours", lambda: ours(pathlib.Path(folder), arguments)), ("torch", lambda: theirs(python, arguments))):
                seconds, peak = measure()
                steps[name] += seconds[2:]
                peaks[name] = max(peaks[name], peak)
    tokens = arguments.batch * LENGTH
    speed = {name: tokens / statistics.median(seconds) for name, seconds in steps.items()}
    result = {"batch": arguments.batch, "length": LENGTH, "threads": arguments.threads, "tokens_per_second": speed, "peak_bytes": peaks}
    (BUILD / "bench-train.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"full fine-tuning, f32, {arguments.batch} x {LENGTH}, {arguments.threads} threads")
    for name in speed:
        print(f"  {name:6} {speed[name]:8.1f} tokens/s   peak {peaks[name] / 1e6:8.0f} MB")
    print(f"  {speed['ours'] / speed['torch']:.2f} x as fast, with {peaks['ours'] / peaks['torch']:.2f} of the memory")


main()
