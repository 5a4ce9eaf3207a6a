"""Writes the default model, a Hugging Face folder, as ONNX graphs as exporters spell it, with its weights beside them.

usage: smollm2_onnx.py FOLDER MODEL.onnx PROMPTS.json EXPECTED.safetensors

MODEL.onnx scores the tokens of whole texts. MODEL_with_past.onnx, on the same weights, also takes attention_mask, position_ids
and the keys and values of a past, and gives those of the present, as Hugging Face's optimum lets a decoder. The tokens of the
first prompt and what the model answers, of PROMPTS.json, become the file for `ph verify`.
"""

import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / ".cache" / "python"))

import numpy
from onnx import TensorProto, helper, numpy_helper

INFINITY = numpy.float32(numpy.inf)


class Graph:
    def __init__(self, data):
        self.nodes, self.initializers, self.constants = [], [], {}
        self.data, self.offset = data, 0

    def __call__(self, op, *inputs, results=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(results)]
        inputs = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names[0] if results == 1 else names

    def constant(self, value):
        array = numpy.asarray(value)
        if array.dtype == numpy.float64:
            array = array.astype("f4")
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = f"c{len(self.constants)}"
            self.initializers.append(numpy_helper.from_array(array, self.constants[key]))
        return self.constants[key]

    def weight(self, name, array):
        raw = numpy.ascontiguousarray(array, "<f4").tobytes()
        self.data.write(raw)
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape, data_location=TensorProto.EXTERNAL)
        for key, value in {"location": "model.data", "offset": self.offset, "length": len(raw)}.items():
            tensor.external_data.add(key=key, value=str(value))
        self.offset += len(raw)
        self.initializers.append(tensor)
        return name


def read_folder(folder):
    tensors = {}
    for path in folder.glob("*.safetensors"):
        raw = numpy.memmap(path, "u1", "r")
        start = 8 + struct.unpack("<Q", raw[:8].tobytes())[0]
        for name, entry in json.loads(raw[8:start].tobytes()).items():
            begin, end = entry["data_offsets"]
            tensors[name] = raw[start + begin : start + end].view("<f4").reshape(entry["shape"])
    return tensors


