"""Trains a small model with products of 16 bits: bf16 gives f32's losses but for what its 8 bits leave out; in f16 a gradient that
overflows changes nothing but the scale of the loss, and a resumed training goes on bit for bit.

    precision.py FOLDER MODEL.gguf
"""

import json
import pathlib
import struct
import subprocess
import sys

import training

STEPS = 12

LOUD = """func.func @loss(%logp: tensor<?x?xf32> {xf.name = "logp"}, %labels: tensor<?x?xi32> {xf.name = "labels"})
    -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.lm_loss %logp, %labels ignore_index = -100 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  %factor = arith.constant dense<1024.0> : tensor<f32>
  %loud = xf.elementwise mul %sum, %factor : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %loud, %count : tensor<f32>, tensor<f32>
}
"""


def main():
    folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
    training.write_chat(folder)

    def train(name, *flags, **more):
        keys = {
            "base_model": model, "datasets": "[{path: chat.jsonl}]", "learning_rate": 0.005, "lr_scheduler": "constant", "sequence_len": 64,
            "micro_batch_size": 3, "max_steps": STEPS, "save_steps": STEPS // 2, "output_dir": name, "seed": 1, **more,
        }  # fmt: skip
        path = folder / f"{name}.yml"
        path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        done = subprocess.run(["ph", "train", str(path), *flags], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return training.curve(folder / name)

    def resumes(name, curve, **more):
        whole = training.contents(folder / name)
        assert train(name, "--resume", str(folder / name / f"checkpoint-{STEPS // 2}"), **more) == curve, name
        assert training.contents(folder / name) == whole, name

    def losses(curve):
        return [float(line["loss"]) for line in curve]

    exact = losses(train("f32"))
    for name, bits in (("bf16", 8), ("fp16", 11)):
        curve = train(name, **{name: "true"})
        resumes(name, curve, **{name: "true"})
        log = [json.loads(line) for line in (folder / name / "training.jsonl").read_text().splitlines()]
        skipped = [line.get("skipped", False) for line in log]
        rounded = losses(curve)
        assert rounded[0] != exact[0] and abs(rounded[0] - exact[0]) < 2**-bits * exact[0], (rounded[0], exact[0])
        # Later ones are of weights that differ.
        assert all(abs(x - y) < 4 * 2**-bits * max(exact) for x, y in zip(rounded, exact, strict=True)), (rounded, exact)
        print(f"{name}: first loss differs by {abs(rounded[0] - exact[0]) / exact[0]:.1e}")
        if name == "bf16":
            assert not any(skipped) and all("loss_scale" not in line for line in log)
            continue
        # A micro-batch has up to 192 tokens, whose losses are summed.
        assert not any(skipped) and all(line["loss_scale"] == 65536 / 128 for line in log), log
        data = (folder / name / f"checkpoint-{STEPS}/optimizer.safetensors").read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        begin, end = json.loads(data[8 : 8 + size])["loss_scale"]["data_offsets"]
        assert struct.unpack("<f", data[8 + size + begin : 8 + size + end])[0] == log[-1]["loss_scale"]

    # Times 1024, gradients overflow until the scale is small enough.
    (folder / "loud.mlir").write_text(LOUD)
    curve = train("loud", fp16="true", loss="loud.mlir")
    resumes("loud", curve, fp16="true", loss="loud.mlir")
    log = [json.loads(line) for line in (folder / "loud/training.jsonl").read_text().splitlines()]
    skips = [line.get("skipped", False) for line in log].index(False)
    assert 1 <= skips <= STEPS - 3 and not any(line.get("skipped", False) for line in log[skips:]), log
    assert [line["loss_scale"] for line in log[: skips + 1]] == [512 / 2**i for i in range(skips + 1)], log
    assert len({line["loss"] for line in curve[: skips + 1]}) == 1 and curve[skips + 1]["loss"] != curve[skips]["loss"], curve
    print(f"{skips} overflows are skipped, and each halves the scale")


if __name__ == "__main__":
    main()
