"""What tests of trainings share: small data, configurations, and logs without what depends on the clock."""

import json
import pathlib

DATA_LINES = 60


def write_data(folder):
    """Writes data.jsonl: questions whose answers follow from them."""
    lines = []
    for i in range(DATA_LINES):
        word = "abcdefgh"[i % 8] * (i % 5 + 1)
        lines.append(json.dumps({"prompt": f"Say {word}: ", "completion": f"{word}{'!' * (i % 7)}"}))
    (folder / "data.jsonl").write_text("\n".join(lines) + "\n")


ANSWERS = {"red": "stop", "green": "go on", "yellow": "wait"}


def write_chat(folder):
    """Writes chat.jsonl: a conversation for each of ANSWERS."""
    roles = [({"role": "user", "content": question}, {"role": "assistant", "content": answer}) for question, answer in ANSWERS.items()]
    (folder / "chat.jsonl").write_text("".join(json.dumps({"messages": messages}) + "\n" for messages in roles))


CONFIG = """base_model: none
datasets:
  - path: data.jsonl
learning_rate: 0.05
warmup_steps: 3
micro_batch_size: 2
gradient_accumulation_steps: 2
num_epochs: 4
sequence_len: 32
val_set_size: 0.1
save_steps: 3
save_total_limit: 3
"""


def write_config(folder, name, **more):
    """Writes a configuration whose output goes to the folder `name`; returns its path."""
    path = folder / f"{name}.yml"
    more["output_dir"] = name
    kept = [line for line in CONFIG.splitlines() if line.split(":")[0] not in more]
    path.write_text("\n".join([*kept, *(f"{key}: {value}" for key, value in more.items())]) + "\n")
    return path


def curve(output):
    """Of each line of the log all but times, speeds and memory; losses as they are written."""
    kept = ("step", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm", "tokens")
    lines = [json.loads(line) for line in (output / "training.jsonl").read_text().splitlines()]
    return [{key: repr(line[key]) for key in kept if key in line} for line in lines]


def contents(folder):
    """The bytes of all files of a folder but the log, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file() and path.name != "training.jsonl"
    }
