"""Hugging Face's tokenizers on a text, with one thread: measure_tokenizers.py MODEL TEXT ROUNDS.

MODEL is the default model's GGUF file, of whose vocabulary its tokenizer is made, or a tokenizer.json. Prints the median
of the rounds in seconds, of its fastest way with one thread: the text whole, or its lines as a batch.
"""

import json
import os
import pathlib
import statistics
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "Tokenizer"))

import tokenizers
from peer import smollm2


def main():
    model, text, rounds = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"), int(sys.argv[3])
    tokenizer = tokenizers.Tokenizer.from_file(model) if model.endswith(".json") else smollm2(model)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    lines = text.splitlines(keepends=True)
    ways = {"whole": lambda: tokenizer.encode(text), "lines": lambda: tokenizer.encode_batch_fast(lines)}
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, encode in ways.items():
            began = time.perf_counter()
            encode()
            seconds[name].append(time.perf_counter() - began)
    print(json.dumps({"seconds": min(map(statistics.median, seconds.values())), "tokens": len(tokenizer.encode(text).ids)}))


if __name__ == "__main__":
    main()
