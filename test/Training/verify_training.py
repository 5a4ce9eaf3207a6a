"""Trains models on recorded batches and compares losses, gradients and steps with what PyTorch computed.

usage: verify_training.py COUNTS KEPT REFERENCE

KEPT and REFERENCE hold models/ and training/, as the reference data have them; REFERENCE may be missing. Each file of training/ goes
through `ph verify --objective`. Prints a line for each, and at last how many there are, which is written to the file
COUNTS. Exit code 1 if one differs.
"""

import pathlib
import subprocess
import sys

# Of a file: the model, the objective, and what else must be said.
SCALED = ["--scale-matrices", "1.02"]
FILES = {"clm": ("llama", "clm", []), "clm-adamw": ("llama", "clm", []), "mlm": ("bert-mlm", "mlm", []), "reward": ("reward-llama", "reward", []),
         "clm-accumulate": ("llama", "clm", ["--micro-batches", "4"])}
FILES.update({f"clm-{name}": (name, "clm", []) for name in ("mixtral", "bloom-alibi", "gpt2", "qwen3", "gemma2", "gpt-oss")})
FILES.update({name: ("llama", name, SCALED) for name in ("dpo", "ipo", "orpo", "simpo", "kto", "ppo", "distill")})
FILES.update({"kto-unpaired": ("llama", "kto_unpaired", SCALED), "ppo-rollout": ("llama", "ppo_rollout", SCALED), "reward-padded": ("reward-llama", "reward", []), "regression": ("reward-llama", "regression", []),
              "classification": ("bert-classifier", "classification", []), "multi-label": ("bert-classifier", "multi_label", [])})
FILES["lora"] = ("llama", "clm", ["--adapter", "lora"])


def main():
    counts, kept, reference = (pathlib.Path(argument) for argument in sys.argv[1:4])
    if not reference.is_dir():
        print(f"REFERENCE DATA MISSING: {reference}: only the trainings kept here are compared")
    files, models = {}, {}
    for parent in (kept, reference):
        files.update({path.stem: path for path in sorted((parent / "training").glob("*.safetensors"))})
        models.update({path.name: path for path in (parent / "models").glob("*") if path.is_dir()})
    failed = compared = total = 0
    unknown = {path.stem for path in (reference / "training").glob("*.safetensors")} - set(FILES)
    if unknown:
        print(f"nothing is known of {sorted(unknown)}")
        failed += 1
    for name, path in sorted(files.items()):
        if name not in FILES:
            continue
        if FILES[name][0] not in models:
            continue  # of the reference data, which are missing
        total += 1
        model, objective, flags = FILES[name]
        command = ["ph", "verify", str(models[model]), str(path), f"--objective={objective}", *(str(path.parent / flag) if flag == "lora" else flag for flag in flags)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        checks = [line for line in done.stdout.splitlines() if line.startswith(("PASS  ", "FAIL  "))]
        compared += len(checks)
        passed = done.returncode == 0 and checks and all(line.startswith("PASS") for line in checks)
        failed += not passed
        print(f"{name}: {'; '.join(' '.join(line.split()) for line in checks) or done.stderr.strip()}")
    line = f"{total - failed} of {total} trainings compute what PyTorch computes ({compared} comparisons)"
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    print(line)
    return 1 if failed or not total else 0


sys.exit(main())
