"""Many runs with more threads than cores give the same tokens: what a race in the barrier would break now and then."""

import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Integration"))
from tools import DATA, artifact, succeed

RUNS = 60


class Soak(unittest.TestCase):
    def test_same_tokens(self):
        path, prompt = artifact("int8"), (DATA / "perplexity.txt").read_text(encoding="utf-8")[:600]
        choose = random.Random(1)
        expected = None
        for number in range(RUNS):
            threads, chunk = choose.choice((1, 2, 3, 4, 8)), choose.choice((1, 5, 16, 64, 512))
            done = succeed(
                "ph", "run", path, "--raw", "-p", prompt, "-n", "32", "--temp", "0", "-t", threads, "-b", chunk
            )
            expected = expected or done.out
            self.assertEqual(done.out, expected, f"run {number}: {threads} threads, chunks of {chunk}")


if __name__ == "__main__":
    unittest.main()
