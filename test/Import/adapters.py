"""Merges LoRA adapters into model folders with phc, and compares with folders that were merged here, and with PEFT.

usage: adapters.py SCRATCH MODELS TRAINING

MODELS holds the folders llama and gpt2, TRAINING the reference adapter of PEFT and what it computes (may be missing). The numbers of
the made adapters and of the models that they change are small multiples of powers of two, so that merging rounds nothing and both
have the same weights, byte for byte, when they are compiled. Prints a line for each case: its name and "same", "differs" or what phc said.
"""

import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
from array import array

from huggingface import read_tensors, write_tensors
from quantized_folders import without_metadata

PREFIX = "base_model.model."


def grid(rng, count, step, most):
    return [rng.randint(-most, most) * step for _ in range(count)]


def floats(values):
    return array("f", values).tobytes()


class Base:
    """A model folder with its matrices on a grid, and an adapter for some of them."""

    def __init__(self, source, dtype="F32"):
        self.rng = random.Random(source.name)
        self.config = (source / "config.json").read_text()
        self.tensors = {}
        for name, (_, shape, data) in read_tensors(source / "model.safetensors").items():
            # The least bits of bf16 and of f16 are enough for these.
            values = grid(self.rng, len(data) // 4, 1 / 8, 4)
            self.tensors[name] = (dtype, shape, values)

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(self.config)
        write_tensors(folder / "model.safetensors", {name: (dtype, shape, self.pack(dtype, values)) for name, (dtype, shape, values) in self.tensors.items()})
        return folder

    @staticmethod
    def pack(dtype, values):
        words = floats(values)
        return words if dtype == "F32" else b"".join(words[i + 2 : i + 4] for i in range(0, len(words), 4))


class Adapter:
    def __init__(self, base, **config):
        self.base, self.tensors = base, {}
        self.config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"], "bias": "none", "use_dora": False,
                       "lora_dropout": 0.1, "base_model_name_or_path": "x", "modules_to_save": None, **config}  # fmt: skip

    def add(self, module, scale, rank=2, transposed=False, names=("lora_A.weight", "lora_B.weight")):
        """Puts the two matrices into the adapter, and their product into the base's weight."""
        dtype, shape, values = self.base.tensors[module + ".weight"]
        rows, columns = shape
        inputs, outputs = (rows, columns) if transposed else (columns, rows)
        down, up = (grid(self.base.rng, rank * n, 1 / 2, 1) for n in (inputs, outputs))
        self.tensors[f"{PREFIX}{module}.{names[0]}"] = ("F32", [rank, inputs], floats(down))
        self.tensors[f"{PREFIX}{module}.{names[1]}"] = ("F32", [outputs, rank], floats(up))
        merged = list(values)
        for row in range(rows):
            for column in range(columns):
                i, o = (row, column) if transposed else (column, row)
                merged[row * columns + column] += scale * sum(up[o * rank + k] * down[k * inputs + i] for k in range(rank))
        self.base.tensors[module + ".weight"] = (dtype, shape, merged)
        return self

    def replace(self, name):
        dtype, shape, values = self.base.tensors[name]
        values = grid(self.base.rng, len(values), 1 / 8, 4)
        self.tensors[PREFIX + name] = ("F32", shape, floats(values))
        self.base.tensors[name] = (dtype, shape, values)
        return self

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "adapter_config.json").write_text(json.dumps(self.config))
        write_tensors(folder / "adapter_model.safetensors", self.tensors)
        return folder


