"""A throw-away tree of files for tests of the scripts in utils: write files, run a script on it, compare."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

UTILS = pathlib.Path(__file__).resolve().parent.parent.parent / "utils"


class PlantedTree(unittest.TestCase):
    script = ""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.root = pathlib.Path(self.temporary.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_script(self):
        done = subprocess.run(
            [sys.executable, UTILS / self.script, "--root", self.root], capture_output=True, text=True
        )
        return done.returncode, done.stdout

    def assert_passes(self):
        code, output = self.run_script()
        self.assertEqual(code, 0, output)

    def assert_fails(self, *expected):
        """The script fails and says each of the expected texts, one line for each and no other."""
        code, output = self.run_script()
        self.assertEqual(code, 1, output)
        for text in expected:
            self.assertIn(text, output)
        self.assertEqual(len(output.splitlines()), len(expected), output)
