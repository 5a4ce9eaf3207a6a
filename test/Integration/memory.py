"""What compiling and running may hold in memory, whatever the model's size; and refusing what cannot fit."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from tools import Artifact, artifact, run, succeed

COMPILE_CAP = 600 * 10**6
RUN_MARGIN = 30 * 10**6


class Memory(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def test_compiling(self):
        done = succeed("phc", "smollm2", "-o", self.folder / "out.phx")
        self.assertLessEqual(done.peak_rss, COMPILE_CAP)

    def test_compiling_four_gigabytes(self):
        """Weights that are a hole in the file, written out as an artifact of the same size."""
        make = pathlib.Path(__file__).resolve().parent / "make_tiny_gguf.py"
        subprocess.run([sys.executable, make, self.folder / "large.gguf", "--sparse-bytes", "4G"], check=True)
        done = succeed("phc", self.folder / "large.gguf", "-o", self.folder / "out.phx")
        self.assertLessEqual(done.peak_rss, COMPILE_CAP)
        self.assertGreater((self.folder / "out.phx").stat().st_size, 4 * 10**9)

    def test_running(self):
        path = artifact("int8")
        parts = Artifact.read(path)
        for context in (512, 4096):
            done = succeed("ph", "run", path, "-p", "Tell me a story.", "-n", "32", "-c", context, "-t", "2")
            allowed = parts.weight_bytes + parts.manifest["memory"]["cache_per_position"] * context + RUN_MARGIN
            self.assertLessEqual(done.peak_rss, allowed)

    def test_long_prompt(self):
        """A prompt of many chunks at the default -b needs no more than a short one but the cache."""
        path = artifact("int8")
        parts = Artifact.read(path)
        context = 2048
        done = succeed("ph", "run", path, "--raw", "-p", "word " * 2000, "-n", "1", "-c", context, "-t", "2")
        allowed = parts.weight_bytes + parts.manifest["memory"]["cache_per_position"] * context + RUN_MARGIN
        self.assertLessEqual(done.peak_rss, allowed)

    def test_context_that_does_not_fit(self):
        done = run("ph", "run", artifact("int8"), "-p", "Hello", "-n", "1", "-c", 100_000_000)
        self.assertEqual(done.code, 4, done.err)
        self.assertEqual(len(done.error_lines()), 1, done.err)
        self.assertEqual(done.out, "")


if __name__ == "__main__":
    unittest.main()
