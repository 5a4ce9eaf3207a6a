"""Trains a small model and computes all of each layer again, or groups of layers too, some of it, or nothing that is worth keeping: another need of memory, but the same
log and the same results, bit by bit.

    recompute.py FOLDER MODEL.gguf
"""

import pathlib
import re
import subprocess
import sys

import training

BUDGET = 16 << 20
# Of what 8 layers carry: 8 rows of 64 tokens, 256 floats each.
CARRIED = 8 * 8 * 64 * 256 * 4
UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9}


def main():
    folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
    training.write_data(folder)
    memory, made = {}, {}
    for name, keys in {
        "groups": {"recompute_budget": "1MiB"},  # less than what is carried: layers become groups
        "again": {"gradient_checkpointing": "true"},
        "some": {"recompute_budget": BUDGET},
        "kept": {},
    }.items():
        config = training.write_config(
            folder, name, base_model=model, sequence_len=64, micro_batch_size=8, gradient_accumulation_steps=1, pad_to_sequence_len="true",
            max_steps=3, learning_rate=0.005, **keys,
        )  # fmt: skip
        done = subprocess.run(["ph", "train", str(config)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        number, unit = re.search(r"^memory ([\d.]+) (\w+),", done.stderr, re.MULTILINE).groups()
        memory[name] = float(number) * UNITS[unit]
        # What says how it was trained may differ.
        files = {path: data for path, data in training.contents(folder / name).items() if not path.endswith(".json")}
        made[name] = (training.curve(folder / name), files)
    assert made["again"][1] and len(made["again"][0]) == 3, made["again"]
    assert made["again"] == made["groups"] == made["some"] == made["kept"]
    assert memory["groups"] < memory["again"] < memory["some"] < memory["kept"], memory
    # What is kept beside what is carried; other memory can become less when there is less to compute.
    assert memory["some"] <= memory["again"] + BUDGET - CARRIED + 1e6, memory
    print("the same 3 losses and results with", ", ".join(f"{memory[name] / 1e6:.0f}" for name in memory), "MB")


main()
