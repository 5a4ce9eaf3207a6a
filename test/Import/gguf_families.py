"""Writes model folders as GGUF files, as llama.cpp's converter does, and compares what they compute.

usage: gguf_families.py SCRATCH COUNTS KEPT REFERENCE

KEPT and REFERENCE hold model folders (REFERENCE may be missing). Each of a family that llama.cpp knows is written with the names of
PyPI's gguf, an independent table of tensors and keys, and with what the converter changes in tensors. `ph verify` of the file then
gives what transformers computed from the folder, at 1e-4, or, of families that are not there, what the interpreter computes from one
made up. Runs in the peers' environment. Prints a line for each, and at last how many there are, which is written to the file COUNTS.
"""

import json
import math
import pathlib
import struct
import subprocess
import sys

import gguf
import made_families
import numpy

# model_type: the architecture's name in GGUF files.
NAMES = {
    "bert": "bert", "bloom": "bloom", "cohere": "command-r", "deepseek_v3": "deepseek2", "distilbert": "bert", "falcon": "falcon",
    "gemma": "gemma", "gemma2": "gemma2", "gemma3_text": "gemma3", "glm4": "glm4", "gpt_neox": "gptneox", "gpt_oss": "gpt-oss",
    "gpt2": "gpt2", "granite": "granite", "llama": "llama", "mixtral": "llama", "modernbert": "modern-bert", "mpt": "mpt",
    "olmo2": "olmo2", "olmoe": "olmoe", "phi": "phi2", "phi3": "phi3", "qwen2": "qwen2", "qwen2_moe": "qwen2moe", "qwen3": "qwen3",
    "qwen3_moe": "qwen3moe", "roberta": "bert", "smollm3": "smollm3", "stablelm": "stablelm", "starcoder2": "starcoder2", "t5": "t5",
    "cohere2": "cohere2", "glm": "chatglm", "gpt_bigcode": "starcoder", "nemotron": "nemotron", "nomic_bert": "nomic-bert", "olmo": "olmo", "olmo3": "olmo2",
}  # fmt: skip
# What GGUF files can't say: scaling by the length of the input, lists of factors in a Llama, heads that the converter drops, which
# layers of SmolLM3 have no positions.
SKIPPED = {"llama-rope-dynamic", "llama-rope-longrope", "reward-llama", "bert-mlm", "bert-classifier", "smollm3-nope"}
DROPPED = ("pooler.", "cls.", "embeddings.position_ids", "rotary_emb.inv_freq", "attn.masked_bias")


