"""Trains a small model with `ph train` until it answers as its examples do, breaks a training off and resumes it, and
compiles the result. train.py FOLDER MODEL.gguf"""

import json
import pathlib
import subprocess
import sys

import training


def config_of(folder, model, name, **more):
    keys = {
        "base_model": model, "datasets": "[{path: chat.jsonl}]", "learning_rate": 0.005, "sequence_len": 64,
        "micro_batch_size": 3, "num_epochs": 40, "save_steps": 10, "output_dir": name, "seed": 1, **more,
    }  # fmt: skip
    path = folder / f"{name}.yml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
    return path


def run(*command, code=0):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == code, (command, done.returncode, done.stderr)
    return done


def main():
    folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
    training.write_chat(folder)

    # Nothing is written by a dry run.
    config = config_of(folder, model, "out")
    told = run("ph", "train", config, "--dry-run").stderr
    assert "3 examples of 3 lines" in told and "40 steps" in told and "memory" in told and "time" in told, told
    assert not (folder / "out").exists()

    run("ph", "train", config)
    curve = training.curve(folder / "out")
    assert len(curve) == 40 and float(curve[-1]["loss"]) < 0.1 < 2 < float(curve[0]["loss"]), curve[-1]
    run("phc", folder / "out/model.gguf", "-o", folder / "trained.phx")
    for question, answer in training.ANSWERS.items():
        said = run("ph", "run", folder / "trained.phx", "-p", question, "--temp", 0, "-n", 12).stdout.strip()
        assert said == answer, (question, said)

    # From any checkpoint the same follows, bit for bit.
    whole = training.contents(folder / "out")
    run("ph", "train", config, "--resume", folder / "out/checkpoint-20")
    assert training.curve(folder / "out") == curve and training.contents(folder / "out") == whole

    # Gradients of four micro-batches, of answers of different lengths, are those of one batch.
    steps = {"num_epochs": 1, "max_steps": 3, "shuffle": "false"}
    run("ph", "train", config_of(folder, model, "one", **steps))
    run("ph", "train", config_of(folder, model, "three", micro_batch_size=1, gradient_accumulation_steps=3, **steps))
    run("ph", "train", config_of(folder, model, "packed", sample_packing="true", sequence_len=128, **steps))
    one = training.curve(folder / "one")
    for other in ("three", "packed"):
        for a, b in zip(one, training.curve(folder / other), strict=True):
            assert abs(float(a["loss"]) - float(b["loss"])) < 1e-5, (other, a, b)
            assert abs(float(a["grad_norm"]) - float(b["grad_norm"])) < 1e-4 * float(a["grad_norm"]), (other, a, b)

    # Preference: what is chosen becomes likelier than what is rejected.
    pairs = [{"prompt": "sky ", "chosen": "blue", "rejected": "square"}, {"prompt": "sea ", "chosen": "wet", "rejected": "a b"}]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    run("ph", "train", config_of(folder, model, "dpo", datasets="[{path: pairs.jsonl}]", rl="dpo", max_steps=20))
    curve = training.curve(folder / "dpo")
    assert abs(float(curve[0]["loss"]) - 0.693147) < 1e-4 and float(curve[-1]["loss"]) < 0.4, (curve[0], curve[-1])

    # From random weights.
    run("ph", "pretrain", config_of(folder, model, "fresh", max_steps=5))
    first = float(training.curve(folder / "fresh")[0]["loss"])
    assert 5.5 < first < 6.1, first  # log 320 is 5.77

    told = run("ph", "train", config_of(folder, model, "lora", adapter="lora"), code=2).stderr
    assert "an adapter needs lora_target_modules" in told, told


if __name__ == "__main__":
    main()
