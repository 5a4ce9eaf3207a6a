"""Trains adapters whose inputs are left out at random: the same seed leaves out the same, also after a break; another seed does not; and
nothing is left out in evaluation.

    adapter_dropout.py FOLDER MODEL
"""

import json
import pathlib
import shutil
import subprocess
import sys

import training

STEPS = 8


def write_model(source, folder):
    """A model of 320 tokens, with a tokenizer of letters."""
    shutil.copytree(source, folder)
    vocabulary = {f"<{i}>": i for i in range(256, 320)} | {chr(i) if 33 <= i < 127 else f"<{i}>": i for i in range(256)}
    tokenizer = {
        "version": "1.0", "added_tokens": [{"id": 258, "content": "<258>", "special": True}],
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def main():
    folder = pathlib.Path(sys.argv[1])
    write_model(sys.argv[2], folder / "model")
    (folder / "data.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in ("redstop", "greengo", "yellowwait")))

    def train(name, *flags, **more):
        keys = {
            "base_model": "model", "datasets": "[{path: data.jsonl, type: completion}]", "test_datasets": "[{path: data.jsonl, type: completion}]",
            "learning_rate": 0.01, "lr_scheduler": "constant", "sequence_len": 16, "micro_batch_size": 3, "max_steps": STEPS, "save_steps": 3,
            "eval_steps": 1, "output_dir": name, "adapter": "lora", "lora_r": 4, "lora_target_linear": "true", "lora_dropout": 0.5, **more,
        }  # fmt: skip
        path = folder / f"{name}.yml"
        path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        done = subprocess.run(["ph", "train", str(path), *flags], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return training.curve(folder / name)

    def losses(curve):
        return [line["loss"] for line in curve]

    curve = train("first")
    whole = training.contents(folder / "first")
    assert train("again") == curve
    assert train("first", "--resume", str(folder / "first/checkpoint-3")) == curve and training.contents(folder / "first") == whole
    # The second matrix begins as 0: then there is nothing to leave out.
    plain, other = train("plain", lora_dropout=0), train("other", seed=2, shuffle="false")
    assert losses(plain)[0] == losses(curve)[0] and losses(plain)[2:] != losses(curve)[2:]
    assert losses(other)[2:] != losses(curve)[2:]
    # What evaluation sees is what a training without dropout sees first.
    told, known = float(curve[-1]["eval_loss"]), float(train("more", lora_dropout=0, lora_model_dir="first", max_steps=1)[0]["loss"])
    assert abs(told - known) < 1e-5, (told, known)
    dropped = float(train("dropped", lora_model_dir="first", max_steps=1)[0]["loss"])
    assert abs(dropped - told) > 1e-3, (dropped, told)
    assert float(curve[-1]["eval_loss"]) < 0.9 * float(curve[0]["eval_loss"]), curve
    assert json.loads((folder / "first/adapter_config.json").read_text())["lora_dropout"] == 0.5
    print(f"evaluation {told:.4f}, with dropout {dropped:.4f}")


if __name__ == "__main__":
    main()
