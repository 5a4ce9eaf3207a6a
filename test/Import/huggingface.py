"""Makes variants of a model folder and runs the tools on them.

usage: huggingface.py MODEL_FOLDER SCRATCH_FOLDER

Prints a line for each: what it is, the exit code, and what was said; for `ph verify` also its table.
"""

import json
import pathlib
import struct
import subprocess
import sys


def read_tensors(path):
    """{name: (dtype, shape, bytes)}"""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return {
        name: (entry["dtype"], entry["shape"], data[8 + length + entry["data_offsets"][0] : 8 + length + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def write_tensors(path, tensors):
    header, body = {}, b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


class Folders:
    def __init__(self, source, scratch):
        self.scratch, self.expected = scratch, source / "expected.safetensors"
        self.config = json.loads((source / "config.json").read_text())
        self.tensors = read_tensors(source / "model.safetensors")

    def make(self, name, config=None, tensors=None, shards=None, mapping=None, config_text=None):
        """A folder; `shards` are {file: tensors} with the index `mapping` or the true one."""
        folder = self.scratch / name.replace(" ", "-")
        folder.mkdir()
        (folder / "config.json").write_text(config_text or json.dumps(self.config if config is None else config))
        if shards:
            for file, part in shards.items():
                if part is not None:
                    write_tensors(folder / file, part)
            true = {tensor: file for file, part in shards.items() for tensor in part or ()}
            index = {"metadata": {}, "weight_map": mapping or true}
            (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        else:
            write_tensors(folder / "model.safetensors", self.tensors if tensors is None else tensors)
        return folder

    def run(self, name, *command, table=False):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
        said = done.stderr.strip().splitlines()
        print(f"{name}: exit code {done.returncode} {said[-1] if said else ''}")
        if table:
            print(done.stdout)

    def verify(self, name, folder):
        self.run(name, "ph", "verify", folder, self.expected, table=True)

    def compile(self, name, folder):
        self.run(name, "phc", folder, "-o", self.scratch / "out.phx")


def main():
    source, scratch = map(pathlib.Path, sys.argv[1:])
    f = Folders(source, scratch)
    names = sorted(f.tensors)
    first = {name: f.tensors[name] for name in names[: len(names) // 2]}
    second = {name: f.tensors[name] for name in names[len(names) // 2 :]}
    older = {key: value for key, value in f.config.items() if key != "rope_parameters"}
    older.update(rope_theta=10000.0, rope_scaling=None)
    halves = {"a.safetensors": first, "b.safetensors": second}

    f.verify("one file", source)
    f.verify("shards", f.make("shards", shards=halves))
    f.verify("older keys", f.make("older keys", config=older))
    for kind in ("linear", "llama3", "yarn"):
        recorded = source.parent / f"llama-rope-{kind}"
        folder = f.make(kind, config=json.loads((recorded / "config.json").read_text()))
        f.run(kind, "ph", "verify", folder, recorded / "expected.safetensors", table=True)
    f.verify("another rope base", f.make("another rope base", config={**older, "rope_theta": 500.0}))

    artifact = scratch / "model.phx"
    subprocess.run(["phc", source, "-o", artifact, "--activations=f32"], check=True, capture_output=True)
    f.run("run", "ph", "run", artifact, "-p", "x")
    f.run("bench", "ph", "bench", artifact, "-p", "8", "-n", "2", "-r", "1", "--json")

    bare = scratch / "no-weights"
    bare.mkdir()
    (bare / "config.json").write_text(json.dumps(f.config))
    f.compile("no weights", bare)
    empty = scratch / "empty"
    empty.mkdir()
    f.compile("no configuration", empty)
    f.compile("no family", f.make("no family", config={k: v for k, v in f.config.items() if k != "model_type"}))
    f.compile("broken configuration", f.make("broken configuration", config_text='{"model_type": '))
    outside = {**{name: "a.safetensors" for name in first}, "lm_head.weight": "../a.safetensors"}
    f.compile("shard outside", f.make("shard outside", shards=halves, mapping=outside))
    elsewhere = {**{name: "b.safetensors" for name in second}, names[0]: "b.safetensors"}
    f.compile("shard without", f.make("shard without", shards=halves, mapping=elsewhere))
    both = {"a.safetensors": first, "b.safetensors": {**second, names[0]: first[names[0]]}}
    f.compile("twice", f.make("twice", shards=both))
    gone = {"a.safetensors": first, "b.safetensors": None}
    f.compile("missing shard", f.make("missing shard", shards=gone, mapping={names[0]: "b.safetensors"}))
    cut = f.make("truncated")
    whole = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    f.compile("truncated", cut)
    f.compile("unused tensor", f.make("unused", tensors={**f.tensors, "extra": ("F32", [1], b"\0\0\0\0")}))
    longrope = {**f.config, "rope_parameters": {"rope_type": "longrope", "factor": 4.0}}
    f.compile("longrope", f.make("longrope", config=longrope))
    f.run("inspect", "ph", "inspect", source, table=True)
    f.run("folder to run", "ph", "run", source, "-p", "x")
    print("left over" if (scratch / "out.phx").exists() else "nothing left over")


if __name__ == "__main__":
    main()
