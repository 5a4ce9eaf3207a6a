"""Trains two adapters of one model, puts both into one artifact, and compares what each computes there with its training.

usage: chosen_adapters.py SCRATCH
"""

import json
import pathlib
import subprocess
import sys

INTEGRATION = pathlib.Path(__file__).parent.parent / "Integration"


def run(*command, code=0):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (command, done.returncode, done.stdout, done.stderr)
    return done.stdout


def say(artifact, *flags):
    return run("ph", "run", artifact, "-p", "once upon", "-n", "16", "--temp", "0", "--raw", *flags)


def main():
    scratch = pathlib.Path(sys.argv[1])
    model, both = scratch / "base.gguf", scratch / "both.phx"
    run(sys.executable, INTEGRATION / "make_tiny_gguf.py", model, "--type", "q4_1")
    # lora_alpha / lora_r is 2 and 4, so that what lora_B is multiplied with beforehand rounds nothing.
    for name, text, rank, alpha, modules in (
        ("law", "all that is not allowed is forbidden", 4, 8, "[q_proj, down_proj]"),
        ("tale", "once upon a time there was a seal", 2, 8, "[v_proj, down_proj, gate_proj]"),
    ):
        (scratch / f"{name}.jsonl").write_text(json.dumps({"text": text}) + "\n")
        keys = {"base_model": "base.gguf", "datasets": f"[{{path: {name}.jsonl}}]", "sequence_len": 64, "learning_rate": 0.01,
                "lr_scheduler": "constant", "max_steps": 8, "adapter": "qlora", "lora_r": rank, "lora_alpha": alpha,
                "lora_target_modules": modules, "output_dir": name}  # fmt: skip
        (scratch / f"{name}.yml").write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        run("ph", "train", scratch / f"{name}.yml", "--record-logits")
    adapters = [part for name in ("law", "tale") for part in ("--adapter", f"{name}={scratch / name}")]
    run("phc", model, *adapters, "--activations=f32", "-o", both)
    for name, other in (("law", "tale"), ("tale", "law")):
        recorded = scratch / name / "last_logits.safetensors"
        run("ph", "verify", both, recorded, "--atol", "0", "--adapter", name)
        run("ph", "verify", both, recorded, "--atol", "0", "--adapter", name, "--mmap")
        run("ph", "verify", both, recorded, "--atol", "0.1", "--adapter", other, code=1)
    # Without one: the model alone, whose text is that of an artifact without adapters.
    run("phc", model, "--activations=f32", "-o", scratch / "base.phx")
    texts = [say(artifact) for artifact in (both, scratch / "base.phx")]
    assert texts[0] == texts[1], texts
    assert say(both, "--adapter", "tale") != texts[0]
    # With int8 activations all ops have kernels; the one adapter alone says the same.
    run("phc", model, *adapters, "-o", scratch / "both8.phx")
    run("phc", model, "--adapter", scratch / "tale", "-o", scratch / "tale8.phx")
    assert say(scratch / "both8.phx", "--adapter", "tale") == say(scratch / "tale8.phx")


if __name__ == "__main__":
    main()
