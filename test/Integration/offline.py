"""With everything installed and the model cached, setup, compiling and running need no network."""

import pathlib
import subprocess
import tempfile
import unittest

from tools import succeed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NO_NETWORK = ("unshare", "-rn")


class Offline(unittest.TestCase):
    def test_there_is_no_network(self):
        self.assertNotIn("eth", succeed(*NO_NETWORK, "cat", "/proc/net/dev").out)

    def test_setup(self):
        succeed(*NO_NETWORK, ROOT / "utils/setup.sh")

    def test_compile_and_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "out.phx"
            succeed(*NO_NETWORK, "phc", "smollm2", "-o", path)
            done = succeed(*NO_NETWORK, "ph", "run", path, "-p", "What is gravity? Answer in one sentence.", "-n", "16")
            self.assertTrue(done.out.strip())


if __name__ == "__main__":
    unittest.main()