def read_safetensors(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    kinds = {"F32": "<f4", "I64": "<i8", "I32": "<i4"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + size + at for at in entry["data_offsets"])
            tensors[name] = numpy.frombuffer(raw[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, offset, names = {}, 0, {"<f4": "F32", "<i8": "I64", "<i4": "I32"}
    for name, values in tensors.items():
        header[name] = {"dtype": names[values.dtype.str], "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(values.tobytes() for values in tensors.values()))


class Folder:
    def __init__(self, path, weights):
        self.path, self.config = path, json.loads((path / "config.json").read_text())
        self.kind, self.name = self.config["model_type"], NAMES[self.config["model_type"]]
        self.tensors = read_safetensors(weights)
        self.rope = self.config.get("rope_parameters") or {}
        self.rope = self.rope.get("full_attention", self.rope)
        self.heads = self.get("num_attention_heads", "n_head", "n_heads", "num_heads")
        self.width = self.get("hidden_size", "n_embd", "d_model", "dim")
        self.layers = self.get("num_hidden_layers", "n_layer", "n_layers", "num_layers")

    def get(self, *keys, default=None):
        return next((self.config[key] for key in keys if self.config.get(key) is not None), default)


def keys(model):
    """What the converter writes as metadata: {key behind the architecture's name: value}."""
    get, head = model.get, model.get("head_dim", "d_kv")
    experts = {
        "expert_count": get("num_local_experts", "num_experts", "n_routed_experts"),
        "expert_used_count": get("num_experts_per_tok"),
        "expert_group_count": get("n_group"), "expert_group_used_count": get("topk_group"),
        "expert_feed_forward_length": get("moe_intermediate_size"),
        "expert_shared_feed_forward_length": get("shared_expert_intermediate_size"),
    }  # fmt: skip
    out = {
        "block_count": model.layers, "embedding_length": model.width,
        "context_length": get("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", default=512),
        "feed_forward_length": get("intermediate_size", "n_inner", "d_ff", "ffn_hidden_size", "hidden_dim", default=4 * model.width),
        "attention.head_count": model.heads, "attention.head_count_kv": get("num_key_value_heads"),
        "attention.key_length": head, "attention.value_length": head,
        "attention.layer_norm_rms_epsilon": get("rms_norm_eps"),
        "attention.layer_norm_epsilon": get("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps"),
        "rope.freq_base": model.rope.get("rope_theta"), **experts,
    }  # fmt: skip
    kind = model.rope.get("rope_type")
    if kind in ("linear", "yarn"):
        out |= {"rope.scaling.type": kind, "rope.scaling.factor": model.rope["factor"]}
    if kind == "yarn":
        out |= {"rope.scaling.original_context_length": model.rope["original_max_position_embeddings"],
                "rope.scaling.yarn_beta_fast": model.rope.get("beta_fast"), "rope.scaling.yarn_beta_slow": model.rope.get("beta_slow")}
    part = model.rope.get("partial_rotary_factor")
    if part is not None or model.kind in ("llama", "mixtral", "granite", "smollm3"):
        out["rope.dimension_count"] = int((part or 1) * (head or model.width // model.heads))
    out |= KEYS.get(model.kind, lambda _: {})(model)
    return {key: value for key, value in out.items() if value is not None}


def deepseek(model):
    config = model.config
    rotated, latent = config["qk_rope_head_dim"], config["kv_lora_rank"]
    return {
        "attention.head_count_kv": 1, "attention.key_length": latent + rotated, "attention.value_length": latent,
        "attention.key_length_mla": config["qk_nope_head_dim"] + rotated, "attention.value_length_mla": config["v_head_dim"],
        "attention.kv_lora_rank": latent, "attention.q_lora_rank": config["q_lora_rank"], "rope.dimension_count": rotated,
        "leading_dense_block_count": config["first_k_dense_replace"], "expert_shared_count": config["n_shared_experts"],
        "expert_weights_scale": config["routed_scaling_factor"], "expert_weights_norm": config["norm_topk_prob"], "expert_gating_func": 2,
    }  # fmt: skip


def gemma2(model):
    return {"attn_logit_softcapping": model.get("attn_logit_softcapping"), "final_logit_softcapping": model.get("final_logit_softcapping"),
            "attention.sliding_window": model.get("sliding_window")}  # fmt: skip


def modernbert(model):
    return {"attention.sliding_window": model.config["local_attention"],
            "attention.sliding_window_pattern": model.config["global_attn_every_n_layers"],
            "rope.freq_base_swa": model.config["rope_parameters"]["sliding_attention"]["rope_theta"],
            "attention.causal": False, "rope.scaling.type": "none"}  # fmt: skip


def roberta(model):
    return {"context_length": model.config["max_position_embeddings"] - 1 - model.config["pad_token_id"], "attention.causal": False}


KEYS = {
    "bert": lambda model: {"attention.causal": False},
    "bloom": lambda model: {"attention.head_count_kv": model.heads},
    "cohere": lambda model: {"logit_scale": model.config["logit_scale"], "rope.scaling.type": "none"},
    "cohere2": lambda model: {"logit_scale": model.config["logit_scale"], "attention.sliding_window": model.config["sliding_window"],
                              "rope.scaling.type": "none", "rope.dimension_count": 16},
    "deepseek_v3": deepseek,
    "distilbert": lambda model: {"attention.layer_norm_epsilon": 1e-12, "attention.causal": False},
    "falcon": lambda model: {"attention.head_count_kv": 1},
    "gemma2": gemma2,
    "gemma3_text": lambda model: {"attention.sliding_window": model.config["sliding_window"],
                                  "attention.sliding_window_pattern": 1 + model.config["layer_types"].index("full_attention"),
                                  "final_logit_softcapping": model.get("final_logit_softcapping")},
    "gpt_neox": lambda model: {"use_parallel_residual": model.config["use_parallel_residual"]},
    "gpt_oss": lambda model: {"attention.sliding_window": model.config["sliding_window"],
                              "expert_feed_forward_length": model.config["intermediate_size"]},
    "gpt_bigcode": lambda model: {"attention.head_count_kv": 1},
    "nomic_bert": lambda model: {"attention.causal": False, "rope.freq_base": model.config["rotary_emb_base"]},
    "nemotron": lambda model: {"rope.scaling.type": "none"},
    "olmo": lambda model: {"attention.layer_norm_epsilon": 1e-5, "attention.clamp_kqv": model.config["clip_qkv"]},
    "olmo3": lambda model: {"attention.sliding_window": model.config["sliding_window"],
                            "attention.sliding_window_pattern": [(layer + 1) % 4 != 0 for layer in range(model.layers)]},
    "granite": lambda model: {"attention.scale": model.config["attention_multiplier"], "embedding_scale": model.config["embedding_multiplier"],
                              "residual_scale": model.config["residual_multiplier"], "logit_scale": model.config["logits_scaling"]},
    "modernbert": modernbert,
    "mpt": lambda model: {"attention.max_alibi_bias": float(model.config["attn_config"]["alibi_bias_max"])},
    "phi3": lambda model: {"rope.scaling.original_context_length": model.config["original_max_position_embeddings"],
                           "attention.sliding_window": model.get("sliding_window", default=0)},
    "phi": lambda model: {"attention.head_count_kv": model.heads},
    "roberta": roberta,
    "stablelm": lambda model: {"use_parallel_residual": model.get("use_parallel_residual", default=True)},
    "t5": lambda model: {"decoder_block_count": model.get("num_decoder_layers"), "attention.relative_buckets_count": model.config["relative_attention_num_buckets"],
                         "attention.layer_norm_rms_epsilon": model.config["layer_norm_epsilon"], "decoder_start_token_id": 0},
}  # fmt: skip


# Whose rotary pairs are neighbours in GGUF files.
PAIRED = ("llama", "mixtral", "granite", "smollm3", "olmo")


def pairs(values, heads):
    """The rows of each head so that the two of a rotary pair are neighbours."""
    return values.reshape(heads, 2, -1, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def parts(values, heads, *sizes):
    """What lies head by head in the rows, apart."""
    rows = values.reshape(heads, sum(sizes), -1)
    cuts = numpy.split(rows, numpy.cumsum(sizes)[:-1], axis=1)
    return [cut.reshape(-1, *values.shape[1:]) for cut in cuts]


def changed(model, name, values):
    """(name, values) of the tensors that the converter makes of one."""
    kind, config = model.kind, model.config
    if kind in PAIRED and ".q_proj." in name:
        values = pairs(values, model.heads)
    elif kind in PAIRED and ".k_proj." in name:
        values = pairs(values, model.get("num_key_value_heads", default=model.heads))
    elif kind == "nemotron" and name.endswith("norm.weight"):
        values = values + 1
    elif kind in ("bloom", "gpt_neox") and "query_key_value" in name:
        values = numpy.concatenate(parts(values, model.heads, *[model.width // model.heads] * 3))
    elif kind.startswith("gemma") and name.endswith("norm.weight"):
        values = values + 1
    elif kind == "gpt2" and name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
        values = values.T
    elif kind == "roberta" and name.endswith("position_embeddings.weight"):
        values = values[1 + config["pad_token_id"] :]
    elif name.endswith("kv_b_proj.weight"):
        nope, own = config["qk_nope_head_dim"], config["v_head_dim"]
        keys, own = (part.reshape(model.heads, -1, values.shape[1]) for part in parts(values, model.heads, nope, own))
        return [(name.replace("kv_b", "k_b"), keys.swapaxes(1, 2)), (name.replace("kv_b", "v_b"), own)]
    elif kind == "gpt_oss" and ".experts." in name:
        stem, _, bias = name.partition("_bias")
        values, end = (values, ".bias") if name.endswith("_bias") else (values.swapaxes(1, 2), ".weight")
        if "down_proj" in name:
            return [(stem + end, values)]
        return [(stem.replace("gate_up", part) + end, values[:, first::2]) for first, part in enumerate(("gate", "up"))]
    elif name.endswith("e_score_correction_bias"):
        name = name.replace("_bias", ".bias")
    elif name.endswith("self_attn.sinks"):
        name += ".weight"
    return [(name, values)]


def stacked(tensors):
    """One tensor of all experts instead of one for each."""
    out, experts = {}, {}
    for name, values in tensors.items():
        before, found, rest = name.partition(".experts.")
        number, _, matrix = rest.partition(".")
        if not found or not number.isdigit():
            out[name] = values
            continue
        merged = f"{before.replace('block_sparse_moe', 'feed_forward').removeprefix('model.')}.experts.{matrix}" if matrix[0] == "w" else f"{before}.experts.{matrix}"
        experts.setdefault(merged, {})[int(number)] = values
    for name, values in experts.items():
        out[name] = numpy.stack([values[number] for number in range(len(values))])
    return out


def rope_factors(model):
    """Llama 3.1's scaling as a divisor of each frequency."""
    rope, dim = model.rope, model.get("head_dim", default=model.width // model.heads)
    original, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
    factors = []
    for pair in range(0, dim, 2):
        length = 2 * math.pi * rope["rope_theta"] ** (pair / dim)
        smooth = min(max((original / length - low) / (high - low), 0), 1)
        factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return numpy.array(factors, "<f4")


def write(model, path, pieces=None):
    """With a vocabulary of unigrams, or none."""
    known = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(known[model.name], max(model.layers, model.get("num_decoder_layers", default=0)))
    writer = gguf.GGUFWriter(path, model.name)
    writer.add_tokenizer_model("t5" if pieces else "no_vocab")
    writer.add_vocab_size(model.config["vocab_size"])
    if pieces:
        writer.add_token_list(pieces)
        writer.add_token_scores([-float(rank) for rank in range(len(pieces))])
        writer.add_token_types([gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.UNKNOWN] + [gguf.TokenType.NORMAL] * (len(pieces) - 3))
        writer.add_eos_token_id(1)
        writer.add_unk_token_id(2)
    if model.name in ("bert", "nomic-bert"):
        writer.add_token_type_count(model.get("type_vocab_size", default=1))
    for key, value in keys(model).items():
        add = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, str: writer.add_string, list: writer.add_array}[type(value)]
        add(f"{model.name}.{key}", value)
    if model.rope.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(model))
    tensors = dict(model.tensors)
    if model.kind == "t5":
        tensors = {name: values for name, values in tensors.items() if "embed_tokens" not in name}
    prefix = {"bert": "bert.", "distilbert": "distilbert.", "roberta": "roberta.", "modernbert": "model.", "bloom": "transformer."}.get(model.kind, " ")
    for name, values in stacked(tensors).items():
        name = name.removeprefix(prefix)
        layer = int(name.split(".")[2]) if name.startswith("model.layers.") else 0
        if any(part in name for part in DROPPED) or layer >= model.layers:
            continue
        for changed_name, changed_values in changed(model, name, values):
            mapped = names.get_name(changed_name, try_suffixes=(".weight", ".bias"))
            if not mapped:
                raise SystemExit(f"{model.path.name}: gguf has no name for {changed_name}")
            writer.add_tensor(mapped, numpy.ascontiguousarray(changed_values, "<f4"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def answers(model, scratch):
    """What `ph run` says of an encoder-decoder whose vocabulary and first token are in the file."""
    path, artifact = scratch / "text.gguf", scratch / "text.phx"
    write(model, path, ["<pad>", "</s>", "<unk>", *(f"\u2581{number}" for number in range(model.config["vocab_size"] - 3))])
    for command in (["phc", path, "-o", artifact], ["ph", "run", artifact, "-p", "7 77", "-n", "4"]):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
        if done.returncode:
            return f"FAILED: {done.stderr.strip()}"
    return f"{len(done.stdout.split())} words"


def main():
    scratch, counts, kept, reference = map(pathlib.Path, sys.argv[1:5])
    scratch.mkdir(parents=True, exist_ok=True)
    found = {path.parent.name: path.parent for root in (reference, kept) for path in root.glob("*/expected.safetensors")}
    for kind in made_families.KINDS:
        ids, results = made_families.make(kind, scratch / "made" / kind, write_safetensors)
        values = next(iter(read_safetensors(results).values())).reshape(*ids["input_ids"].shape, -1)
        write_safetensors(results.with_name("expected.safetensors"), {**ids, made_families.ENCODERS.get(kind, "logits"): values})
        found[kind] = scratch / "made" / kind
    failed = done = 0
    for name, folder in sorted(found.items()):
        if json.loads((folder / "config.json").read_text())["model_type"] not in NAMES or name in SKIPPED:
            continue
        weights = folder / "model.safetensors"
        # Variants of one model differ in their configuration only; the weights are kept once.
        model = Folder(folder, weights if weights.exists() else folder.parent / name.split("-")[0] / "model.safetensors")
        path, expected = scratch / f"{name}.gguf", scratch / f"{name}.safetensors"
        write(model, path)
        # The converter drops what BERT's pooler computes with.
        wanted = read_safetensors(folder / "expected.safetensors")
        write_safetensors(expected, {key: values for key, values in wanted.items() if key != "pooler_output"})
        run = subprocess.run(["ph", "verify", str(path), str(expected)], capture_output=True, text=True, timeout=300)
        checks = [line for line in run.stdout.splitlines() if line.startswith(("PASS", "FAIL"))]
        passed = run.returncode == 0 and checks and not run.stderr
        done, failed = done + 1, failed + (not passed)
        if name == "t5":
            print(f"{name} as text: {answers(model, scratch)}")
        print(f"{name}: {'; '.join(' '.join(line.split()) for line in checks)} {run.stderr.strip()}".rstrip(), flush=True)
    line = f"{done - failed} of {done} model folders written as GGUF compute what the folder does"
    if not reference.is_dir():
        line += f"; REFERENCE DATA MISSING: the other folders of {reference}"
    print(line)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
