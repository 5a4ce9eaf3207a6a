"""benchmarks/run.py adds up right; what it measures is not for tests to judge."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "benchmarks"))
import run as bench


def row(scale):
    return {"pp512": 300.0 * scale, "tg128": 100.0 * scale, "first_token": 0.1, "peak_rss": 10**8}


class Bench(unittest.TestCase):
    def test_medians_of_numbers_only(self):
        runs = [{"tg128": speed, "system": "x"} for speed in (1.0, 9.0, 2.0)]
        self.assertEqual(bench.medians(runs), {"tg128": 2.0})

    def test_report_has_ratios_and_fractions(self):
        ours = {**row(1.5), "read_fraction": 0.625}
        compiled = {"30 layers": {"seconds": 9.0, "peak_rss": 5 * 10**8, "code_bytes": 123456}}
        text = bench.report({"threads": {"2": {"ours": ours, "llama.cpp": row(1)}}, "compile": compiled})
        self.assertRegex(text, r"decode 128, tok/s +150.0 +100.0 +1.50")
        self.assertRegex(text, r"read_fraction +0.625")
        self.assertRegex(text, r"30 layers +9.00 +500.0 +123.5")

    def test_report_has_embeddings(self):
        text = bench.report({"embeddings": {"1": {"32": {"ours": 0.5, "onnxruntime": 1.0}}}})
        self.assertRegex(text, r"embeddings, 1 thread +ours +onnxruntime +ratio")
        self.assertRegex(text, r"32 x 128, tok/s +8192.0 +4096.0 +2.00")

    def test_measured_tells_time_and_memory(self):
        script = "import time; x = bytearray(10**8); print(1, flush=True); time.sleep(0.2)"
        output, first, seconds, rss = bench.measured([sys.executable, "-c", script])
        self.assertEqual(output, "1\n")
        self.assertLessEqual(first + 0.2, seconds + 0.01)
        self.assertGreater(rss, 10**8)

    def test_a_program_that_fails(self):
        with self.assertRaisesRegex(SystemExit, "no such thing"):
            bench.measured([sys.executable, "-c", "import sys; sys.exit('no such thing')"])

    def test_code_bytes_reads_the_trailer(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"ELF" * 100 + b"PHXART01" + b"\1\0\0\0" + b"\0" * 4 + (300).to_bytes(8, "little") + b"\0" * 40)
            file.flush()
            self.assertEqual(bench.code_bytes(file.name), 300)
            file.write(b"x" * 64)
            file.flush()
            with self.assertRaises(SystemExit):
                bench.code_bytes(file.name)


if __name__ == "__main__":
    unittest.main()
