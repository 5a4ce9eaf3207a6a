#!/usr/bin/env python3
"""Fails if the tree breaks a habit of CONTRIBUTING.md that a machine can see. Prints file:line.

- ARCHITECTURE.md's folder map names each folder down to the second level (test/ mirrors the rest), and no missing one.
- No text file has more than 800 lines; a tool's main function has fewer than 50.
- Nothing is marked as left to do; no path of one machine; no host name of a package registry.
- No folder or file is called Utils, Misc or Common.
- A pass's flag, class, file and test have one name: xf-fuse-qkv, FuseQKVPass, FuseQKV.cpp, fuse-qkv.mlir.
- A pass of lib/Transforms says what it did (remarkDone), or prints.
- test/Data holds at most 25 MB.

    check_tree.py [--root FOLDER]
"""

import argparse
import pathlib
import re
import subprocess
import sys

MOST_LINES = 800
MOST_LINES_OF_MAIN = 50
MOST_DATA_BYTES = 25 * 1000 * 1000
TEXT = {".c", ".cmake", ".cpp", ".h", ".in", ".json", ".md", ".mlir", ".py", ".sh", ".td", ".test", ".txt", ""}
# Data, docs/Dialects and docs/Passes are what programs wrote, and a licence is what it is.
NOT_OURS = re.compile(r"^(test/Data/|fuzz/corpus/|docs/(Dialects|Passes)/|LICENSE$)")
# Written so that this file does not contain what it looks for.
LEFT_OPEN = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.}%)*-])/(?:" + "|".join(("work", "root", "home", "tmp/(?:w|peers)")) + r")/")
REGISTRY = re.compile(
    "|".join(name + r"\." + end for name, end in
             (("pypi", "org"), ("pythonhosted", "org"), ("deb" + r"\.debian", "org"), ("npmjs", "(org|com)"),
              ("crates", "io"), ("proxy" + r"\.golang", "org")))
)
GRAB_BAG = re.compile(r"^(utils?|misc|common|helpers?)$", re.IGNORECASE)
PASS_IN_TD = re.compile(r'^\s*def\s+(\w+)\s*:\s*(?:Pass|InterfacePass)<\s*"([^"]+)"')
PASS_CLASS = re.compile(r"\b(?:class|struct)\s+(\w+Pass)\b[^;]*$")
PASS_ARGUMENT = re.compile(r'getArgument\(\)\s*const\s*(?:final|override)?\s*{\s*return\s*"([^"]+)"')


def tracked_files(root):
    """Files of the repository, also those not yet added; all files where there is no repository."""
    listing = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, text=True
    )
    if listing.returncode == 0 and (root / ".git").exists():
        names = [name for name in listing.stdout.split("\0") if name]
    else:
        names = [path.relative_to(root).as_posix() for path in root.rglob("*")]
    return sorted(name for name in set(names) if (root / name).is_file())


def is_text(name):
    return pathlib.PurePosixPath(name).suffix in TEXT and not NOT_OURS.match(name)


def check_map(root, files):
    """The folder map: lines `folder/   what it is` in the first fenced block after the heading 'The house'."""
    page = root / "ARCHITECTURE.md"
    if not page.exists():
        return ["ARCHITECTURE.md:1: is missing"]
    listed, inside, seen = {}, False, False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            seen = line == "## The house"
        elif seen and line.startswith("```"):
            if inside:
                break
            inside = True
        elif inside and line.strip():
            listed[line.split()[0].rstrip("/")] = number
    if not listed:
        return ["ARCHITECTURE.md:1: has no fenced folder map under the heading 'The house'"]
    folders = set()
    for name in files:
        parts = name.split("/")[:-1]
        if parts and not parts[0].startswith("."):
            folders.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    problems = [
        f"ARCHITECTURE.md:{number}: names {folder}/, which does not exist"
        for folder, number in listed.items()
        if folder not in folders
    ]
    problems += [
        f"{folder}/:1: is not in ARCHITECTURE.md's folder map"
        for folder in sorted(folders)
        if folder.count("/") <= (0 if folder.startswith("test/") else 1) and folder not in listed
    ]
    return problems