def phc(folder, out, *adapters):
    flags = [flag for adapter in adapters for flag in ("--adapter", str(adapter))]
    done = subprocess.run(["phc", str(folder), "--activations=f32", "-o", str(out), *flags], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stderr.strip()


def main():
    scratch, models, training = map(pathlib.Path, sys.argv[1:4])
    layer = "model.layers.{}."
    q, up, down = layer + "self_attn.q_proj", layer + "mlp.up_proj", layer + "mlp.down_proj"

    def case(name, build, source="llama", dtype="F32"):
        base, place = Base(models / source, dtype), scratch / name.replace(" ", "-")
        folder = base.write(place / "base" / "model")
        adapters = [adapter.write(place / f"adapter{i}") for i, adapter in enumerate(build(base))]
        merged = base.write(place / "merged" / "model")
        results = [phc(folder, scratch / "a.phx", *adapters), phc(merged, scratch / "b.phx")]
        said = next((re.sub(r"\S*/(?=(adapter\d|base)\b)", "", said) for code, said in results if code), "")
        if not said:
            same = without_metadata((scratch / "a.phx").read_bytes())[1] == without_metadata((scratch / "b.phx").read_bytes())[1]
            said = "same" if same else "differs"
        print(f"{name}: {said}", flush=True)

    def made(name, change=lambda adapter: None, **config):
        def build(base):
            adapter = Adapter(base, **config).add(q.format(0), 2)
            change(adapter)
            return [adapter]

        case(name, build)

    def unbalanced(adapter):
        del adapter.tensors[f"{PREFIX}{q.format(0)}.lora_B.weight"]

    def renamed(adapter):
        adapter.tensors = {name.replace("layers.0", "layers.9"): tensor for name, tensor in adapter.tensors.items()}

    def widened(adapter):
        kind, (rank, columns), data = adapter.tensors[f"{PREFIX}{q.format(0)}.lora_A.weight"]
        adapter.tensors[f"{PREFIX}{q.format(0)}.lora_A.weight"] = (kind, [rank, columns // 2], data[: len(data) // 2])

    case("by names", lambda base: [Adapter(base, target_modules=["q_proj", "up_proj", "down_proj"]).add(q.format(0), 2).add(up.format(1), 2).add(down.format(0), 2)])
    case("all-linear, rsLoRA", lambda base: [Adapter(base, target_modules="all-linear", r=4, use_rslora=True).add(q.format(1), 2, rank=4)])
    case("patterns", lambda base: [Adapter(base, target_modules=["q_proj", "up_proj"], rank_pattern={"up_proj": 4}, alpha_pattern={"layers.1.mlp.up_proj": 2})
                                   .add(q.format(0), 2).add(up.format(1), 0.5, rank=4).add(up.format(0), 1, rank=4)])  # fmt: skip
    case("bf16", lambda base: [Adapter(base, target_modules=["q_proj"]).add(q.format(0), 2)], dtype="BF16")
    case("two adapters", lambda base: [Adapter(base).add(q.format(0), 2), Adapter(base, lora_alpha=2).add(q.format(0), 1)])
    case("saved module", lambda base: [Adapter(base, modules_to_save=["lm_head"]).add(q.format(0), 2).replace("lm_head.weight")])
    case("table", lambda base: [Adapter(base, target_modules=["embed_tokens"]).add("model.embed_tokens", 2, transposed=True, names=("lora_embedding_A", "lora_embedding_B"))])
    case("transposed, biases", lambda base: [Adapter(base, target_modules=["c_attn"], fan_in_fan_out=True, bias="lora_only")
                                             .add("transformer.h.0.attn.c_attn", 2, transposed=True).replace("transformer.h.0.attn.c_attn.bias")], source="gpt2")  # fmt: skip
    made("DoRA", use_dora=True)
    made("new key", use_something_new=True)
    made("other kind", peft_type="LOHA")
    made("PiSSA", init_lora_weights="pissa_niter_4")
    made("rank", r=8)
    made("alpha", lora_alpha=None)
    made("expression", alpha_pattern={".*q_proj": 8})
    made("not named", target_modules=["v_proj"])
    made("half a pair", unbalanced)
    made("other model", renamed)
    made("other width", widened)

    adapter = training / "lora"
    if not adapter.is_dir():
        return print("PEFT's adapter: REFERENCE DATA MISSING")
    code, said = phc(models / "llama", scratch / "a.phx", adapter)
    recorded = read_tensors(training / "lora.safetensors")
    write_tensors(scratch / "expected.safetensors", {name: recorded[name] for name in ("input_ids", "logits")})
    done = subprocess.run(["ph", "verify", str(scratch / "a.phx"), str(scratch / "expected.safetensors")], capture_output=True, text=True, timeout=300)
    print(f"PEFT's adapter: {said or ' '.join(done.stdout.split())}")


if __name__ == "__main__":
    main()
