"""Writes small decoders as ONNX graphs, in a folder of the hub as optimum lays it, and what onnxruntime computes with them.

    text.py FOLDER        in the peers' environment (onnxruntime)

    config.json, tokenizer.json     a vocabulary of 24 letters
    onnx/whole.onnx                 the scores of whole texts
    onnx/whole_with_past.onnx       the same with a mask, positions and a past
    onnx/merged.onnx                both, of which use_cache_branch chooses one, as optimum merges them
    onnx/mixing.onnx                scores that depend on later tokens
    *.safetensors                   inputs, and outputs as out.<name>; text.safetensors has tokens alone
    greedy.json                     a prompt, and the ids that follow it
"""

import json
import pathlib
import sys

import numpy
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Integration"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from node_tests import save
from onnx import TensorProto, helper
from smollm2_onnx import Nowhere, make_model

CONFIG = {
    "model_type": "llama", "hidden_size": 32, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 3, "vocab_size": 24,
    "rope_theta": 10000.0, "rms_norm_eps": 1e-5, "max_position_embeddings": 96,
}  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwx"


def make_tensors(random):
    width, kv, hidden = 32, 16, 48
    shapes = {"model.embed_tokens.weight": (24, width), "model.norm.weight": (width,)}
    for layer in range(CONFIG["num_hidden_layers"]):
        part = f"model.layers.{layer}."
        shapes |= {part + "input_layernorm.weight": (width,), part + "post_attention_layernorm.weight": (width,)}
        shapes |= {f"{part}self_attn.{which}_proj.weight": (rows, width) for which, rows in zip("qkvo", (width, kv, kv, width))}
        shapes |= {f"{part}mlp.{which}_proj.weight": (hidden, width) for which in ("gate", "up")}
        shapes[part + "mlp.down_proj.weight"] = (width, hidden)
    return {name: random.normal(1 if len(shape) == 1 else 0, 0.3, shape).astype("f4") for name, shape in shapes.items()}


def run(path, inputs):
    session = onnxruntime.InferenceSession(str(path))
    names = [output.name for output in session.get_outputs()]
    return {f"out.{name}": value for name, value in zip(names, session.run(None, inputs))}


def merge(whole, with_past):
    """One graph with two branches, each with its own initializers, which gives the scores only."""
    branches = {}
    for which, model in (("then_branch", with_past), ("else_branch", whole)):
        graph = helper.make_graph(model.graph.node, which, [], model.graph.output[:1], model.graph.initializer)
        graph.output[0].name = graph.name + "_logits"
        for node in graph.node:
            node.output[:] = [graph.output[0].name if name == "logits" else name for name in node.output]
        branches[which] = graph
    chosen = helper.make_node("If", ["use_cache_branch"], ["logits"], **branches)
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    graph = helper.make_graph([chosen], "merged", [*with_past.graph.input, flag], whole.graph.output[:1])
    return helper.make_model(graph, opset_imports=with_past.opset_import, ir_version=with_past.ir_version)


def main():
    folder, random = pathlib.Path(sys.argv[1]), numpy.random.default_rng(5)
    graphs = folder / "onnx"
    graphs.mkdir(parents=True)
    tensors = make_tensors(random)
    with open(graphs / "model.data", "wb") as data:
        whole = make_model(CONFIG, tensors, data)
    (graphs / "whole.onnx").write_bytes(whole.SerializeToString())
    with_past = make_model(CONFIG, tensors, Nowhere(), with_past=True)
    (graphs / "whole_with_past.onnx").write_bytes(with_past.SerializeToString())
    (graphs / "merged.onnx").write_bytes(merge(whole, with_past).SerializeToString())
    # As whole, but that a softmax over the tokens follows.
    whole.graph.node[-1].output[0] = "scores"
    whole.graph.node.append(helper.make_node("Softmax", ["scores"], ["logits"], axis=1))
    (graphs / "mixing.onnx").write_bytes(whole.SerializeToString())

    (folder / "config.json").write_text(json.dumps(CONFIG))
    model = {"type": "BPE", "vocab": {letter: i for i, letter in enumerate(LETTERS)}, "merges": []}
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": model, "decoder": {"type": "Fuse"}}))

    ids = random.integers(0, 24, (2, 7))
    for name in ("whole", "mixing"):
        save(graphs / f"{name}.safetensors", {"input_ids": ids} | run(graphs / f"{name}.onnx", {"input_ids": ids}))
    # Texts of which the second is padded on the left, behind a past of 4.
    mask = numpy.ones((2, 11), "i8")
    mask[1, :2] = 0
    inputs = {"input_ids": ids, "attention_mask": mask, "position_ids": numpy.maximum(mask.cumsum(1) - 1, 0)[:, 4:]}
    for layer in range(CONFIG["num_hidden_layers"]):
        for which in ("key", "value"):
            inputs[f"past_key_values.{layer}.{which}"] = random.normal(0, 1, (2, 2, 4, 8)).astype("f4")
    save(graphs / "whole_with_past.safetensors", inputs | run(graphs / "whole_with_past.onnx", inputs))

    # A text that begins: the merged graph gives what the whole one does.
    inputs = {"input_ids": ids, "attention_mask": mask[:, 4:], "position_ids": inputs["position_ids"] * 0 + numpy.arange(7)}
    for name in [each.name for each in with_past.graph.input if each.name.startswith("past")]:
        inputs[name] = numpy.zeros((2, 2, 0, 8), "f4")
    begun = run(graphs / "merged.onnx", inputs | {"use_cache_branch": numpy.asarray([False])})["out.logits"]
    assert numpy.allclose(begun, run(graphs / "whole.onnx", {"input_ids": ids})["out.logits"], atol=1e-5)

    prompt = list(ids[0])
    following = []
    for _ in range(20):
        logits = run(graphs / "whole.onnx", {"input_ids": numpy.asarray([prompt + following])})["out.logits"]
        following.append(int(logits[0, -1].argmax()))
    (folder / "greedy.json").write_text(json.dumps({"prompt": "".join(LETTERS[i] for i in prompt), "ids": following}))


if __name__ == "__main__":
    main()
