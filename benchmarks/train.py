#!/usr/bin/env python3
"""`make bench-train`: fine-tuning SmolLM2-135M, ours and PyTorch's eager mode (with PEFT's LoRA) in turns.

Rows, all with sequences of 256 tokens, AdamW and clipping; LoRA has rank 8 on all linear layers of the blocks, on both sides:

    full         all weights in f32, batch 1
    full-8bit    the same with 8-bit AdamW and 100 MiB for what is not computed again, beside PyTorch's 32-bit one
    lora         LoRA on weights in f32, batch 1
    lora-4       the same, batch 4
    lora-4-small the same with 150 MiB for what is not computed again
    qlora        LoRA on the default model's 4-bit file, batch 1: ours alone, for its memory

The table and build/bench-train.json hold medians of the seconds of steps after the first two, and the largest peak of resident memory of the
process that trains (a row that this build can't train says why). Beside: the machine's peak of fma and its bandwidth, measured; what share of that peak the step's matrix products reach
(those of the kernels at this model's shapes, each weighed by its work in the step), and what the whole step reaches, its other work included;
and the seconds of compiling each training. PyTorch, transformers and PEFT come from PyPI, in a virtual environment of their own
(build/train-venv).

    train.py [--only ROW ...] [--rounds N] [--threads 2] [--steps 8] [--skip-kernels] [--json] [--peer-python PYTHON]
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from watch import Watch

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PEERS = ["torch==2.15.0", "transformers==5.23.0", "peft==0.21.2"]
LENGTH, RANK, TARGETS = 256, 8, "all-linear"

sys.path.insert(0, str(ROOT / "utils"))
import default_model
import peers

LORA = f"adapter: lora\nlora_r: {RANK}\nlora_alpha: {2 * RANK}\nlora_target_linear: true\n"


class Row:
    """A training: its batch, its keys beside those that all have, whether its weights are a folder's in f32, how PyTorch does it, and the budget
    for what is not computed again."""

    def __init__(self, batch, keys, folder, peer, budget=""):
        self.batch, self.keys, self.folder, self.peer, self.budget = batch, keys, folder, peer, budget


ROWS = {
    "full": Row(1, "", False, ("full", 1)),
    "full-8bit": Row(1, "optimizer: adamw_8bit\n", False, ("full", 1), "100MiB"),
    "lora": Row(1, LORA, True, ("lora", 1)),
    "lora-4": Row(4, LORA, True, ("lora", 4)),
    "lora-4-small": Row(4, LORA, True, ("lora", 4), "150MiB"),
    "qlora": Row(1, LORA.replace("lora\n", "qlora\n", 1), False, None),
}


def fail(message):
    sys.exit(f"error: {message}")


def peer_python():
    """The interpreter of the environment that holds PyTorch; makes it the first time."""
    folder = BUILD / "train-venv"
    python, done = folder / "bin/python", folder / "complete"
    if not done.exists() or done.read_text() != " ".join(PEERS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        done.write_text(" ".join(PEERS))
    return python


def output_of(command, **how):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **how)
    if done.returncode:
        fail(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout, done.stderr


def model_folder():
    """The default model as a folder of the Hugging Face hub, in f32; made the first time."""
    folder = BUILD / "bench-smollm2"
    if not (folder / "tokenizer_config.json").exists():
        if not default_model.find():
            output_of([BUILD / "bin/ph", "inspect", "smollm2"])
        script = ROOT / "test/Integration/smollm2_folder.py"
        output_of([peers.make(), script, default_model.find(), folder], env={"PYTHONPATH": str(ROOT / "test")})
    return folder


def ours(row, arguments):
    """Seconds of each step and of compiling, and the peak of resident memory."""
    text = (ROOT / "test/Data/perplexity.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with open(folder / "data.jsonl", "w", encoding="utf-8") as file:
            for start in range(0, 100000, 1000):
                file.write(json.dumps({"text": text[start:start + 1000]}) + "\n")
        keys = row.keys if "optimizer:" in row.keys else row.keys + "optimizer: adamw\n"
        (folder / "train.yml").write_text(
            f"base_model: {model_folder() if row.folder else 'smollm2'}\ndatasets: [{{path: data.jsonl, type: completion}}]\n"
            f"sequence_len: {LENGTH}\nsample_packing: true\nmicro_batch_size: {row.batch}\nmax_steps: {arguments.steps}\n"
            f"learning_rate: 0.00002\nlr_scheduler: constant\noutput_dir: out\n{keys}"
            + (f"recompute_budget: {row.budget}\n" if row.budget else ""), encoding="utf-8")
        watch = Watch([BUILD / "bin/ph", "train", folder / "train.yml", "-t", arguments.threads], folder)
        if watch.code:
            return {"error": watch.errors.strip().splitlines()[-1]}
        log = [json.loads(line) for line in (folder / "out/training.jsonl").read_text().splitlines()]
    steps = [step["seconds"] for step in log if "step" in step and "seconds" in step]
    return {"seconds": steps, "peak": watch.peak, "compile": watch.child_seconds, "compiler_peak": watch.child_peak}


def theirs(python, peer, arguments):
    kind, batch = peer
    numbers = [batch, LENGTH, arguments.steps, arguments.threads, *([TARGETS] if kind == "lora" else [])]
    return json.loads(output_of([python, ROOT / "benchmarks/measure_torch.py", *numbers])[0].splitlines()[-1])


def product_work(row):
    """FLOP of a step's matrix products by (kind, FLOP of one product), from the training module's ops."""
    options = {"objective": "clm", "packed": True, "recompute_budget": row.budget or "all", "tokens": row.batch * LENGTH, "context": LENGTH}
    if "lora_r" in row.keys:
        options |= {"lora_rank": RANK, "lora_scale": 2}
    with tempfile.NamedTemporaryFile(suffix=".mlir") as file:
        source = model_folder() if row.folder else default_model.find()
        output_of([BUILD / "bin/phc", source, "--activations=f32", f"--training={json.dumps(options)}", "--emit=xf", "-o", file.name])
        table = output_of([BUILD / "bin/ph-opt", file.name, f"--xf-print-cost=tokens={LENGTH} function=gradients", "-o", "/dev/null"])[1]
    kinds = {"xf.linear": "Y = X W^T", "xf.linear_backward": "dX = dY W", "xf.matmul": "dW += dY^T X", "train.token_logp_backward": "logits"}
    work = {}
    for op, times, flop in re.findall(r"^(\S+) +(\d+) +(\d+)", table, re.MULTILINE):
        if op in kinds:
            key = (kinds[op], float(flop) / int(times))
            work[key] = work.get(key, 0) + float(flop)
    return work


def measure_kernels(threads):
    """The machine's peak of fma and bandwidth, and rates of products: {(kind, FLOP): [FLOP/s]}, all with so many threads."""
    output_of(["cmake", "--build", BUILD, "--target", "product-bench"])
    text, _ = output_of([BUILD / "bin/product-bench"])
    number = r"{} threads? *([\d.]+) G".format(threads)
    rates = {}
    for kind, m, n, k, rest in re.findall(r"^([^:]*?) +(\d+) x +(\d+) x +(\d+):(.*)$", text, re.MULTILINE):
        rates.setdefault((kind.strip(), 2.0 * int(m) * int(n) * int(k)), []).append(1e9 * float(re.search(number, rest)[1]))
    lines = text.splitlines()
    return {"peak": 1e9 * float(re.search(number, lines[0])[1]), "bandwidth": 1e9 * float(re.search(number, lines[1])[1]), "rates": rates}


