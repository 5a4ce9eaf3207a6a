"""A BERT of the Hugging Face hub as an ONNX graph, for onnxruntime: what torch's exporter writes, in its plain form.

    graph(FOLDER, fused=False) -> onnx.ModelProto: (input_ids, attention_mask) -> last_hidden_state

With `fused` attention, its norms and its activation are the operators of onnxruntime's own (com.microsoft) that its
optimizer for transformers makes of such graphs.
"""

import json
import pathlib
import struct

import numpy
from onnx import TensorProto, helper, numpy_helper


def weights(path):
    """The tensors of a safetensors file of floats."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"])
    return found


class Graph:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.given = weights(folder / "model.safetensors")
        self.nodes, self.constants = [], []

    def op(self, kind, *inputs, domain="", outputs=1, **attributes):
        names = [f"{kind}_{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0]

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(value), name))
        return name

    def weight(self, name):
        return self.constant(self.given[name])

    def linear(self, x, name):
        product = self.op("MatMul", x, self.constant(self.given[name + ".weight"].T))
        return self.op("Add", product, self.weight(name + ".bias"))

    def norm(self, x, name):
        return self.op("LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1,
                       epsilon=self.config["layer_norm_eps"])

    def skip_norm(self, x, y, name, bias):
        return self.op("SkipLayerNormalization", x, y, self.weight(name + ".weight"), self.weight(name + ".bias"), bias,
                       domain="com.microsoft", epsilon=self.config["layer_norm_eps"])

    def heads(self, x, order):
        count = self.config["num_attention_heads"]
        shape = self.constant(numpy.array([0, 0, count, self.config["hidden_size"] // count], numpy.int64))
        return self.op("Transpose", self.op("Reshape", x, shape), perm=order)

    def plain_layer(self, x, mask, at):
        q = self.heads(self.linear(x, at + "attention.self.query"), [0, 2, 1, 3])
        k = self.heads(self.linear(x, at + "attention.self.key"), [0, 2, 3, 1])
        v = self.heads(self.linear(x, at + "attention.self.value"), [0, 2, 1, 3])
        width = self.config["hidden_size"]
        root = self.constant(numpy.float32((width // self.config["num_attention_heads"]) ** 0.5))
        scores = self.op("Add", self.op("Div", self.op("MatMul", q, k), root), mask)
        mixed = self.op("Transpose", self.op("MatMul", self.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        a = self.op("Reshape", mixed, self.constant(numpy.array([0, 0, width], numpy.int64)))
        x = self.norm(self.op("Add", self.linear(a, at + "attention.output.dense"), x), at + "attention.output.LayerNorm")
        u = self.linear(x, at + "intermediate.dense")
        erf = self.op("Erf", self.op("Div", u, self.constant(numpy.float32(2**0.5))))
        u = self.op("Mul", self.op("Mul", u, self.op("Add", erf, self.constant(numpy.float32(1)))),
                    self.constant(numpy.float32(0.5)))
        return self.norm(self.op("Add", self.linear(u, at + "output.dense"), x), at + "output.LayerNorm")

    def fused_layer(self, x, mask, at):
        parts = [at + f"attention.self.{name}." for name in ("query", "key", "value")]
        w = self.constant(numpy.concatenate([self.given[part + "weight"].T for part in parts], axis=1))
        b = self.constant(numpy.concatenate([self.given[part + "bias"] for part in parts]))
        a = self.op("Attention", x, w, b, mask, domain="com.microsoft", num_heads=self.config["num_attention_heads"])
        y = self.op("MatMul", a, self.constant(self.given[at + "attention.output.dense.weight"].T))
        x = self.skip_norm(y, x, at + "attention.output.LayerNorm", self.weight(at + "attention.output.dense.bias"))
        u = self.op("MatMul", x, self.constant(self.given[at + "intermediate.dense.weight"].T))
        u = self.op("BiasGelu", u, self.weight(at + "intermediate.dense.bias"), domain="com.microsoft")
        y = self.op("MatMul", u, self.constant(self.given[at + "output.dense.weight"].T))
        return self.skip_norm(y, x, at + "output.LayerNorm", self.weight(at + "output.dense.bias"))

    def build(self, fused):
        positions = self.op("Slice", self.weight("embeddings.position_embeddings.weight"),
                            self.constant(numpy.array([0], numpy.int64)),
                            self.op("Shape", "input_ids", start=1, end=2), self.constant(numpy.array([0], numpy.int64)))
        x = self.op("Add", self.op("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids"), positions)
        x = self.op("Add", x, self.constant(self.given["embeddings.token_type_embeddings.weight"][0]))
        x = self.norm(x, "embeddings.LayerNorm")
        if fused:
            mask = self.op("Cast", "attention_mask", to=TensorProto.INT32)
        else:
            mask = self.op("Cast", self.op("Unsqueeze", "attention_mask", self.constant(numpy.array([1, 2], numpy.int64))),
                           to=TensorProto.FLOAT)
            mask = self.op("Mul", self.op("Sub", self.constant(numpy.float32(1)), mask),
                           self.constant(numpy.float32(numpy.finfo(numpy.float32).min)))
        for layer in range(self.config["num_hidden_layers"]):
            at = f"encoder.layer.{layer}."
            x = self.fused_layer(x, mask, at) if fused else self.plain_layer(x, mask, at)
        self.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))
        ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
               for name in ("input_ids", "attention_mask")]
        result = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT,
                                               ["batch", "sequence", self.config["hidden_size"]])
        made = helper.make_graph(self.nodes, "bert", ids, [result], self.constants)
        sets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid("com.microsoft", 1)] if fused else [])
        return helper.make_model(made, opset_imports=sets, ir_version=9)


def graph(folder, fused=False):
    return Graph(pathlib.Path(folder)).build(fused)
