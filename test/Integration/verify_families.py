"""Compiles model folders and compares what runs with what transformers computed.

usage: verify_families.py COUNTS KEPT REFERENCE

KEPT and REFERENCE hold model folders, each with expected.safetensors; REFERENCE may be missing. Each goes through
`ph verify`: logits, hidden states, embeddings and continuations. Prints a line for each, and at last how many there are, which is
written to the file COUNTS. Exit code 1 if one differs.
"""

import pathlib
import subprocess
import sys


def main():
    counts, kept, reference = (pathlib.Path(argument) for argument in sys.argv[1:4])
    folders = {}
    for parent in (kept, reference):
        folders.update({path.parent.name: path.parent for path in sorted(parent.glob("*/expected.safetensors"))})
    if not reference.is_dir():
        print(f"REFERENCE DATA MISSING: {reference}: only the models kept here are compared")
    failed = compared = 0
    for name, folder in sorted(folders.items()):
        done = subprocess.run(["ph", "verify", str(folder), str(folder / "expected.safetensors")],
                              capture_output=True, text=True, timeout=300)
        checks = [line for line in done.stdout.splitlines() if line.startswith(("PASS  ", "FAIL  "))]
        compared += len(checks)
        passed = done.returncode == 0 and checks and all(line.startswith("PASS") for line in checks)
        failed += not passed
        print(f"{name}: {'; '.join(' '.join(line.split()) for line in checks) or done.stderr.strip()}")
    line = f"{len(folders) - failed} of {len(folders)} model folders compile to what transformers computes ({compared} comparisons)"
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n", encoding="utf-8")
    print(line)
    return 1 if failed or not folders else 0


sys.exit(main())
