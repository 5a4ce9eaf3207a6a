"""Runs attention of every kind before and after a pass and compares what it gives.

usage: attention_values.py PH_OPT DIRECTION CONTEXTS FLAG...

DIRECTION is forward or backward, CONTEXTS a list of lengths, FLAG what rewrites the attention: nothing of it may be left, but for --xf-split-kv, which
keeps it for many queries. Each kind is run on the interpreter as it is and
with the flags, at each context; no result may differ by more than 1e-5 + 1e-5 · |expected|. Prints the number of comparisons.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

# name: (heads, head_dim, key heads, value head_dim, mask and options, operand clauses with {S} the context, other context of keys)
KINDS = {
    "causal": (1, 4, 1, 4, "causal", [], None),
    "none": (1, 4, 1, 4, "none", [], None),
    "grouped": (4, 2, 2, 2, "causal", [], None),
    "wide_values": (2, 2, 1, 6, "causal", [], None),
    "window": (1, 4, 1, 4, "causal window = 90", [], None),
    "narrow_window": (1, 4, 1, 4, "causal window = 1", [], None),
    "kept": (1, 4, 1, 4, "causal window = 20 keep = 5", [], None),
    "local": (1, 4, 1, 4, "none window = 33", [], None),
    "soft_cap": (1, 4, 1, 4, "causal soft_cap = 1.5", [], None),
    "prefix": (1, 4, 1, 4, "causal", [("prefix", "?", "i32", "2")], None),
    "prefix_and_window": (1, 4, 1, 4, "causal window = 20", [("prefix", "?", "i32", "2")], None),
    "documents": (1, 4, 1, 4, "causal", [("documents", "?x?", "i32", "2x{S}")], None),
    "valid": (1, 4, 1, 4, "none", [("valid", "?x?", "i32", "2x{S}")], None),
    "bias": (2, 2, 2, 2, "none", [("bias", "1x2x?x?", "f32", "1x2x{S}x{S}")], None),
    "shared_bias": (2, 2, 2, 2, "causal", [("bias", "?x?x?x?", "f32", "2x1x{S}x{S}")], None),
    "padded_and_sinks": (1, 4, 1, 4, "causal", [("sinks", "1", "f32", "1"), ("valid", "?x?", "i32", "2x{S}")], None),
    "relative": (2, 2, 2, 2, "causal", [("table", "8x2", "f32", "8x2")], None),
    "relative_cross": (2, 2, 2, 2, "none", [("table", "8x2", "f32", "8x2")], 37),
    "sinks": (2, 2, 2, 2, "causal", [("sinks", "2", "f32", "2")], None),
    "alibi": (3, 2, 1, 2, "causal", [("alibi", "", "", "")], None),
    "cross": (1, 4, 1, 4, "none", [], 37),
    "rotated": (2, 4, 1, 4, "causal", [("rope", "?x?", "i32", "2x{S}")], None),
    "rotated_by_length": (2, 4, 1, 4, "causal", [("rope", "?x?", "i32", "2x{S}")], None),
    "rotated_cached": (2, 4, 1, 4, "causal", [("cache", "", "", ""), ("rope", "?x?", "i32", "2x{S}")], None),
    "relative_cached": (2, 4, 1, 4, "causal", [("cache", "", "", ""), ("table", "8x2", "f32", "8x2")], None),
    "cached_kept": (2, 4, 1, 4, "causal window = 9 keep = 70", [("cache", "", "", "")], None),
    "cached": (2, 4, 1, 4, "causal window = 50", [("cache", "", "", ""), ("sinks", "2", "f32", "2")], None),
}
# These have a square matrix of their own for each of two sequences: the context must be short for that.
SQUARE = {"shared_bias", "relative_cached"}
NOT_DERIVED = {"rotated", "rotated_by_length", "rotated_cached", "cached", "relative_cached", "cached_kept"}


def write_prefix(path, context):
    """A safetensors file with a prefix of a third of the first sequence and most of the second: what seeds make depends on how it is used."""
    header = json.dumps({"prefix": {"dtype": "I32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<2i", context // 3, context - 1))


def make(name, context, backward):
    heads, head_dim, key_heads, value_dim, attributes, extras, queries = KINDS[name]
    queries = queries or context
    types = {
        "q": f"tensor<?x?x{heads * head_dim}xf32>",
        "k": f"tensor<?x?x{key_heads * head_dim}xf32>",
        "v": f"tensor<?x?x{key_heads * value_dim}xf32>",
    }
    result = f"tensor<?x?x{heads * value_dim}xf32>"
    dims = {"q": f"2x{queries}x{heads * head_dim}", "k": f"2x{context}x{key_heads * head_dim}", "v": f"2x{context}x{key_heads * value_dim}"}
    if backward:
        types["dy"] = result
        dims["dy"] = f"2x{queries}x{heads * value_dim}"
    operands, operand_types, before = "", [], ""
    source, source_types = "keys(%k) values(%v)", [types["q"], types["k"], types["v"]]
    scaling = ", scaling = dynamic, factor = 2.0, original = 20" if name == "rotated_by_length" else ""
    rope = f"rope(%rope, #xf.rope<dim = 4, base = 1.0e4, style = half{scaling}>) "
    rotated = any(extra == "rope" for extra, *_ in extras)
    for extra, shape, element, size in extras:
        if extra == "alibi":
            operands += "alibi = #xf.alibi<max_bias = 4.0> "
            continue
        if extra == "cache":
            cache = f"!xf.cache<2 x {key_heads} x {head_dim}, f32>"
            types.update({"cache": cache, "past": "tensor<?xi32>"})
            dims["past"] = "2"
            before = (
                "%l = arith.constant 1 : index\n"
                f"%c = xf.cache_append %cache[%l], %k, %v, %past {rope if rotated else ''}: ({cache}, index, {types['k']}, "
                f"{types['v']}, tensor<?xi32>{', tensor<?x?xi32>' if rotated else ''}) -> {cache}\n"
            )
            source, source_types = "cache(%c[%l], %past)", [types["q"], cache, "index", "tensor<?xi32>"]
            continue
        if extra == "table":
            # Beside a cache the positions are the past's, as those of the attention are.
            where, kind = ("past(%past)", "tensor<?xi32>") if "past" in types else ("keys(%k)", types["k"])
            bias = f"tensor<{'?' if 'past' in types else '1'}x2x?x?xf32>"
            before += (
                f"%b = xf.relative_position_bias %table query(%q) {where} max_distance = 50 "
                f"{'bidirectional ' if attributes == 'none' else ''}: (tensor<8x2xf32>, {types['q']}, {kind}) -> {bias}\n"
            )
            types[extra] = "tensor<8x2xf32>"
            operands += "bias(%b) "
            operand_types.append(bias)
            continue
        types[extra] = f"tensor<{shape}x{element}>"
        dims[extra] = size.format(S=context)
        operands += rope if extra == "rope" else f"{extra}(%{extra}) "
        operand_types.append(types[extra])
    arguments = ", ".join(f'%{each}: {kind} {{xf.name = "{each}"}}' for each, kind in types.items())
    options = f"{operands}heads = {heads} scale = 0.5 mask = {attributes}"
    if backward:
        results = f"({types['q']}, {types['k']}, {types['v']})"
        inputs = ", ".join([types["q"], types["k"], types["v"], result, *operand_types])
        body = f"{before}%dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy {options} : ({inputs}) -> {results}\nreturn %dq, %dk, %dv : {results[1:-1]}"
    else:
        results = result
        inputs = ", ".join(source_types + operand_types)
        body = f"{before}%y = xf.attention %q {source} {options} : ({inputs}) -> {result}\nreturn %y : {result}"
    text = f"func.func @{name}({arguments}) -> {results} {{\n{body}\n}}\n"
    return text, ",".join(f"{each}={size}" for each, size in dims.items())


def main():
    tool, direction, contexts, flags = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4:]
    backward, compared, failures = direction == "backward", 0, []
    with tempfile.TemporaryDirectory() as folder:
        path, plain, prefix = (pathlib.Path(folder, each) for each in ("m.mlir", "plain.safetensors", "prefix.safetensors"))
        for name in KINDS:
            if backward and name in NOT_DERIVED:
                continue
            for context in map(int, contexts):
                if name in SQUARE and context > 1000:
                    continue
                text, dims = make(name, context, backward)
                path.write_text(text, encoding="utf-8")
                rewritten = subprocess.run([tool, path, *flags], capture_output=True, text=True)
                kept = "xf.attention" in rewritten.stdout
                write_prefix(prefix, context)
                run = [tool, path, "--run", f"--dims={dims}", f"--inputs={prefix}", "--seed=5"]
                first = subprocess.run([*run, f"--outputs={plain}"], capture_output=True, text=True)
                second = subprocess.run([*run, *flags, f"--expect={plain}", "--atol=1e-5", "--rtol=1e-5"], capture_output=True, text=True)
                compared += 1
                if rewritten.returncode or kept != ("--xf-split-kv" in flags[0]):
                    failures.append(f"{name} at {context}: is not rewritten\n{rewritten.stderr}")
                if first.returncode or second.returncode:
                    failures.append(f"{name} at {context}:\n{first.stderr}{second.stderr}")
    print(f"{compared} comparisons")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures or not compared else 0


sys.exit(main())
