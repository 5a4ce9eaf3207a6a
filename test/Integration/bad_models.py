"""Each broken model that make_bad_gguf.py makes gets one clear error, exit code 3 and no output."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from tools import run, succeed

HERE = pathlib.Path(__file__).resolve().parent


class BadModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.good, cls.bad, cls.out = cls.folder / "good.gguf", cls.folder / "bad", cls.folder / "out"
        cls.out.mkdir()
        subprocess.run([sys.executable, HERE / "make_tiny_gguf.py", cls.good], check=True)
        subprocess.run([sys.executable, HERE / "make_bad_gguf.py", cls.good, cls.bad], check=True)
        cls.cases = json.loads((cls.bad / "cases.json").read_text())

    def tearDown(self):
        for file in self.out.iterdir():
            file.unlink()

    def test_there_are_many(self):
        self.assertGreater(len(self.cases), 30)
        self.assertEqual({case["level"] for case in self.cases}, {"reader", "values", "model"})

    def test_the_good_one(self):
        succeed("phc", self.good, "-o", self.out / "out.phx")
        succeed("ph", "inspect", self.good)

    def assert_refused(self, done, case, expected):
        self.assertEqual(done.code, 3, done.err)
        self.assertEqual(len(done.error_lines()), 1, done.err)
        self.assertIn(case["file"], done.error_lines()[0])
        self.assertIn(expected, done.error_lines()[0])

    def test_compiling(self):
        for case in self.cases:
            with self.subTest(case["file"]):
                done = run("phc", self.bad / case["file"], "-o", self.out / "out.phx", limit=60)
                # What the reader says in detail is compared below; of a bad value the compiler names the tensor.
                expected = {"reader": "", "values": case["expect"].split(": ")[-1], "model": case["expect"]}
                self.assert_refused(done, case, expected[case["level"]])
                self.assertEqual(os.listdir(self.out), [])

    def test_inspecting(self):
        for case in self.cases:
            if case["level"] == "reader":
                with self.subTest(case["file"]):
                    self.assert_refused(run("ph", "inspect", self.bad / case["file"], limit=60), case, case["expect"])


if __name__ == "__main__":
    unittest.main()
