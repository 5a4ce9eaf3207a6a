"""`phc --emit` shows each stage of the way, and --report tells what was done."""

import pathlib
import subprocess
import tempfile
import unittest

from tools import Artifact, run, succeed, tiny_model


class Emit(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def emit(self, kind, *flags):
        return succeed("phc", "smollm2", f"--emit={kind}", "-o", "-", *flags).out

    def test_xf(self):
        text = self.emit("xf")
        for expected in ("xf.weight", "xf.repeat", "#xf.format<q4_1>", "func.func @forward"):
            self.assertIn(expected, text)
        self.assertLess(len(text.splitlines()), 300)  # the layers are a loop
        file = self.folder / "model.mlir"
        file.write_text(text)
        succeed("ph-opt", file)  # what is printed can be read again

    def test_kernels(self):
        text = self.emit("kernels")
        for expected in ("func.func", "vector.", "scf.for"):
            self.assertIn(expected, text)

    def test_kernels_of_several_levels(self):
        file = self.folder / "kernels.mlir"
        succeed("phc", tiny_model(), "--emit=kernels", "-o", file, "--target=x86-64-v3,x86-64-v4")
        text = succeed("ph-opt", file).out  # what is printed can be read again
        for level in ("x86-64-v3", "x86-64-v4"):
            self.assertEqual(text.count(f'module @"{level}"'), 1)

    def test_float_model(self):
        """Without a matrix of codes nothing is int8, whatever the default is; so the cache is f32 too."""
        for kind, expected in (("f32", ("f32", "f32")), ("f16", ("f32", "f32")), ("q4_1", ("int8", "f16"))):
            model, out = self.folder / f"{kind}.gguf", self.folder / f"{kind}.phx"
            tiny_model(model, "--type", kind)
            succeed("phc", model, "-o", out)
            manifest = Artifact.read(out).manifest
            self.assertEqual((manifest["activations"], manifest["cache_type"]), expected, kind)

    def test_llvm(self):
        file = self.folder / "model.ll"
        succeed("phc", "smollm2", "--emit=llvm", "-o", file, "--target=x86-64-v3")
        self.assertIn("define", file.read_text())
        subprocess.run(["llvm-as", file, "-o", "/dev/null"], check=True)

    def test_assembly(self):
        file = self.folder / "model.s"
        succeed("phc", "smollm2", "--emit=asm", "-o", file, "--target=x86-64-v4")
        self.assertRegex(file.read_text(), r"vfmadd\w+ps.*%zmm")

    def test_levels_differ(self):
        self.assertIn("vpdpbusd", self.emit("asm", "--target=x86-64-v4-vnni"))
        text = self.emit("asm", "--target=x86-64-v3")
        self.assertIn("vpmaddubsw", text)
        self.assertNotIn("%zmm", text)
        self.assertNotIn("vpdpbusd", text)

    def test_executable(self):
        """A program that needs nothing but the C library, and answers."""
        program = self.folder / "smollm2"
        succeed("phc", "smollm2", "--emit=exe", "-o", program)
        done = succeed(program, "-p", "What is gravity? Answer in one sentence.", "-n", "16")
        self.assertTrue(done.out.strip())
        needed = subprocess.run(["llvm-readelf", "-d", program], capture_output=True, text=True, check=True).stdout
        libraries = {line.split("[")[1].rstrip("]\n ") for line in needed.splitlines() if "(NEEDED)" in line}
        self.assertLessEqual(libraries, {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"})

    def test_report(self):
        report = self.folder / "report.html"
        succeed("phc", "smollm2", "-o", self.folder / "out.phx", f"--report={report}")
        text = report.read_text()
        for expected in ("<html", "xf-fuse-qkv", "Memory plan", "FLOP", "</html>"):
            self.assertIn(expected, text)

    def test_report_of_text(self):
        """Only what was computed."""
        report = self.folder / "report.html"
        succeed("phc", tiny_model(), "--emit=xf", "-o", self.folder / "out.mlir", f"--report={report}")
        text = report.read_text()
        self.assertIn("FLOP", text)
        for unknown in ("Memory plan", "packed weights", "code, "):
            self.assertNotIn(unknown, text)

    def test_full_output(self):
        with open("/dev/full", "w") as full:
            for kind in ("xf", "asm"):
                done = run("phc", "smollm2", f"--emit={kind}", "-o", "-", stdout=full)
                self.assertEqual(done.code, 5, done.err)
                self.assertEqual(len(done.error_lines()), 1, done.err)


if __name__ == "__main__":
    unittest.main()
