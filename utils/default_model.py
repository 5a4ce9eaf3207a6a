#!/usr/bin/env python3
"""Where the tools keep the default model once they fetched it. As a program: prints the path, or fails."""

import os
import pathlib
import sys

SIZE = 98_362_432
NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"


def find():
    """The file in the cache ($POWERHOUSE_CACHE, else powerhouse in $XDG_CACHE_HOME or ~/.cache), or None."""
    cache = os.environ.get("POWERHOUSE_CACHE")
    if not cache:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/"), ".cache")
        cache = os.path.join(base, "powerhouse")
    for path in sorted(pathlib.Path(cache).rglob(NAME)):
        if path.stat().st_size == SIZE:
            return str(path)
    return None


if __name__ == "__main__":
    path = find()
    print(path or "the default model is not in the cache: run `make model`", file=sys.stdout if path else sys.stderr)
    sys.exit(0 if path else 1)
