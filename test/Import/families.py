"""Imports model folders and compares what the reference interpreter computes with what transformers computed.

usage: families.py SCRATCH COUNTS KEPT REFERENCE

KEPT and REFERENCE hold model folders, each with config.json, model.safetensors and expected.safetensors; REFERENCE may be missing.
Prints a line for each, and at last how many there are, which is written to the file COUNTS. Exit code 1 if one differs by more than
1e-4.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ARGUMENT = re.compile(r"(%\w+): ([^{,]*(?:<[^>]*>)?[^{,]*?) \{xf\.name = \"(\w+)\"\}")
LARGEST = re.compile(r"largest error (\S+)")

# Sequences from their beginning, every row of them.
MAIN = """
  func.func @main({arguments}) -> ({result} {{xf.name = "logits"}}) {{
    %batch = xf.dim {tokens} axis = 0 : (tensor<?x?xi32>) -> index
    %sequence = xf.dim {tokens} axis = 1 : (tensor<?x?xi32>) -> index
    %all = arith.muli %batch, %sequence : index
    %rows = xf.iota %all : (index) -> tensor<?xi32>
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %logits, %new = call @forward({operands}) : ({types}) -> ({result}, {cache})
    return %logits : {result}
  }}
"""


def with_main(text):
    """The module with a @main that computes all rows, and which function to run."""
    line = next(line for line in text.splitlines() if "func.func @forward(" in line)
    arguments = ARGUMENT.findall(line[: line.index(" -> ")])
    if not any(kind.startswith("!xf.cache") for _, kind, _ in arguments):
        return text, "forward"
    result, cache = re.search(r"-> \((\S+) \{xf.name = \"logits\"\}, (.+?) \{xf.name = \"cache\"\}\)", line).groups()
    own, operands, tokens = [], [], None
    for value, kind, name in arguments:
        operands.append({"past": "%past", "rows": "%rows"}.get(name, value))
        if name in ("past", "rows"):
            continue
        if name == "tokens":
            tokens, name = value, "input_ids"
        own.append(f"{value}: {kind}" + ("" if name == "cache" else f' {{xf.name = "{name}"}}'))
    main = MAIN.format(arguments=", ".join(own), result=result, tokens=tokens, operands=", ".join(operands),
                       types=", ".join(kind for _, kind, _ in arguments), cache=cache)
    return text[: text.rindex("}")] + main + "}\n", "main"


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr.strip()


def check(folder, scratch):
    """The largest error, or what went wrong."""
    if not (folder / "model.safetensors").exists():
        # Variants of one model differ in their configuration only; the weights are kept once.
        whole = scratch / folder.name
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(folder, whole)
        shutil.copy(folder.parent / folder.name.split("-")[0] / "model.safetensors", whole)
        folder = whole
    imported, module = scratch / f"{folder.name}.mlir", scratch / f"{folder.name}.main.mlir"
    code, _, said = run("phc", folder, "--emit=xf", "--activations=f32", "-o", imported)
    if code:
        return None, f"phc: exit code {code}: {said}"
    text, entry = with_main(imported.read_text(encoding="utf-8"))
    module.write_text(text, encoding="utf-8")
    expected = folder / "expected.safetensors"
    code, out, said = run("ph-opt", module, f"--run={entry}", f"--inputs={expected}",
                          f"--weights={folder / 'model.safetensors'}", f"--expect={expected}", "--atol=1e-4", "--rtol=0")
    if code:
        return None, f"ph-opt: exit code {code}: {said}"
    errors = [float(error) for error in LARGEST.findall(out)]
    return (max(errors), "") if errors else (None, "nothing was compared")


def main():
    scratch, counts, kept, reference = map(pathlib.Path, sys.argv[1:])
    scratch.mkdir(parents=True, exist_ok=True)
    # A folder that is kept here is the same as that of the reference data.
    found = {path.parent.name: path.parent for root in (reference, kept) for path in root.glob("*/expected.safetensors")}
    failures, largest = 0, 0.0
    for name in sorted(found):
        error, said = check(found[name], scratch)
        print(f"{name}: " + (f"largest error {error:.1e}" if error is not None else f"FAILED: {said}"), flush=True)
        failures += error is None
        largest = max(largest, error or 0.0)
    line = f"{len(found) - failures} of {len(found)} model folders import as transformers computes, largest error {largest:.1e}"
    if not reference.is_dir():
        line += f"; REFERENCE DATA MISSING: the other folders of {reference}"
    print(line)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    return 1 if failures or not found else 0


if __name__ == "__main__":
    sys.exit(main())
