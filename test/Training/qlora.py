"""Trains adapters on small GGUF files with `ph train`, compiles both with phc, and compares what they compute.

usage: qlora.py SCRATCH
"""

import json
import math
import pathlib
import subprocess
import sys
from array import array

from huggingface import read_tensors

INTEGRATION = pathlib.Path(__file__).parent.parent / "Integration"
TEXT = "the quick brown fox jumps over the lazy dog and runs away"


def run(*command, fails=False):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert fails or done.returncode == 0, (command, done.returncode, done.stderr)
    return done


def floats(entry):
    values = array("f")
    values.frombytes(entry[2])
    return values


def mean_loss(recorded):
    """Of predicting each token but the first."""
    (_, (rows, length), ids), (_, shape, _) = recorded["input_ids"], recorded["logits"]
    tokens, logits, width = array("i", ids), floats(recorded["logits"]), shape[-1]
    assert rows == 1 and shape == [1, length, width]
    total = 0.0
    for place in range(length - 1):
        row = logits[place * width : (place + 1) * width]
        most = max(row)
        total += most + math.log(sum(math.exp(x - most) for x in row)) - row[tokens[place + 1]]
    return total / (length - 1)


class Case:
    def __init__(self, scratch, name, kind, targets="lora_target_linear: true", **more):
        self.name, self.folder = name, scratch / name.replace(" ", "-")
        self.folder.mkdir()
        self.model = self.folder / "base.gguf"
        run(sys.executable, INTEGRATION / "make_tiny_gguf.py", self.model, "--type", kind)
        (self.folder / "data.jsonl").write_text(json.dumps({"text": TEXT}) + "\n")
        self.keys = {"base_model": "base.gguf", "datasets": "[{path: data.jsonl}]", "sequence_len": 64, "learning_rate": 0.01,
                     "lr_scheduler": "constant", "max_steps": 8, "adapter": "qlora", "lora_r": 4, "lora_alpha": 6, **more}  # fmt: skip
        self.targets = targets

    def train(self, output, fails=False, **more):
        keys = {**self.keys, "output_dir": output, **more}
        config = self.folder / f"{output}.yml"
        config.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()) + self.targets + "\n")
        return run("ph", "train", config, "--record-logits", fails=fails)

    def compare(self):
        self.train("out")
        run("phc", self.model, "--adapter", self.folder / "out", "--activations=f32", "-o", self.folder / "both.phx")
        run("ph", "verify", self.folder / "both.phx", self.folder / "out" / "last_logits.safetensors", "--atol", "0")
        adapter = read_tensors(self.folder / "out" / "adapter_model.safetensors")
        assert all(name.startswith("base_model.model.model.layers.") for name in adapter), adapter.keys()
        losses = self.losses("out")
        assert losses[-1] < losses[0] - 0.5, losses
        print(f"{self.name}: {len(adapter)} tensors, logits are the same bits", flush=True)

    def compare_loss(self):
        """A step that changes nothing shows that what is recorded is what losses are made of."""
        self.train("again", lora_model_dir="out", max_steps=1, learning_rate=1e-30)
        run("ph", "verify", self.folder / "both.phx", self.folder / "again" / "last_logits.safetensors", "--atol", "0")
        loss = mean_loss(read_tensors(self.folder / "again" / "last_logits.safetensors"))
        assert abs(loss - self.losses("again")[0]) < 1e-5, (loss, self.losses("again"))
        print("the loss is theirs", flush=True)

    def losses(self, output):
        return [json.loads(line)["loss"] for line in (self.folder / output / "training.jsonl").read_text().splitlines()]


def main():
    scratch = pathlib.Path(sys.argv[1])
    case = Case(scratch, "q4_1", "q4_1")
    case.compare()
    case.compare_loss()
    Case(scratch, "q8_0", "q8_0", lora_alpha=4).compare()  # the scale is 1
    few = Case(scratch, "q_proj and down_proj", "q4_1", "lora_target_modules: [q_proj, down_proj]")
    few.compare()
    said = few.train("packed", fails=True, sample_packing="true")
    print("rows of documents:", said.stderr.split("ph: ")[-1].strip())
    run("phc", few.model, "--activations=f32", "-o", few.folder / "base.phx")
    said = run("ph", "verify", few.folder / "base.phx", few.folder / "out" / "last_logits.safetensors", "--atol", "0", fails=True)
    print("without the adapter:", said.stdout.split()[-1])
    wider = few.folder / "wider.gguf"
    run(sys.executable, INTEGRATION / "make_tiny_gguf.py", wider, "--width", "128")
    said = run("phc", wider, "--adapter", few.folder / "out", "-o", few.folder / "wider.phx", fails=True)
    print("other model:", said.stderr.split("phc: ")[-1].strip())


if __name__ == "__main__":
    main()
