"""int8 activations cost at most 1 % of perplexity over 16 windows, against f32 and against llama-perplexity."""

import json
import unittest

from tools import DATA, artifact, succeed

LLAMA_PERPLEXITY = 37.43  # its own int8 activations, same file, same windows


class PerplexityOfInt8(unittest.TestCase):
    def test_within_one_percent(self):
        recorded = json.loads((DATA / "smollm2.json").read_text(encoding="utf-8"))
        done = succeed(
            "ph", "perplexity", artifact("int8"), "-f", DATA / "perplexity.txt", "-c", "512", "--chunks", "16", "--json"
        )
        perplexity = json.loads(done.out)["perplexity"]
        for reference in (recorded["perplexity16"]["perplexity"], LLAMA_PERPLEXITY):
            self.assertLess(abs(perplexity / reference - 1), 0.01)


if __name__ == "__main__":
    unittest.main()
