"""Small models with random weights as folders of the Hugging Face hub, with a tokenizer whose tokens are bytes.

    tiny_folder.py KIND FOLDER [LABELS]

KIND is causal or scores (a Llama that goes on with a text, or that gives LABELS numbers of it), mlm or labels (a BERT that
guesses hidden tokens, or that gives LABELS numbers). Labels are called a, b, c, ... Nothing but Python is needed.
"""

import array
import json
import math
import pathlib
import random
import struct
import sys

HIDDEN, LAYERS, HEADS, INNER, LENGTH = 32, 2, 2, 64, 128
SPECIAL = ["<s>", "</s>", "[CLS]", "[SEP]", "[MASK]", "[PAD]"]
VOCABULARY = 256 + len(SPECIAL)


def byte_tokens():
    """The spelling of bytes in byte-level vocabularies (GPT-2's)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{chr(byte): byte for byte in printable}, **{chr(256 + i): byte for i, byte in enumerate(others)}}


def tokenizer(bert):
    added = [{"id": 256 + i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
             for i, token in enumerate(SPECIAL)]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    around = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                                       {"SpecialToken": {"id": "[SEP]", "type_id": 0}}], "pair": [],
              "special_tokens": {token: {"id": token, "ids": [256 + SPECIAL.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")}}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None, "pre_tokenizer": level,
            "post_processor": around if bert else None, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
                      "byte_fallback": False, "vocab": {**byte_tokens(), **{token: 256 + i for i, token in enumerate(SPECIAL)}}, "merges": []}}


def llama(labels):
    shapes = {"model.embed_tokens.weight": (VOCABULARY, HIDDEN), "model.norm.weight": (HIDDEN,)}
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        shapes.update({prefix + f"self_attn.{name}_proj.weight": (HIDDEN, HIDDEN) for name in "qkvo"})
        shapes.update({prefix + f"mlp.{name}_proj.weight": (INNER, HIDDEN) for name in ("gate", "up")})
        shapes.update({prefix + "mlp.down_proj.weight": (HIDDEN, INNER), prefix + "input_layernorm.weight": (HIDDEN,),
                       prefix + "post_attention_layernorm.weight": (HIDDEN,)})
    if labels:
        shapes["score.weight"] = (labels, HIDDEN)
    else:
        shapes["lm_head.weight"] = (VOCABULARY, HIDDEN)
    config = {"architectures": ["LlamaForSequenceClassification" if labels else "LlamaForCausalLM"], "model_type": "llama", "num_key_value_heads": HEADS,
              "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": False, "hidden_act": "silu", "bos_token_id": 256, "eos_token_id": 257}
    return config, shapes


def bert(labels):
    shapes = {"embeddings.word_embeddings.weight": (VOCABULARY, HIDDEN), "embeddings.position_embeddings.weight": (LENGTH, HIDDEN),
              "embeddings.token_type_embeddings.weight": (2, HIDDEN)}
    pairs = {"embeddings.LayerNorm": (HIDDEN,)}
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        pairs.update({prefix + f"attention.self.{name}": (HIDDEN, HIDDEN) for name in ("query", "key", "value")})
        pairs.update({prefix + "attention.output.dense": (HIDDEN, HIDDEN), prefix + "attention.output.LayerNorm": (HIDDEN,),
                      prefix + "intermediate.dense": (INNER, HIDDEN), prefix + "output.dense": (HIDDEN, INNER), prefix + "output.LayerNorm": (HIDDEN,)})
    if labels:
        pairs["pooler.dense"] = (HIDDEN, HIDDEN)
    shapes = {"bert." + name: shape for name, shape in shapes.items()}
    pairs = {"bert." + name: shape for name, shape in pairs.items()}
    if labels:
        pairs["classifier"] = (labels, HIDDEN)
    else:
        pairs.update({"cls.predictions.transform.dense": (HIDDEN, HIDDEN), "cls.predictions.transform.LayerNorm": (HIDDEN,)})
        shapes["cls.predictions.bias"] = (VOCABULARY,)
    for name, shape in pairs.items():
        shapes[name + ".weight"], shapes[name + ".bias"] = shape, shape[:1]
    config = {"architectures": ["BertForSequenceClassification" if labels else "BertForMaskedLM"], "model_type": "bert", "type_vocab_size": 2,
              "layer_norm_eps": 1e-12, "hidden_act": "gelu", "tie_word_embeddings": True}
    return config, shapes


def write_tensors(path, shapes, seed):
    """Norms are 1, vectors 0, matrices normal."""
    rng, header, parts, offset = random.Random(seed), {}, [], 0
    for name, shape in shapes.items():
        count = math.prod(shape)
        if len(shape) == 2:
            values = [rng.gauss(0, 0.1) for _ in range(count)]
        else:
            values = [1.0 if name.endswith("norm.weight") or name.endswith("Norm.weight") else 0.0] * count
        parts.append(array.array("f", values).tobytes())
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + 4 * count]}
        offset += 4 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def make(kind, folder, labels=1, seed=1):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    encoder = kind in ("mlm", "labels")
    labels = labels if kind in ("scores", "labels") else 0
    config, shapes = (bert if encoder else llama)(labels)
    config.update({"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER,
                   "max_position_embeddings": LENGTH, "vocab_size": VOCABULARY, "pad_token_id": 261})
    if labels:
        config["id2label"] = {str(i): chr(ord("a") + i) for i in range(labels)}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(encoder)))
    names = {"pad_token": "[PAD]", "mask_token": "[MASK]", "cls_token": "[CLS]", "sep_token": "[SEP]"} if encoder else {"bos_token": "<s>", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **names}))
    write_tensors(folder / "model.safetensors", shapes, seed)


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