def share_of_kernels(work, machine):
    """What share of the peak products have that do this work at the measured rates; those of shapes that were not measured do not count."""
    flop = seconds = 0
    for (kind, each), total in work.items():
        if kind == "logits":
            # The scores, and then the gradient of what they are made of; each a half.
            rates = [rate for name in ("Y = X W^T", "dX = dY W") for rate in machine["rates"].get((name, each / 2), [])]
        else:
            rates = machine["rates"].get((kind, each), [])
        if rates:
            flop += total
            seconds += total / statistics.mean(rates)
    return flop / seconds / machine["peak"] if seconds else None


def measure(names, python, arguments):
    """All runs of rows and of their peers, in turns: {name: [run]}, and {(kind, batch): [run]}."""
    runs, peers_runs = {name: [] for name in names}, {}
    for number in range(arguments.rounds):
        compared = set()
        for name in names:
            row = ROWS[name]
            print(f"round {number + 1} of {arguments.rounds}, {name}", file=sys.stderr)
            runs[name].append(ours(row, arguments))
            if row.peer and row.peer not in compared and "error" not in runs[name][-1]:
                compared.add(row.peer)
                peers_runs.setdefault(row.peer, []).append(theirs(python, row.peer, arguments))
    return runs, peers_runs


def summary(batch, runs):
    steps = [seconds for run in runs for seconds in run["seconds"][2:]]
    result = {"tokens_per_second": batch * LENGTH / statistics.median(steps), "peak_bytes": max(run["peak"] for run in runs)}
    if "compile" in runs[0]:
        result |= {"compile_seconds": statistics.median(run["compile"] for run in runs), "compiler_peak_bytes": max(run["compiler_peak"] for run in runs)}
    return result


