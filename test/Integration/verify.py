"""The default model with f32 activations computes what transformers recorded, and `ph verify` would notice if not."""

import json
import pathlib
import tempfile
import unittest

from tools import DATA, artifact, run, succeed

PROMPTS, TEXT = DATA / "smollm2.json", DATA / "perplexity.txt"


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = artifact("f32")
        cls.recorded = json.loads(PROMPTS.read_text(encoding="utf-8"))

    def test_tokens_logits_and_greedy_text(self):
        succeed("ph", "verify", self.path, "--prompts", PROMPTS, "--text", TEXT)

    def check_refused(self, change, *flags):
        """`ph verify` fails on a copy of the recorded prompts after `change` altered it."""
        altered = json.loads(PROMPTS.read_text(encoding="utf-8"))
        change(altered)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(altered, file)
            file.flush()
            done = run("ph", "verify", self.path, "--prompts", file.name, *flags)
        self.assertEqual(done.code, 1, done.out + done.err)

    def test_notices_a_wrong_id(self):
        def change(recorded):
            recorded["prompts"][0]["input_ids"][2] += 1

        self.check_refused(change)

    def test_notices_a_wrong_logit(self):
        def change(recorded):
            recorded["prompts"][4]["top_logits"][9] += 0.003

        self.check_refused(change)

    def test_notices_a_wrong_greedy_id(self):
        def change(recorded):
            recorded["prompts"][1]["greedy_ids"][47] += 1

        self.check_refused(change)

    def test_notices_a_wrong_loss(self):
        def change(recorded):
            recorded["text"]["mean_nll_per_window"][3] += 0.002

        self.check_refused(change, "--text", TEXT)

    def test_token_ids(self):
        for prompt in self.recorded["prompts"]:
            done = succeed("ph", "tokenize", "smollm2", "-p", prompt["prompt"], "--no-special", "--json")
            self.assertEqual(json.loads(done.out), prompt["input_ids"])

    def test_tokenize_takes_bytes_verbatim(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "prompt.txt"
            for prompt in self.recorded["prompts"]:
                file.write_bytes(prompt["prompt"].encode())
                done = succeed("ph", "tokenize", self.path, "-f", file, "--no-special", "--json")
                self.assertEqual(json.loads(done.out), prompt["input_ids"])

    def test_window_losses(self):
        """Each of the 16 windows' mean loss over its second half, as llama-perplexity scores, within 1e-3."""
        done = succeed("ph", "perplexity", self.path, "-f", TEXT, "-c", "512", "--chunks", "16", "--json")
        result = json.loads(done.out)
        expected = [total / 255 for total in self.recorded["perplexity16"]["nll_sum_per_window"]]
        self.assertEqual(len(result["windows"]), 16)
        for got, wanted in zip(result["windows"], expected):
            self.assertAlmostEqual(got, wanted, delta=1e-3)
        self.assertAlmostEqual(result["perplexity"], self.recorded["perplexity16"]["perplexity"], delta=0.04)


if __name__ == "__main__":
    unittest.main()
