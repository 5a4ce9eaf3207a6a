"""Gradients of four micro-batches, whose answers have different lengths, are those of one batch of four: a mean of means would not be. Of
tokens, and of ORPO's pairs, of which one term is a mean over tokens and one over pairs.

    accumulate.py FOLDER MODEL.gguf
"""

import json
import pathlib
import subprocess
import sys

import training

STEPS = 6
TEXTS = [("a", "b"), ("sky ", "blue as the sea"), ("go ", "on and on"), ("x", "yz!")]


def main():
    folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
    (folder / "text.jsonl").write_text("".join(json.dumps({"prompt": a, "completion": b}) + "\n" for a, b in TEXTS))
    pairs = [{"prompt": a, "chosen": b, "rejected": b[::-1] + "?" * (i + 1)} for i, (a, b) in enumerate(TEXTS)]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))

    def train(name, data, **more):
        keys = {
            "base_model": model, "datasets": f"[{{path: {data}.jsonl}}]", "test_datasets": f"[{{path: {data}.jsonl}}]", "learning_rate": 0.001,
            "lr_scheduler": "constant", "sequence_len": 64, "max_steps": STEPS, "eval_steps": 1, "output_dir": name, **more,
        }  # fmt: skip
        path = folder / f"{name}.yml"
        path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        done = subprocess.run(["ph", "train", str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return training.curve(folder / name)

    largest = 0
    for data, more in (("text", {}), ("pairs", {"rl": "orpo", "orpo_alpha": 2})):
        one = train(f"{data}-one", data, micro_batch_size=4, **more)
        four = train(f"{data}-four", data, micro_batch_size=1, gradient_accumulation_steps=4, **more)
        assert len(one) == len(four) == STEPS
        for a, b in zip(one, four):
            for key in ("loss", "eval_loss", "grad_norm"):
                x, y = float(a[key]), float(b[key])
                assert abs(x - y) <= 1e-6 * max(1, abs(x)), (data, key, x, y)
                largest = max(largest, abs(x - y) / max(1, abs(x)))
    print(f"largest difference {largest:.1e}")


if __name__ == "__main__":
    main()
