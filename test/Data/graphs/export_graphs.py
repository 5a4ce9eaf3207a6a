"""Exports Hugging Face folders of small models as ONNX graphs, by both exporters of PyTorch.

    export_graphs.py OUT FOLDER...

Writes OUT/NAME.torchscript-17.onnx and OUT/NAME.dynamo-18.onnx for each folder NAME, of what it computes without a cache: logits,
the last hidden states, or those of the encoder where there is one. Large weights are taken out: all refer to the beginning of
one file, weights.bin, which a test makes. Recorded with torch 2.15, onnx 1.23, onnxscript 0.7 and transformers 5.23.
"""

import json
import pathlib
import sys

import onnx
import torch
import transformers

LARGE = 4096  # bytes


class Wrapped(torch.nn.Module):
    """The model with tensors as inputs, and one as its result."""

    def __init__(self, model, names, key):
        super().__init__()
        self.m, self.names, self.key = model, names, key

    def run(self, **inputs):
        if self.key == "encoder":
            return self.m.get_encoder()(**inputs).last_hidden_state
        return getattr(self.m(**inputs, **({"use_cache": False} if self.key == "logits" else {})), self.key)


class OfTokens(Wrapped):
    def forward(self, input_ids):
        return self.run(input_ids=input_ids)


class OfMaskedTokens(Wrapped):
    def forward(self, input_ids, attention_mask):
        return self.run(input_ids=input_ids, attention_mask=attention_mask)


class OfPixels(Wrapped):
    def forward(self, pixel_values):
        return self.run(pixel_values=pixel_values)


def wrap(folder):
    kind = json.loads((folder / "config.json").read_text())["architectures"][0]
    model = getattr(transformers, kind).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokens = torch.randint(3, 200, (2, 11))
    if kind.endswith("VisionModel") or kind == "ViTModel":
        return OfPixels(model, ["pixel_values"], "last_hidden_state"), (torch.randn(2, 3, 32, 32),)
    if "CausalLM" in kind:
        return OfTokens(model, ["input_ids"], "logits"), (tokens,)
    key = "encoder" if kind.endswith("ConditionalGeneration") else "last_hidden_state" if kind.endswith("Model") else "scores"
    module = OfMaskedTokens(model, ["input_ids", "attention_mask"], "logits" if key == "scores" else key)
    if key == "scores":
        module.run = lambda **inputs: model(**inputs).logits
    return module, (tokens, torch.ones_like(tokens))


def export(folder, out, dynamo):
    module, inputs = wrap(folder)
    dims = ["batch"] if module.names == ["pixel_values"] else ["batch", "sequence"]
    axes = {name: dict(enumerate(dims)) for name in module.names}
    common = {"input_names": module.names, "output_names": ["output"], "dynamo": dynamo, "opset_version": 18 if dynamo else 17}
    if dynamo:
        shapes = tuple({axis: torch.export.Dim(dim) for axis, dim in axes[name].items()} for name in module.names)
        torch.onnx.export(module.eval(), inputs, out, dynamic_shapes=shapes, external_data=False, verbose=False, **common)
    else:
        torch.onnx.export(module.eval(), inputs, out, dynamic_axes={**axes, "output": {0: "batch"}}, **common)


def take_weights_out(path):
    model = onnx.load(path)
    graph = model.graph
    for each in [model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer, *model.functions]:
        del each.metadata_props[:]
        each.doc_string = ""
    for tensor in graph.initializer:
        # Tables of numbers that say something are kept: those of one row for each head, and what isn't float.
        size, rows = len(tensor.raw_data), list(tensor.dims)[-2:-1]
        if tensor.data_type == onnx.TensorProto.FLOAT and size >= LARGE and rows and rows != [1]:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", "weights.bin"), ("offset", "0"), ("length", str(size))):
                entry = tensor.external_data.add()
                entry.key, entry.value = key, value
    onnx.save(model, path)


def main():
    out = pathlib.Path(sys.argv[1])
    torch.manual_seed(1)
    for folder in map(pathlib.Path, sys.argv[2:]):
        for tag, dynamo in (("torchscript-17", False), ("dynamo-18", True)):
            path = out / f"{folder.name}.{tag}.onnx"
            export(folder, path, dynamo)
            take_weights_out(path)


if __name__ == "__main__":
    main()
