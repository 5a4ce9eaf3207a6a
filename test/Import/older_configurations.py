"""Rewrites config.json as older transformers wrote it, and compares the modules.

usage: older_configurations.py SCRATCH KEPT REFERENCE

KEPT and REFERENCE hold model folders; what neither has is skipped, by name. Prints a line for each change: "same" if the older
configuration gives the same module.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys


def moved_rope(config, **more):
    """rope_parameters as rope_theta and rope_scaling; what is default is left out of the latter."""
    rope = dict(config.pop("rope_parameters"))
    config["rope_theta"] = rope.pop("rope_theta")
    if "partial_rotary_factor" in rope:
        config["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    kind = rope.pop("rope_type")
    config["rope_scaling"] = {"type": kind, **rope} if kind != "default" else None
    config.update(more)
    return config


def without(config, *keys):
    for key in keys:
        del config[key]
    return config


def gemma3(config):
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope["full_attention"]["rope_theta"]
    config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    config["sliding_window_pattern"] = 2
    return without(config, "layer_types", "_sliding_window_pattern")


def modernbert(config):
    rope = config.pop("rope_parameters")
    config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
    config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
    return without(config, "layer_types")


def gpt_neox(config):
    rope = config.pop("rope_parameters")
    return {**config, "rotary_emb_base": rope["rope_theta"], "rotary_pct": rope["partial_rotary_factor"]}


CHANGES = {
    "llama": moved_rope,
    "llama-rope-dynamic": moved_rope,
    "llama-rope-linear": moved_rope,
    "llama-rope-llama3": moved_rope,
    "llama-rope-longrope": moved_rope,
    "llama-rope-yarn": moved_rope,
    "mixtral": lambda config: without(moved_rope(config), "head_dim"),
    "glm4": moved_rope,
    "phi": moved_rope,
    "stablelm": moved_rope,
    "qwen2": lambda config: without(moved_rope(config), "layer_types"),
    "gemma2": lambda config: without(moved_rope(config), "layer_types"),
    "gemma3": gemma3,
    "gpt-oss": lambda config: without(moved_rope(config), "layer_types"),
    "modernbert": modernbert,
    "gpt-neox": gpt_neox,
    "t5": lambda config: without(config, "is_gated_act", "dense_act_fn", "scale_decoder_outputs"),
    "t5-gated": lambda config: without(config, "is_gated_act", "dense_act_fn"),
    "deepseek-v3": lambda config: without(moved_rope(config), "head_dim", "qk_head_dim"),
    "bert": lambda config: without(config, "type_vocab_size", "layer_norm_eps", "hidden_act"),
    "opt": lambda config: without(config, "enable_bias", "layer_norm_elementwise_affine", "_remove_final_layer_norm"),
}


def module_of(folder, scratch):
    done = subprocess.run(["phc", str(folder), "--emit=xf", "--activations=f32", "-o", str(scratch / "out.mlir")],
                          capture_output=True, text=True, timeout=120)
    if done.returncode:
        return done.stderr.strip()
    # What layer_types make of no account.
    return re.sub(r"pattern = \d+ : i64, ", "", (scratch / "out.mlir").read_text(encoding="utf-8"))


def main():
    scratch, *roots = map(pathlib.Path, sys.argv[1:])
    failed = 0
    for name, change in CHANGES.items():
        source = next((root / name for root in roots if (root / name / "config.json").exists()), None)
        if not source:
            print(f"{name}: REFERENCE DATA MISSING")
            continue
        weights = source if (source / "model.safetensors").exists() else source.parent / name.split("-")[0]
        texts = []
        config = json.loads((source / "config.json").read_text(encoding="utf-8"))
        for kind, written in (("newer", dict(config)), ("older", change(dict(config)))):
            folder = scratch / kind / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "config.json").write_text(json.dumps(written), encoding="utf-8")
            shutil.copy(weights / "model.safetensors", folder)
            texts.append(module_of(folder, scratch))
        same = texts[0] == texts[1] and "func.func @forward" in texts[0]
        failed += not same
        print(f"{name}: " + ("same" if same else f"DIFFERENT: {texts[1][:300]}"))
    return 1 if failed else 0


sys.exit(main())
