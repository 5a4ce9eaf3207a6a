"""Trains a small model with each optimizer: its loss falls, and resumed it goes on as if nothing had been, bit for bit.

    optimizers.py FOLDER MODEL.gguf
"""

import json
import pathlib
import struct
import subprocess
import sys

import training

STEPS = 12
FALL = 0.2  # the loss ends below this part of where it began
OPTIMIZERS = {
    "sgd": {"learning_rate": 0.5},
    "momentum": {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "nesterov": {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": "true"},
    "lion": {"learning_rate": 0.001},
    "adafactor": {"learning_rate": 0.05},
    "adamw": {},
    "adamw_8bit": {},
    "paged_adamw_32bit": {},
    "paged_adamw_8bit": {},
}


def config_of(folder, model, name, **more):
    keys = {
        "base_model": model, "datasets": "[{path: chat.jsonl}]", "learning_rate": 0.005, "sequence_len": 64, "micro_batch_size": 3,
        "max_steps": STEPS, "lr_scheduler": "constant", "save_steps": STEPS // 2, "output_dir": name, "seed": 1, "optimizer": name, **more,
    }  # fmt: skip
    path = folder / f"{name}.yml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
    return path


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, (command, done.returncode, done.stderr)


def states(output):
    """Type and number of elements of each tensor of the optimizer, by name."""
    data = (output / f"checkpoint-{STEPS}/optimizer.safetensors").read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    sizes = {}
    for name, about in header.items():
        count = 1
        for size in about.get("shape", []):
            count *= size
        sizes[name] = (about.get("dtype"), count)
    return sizes


def main():
    folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
    training.write_chat(folder)
    for name, keys in OPTIMIZERS.items():
        config, out = config_of(folder, model, name, **keys), folder / name
        run("ph", "train", config)
        curve, whole = training.curve(out), training.contents(out)
        first, last = float(curve[0]["loss"]), float(curve[-1]["loss"])
        assert len(curve) == STEPS and last < FALL * first, (name, first, last)
        run("ph", "train", config, "--resume", out / f"checkpoint-{STEPS // 2}")
        assert training.curve(out) == curve and training.contents(out) == whole, name
        assert all(path.startswith(("checkpoint-", "model.gguf")) for path in whole), sorted(whole)
        print(f"{name}: {first:.4f} to {last:.4f}")

    # Where states are changes nothing.
    for paged, name in (("paged_adamw_32bit", "adamw"), ("paged_adamw_8bit", "adamw_8bit")):
        assert training.curve(folder / paged) == training.curve(folder / name), name
        assert states(folder / paged) == states(folder / name), name
    # Large tensors have codes, small ones do not; a matrix's factors are a row and a column.
    whole, codes = states(folder / "adamw"), states(folder / "adamw_8bit")
    matrix, vector = (next(name for name in whole if name.startswith("first.") and part in name) for part in ("ffn_up", "attn_norm"))
    assert codes[matrix] == ("I8", whole[matrix][1]) and codes[vector] == whole[vector], (codes[matrix], codes[vector])
    assert codes[matrix.replace("first.", "first_scale.")] == ("F32", whole[matrix][1] // 256)
    factors = sum(count for _, count in states(folder / "adafactor").values())
    assert factors < 0.2 * sum(count for _, count in whole.values()), factors


if __name__ == "__main__":
    main()
