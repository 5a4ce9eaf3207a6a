#!/usr/bin/env python3
"""Writes the seeds of the architecture fuzz target: descriptions for its small checkpoint, and a mistake of each kind.

    make_corpus.py [OUTDIR]        (default: ../corpus/architecture beside this folder)
"""

import copy
import json
import pathlib
import sys

CONFIG = {
    "layers": {"type": "integer", "range": [1, 64], "huggingface": "layers"},
    "context_length": {"type": "integer", "range": [1, 64], "huggingface": "positions"},
    "width": {"type": "integer", "range": [1, 64], "huggingface": "width"},
    "heads": {"type": "integer", "range": [1, 64], "huggingface": "heads"},
    "kv_heads": {"type": "integer", "range": [1, 64], "default": "heads"},
    "head_dim": {"type": "integer", "range": [1, 64], "default": "width / heads"},
    "vocabulary": {"type": "integer", "range": [1, 64], "default": "rows(embed)"},
    "eps": {"type": "number", "range": [0, 1], "huggingface": ["eps", "other"]},
    "kind": {"type": "activation", "huggingface": "activation"},
    "kinds": {"type": "strings", "one_of": ["full", "window"], "huggingface": "kinds", "default": "each(layers, 'full')"},
    "base": {"type": "number", "range": [1, 1e6], "huggingface": "rope_parameters.rope_theta"},
    "rope": {"type": "rope", "dim": "head_dim", "base": "base", "huggingface": "rope_parameters"},
}  # fmt: skip
WEIGHTS = {
    "embed": {"shape": ["vocabulary", "width"], "huggingface": "embed.weight"},
    "q": {"shape": ["width", "width"], "huggingface": {"tensor": "layers.{layer}.q.weight", "transform": "transposed"}},
    "n": {"shape": ["width"], "huggingface": {"one_of": ["layers.{layer}.norm.weight", "layers.{layer}.n"]}},
    "up": {"shape": ["2", "4", "width"], "where": "layer == 0", "huggingface": "layers.{layer}.experts.{expert}.up.weight"},
    "last": {"shape": ["width"], "huggingface": "norm.weight", "optional": True},
    "output": {"shape": ["vocabulary", "width"], "huggingface": "head.weight", "otherwise": "embed"},
}  # fmt: skip
FORWARD = ["x = embedding(tokens, embed)", "repeat layers {", "  if kinds[layer] == 'full' {", "    x = x + linear(rms_norm(x, n, eps = eps), q)",
           "  } else {", "    x = x * 2", "  }", "}", "logits = logits(select_rows(rms_norm(x, last, eps = eps), rows), output)"]  # fmt: skip
WHOLE = {"schema": 1, "family": "fuzz", "matches": {"huggingface": ["small"]}, "config": CONFIG,
         "checks": [{"that": "width % heads == 0", "else": "{architecture} is odd"}], "weights": WEIGHTS, "forward": FORWARD}  # fmt: skip


def changed(**parts):
    """The whole one with parts replaced: config__eps=... is that entry."""
    made = copy.deepcopy(WHOLE)
    for path, value in parts.items():
        *outer, last = path.split("__")
        place = made
        for key in outer:
            place = place[key]
        place[last] = value
    return made


def seeds():
    yield "whole", WHOLE
    yield "extends", {"schema": 1, "family": "fuzz", "extends": "qwen3", "matches": {"huggingface": ["small"]}, "blocks": {"rotate": ["q = q"]}}
    yield "extends-nothing", changed(extends="nobody")
    yield "unknown-key", changed(config__eps__what=1)
    yield "bad-range", changed(config__eps__range=[2, 1])
    yield "circle", changed(config__heads={"type": "integer", "range": [1, 9], "default": "kv_heads"})
    yield "overflow", changed(config__width={"type": "integer", "range": [1, 9], "default": "9223372036854775807 * 2"})
    yield "divided-by-zero", changed(config__head_dim__default="width / (heads - 2)")
    yield "huge-list", changed(config__kinds__default="each(9223372036854775807, 'full')")
    yield "nested-lists", changed(config__kinds__default="each(1000, each(1000, each(1000, 1)))")
    yield "deep-expression", changed(config__head_dim__default="(" * 300 + "1" + ")" * 300)
    yield "deep-minus", changed(config__head_dim__default="-" * 3000 + "1")
    yield "index", changed(config__head_dim__default="kinds[7]")
    yield "huge-shape", changed(weights__q__shape=["4294967296", "4294967296"])
    yield "negative-shape", changed(weights__q__shape=["width - 9", "width"])
    yield "bad-transform", changed(weights__q__huggingface__transform="rows(7, 9)")
    yield "parts", changed(weights__q__huggingface__transform="interleaved(3, 0)")
    yield "otherwise-circle", changed(weights__output__otherwise="output")
    yield "open-brace", changed(forward=["repeat layers {", "x = tokens"])
    yield "deep-blocks", changed(forward=["if true {"] * 500 + ["}"] * 500)
    yield "block-circle", changed(blocks={"a": ["use b"], "b": ["use a"]}, forward=["use a"])
    yield "blocks-double", changed(blocks={f"b{i}": [f"use b{i + 1}"] * 2 for i in range(40)} | {"b40": ["x = 1"]}, forward=["use b0"])


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "architecture"
    out.mkdir(parents=True, exist_ok=True)
    for name, value in seeds():
        (out / name).write_text(json.dumps(value, indent=1))
    (out / "too-deep").write_text('{"schema": 1, "config": ' + "[" * 200)
    (out / "no-json").write_text('{"schema": 1,\n "family"')


if __name__ == "__main__":
    main()
