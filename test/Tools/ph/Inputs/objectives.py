"""Trains tiny models for each objective that has data of its own, until what is planted in the data is learned.

    objectives.py FOLDER
"""

import json
import math
import pathlib
import shutil
import subprocess
import sys

import tiny_folder
import training

KEYS = {"sequence_len": 32, "micro_batch_size": 4, "lr_scheduler": "constant", "learning_rate": 0.01, "seed": 1}


class Trainings:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *command, code=0):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        assert done.returncode == code, (command, done.returncode, done.stderr)
        return done

    def train(self, name, model, lines, code=0, resume=(), **more):
        """The losses of a training on these lines; with an exit code, what was said."""
        data = self.folder / f"{name}.jsonl"
        data.write_text("".join(json.dumps(line) + "\n" for line in lines))
        keys = {"base_model": model, "datasets": f"[{{path: {data.name}}}]", "output_dir": name, **KEYS, **more}
        config = self.folder / f"{name}.yml"
        config.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        done = self.run("ph", "train", config, *resume, code=code)
        return done.stderr if code else [float(line["loss"]) for line in training.curve(self.folder / name)]

    def resumed(self, name, model, lines, **more):
        """Goes on from the middle; what follows must be the same, bit for bit."""
        whole, curve = training.contents(self.folder / name), training.curve(self.folder / name)
        middle = sorted(self.folder.glob(f"{name}/checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))[0]
        self.train(name, model, lines, resume=("--resume", middle), **more)
        assert training.curve(self.folder / name) == curve and training.contents(self.folder / name) == whole, name


def main():
    t = Trainings(pathlib.Path(sys.argv[1]))
    shutil.rmtree(t.folder, ignore_errors=True)
    for kind, labels in (("causal", 0), ("scores", 1), ("mlm", 0), ("labels", 3)):
        tiny_folder.make(kind, t.folder / kind, labels)

    # Hidden letters follow from their neighbours.
    texts = [{"text": letters * 8} for letters in ("ab", "cd", "ef", "gh")]
    wanted = {"loss": "mlm", "num_epochs": 120, "save_steps": 60}
    losses = t.train("mlm", "mlm", texts, **wanted)
    assert losses[0] > 4 and sum(losses[-10:]) / 10 < 1, (losses[0], losses[-10:])
    t.resumed("mlm", "mlm", texts, **wanted)

    # A class by its name or number; the result labels texts.
    texts = [{"text": text, "label": label} for text, label in (("aaa", "a"), ("bbb aa", "b"), ("cccc", 2), ("aa", 0), ("bb", "b"), ("c cc", "c"))]
    losses = t.train("classes", "labels", texts, loss="classification", num_epochs=30)
    assert abs(losses[0] - math.log(3)) < 0.3 and losses[-1] < 0.1, losses
    t.run("phc", t.folder / "classes", "-o", t.folder / "classes.phx")
    for text, label in (("aaa", "a"), ("cccc", "c")):
        said = t.run("ph", "classify", t.folder / "classes.phx", "-p", text, "--top", 1).stdout.split()
        assert said[1] == label and float(said[0]) > 0.8, said

    several = [{"text": "xx", "label": ["a", "c"]}, {"text": "yyy", "label": []}, {"text": "z", "label": [0.0, 1.0, 0.0]}]
    losses = t.train("several", "labels", several, loss="multi_label", num_epochs=60)
    assert abs(losses[0] - math.log(2)) < 0.2 and losses[-1] < 0.1, losses

    # Texts of different lengths: what is behind a short one does not count.
    numbers = [{"text": "short", "label": -1.5}, {"text": "a longer text of words", "label": 2}]
    losses = t.train("numbers", "scores", numbers, loss="regression", num_epochs=80)
    assert losses[0] > 1 and losses[-1] < 0.05, losses
    apart = t.train("apart", "scores", numbers, loss="regression", max_steps=1, micro_batch_size=1, gradient_accumulation_steps=2)
    assert abs(apart[0] - losses[0]) < 1e-5 * losses[0], (apart[0], losses[0])

    pairs = [{"prompt": "q", "chosen": " yes, of course", "rejected": " no"}, {"prompt": "r", "chosen": " yes", "rejected": " no no no"}]
    losses = t.train("scored", "scores", pairs, reward_model="true", num_epochs=30)
    assert losses[-1] < 0.1 < 0.4 < losses[0], losses
    apart = t.train("scored-apart", "scores", pairs, reward_model="true", max_steps=1, micro_batch_size=1, gradient_accumulation_steps=2)
    assert abs(apart[0] - losses[0]) < 1e-5, (apart[0], losses[0])

    # The policy begins as its reference, so that the first loss is known.
    losses = t.train("ipo", "causal", pairs, rl="ipo", num_epochs=30, save_steps=10)
    assert abs(losses[0] - 25) < 1e-3 and losses[-1] < 5, losses
    t.resumed("ipo", "causal", pairs, rl="ipo", num_epochs=30, save_steps=10)
    judged = [{"prompt": p, "completion": f" {c}", "label": good} for p in "pqr" for c, good in (("yes", True), ("no", False))]
    wanted = {"rl": "kto", "num_epochs": 20, "save_steps": 10, "rl_beta": 0.5, "micro_batch_size": 6}
    losses = t.train("kto", "causal", judged, **wanted)
    assert abs(losses[0] - 0.5) < 1e-6 and losses[-1] < 0.3, losses
    t.resumed("kto", "causal", judged, **wanted)
    # A pair is two judged answers.
    assert t.train("kto-pairs", "causal", pairs, rl="kto", max_steps=5)[-1] < 0.5

    # An adapter's reference is the model without it, also if it begins with what was trained.
    lora = {"adapter": "lora", "lora_r": 4, "lora_target_linear": "true", "rl": "dpo", "learning_rate": 0.02}
    first = t.train("adapter", "causal", pairs, num_epochs=20, **lora)
    assert abs(first[0] - math.log(2)) < 1e-6 and first[-1] < 0.4, first
    more = t.train("adapter-more", "causal", pairs, max_steps=1, lora_model_dir="adapter", **lora)
    assert more[0] < first[-1] * 1.1, (first[-1], more)

    # A teacher knows what the data say; who learns from it begins as far from it as chance, and itself it is at no distance.
    texts = [{"text": letters * 8} for letters in ("abc", "defg")]
    t.train("teacher", "causal", texts, num_epochs=40)
    tiny_folder.make("causal", t.folder / "pupil", seed=2)
    wanted = {"teacher": "teacher", "num_epochs": 60, "save_steps": 20, "sequence_len": 64}
    losses = t.train("distilled", "pupil", texts, **wanted)
    assert losses[0] > 3 and losses[-1] < 0.2, losses
    t.resumed("distilled", "pupil", texts, **wanted)
    assert abs(t.train("itself", "teacher", texts, teacher="teacher", max_steps=1)[0]) < 1e-6
    assert t.train("reversed", "pupil", texts, teacher="teacher", kd_reverse="true", num_epochs=60)[-1] < 0.2
    packed = t.train("packed", "pupil", texts, teacher="teacher", max_steps=1, sample_packing="true", sequence_len=128)
    assert abs(packed[0] - losses[0]) < 1e-4 * losses[0], (packed[0], losses[0])
    said = t.train("wrong", "causal", texts, teacher="scores", code=2)
    assert "teacher: it knows 1 tokens and the model 262; both must have one tokenizer" in said, said

    # A policy that says a or b as often learns to say what another model likes.
    texts = [{"text": f"{start}{letter * 7}"} for start in "pq" for letter in "ab"]
    t.train("even", "causal", texts, num_epochs=60, learning_rate=0.005)
    liked = [{"text": text + letter * count, "label": value} for text in "pq" for letter, value in (("a", 1), ("b", -1)) for count in (1, 3, 5, 7)]
    t.train("likes", "scores", liked, loss="regression", num_epochs=40)
    prompts = [{"prompt": start} for start in "pqpqpqpq"]
    wanted = {"rl": "ppo", "reward_model": "likes", "response_length": 6, "micro_batch_size": 8, "max_steps": 20, "save_steps": 10, "learning_rate": 0.001}
    t.train("policy", "even", prompts, **wanted)
    rewards = [json.loads(line)["reward"] for line in (t.folder / "policy/training.jsonl").read_text().splitlines()]
    assert abs(rewards[0]) < 0.8 and sum(rewards[-8:]) / 8 > 0.95, rewards
    t.resumed("policy", "even", prompts, **wanted)
    kept = json.loads((t.folder / "policy/model.safetensors").read_bytes()[8:].split(b"}}")[0] + b"}}")
    assert "lm_head.weight" in kept and not any(name.startswith("v_head") for name in kept), sorted(kept)
    said = t.train("wrong", "causal", prompts, rl="ppo", code=2)
    assert "rl: ppo needs reward_model" in said, said
    said = t.train("wrong", "causal", prompts, rl="ppo", reward_model="causal", code=2)
    assert "reward_model: gives no single number of a text" in said, said

    # What is wrong with data is said with its place.
    said = t.train("wrong", "labels", [{"text": "a", "label": 3}], loss="classification", code=1)
    assert "wrong.jsonl:1: there is no class 3; the model has 0 to 2" in said, said
    said = t.train("wrong", "causal", [*judged, {"prompt": "a", "completion": "b", "label": "good"}], rl="kto", code=1)
    assert "wrong.jsonl:7: label is string; of an answer it is true or false" in said, said
    said = t.train("wrong", "causal", [{"text": "ab"}], loss="mlm", code=3)
    assert "needs a mask token" in said, said
    said = t.train("wrong", "causal", [{"text": "ab", "label": 1}], loss="classification", code=3)
    assert "gives no numbers of a whole text" in said, said
    said = t.train("wrong", "mlm", [{"text": "ab"}], loss="mlm", sample_packing="true", code=2)
    assert "sample_packing does not go with" in said, said

    # Any text, as bytes, from random weights.
    (t.folder / "plain.txt").write_text("to be or not to be, that is the question. " * 20)
    config = t.folder / "plain.yml"
    config.write_text("base_model: causal\ndatasets: [{path: plain.txt}]\noutput_dir: plain\nlearning_rate: 0.01\nsequence_len: 32\nmicro_batch_size: 4\nnum_epochs: 6\nval_set_size: 0.1\n")
    t.run("ph", "pretrain", config)
    losses = [float(line["loss"]) for line in training.curve(t.folder / "plain")]
    assert abs(losses[0] - math.log(262)) < 0.2 and losses[-1] < 2.5, losses


if __name__ == "__main__":
    main()
