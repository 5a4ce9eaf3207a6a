"""Wrong command lines and missing files: one error, the exit code, nothing on stdout."""

import pathlib
import tempfile
import unittest

from tools import artifact, run


class Usage(unittest.TestCase):
    def assert_error(self, code, *command):
        done = run(*command)
        self.assertEqual(done.code, code, f"{command}: {done.err}")
        self.assertEqual(done.out, "", command)
        self.assertTrue(done.err.strip(), command)

    def test_wrong_flags(self):
        path = artifact("int8")
        for command in (
            ("ph",), ("ph", "sing"), ("ph", "run"), ("ph", "run", path, "--no-such-flag"),
            ("ph", "run", path, "-p", "x", "-n", "many"), ("ph", "run", path, "-p", "x", "-t", "0"),
            ("ph", "run", path, "-p", "x", "--top-p", "2"), ("ph", "run", path, "-p", "x", "-n", "-1"),
            ("phc",), ("phc", "smollm2", "-o", "x.phx", "--emit=poem"),
            ("phc", "smollm2", "-o", "x.phx", "--activations=int3"),
            ("phc", "smollm2", "-o", "x.phx", "--target=z80"), ("phc", "--no-such-flag"),
        ):
            with self.subTest(command=command):
                self.assert_error(2, *command)

    def test_missing_files(self):
        for command in (
            ("ph", "run", "no-such.phx", "-p", "x"), ("ph", "inspect", "no-such.phx"), ("phc", "no-such.gguf", "-o", "x.phx"),
            ("ph", "tokenize", artifact("int8"), "-f", "no-such.txt"),
        ):
            with self.subTest(command=command):
                self.assert_error(1, *command)

    def test_artifacts_that_are_none(self):
        whole = artifact("int8").read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            bad = pathlib.Path(folder) / "bad.phx"
            variants = {
                "empty": b"",
                "text": b"hello" * 100,
                "cut": whole[: len(whole) // 2],
                "cut in the trailer": whole[:-1],
                "other version": whole[:-56] + b"\x63\0\0\0" + whole[-52:],
                "offsets beyond the file": whole[:-40] + b"\xff" * 40,
                "only the trailer": whole[-64:],
            }
            for name, data in variants.items():
                with self.subTest(name):
                    bad.write_bytes(data)
                    self.assert_error(3, "ph", "run", bad, "-p", "x", "-n", "1")
                    self.assert_error(3, "ph", "inspect", bad)


if __name__ == "__main__":
    unittest.main()
