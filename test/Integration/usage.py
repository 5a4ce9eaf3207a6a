"""Wrong command lines and missing files: one error, the exit code, nothing on stdout."""

import pathlib
import tempfile
import unittest

from tools import artifact, run, tiny_model


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

    def test_options_come_before_the_model(self):
        """What can be said about the options is said before a model is looked for."""
        for command in (
            ("no-such.gguf", "-o", "x.phx", "--activations=int3"), ("no-such.gguf", "-o", "x.phx", "--cache-type=f8"),
            ("no-such.gguf", "-o", "x.phx", "--target=z80"), ("no-such.gguf", "-o", "-"), ("no-such.gguf", "-o", ""),
            ("no-such.gguf", "-o", "x.s", "--emit=asm", "--target=x86-64-v3,x86-64-v4"),
            ("no-such.gguf", "-o", "-", "--emit=llvm", "--target=x86-64-v3,x86-64-v4"),
        ):
            with self.subTest(command=command):
                self.assert_error(2, "phc", *command)

    def test_nothing_is_overwritten(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            model, link, family = folder / "m.gguf", folder / "link.gguf", folder / "family.json"
            tiny_model(model)
            link.symlink_to(model)
            family.write_text("{}")
            before = {path: path.read_bytes() for path in (model, family)}
            for command in (
                (model, "-o", model), (model, "-o", link), (link, "-o", model), (model, "-o", folder / "." / "m.gguf"),
                (model, "-o", model, "--emit=xf"), (model, "-o", folder / "x", "--report", model),
                (model, "-o", family, "--architecture", family), (model, "-o", folder / "x", "--report", folder / "x"),
            ):
                with self.subTest(command=command):
                    self.assert_error(2, "phc", *command)
                    self.assertEqual({path: path.read_bytes() for path in before}, before)
            self.assertEqual({path.name for path in folder.iterdir()}, {"m.gguf", "link.gguf", "family.json"})

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
