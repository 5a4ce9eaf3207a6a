"""Each broken model that make_bad_gguf.py makes gets one error, exit code 3 and no output, from phc and from ph."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from tools import run


class BadModels(unittest.TestCase):
    def test_each(self):
        with tempfile.TemporaryDirectory() as folder:
            models, out = pathlib.Path(folder) / "models", pathlib.Path(folder) / "out"
            models.mkdir()
            out.mkdir()
            script = pathlib.Path(__file__).resolve().parent / "make_bad_gguf.py"
            subprocess.run([sys.executable, script, models], check=True)
            files = sorted(models.glob("*.gguf"))
            self.assertGreater(len(files), 20)
            for model in files:
                with self.subTest(model.name):
                    done = run("phc", model, "-o", out / "out.phx", limit=60)
                    self.assertEqual(done.code, 3, done.err)
                    self.assertEqual(len(done.error_lines()), 1, done.err)
                    self.assertIn(model.name, done.err)
                    self.assertEqual(os.listdir(out), [])


if __name__ == "__main__":
    unittest.main()
