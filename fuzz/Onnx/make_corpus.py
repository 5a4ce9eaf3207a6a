#!/usr/bin/env python3
"""Writes the seeds of the onnx fuzz target: the files that the reader's tests have, whole and broken.

    make_corpus.py [OUTDIR]        (default: ../corpus/onnx beside this folder)
"""

import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "test" / "Import" / "ONNX"))
import onnx_files


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "fuzz" / "corpus" / "onnx"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        inner = pathlib.Path(folder) / "folder"
        inner.mkdir()
        for name, data in onnx_files.files(inner):
            # The one place that differs from machine to machine.
            data = data.replace(str(inner).encode(), b"/" * len(str(inner)))
            (out / name.replace(" ", "-")).write_bytes(data)


if __name__ == "__main__":
    main()