def write_graph(g, config, tensors, with_past=False):
    heads, groups, hidden = config["num_attention_heads"], config["num_key_value_heads"], config["hidden_size"]
    width = hidden // heads
    batch, sequence = g("Shape", "input_ids", start=0, end=1), g("Shape", "input_ids", start=1, end=2)
    embedding = g.weight("embed_tokens", tensors["model.embed_tokens.weight"])
    x = g("Gather", embedding, "input_ids", axis=0)
    past = g("Shape", "past_key_values.0.key", start=2, end=3) if with_past else None
    total = g("Add", past, sequence) if with_past else sequence
    places = g("Range", 0, g("Squeeze", total), 1)
    own = g("Range", g("Squeeze", past), g("Squeeze", total), 1) if with_past else places
    inverse = 1.0 / config["rope_theta"] ** (numpy.arange(0, width, 2) / width)
    positions = g("Unsqueeze", "position_ids", [2]) if with_past else g("Unsqueeze", places, [0, 2])
    angles = g("Mul", g("Cast", positions, to=1), inverse.astype("f4"))
    angles = g("Concat", angles, angles, axis=-1)
    cos, sin = (g("Unsqueeze", g(op, angles), [1]) for op in ("Cos", "Sin"))
    seen = g("LessOrEqual", g("Unsqueeze", places, [0]), g("Unsqueeze", own, [1]))
    if with_past:
        seen = g("And", seen, g("Cast", g("Unsqueeze", "attention_mask", [1, 2]), to=TensorProto.BOOL))
    mask = g("Where", seen, numpy.float32(0), -INFINITY)

    def norm(x, name):
        mean = g("ReduceMean", g("Pow", x, 2.0), [-1], keepdims=1)
        root = g("Reciprocal", g("Sqrt", g("Add", mean, config["rms_norm_eps"])))
        return g("Mul", g.weight(name, tensors[name]), g("Mul", x, root))

    def linear(x, name):
        return g("MatMul", x, g.weight(name, tensors[name].T))

    def split(x, count):
        return g("Transpose", g("Reshape", x, g("Concat", batch, sequence, [count], [width], axis=0)), perm=[0, 2, 1, 3])

    def rotate(x):
        first, second = g("Slice", x, [0], [width // 2], [3]), g("Slice", x, [width // 2], [2**63 - 1], [3])
        turned = g("Concat", g("Neg", second), first, axis=-1)
        return g("Add", g("Mul", x, cos), g("Mul", turned, sin))

    def repeat(x):
        shape = g("Concat", batch, [groups], [heads // groups], total, [width], axis=0)
        return g("Reshape", g("Expand", g("Unsqueeze", x, [2]), shape), g("Concat", batch, [heads], total, [width], axis=0))

    def with_those_before(x, layer, which):
        if not with_past:
            return x
        g.nodes.append(helper.make_node("Concat", [f"past_key_values.{layer}.{which}", x], [f"present.{layer}.{which}"], axis=2))
        return f"present.{layer}.{which}"

    for layer in range(config["num_hidden_layers"]):
        part = f"model.layers.{layer}."
        y = norm(x, part + "input_layernorm.weight")
        q, k, v = (split(linear(y, f"{part}self_attn.{which}_proj.weight"), count)
                   for which, count in (("q", heads), ("k", groups), ("v", groups)))  # fmt: skip
        scale = width**-0.25
        k, v = with_those_before(rotate(k), layer, "key"), with_those_before(v, layer, "value")
        keys = g("Transpose", repeat(k), perm=[0, 1, 3, 2])
        scores = g("Add", g("MatMul", g("Mul", rotate(q), scale), g("Mul", keys, scale)), mask)
        y = g("Transpose", g("MatMul", g("Softmax", scores, axis=-1), repeat(v)), perm=[0, 2, 1, 3])
        y = g("Reshape", y, g("Concat", batch, sequence, [hidden], axis=0))
        x = g("Add", x, linear(y, part + "self_attn.o_proj.weight"))
        y = norm(x, part + "post_attention_layernorm.weight")
        gate = linear(y, part + "mlp.gate_proj.weight")
        y = g("Mul", g("Mul", gate, g("Sigmoid", gate)), linear(y, part + "mlp.up_proj.weight"))
        x = g("Add", x, linear(y, part + "mlp.down_proj.weight"))
    g.nodes.append(helper.make_node("MatMul", [norm(x, "model.norm.weight"), g("Transpose", embedding, perm=[1, 0])], ["logits"]))


def make_model(config, tensors, data, with_past=False):
    """The graph; weights go to `data`."""
    g = Graph(data)
    write_graph(g, config, tensors, with_past)

    def integers(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.INT64, shape)

    def floats(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    inputs = [integers("input_ids", "batch", "sequence")]
    outputs = [floats("logits", "batch", "sequence", config["vocab_size"])]
    if with_past:
        inputs += [integers("attention_mask", "batch", "past + sequence"), integers("position_ids", "batch", "sequence")]
        groups, width = config["num_key_value_heads"], config["hidden_size"] // config["num_attention_heads"]
        for layer in range(config["num_hidden_layers"]):
            for which in ("key", "value"):
                inputs.append(floats(f"past_key_values.{layer}.{which}", "batch", groups, "past", width))
                outputs.append(floats(f"present.{layer}.{which}", "batch", groups, "past + sequence", width))
    graph = helper.make_graph(g.nodes, "smollm2", inputs, outputs, g.initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


class Nowhere:
    def write(self, data):
        pass


def main():
    folder, path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    config, tensors = json.loads((folder / "config.json").read_text()), read_folder(folder)
    with open(path.with_name("model.data"), "wb") as data:
        path.write_bytes(make_model(config, tensors, data).SerializeToString())
    # The same weights at the same places.
    with_past = make_model(config, tensors, Nowhere(), with_past=True)
    path.with_name(path.stem + "_with_past.onnx").write_bytes(with_past.SerializeToString())

    prompt = json.loads(pathlib.Path(sys.argv[3]).read_text())["prompts"][0]
    given = numpy.asarray([prompt["input_ids"]], "<i8")
    answer = numpy.asarray(prompt["input_ids"] + prompt["greedy_ids"][:12], "<i8")
    header, offset, raw = {}, 0, b""
    for name, array in {"input_ids": given, "greedy": answer}.items():
        header[name] = {"dtype": "I64", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset, raw = offset + array.nbytes, raw + array.tobytes()
    text = json.dumps(header).encode()
    pathlib.Path(sys.argv[4]).write_bytes(struct.pack("<Q", len(text)) + text + raw)


if __name__ == "__main__":
    main()
