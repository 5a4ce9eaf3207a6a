"""A compile that fails or is interrupted says why once, exits with the right code and leaves no file behind."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from tools import artifact, run, succeed, tiny_model


class NoLeftovers(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def assert_clean(self, done, code):
        self.assertEqual(done.code, code, done.err)
        self.assertEqual(len(done.error_lines()), 1, done.err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_disk_full(self):
        """Files may not grow beyond 20 MB: the write fails as it does on a full disk."""

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 10**6, 20 * 10**6))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        self.assert_clean(run("phc", "smollm2", "-o", self.folder / "out.phx", preexec=limit), 5)

    @unittest.skipIf(os.geteuid() != 0, "mounting needs root")
    def test_small_file_system(self):
        script = 'mount -t tmpfs -o size=20m tmpfs "$1" && phc smollm2 -o "$1/out.phx"; code=$?; ls -A "$1" >&3; exit $code'
        with open(self.folder.parent / f"{self.folder.name}.list", "w+") as listing:
            self.addCleanup(os.unlink, listing.name)
            done = subprocess.run(
                ["unshare", "-m", "bash", "-c", f"exec 3>{listing.name}; {script}", "bash", self.folder],
                capture_output=True, text=True, timeout=600,
            )
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
            self.assertEqual(listing.read(), "")

    def test_needs_no_temporary_folder(self):
        """Neither a folder for temporaries that is full nor one that is missing matters: none is written."""
        for folder in ("/dev/full", self.folder / "none"):
            out = self.folder / "out.phx"
            succeed("phc", tiny_model(), "-o", out, environment={"TMPDIR": str(folder)})
            out.unlink()
        self.assertEqual(os.listdir(self.folder), [])

    def test_folder_that_does_not_exist(self):
        self.assert_clean(run("phc", "smollm2", "-o", self.folder / "none" / "out.phx"), 1)

    def test_unwritable_outputs_fail_before_the_model_is_read(self):
        """The model is none, which would give 3."""
        bad = pathlib.Path(tempfile.mkdtemp()) / "bad.gguf"
        self.addCleanup(shutil.rmtree, bad.parent)
        bad.write_bytes(b"GGUF")
        for emit in ("phx", "exe", "xf", "asm"):
            for out in (self.folder / "none" / "out", self.folder):
                with self.subTest(emit=emit, out=out):
                    self.assert_clean(run("phc", bad, "-o", out, f"--emit={emit}"), 1)
        self.assert_clean(run("phc", bad, "-o", self.folder / "out", "--report", self.folder / "none" / "r"), 1)

    def test_report_that_cannot_be_written(self):
        """No artifact without its report."""
        for emit in ("phx", "xf"):
            done = run("phc", tiny_model(), f"--emit={emit}", "-o", self.folder / "out", "--report=/dev/full")
            self.assert_clean(done, 5)

    def test_description_that_cannot_be_compiled(self):
        """Its line is named, once, and it counts as bad input."""
        source = pathlib.Path(__file__).resolve().parents[2] / "lib/Import/Architectures/llama.json"
        gated = (
            "g = gated_activation(linear(n, ffn_gate, bias = ffn_gate_bias), "
            "linear(n, ffn_up, bias = ffn_up_bias), kind = feed_forward_activation)"
        )
        text = source.read_text()
        self.assertIn(gated, text)
        with tempfile.TemporaryDirectory() as folder:
            description = pathlib.Path(folder) / "family.json"
            description.write_text(text.replace(gated, gated + '", "g = g + linear(x, ffn_up)'))
            done = run("phc", tiny_model(), "--architecture", description, "-o", self.folder / "out.phx")
        self.assert_clean(done, 3)
        self.assertRegex(done.err, r"family\.json:\d+: 'xf.weight' op is used alone and as half of a gated pair")
        self.assertNotIn("loc(", done.err)

    def test_an_older_artifact_survives_a_failure(self):
        out = self.folder / "out.phx"
        out.write_text("older")
        bad = self.folder / "bad.gguf"
        bad.write_bytes(b"GGUF\3\0\0\0")
        done = run("phc", bad, "-o", out)
        self.assertEqual(done.code, 3, done.err)
        self.assertEqual(out.read_text(), "older")
        self.assertEqual(sorted(os.listdir(self.folder)), ["bad.gguf", "out.phx"])

    def interrupt(self, model, ready):
        """Sends Ctrl-C's signal to a compile once `ready` says so."""
        child = subprocess.Popen(
            ["phc", model, "-v", "-o", self.folder / "out.phx"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(self.folder)},
        )
        self.addCleanup(child.kill)
        self.assertTrue(ready(child), "the compile ended first")
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(os.listdir(self.folder), [])

    def test_interrupt_early(self):
        self.interrupt("smollm2", lambda child: child.stderr.read(1))

    def test_interrupt_after_code_is_made(self):
        def linking(child):
            return any(b"codegen" in line for line in child.stderr)

        self.interrupt("smollm2", linking)

    def test_interrupt_while_writing(self):
        def writing(child):
            while child.poll() is None:
                if os.listdir(self.folder):
                    return True
                time.sleep(0.01)
            return False

        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder) / "large.gguf"
            tiny_model(model, "--sparse-bytes", "2G")
            self.interrupt(model, writing)

    def test_output_that_cannot_be_written(self):
        path = artifact("int8")
        with open("/dev/full", "w") as full:
            for command in (("ph", "inspect", path), ("ph", "tokenize", path, "-p", "Hello", "--json"),
                            ("ph", "run", path, "-p", "Hello", "-n", "4")):
                done = run(*command, stdout=full)
                self.assertEqual(done.code, 5, f"{command}: {done.err}")
                self.assertEqual(len(done.error_lines()), 1, done.err)


if __name__ == "__main__":
    unittest.main()