def check_text(root, files):
    problems = []
    for name in filter(is_text, files):
        lines = (root / name).read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > MOST_LINES:
            problems.append(f"{name}:{len(lines)}: has more than {MOST_LINES} lines: split it by what it is about")
        for number, line in enumerate(lines, 1):
            if found := LEFT_OPEN.search(line):
                problems.append(f"{name}:{number}: {found[0]}: finish it or write an issue")
            if MACHINE_PATH.search(line):
                problems.append(f"{name}:{number}: names a path of one machine")
            if REGISTRY.search(line):
                problems.append(f"{name}:{number}: names a package registry's host")
        if name.startswith("tools/") and name.endswith(".cpp"):
            starts = [number for number, line in enumerate(lines) if re.match(r"int main\(", line)]
            for start in starts:
                length = next((n for n, line in enumerate(lines[start:], 1) if line == "}"), len(lines) - start)
                if length >= MOST_LINES_OF_MAIN:
                    problems.append(f"{name}:{start + 1}: main has {length} lines: a tool only parses flags")
    return problems


def check_names(root, files):
    problems = []
    for name in files:
        for part in name.split("/")[1:]:
            if GRAB_BAG.match(part.split(".")[0]) and not NOT_OURS.match(name):
                problems.append(f"{name}:1: is a grab bag: name what is in it")
                break
    return problems


def find_passes(root, files):
    """Yields (file, line, class, flag) of each pass, declared in ODS or in C++."""
    for name in files:
        if not name.startswith(("lib/", "include/powerhouse/")) or not name.endswith((".td", ".cpp", ".h")):
            continue
        current = None
        for number, line in enumerate((root / name).read_text(encoding="utf-8").splitlines(), 1):
            if name.endswith(".td"):
                if found := PASS_IN_TD.match(line):
                    yield name, number, found[1], found[2]
                continue
            if found := PASS_CLASS.search(line):
                current = found[1]
            if found := PASS_ARGUMENT.search(line):
                yield name, number, current or "?", found[1]


def check_passes(root, files):
    problems = []
    sources = {pathlib.PurePosixPath(name).name for name in files if name.startswith("lib/")}
    tests = {pathlib.PurePosixPath(name).name for name in files if name.startswith("test/")}
    for name, number, class_name, flag in find_passes(root, files):
        where = f"{name}:{number}: pass {flag}"
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", flag):
            problems.append(f"{where}: a flag is lower case words joined by '-'")
        short = flag.removeprefix("xf-")
        if class_name.removesuffix("Pass").lower() != short.replace("-", "") or not class_name.endswith("Pass"):
            problems.append(f"{where}: its class is {class_name}, which is another name")
        wanted = class_name.removesuffix("Pass") + ".cpp"
        if wanted not in sources and wanted.removeprefix("Convert") not in sources:
            problems.append(f"{where}: no file lib/**/{wanted}")
        if f"{short}.mlir" not in tests:
            problems.append(f"{where}: no test {short}.mlir")
        for source in files:
            if source.startswith("lib/Transforms/") and source.endswith("/" + wanted):
                text = (root / source).read_text(encoding="utf-8")
                if "remarkDone(" not in text and "llvm::errs()" not in text:
                    problems.append(f"{source}:1: pass {flag} says nowhere what it did: remarkDone")
    return problems


def check_data(root, files):
    size = sum((root / name).stat().st_size for name in files if name.startswith("test/Data/"))
    return [f"test/Data/:1: holds {size} bytes, more than {MOST_DATA_BYTES}"] if size > MOST_DATA_BYTES else []


def check(root):
    files = tracked_files(root)
    problems = []
    for part in (check_map, check_text, check_names, check_passes, check_data):
        problems += part(root, files)
    return problems, len(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    problems, files = check(parser.parse_args().root)
    print("\n".join(problems) or f"{files} files keep the habits")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
