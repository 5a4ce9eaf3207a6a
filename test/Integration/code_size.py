"""Layers stay a loop: 30 layers make the code that two make. And compiling twice makes the same bytes."""

import filecmp
import pathlib
import re
import subprocess
import tempfile
import unittest

import gguf_file
from tools import MODEL, Artifact, artifact, succeed


def sections(path):
    """Sizes of the ELF sections that hold code or constants."""
    listing = subprocess.run(["llvm-readelf", "-S", "-W", path], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"\] (\.text|\.rodata\S*)\s+\S+\s+\S+\s+\S+\s+([0-9a-f]+)", listing)
    return {name: int(size, 16) for name, size in found}


class CodeSize(unittest.TestCase):
    def test_thirty_layers_and_two(self):
        with tempfile.TemporaryDirectory() as folder:
            short = pathlib.Path(folder) / "short.gguf"
            gguf_file.shorten(MODEL, short, 2)
            out = pathlib.Path(folder) / "short.phx"
            succeed("phc", short, "-o", out)
            few, many = sections(out), sections(artifact("int8"))
            self.assertGreater(few[".text"], 1000)
            # Layer count and offsets are immediates, whose encodings differ by a few bytes; 28 layers would be kilobytes.
            self.assertEqual(few.keys(), many.keys())
            for name, size in few.items():
                self.assertLess(abs(many[name] - size), 96, (name, few, many))
            self.assertEqual(Artifact.read(out).manifest["layers"], 2)
            self.assertEqual(Artifact.read(artifact("int8")).manifest["layers"], 30)

    def test_same_bytes_again(self):
        with tempfile.TemporaryDirectory() as folder:
            again = pathlib.Path(folder) / "again.phx"
            succeed("phc", "smollm2", "-o", again, "--activations=int8")
            self.assertTrue(filecmp.cmp(again, artifact("int8"), shallow=False))


if __name__ == "__main__":
    unittest.main()
