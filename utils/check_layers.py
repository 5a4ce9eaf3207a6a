#!/usr/bin/env python3
"""Fails if an include points against the house's direction (ARCHITECTURE.md, "The house").

tools -> Driver -> Pipelines -> Target -> {Import, Transforms, Autodiff, Conversion, Codegen, Proof, Report} ->
{Analysis, Reference} -> dialects -> Interfaces -> MLIR. Members of one pair of braces never include one another. The compiler may use the
runtime's base, formats, quant, tokenizer, template and chat; the runtime uses nothing of the compiler, nor MLIR,
nor LLVM. Readers in lib/Import that are fuzzed by themselves use the same parts of the runtime and Import/SourceModel.h. Prints
file:line.

    check_layers.py [--root FOLDER]
"""

import argparse
import os
import pathlib
import re
import sys

RANKS = {
    "Interfaces": 0,
    "dialects": 1,
    "Analysis": 2,
    "Reference": 2,
    "Import": 3,
    "Transforms": 3,
    "Autodiff": 3,
    "Conversion": 3,
    "Codegen": 3,
    "Proof": 3,
    "Report": 3,
    "Target": 4,
    "Pipelines": 5,
    "Training": 5,
    "Driver": 6,
}
RUNTIME_FOR_COMPILER = {"base", "chat", "formats", "quant", "template", "tokenizer"}
FUZZED_READERS = ("lib/Import/Description/", "lib/Import/ONNX/File/")
# A checkpoint as an interface, which needs the runtime only.
READERS_VIEW = "powerhouse/Import/SourceModel.h"
COMPILER_FOLDERS = ("lib", "dialects", "include/powerhouse")
INCLUDE = re.compile(r'^\s*(?:#\s*include|include)\s*["<]([^">]+)[">]')


def component(path):
    """The part of the house a path (relative to the root) is in: 'lib:Import', 'reader:', 'runtime:base', 'tools:ph' ..., or ''."""
    parts = path.split("/")
    if path.startswith(FUZZED_READERS):
        return "reader:"
    if path == READERS_VIEW:
        return "view:"
    if parts[0] == "dialects":
        return "lib:dialects"
    if parts[0] == "lib" and len(parts) > 2:
        return "lib:" + parts[1]
    if parts[:2] == ["include", "powerhouse"] and len(parts) > 3:
        return "lib:" + parts[2]
    if parts[0] == "powerhouse" and len(parts) > 2:
        return "lib:" + parts[1]
    if parts[:2] == ["include", "powerhouse-c"] or parts[0] == "powerhouse-c":
        return "c:"
    if parts[0] in ("runtime", "tools") and len(parts) > 2:
        return f"{parts[0]}:{parts[1]}"
    if parts[0] == "runtime" and len(parts) == 2:
        return "runtime:"
    if parts[0] in ("fuzz", "test"):
        return parts[0] + ":"
    if parts[0] in ("mlir", "mlir-c", "llvm", "llvm-c"):
        return "mlir:"
    return ""


def objection(source, target):
    """Why a file of component `source` may not include one of component `target`, or None if it may."""
    kind, name = source.split(":", 1)
    target_kind, target_name = target.split(":", 1)
    if source == target or kind == "test" or kind == "fuzz" and target_kind == "test":
        return None
    if target_kind == "view":
        if kind in ("reader", "fuzz"):
            return None
        target_kind, target_name = "lib", "Import"
        if source == "lib:Import":
            return None
    if target_kind in ("test", "tools", "fuzz") and kind != target_kind:
        return f"nothing may include what is in {target_kind}/"
    if kind == "c":
        return "the C API includes only the C library"
    if target_kind == "reader" and (kind == "fuzz" or source == "lib:Import"):
        return None
    if kind == "reader":
        if target_kind == "runtime" and target_name in RUNTIME_FOR_COMPILER:
            return None
        return "a reader that is fuzzed may use only the runtime's " + ", ".join(sorted(RUNTIME_FOR_COMPILER))
    if kind in ("runtime", "fuzz"):
        if target_kind not in ("runtime", "c"):
            return f"{kind} may not use the compiler, MLIR or LLVM"
        if source == "runtime:base":
            return "runtime/base is below everything else"
        return None
    if kind == "tools":
        if name == "ph" and (target_kind == "mlir" or target_kind == "lib" and target_name != "Driver"):
            return "ph loads the compiler only when it has to compile, through Driver"
        return None
    if kind == "lib":
        if name not in RANKS:
            return f"'{name}' is not a part of the compiler that utils/check_layers.py knows"
        if target_kind == "mlir" or target_kind == "c":
            return None
        if target_kind == "runtime":
            if target_name in RUNTIME_FOR_COMPILER:
                return None
            return "the compiler may use only the runtime's " + ", ".join(sorted(RUNTIME_FOR_COMPILER))
        if target_kind == "reader":
            return "only lib/Import uses its readers"
        if target_name not in RANKS:
            return f"'{target_name}' is not a part of the compiler that utils/check_layers.py knows"
        if RANKS[name] == RANKS[target_name]:
            return f"{name} and {target_name} stand side by side and meet only through interfaces"
        if RANKS[name] < RANKS[target_name]:
            return f"{name} is below {target_name}"
        return None
    return None


def resolve(root, path, name):
    """The included name relative to the root: as written, or beside the including file."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if "/" not in name or name.startswith("."):
        return beside
    if not (root / name).exists() and not (root / "include" / name).exists() and (root / beside).exists():
        return beside
    return os.path.normpath(name)


def check(root):
    """All violations below `root` as 'file:line: text', and the number of files read."""
    problems, files = [], 0
    for folder in ("dialects", "fuzz", "include", "lib", "runtime", "tools"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cpp", ".td", ".c", ".inc") or not file.is_file():
                continue
            files += 1
            path = file.relative_to(root).as_posix()
            source = component(path)
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                target = component(resolve(root, path, found[1]))
                reason = objection(source, target) if source and target else None
                if reason:
                    problems.append(f"{path}:{number}: includes {found[1]}: {reason}")
    return problems, files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    problems, files = check(parser.parse_args().root)
    print("\n".join(problems) or f"{files} files include only what is below them")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
