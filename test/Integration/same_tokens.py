"""The same greedy tokens whatever the number of threads and the size of prefill's chunks."""

import unittest

from tools import DATA, artifact, succeed


class SameTokens(unittest.TestCase):
    def setUp(self):
        # About 400 tokens, so that chunks of 128 are several and the last one is not full.
        self.prompt = (DATA / "perplexity.txt").read_text(encoding="utf-8")[:1500]

    def continuation(self, path, threads, chunk):
        done = succeed(
            "ph", "run", path, "--raw", "-p", self.prompt, "-n", "24", "--temp", "0", "-t", threads, "-b", chunk
        )
        self.assertTrue(done.out.strip())
        return done.out

    def check(self, activations):
        path = artifact(activations)
        expected = self.continuation(path, 2, 1024)
        for threads, chunk in ((1, 1024), (4, 1024), (2, 1), (2, 7), (2, 128), (1, 7), (4, 128)):
            with self.subTest(threads=threads, chunk=chunk):
                self.assertEqual(self.continuation(path, threads, chunk), expected)

    def test_int8(self):
        self.check("int8")

    def test_f32(self):
        self.check("f32")


if __name__ == "__main__":
    unittest.main()
