"""Trains a small model by losses of files: the causal language model's spelled out gives the losses of `loss: clm`, bit for bit; the
examples' fall; what is wrong with a file is said with its line.

    own_loss.py FOLDER MODEL.gguf EXAMPLES
"""

import json
import pathlib
import shutil
import subprocess
import sys

import training

CLM = """func.func @loss(%logp: tensor<?x?xf32> {xf.name = "logp"}, %labels: tensor<?x?xi32> {xf.name = "labels"})
    -> (tensor<f32>, tensor<f32>) {
  %none = arith.constant dense<-100> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %counts = xf.compare ne %labels, %none : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %logps = xf.select %counts, %logp, %zero : (tensor<?x?xi1>, tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %ones = xf.select %counts, %one, %zero : (tensor<?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  %all = xf.reduce sum %logps axes = [0, 1] : (tensor<?x?xf32>) -> tensor<f32>
  %count = xf.reduce sum %ones axes = [0, 1] : (tensor<?x?xf32>) -> tensor<f32>
  %sum = xf.unary neg %all : (tensor<f32>) -> tensor<f32>
  return %sum, %count : tensor<f32>, tensor<f32>
}
"""

# Of a file: what is wrong, and what is said of it.
WRONG = {
    "syntax": (CLM.replace("xf.unary neg", "xf.unary negative"), "syntax.mlir:11:", "'xf.unary' expected"),
    "missing": (CLM.replace("@loss", "@lost"), "missing.mlir:1:", "has no function @loss"),
    "type": (CLM.replace("?x?xi32", "?x?xi64"), "type.mlir:", "i64"),
    "one": ("func.func @loss(%logp: tensor<?x?xf32> {xf.name = \"logp\"}) -> tensor<?x?xf32> {\n  return %logp : tensor<?x?xf32>\n}\n",
            "one.mlir:1:", "a loss is two numbers"),
    "rank": ("func.func @loss(%logp: tensor<?xf32> {xf.name = \"logp\"}) -> (tensor<f32>, tensor<f32>) {\n"
             "  %0 = xf.reduce sum %logp axes = [0] : (tensor<?xf32>) -> tensor<f32>\n  return %0, %0 : tensor<f32>, tensor<f32>\n}\n",
             "rank.mlir:1:", "the argument 'logp' of @loss has the type 'tensor<?xf32>', but it is 'tensor<?x?xf32>'"),
    "name": (CLM.replace('"labels"', '"lables"'), "name.mlir:1:", "@loss takes 'lables', which nothing gives; there are logp, labels, chosen"),
    "call": (CLM.replace("  %sum = xf.unary neg %all :", "  %sum = func.call @neg(%all) :")
             + "func.func private @neg(tensor<f32>) -> tensor<f32>\n",
             "call.mlir:11:", "@loss refers to @neg, but is a function for itself"),
}  # fmt: skip


def run(*command, code=0):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == code, (command, done.returncode, done.stderr)
    return done.stderr


def main():
    folder, model, examples = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    training.write_data(folder)
    pairs = [{"prompt": "sky ", "chosen": "square", "rejected": "blue"}, {"prompt": "sea ", "chosen": "salty", "rejected": "a b"}]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    for example in examples.glob("*.mlir"):
        shutil.copy(example, folder)
    (folder / "clm.mlir").write_text(CLM)

    def config(name, data="data.jsonl", **more):
        path = folder / f"{name}.yml"
        keys = {
            "base_model": model, "datasets": f"[{{path: {data}}}]", "learning_rate": 0.005, "sequence_len": 32, "micro_batch_size": 4,
            "max_steps": 6, "output_dir": name, **more,
        }  # fmt: skip
        path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        return path

    def losses(name, **more):
        run("ph", "train", config(name, **more))
        return [line["loss"] for line in training.curve(folder / name)]

    assert losses("given") == losses("own", loss="clm.mlir")
    focal = losses("focal", loss="focal.mlir")
    assert float(focal[-1]) < 0.7 * float(focal[0]), focal
    hinge = losses("hinge", loss="hinge.mlir", data="pairs.jsonl", rl="dpo", max_steps=12)
    assert float(hinge[-1]) < 0.2 < 1 < float(hinge[0]), hinge
    print("losses of files train")

    told = run("ph", "train", config("tokens", loss="clm.mlir", data="pairs.jsonl", rl="dpo"), code=2)
    assert "clm.mlir is of tokens, and rl asks for one of pairs" in told, told
    told = run("ph", "train", config("pairs", loss="hinge.mlir"), code=2)
    assert "hinge.mlir is of pairs, which rl (dpo, say) asks for" in told, told
    told = run("ph", "train", config("none", loss="none.mlir"), code=2)
    assert "none.mlir" in told, told
    for name, (text, place, what) in WRONG.items():
        (folder / f"{name}.mlir").write_text(text)
        told = run("ph", "train", config(name, loss=f"{name}.mlir"), code=3)
        assert place in told and what in told, (name, told)
    print(f"{len(WRONG)} mistakes are named with file and line")


if __name__ == "__main__":
    main()
