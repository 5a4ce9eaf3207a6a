#!/usr/bin/env python3
"""Writes what docs/ says of dialects and passes from their TableGen descriptions: `make docs`.

    make_docs.py [--check] [--root FOLDER] [--tblgen PROGRAM]

Each folder dialects/NAME gives docs/Dialects/NAME.md; each include/powerhouse/**/FOLDER/Passes.td gives docs/Passes/FOLDER.md. With
--check nothing is written: prints how what is there differs from what should be, and pages that nothing generates, and fails.
"""

import argparse
import difflib
import pathlib
import re
import shutil
import subprocess
import sys


def find_tblgen():
    for folder in (None, "/usr/lib/llvm-22/bin"):
        if found := shutil.which("mlir-tblgen", path=folder):
            return found
    sys.exit("make_docs.py: no mlir-tblgen in the PATH: run `make setup`, or name it with --tblgen")


def generate(root, tblgen):
    """{path of the page: its text}."""
    include = pathlib.Path(tblgen).resolve().parent.parent / "include"

    def run(source, *flags):
        command = [tblgen, *flags, "-I", include, "-I", root, "-I", root / "include", source]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"make_docs.py: {source}: {done.stderr}")
        return done.stdout

    pages = {}
    for dialect in sorted((root / "dialects").glob("*/Dialect.td")):
        name = dialect.parent.name
        prefix = re.search(r'let name = "(\w+)"', dialect.read_text(encoding="utf-8"))[1]
        text = run(dialect.parent / f"{name}.td", "-gen-dialect-doc", f"-dialect={prefix}")
        pages[root / "docs" / "Dialects" / f"{name}.md"] = text
    for passes in sorted((root / "include" / "powerhouse").rglob("Passes.td")):
        page = root / "docs" / "Passes" / f"{passes.parent.name}.md"
        if page in pages:
            sys.exit(f"make_docs.py: two folders of passes are called {passes.parent.name}")
        pages[page] = run(passes, "-gen-pass-doc")
    return pages


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--tblgen")
    options = parser.parse_args()
    pages = generate(options.root, options.tblgen or find_tblgen())
    there = {page for folder in ("Dialects", "Passes") for page in (options.root / "docs" / folder).glob("*.md")}
    problems = []
    for page, text in pages.items():
        old = page.read_text(encoding="utf-8") if page in there else ""
        if options.check and old != text:
            problems += difflib.unified_diff(old.splitlines(), text.splitlines(), str(page), "generated", lineterm="")
        elif not options.check and old != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    for page in sorted(there - set(pages)):
        problems.append(f"{page}: nothing generates this page")
    print("\n".join(problems) or f"{len(pages)} pages of docs/ are what the descriptions generate")
    if problems and options.check:
        print("run `make docs`")
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