def evaluate(names, runs, peers_runs, machine):
    results = {}
    for name in names:
        row = ROWS[name]
        error = next((run["error"] for run in runs[name] if "error" in run), None)
        if error:
            results[name] = {"error": error}
            continue
        result = results[name] = {"batch": row.batch, "ours": summary(row.batch, runs[name])}
        if row.peer:
            result["peer"] = summary(row.batch, peers_runs[row.peer])
            for key, title in (("tokens_per_second", "speed"), ("peak_bytes", "memory")):
                result[title] = result["ours"][key] / result["peer"][key]
        if machine:
            work = product_work(row)
            each = sum(work.values()) / LENGTH
            result["product_flop_per_token"] = each
            result["share_of_peak_in_step"] = each * result["ours"]["tokens_per_second"] / machine["peak"]
            result["share_of_peak_in_products"] = share_of_kernels(work, machine)
    return results


def table(results, machine, threads):
    lines = [f"fine-tuning SmolLM2-135M, sequences of {LENGTH}, {threads} threads; LoRA of rank {RANK} on {TARGETS}"]
    if machine:
        lines.append(f"this machine: {machine['peak'] / 1e9:.0f} GFLOP/s of fma in f32, {machine['bandwidth'] / 1e9:.0f} GB/s read from memory")
    lines.append(f"{'':14}{'ours':>9}{'peer':>9}{'ratio':>7}{'ours':>9}{'peer':>9}{'ratio':>7}{'compile':>9}{'% of fma peak':>22}")
    lines.append(f"{'':14}{'tok/s':>9}{'tok/s':>9}{'':7}{'MB':>9}{'MB':>9}{'':7}{'s':>9}{'products':>12}{'step':>10}")
    for name, result in results.items():
        if "error" in result:
            lines.append(f"{name:14} {result['error']}")
            continue
        line = f"{name:14}"
        for key, scale, title in (("tokens_per_second", 1, "speed"), ("peak_bytes", 1e-6, "memory")):
            line += f"{result['ours'][key] * scale:9.1f}" if scale == 1 else f"{result['ours'][key] * scale:9.0f}"
            line += f"{result['peer'][key] * scale:9.0f}{result[title]:7.2f}" if "peer" in result else f"{'-':>9}{'-':>7}"
        line += f"{result['ours']['compile_seconds']:9.1f}"
        for key, width in (("share_of_peak_in_products", 12), ("share_of_peak_in_step", 10)):
            line += f"{100 * result[key]:{width}.0f}" if result.get(key) else f"{'-':>{width}}"
        lines.append(line)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--skip-kernels", action="store_true", help="don't measure the machine and single kernels")
    parser.add_argument("--json", action="store_true", help="print build/bench-train.json instead of the table")
    parser.add_argument("--peer-python", type=pathlib.Path, help="an interpreter that has torch, transformers and peft, used as it is")
    arguments = parser.parse_args()
    if arguments.steps < 3:
        parser.error("--steps: the first two don't count, so at least 3")
    if any(ROWS[name].folder for name in arguments.only):
        model_folder()
    python = arguments.peer_python or peer_python()
    machine = None if arguments.skip_kernels else measure_kernels(arguments.threads)
    runs, peers_runs = measure(arguments.only, python, arguments)
    results = evaluate(arguments.only, runs, peers_runs, machine)
    whole = {"length": LENGTH, "threads": arguments.threads, "rounds": arguments.rounds, "peers": PEERS, "lora_targets": TARGETS, "rows": results}
    if machine:
        whole |= {"fma_peak": machine["peak"], "bandwidth": machine["bandwidth"]}
    text = json.dumps(whole, indent=2)
    (BUILD / "bench-train.json").write_text(text + "\n", encoding="utf-8")
    print(text if arguments.json else table(results, machine, arguments.threads))


main()
